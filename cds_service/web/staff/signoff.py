"""Sign-off: of each rule what the site's file says, and whether the rule is still what was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cds_service.evidence import SignOff
from cds_service.rules import RULES, Rule
from cds_service.web.fingerprint import changed, fingerprint


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands on a day: by whom it was signed off, if by anybody, its fingerprint now, and which parts of it
    are not what was signed."""

    rule: Rule
    signed: SignOff | None
    version: str
    changed: tuple[str, ...]
    today: date

    @property
    def due(self) -> date:
        """When it is to be reviewed next."""
        return self.rule.reviewed.next if self.signed is None else self.signed.next

    @property
    def overdue(self) -> bool:
        """Whether that day has passed."""
        return self.due < self.today

    @property
    def order(self) -> tuple[bool, bool, date, str]:
        """Overdue ones first, then those that have changed, then by the day on which they are due."""
        return (not self.overdue, not self.changed, self.due, self.rule.id)


def standings(today: date) -> list[Standing]:
    """All rules, by the edition in force, in the order in which somebody has to look at them."""
    return sorted((_standing(rule, today) for rule in RULES), key=lambda one: one.order)


def _standing(rule: Rule, today: date) -> Standing:
    signed = rule.signed
    parts = () if signed is None else changed(signed.version, rule)
    return Standing(rule, signed, fingerprint(rule), parts, today)
