"""How a site or a client wants its cards: how many, and in what dialect."""

from __future__ import annotations

from cds_service.cards.dialect import Dialect
from cds_service.cards.ration import Caps
from cds_service.web.site.form import CardsForm


def caps(form: CardsForm, base: Caps) -> Caps:
    """The caps of a form; what it does not say is as before."""
    at_order = base.at_order if form.at_order is None else form.at_order
    return Caps(at_order, base.at_view if form.at_view is None else form.at_view)


def dialect(form: CardsForm, base: Dialect) -> Dialect:
    """The dialect of a form; what it does not say is as before."""
    behavior = base.selection_behavior
    if form.selection_behavior is not None:
        behavior = "" if form.selection_behavior == "both" else form.selection_behavior
    return Dialect(
        selection_behavior=behavior,
        one_action=base.one_action if form.one_action is None else form.one_action,
        delete_as_string=base.delete_as_string if form.delete_as_string is None else form.delete_as_string,
    )
