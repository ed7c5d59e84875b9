"""What makes a card the same card and a draft the same draft, so that neither need be told twice."""

from __future__ import annotations

from datetime import date

from cds_service.cards.ration import Shown
from cds_service.facts import KIDNEY_FUNCTION, Medication, ProposedOrder, Snapshot


def same_card(shown: Shown, facts: Snapshot) -> tuple[str, ...]:
    """Rules, reasons, indicator, ingredients, daily doses, and kidney function where a rule looks at it: if any of them
    changes, it is another card and is shown again."""
    rules = [shown.answer.rule.id, *(also.rule.id for also in shown.also)]
    findings = [(answer.rule, found) for answer in (shown.answer, *shown.also) for found in answer.findings]
    reasons = {f"{rule.id} {rule.reason(found.message)}" for rule, found in findings}
    # By reference: a second order of the same drug and dose makes it another card.
    about = {(one.reference, _dose(one, facts.as_of)) for _, found in findings for one in found.about}
    doses = sorted(dose for _, dose in about)
    looks = any(KIDNEY_FUNCTION in rule.data for rule, _ in findings)
    kidney = facts.kidney.band.name if looks else ""
    parts = (sorted(rules), sorted(reasons), [shown.indicator], doses, [kidney])
    return tuple("\n".join(part) for part in parts)


def _dose(medication: Medication, on: date) -> str:
    mg = medication.mg_on(on)
    return f"{'+'.join(sorted(medication.drug.ingredients))} {'' if mg is None else f'{mg:g}'}"


def same_order(shown: Shown) -> tuple[str, ...]:
    """All that is read of the drafts that a card is about, but for their days, which a client may write anew."""
    about = [one for found in shown.answer.findings for one in found.about if isinstance(one, ProposedOrder)]
    return tuple(sorted({_draft(order) for order in about}))


def _draft(order: ProposedOrder) -> str:
    read = (order.reference, order.drug, sorted(order.routes), order.days, order.single, order.infusion, order.stops)
    lines = [
        (line.mg, line.mmol, line.times, line.most, line.sequence, line.length, line.evening) for line in order.dosage()
    ]
    return repr((*read, lines))
