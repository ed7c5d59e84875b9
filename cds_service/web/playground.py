"""The start page: choose a patient, draft an order, fire the real hook, read the cards. What it asks of the service
beside that judges nothing, keeps nothing and logs nothing."""

from __future__ import annotations

from typing import Annotated, TypeVar

import msgspec
from flask import Blueprint, Response, abort, render_template, request
from msgspec import Meta

from cds_service.evidence import told
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.refusal import Refusal
from cds_service.rules import RULES
from cds_service.web import cds
from cds_service.web.auth import callers
from cds_service.web.fixtures import fixtures, rolled

blueprint = Blueprint("playground", __name__)
closed = Blueprint("closed", __name__)
Texts = Annotated[list[Annotated[str, Meta(max_length=50_000)]], Meta(max_length=100)]
_T = TypeVar("_T")


@blueprint.get("/")
def start() -> str:
    """The page."""
    from cds_service.web import stories  # loaded at the first page, as all of this, for no hook needs it

    services = {service.hook: service.id for service in SERVICES.values()}
    return render_template(
        "start.html",
        first=stories.FIRST,
        topics=stories.by_topic(),
        name=stories.name,
        count=len(fixtures()),
        services=services,
        site=cds.settings(),
        discovery=f"{cds.base_url()}/cds-services",
    )


@closed.get("/")
def elsewhere() -> str:
    """The page where there is no playground."""
    return render_template("closed.html")


@blueprint.get("/fixtures/<path:file>")
def fixture(file: str) -> Response:
    """One request, rolled to the day of evaluation."""
    found = next((known for known in fixtures() if known.file == file), None)
    if found is None:
        abort(404)
    return cds.json(rolled(found, cds.settings().today))


@blueprint.get("/playground/words")
def words() -> Response:
    """What rules and kinds of data are called where a person reads them."""
    with callers().named("").in_force():
        rules = {rule.id: {"title": rule.title, "when": told(rule.fires_when)} for rule in RULES}
    needs = {need.id: need.words for rule in RULES for need in rule.data}
    return cds.json({"rules": rules, "needs": needs})


@blueprint.get("/playground/drugs")
def found_drugs() -> Response:
    """The products that a few letters may mean."""
    from cds_service.web import drugs

    return cds.json(drugs.search(request.args.get("q", "")[:100]))


@blueprint.post("/playground/draft")
def typed_order() -> Response:
    """A draft order in the FHIR version of the request that was sent with it."""
    from cds_service.web.drafting import Typed, drafted

    version, order = drafted(_sent(Typed), cds.settings().today)
    return cds.json({"fhir": version.value, "order": order})


@blueprint.post("/playground/markdown")
def rendered() -> Response:
    """Texts of cards as HTML that is safe."""
    from cds_service.web.markdown import safe_html

    return cds.json([str(safe_html(text)) for text in _sent(Texts)])


def _sent(kind: type[_T]) -> _T:
    """The body of the call. Raises Refusal."""
    cds.expect_json()
    try:
        return msgspec.json.decode(cds.taken(cds.settings().max_body), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("The body is not what the playground sends here. Reload the page.") from None
