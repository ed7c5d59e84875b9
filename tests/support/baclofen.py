"""What the rows of a case say of baclofen: what is taken, how much, and when it ended; worked out apart from the code
under test."""

from __future__ import annotations

from typing import Any

from cds_service.web.examples.cases import Case

Row = dict[str, Any]
_LISTED_NEVER = {"cancelled", "entered-in-error", "not-taken", "plan"}


def is_oral_baclofen(row: Row) -> bool:
    """A row of baclofen that is swallowed."""
    return row["drug"] == "baclofen" and row.get("route", row.get("product_route", "oral")) == "oral"


def listed(case: Case) -> list[tuple[int, Row]]:
    """The rows of oral baclofen on the list, with their numbers."""
    return [(number, row) for number, row in enumerate(case.taking) if _on_list(row) and not _ended_by_order(row, case)]


def _on_list(row: Row) -> bool:
    return is_oral_baclofen(row) and row.get("status", "active") not in _LISTED_NEVER


def _ended_by_order(row: Row, case: Case) -> bool:
    """Whether an order speaks for a statement: of both together the end is the order's, unless the statement is of
    later or another order goes on."""
    orders = [one for one in case.taking if _on_list(one) and not one.get("stated")]
    ends = [last for last in map(ended, orders) if last is not None]
    if not row.get("stated") or not ends or any(is_active(one) for one in orders):
        return False
    return row.get("days_ago", ends[0]) >= min(ends)


def ended(row: Row) -> int | None:
    """How many days ago it ended, negative if it will, None without an end."""
    if "ended_days_ago" in row:
        found: int = row["ended_days_ago"]
        return found
    lengths = [days for _, days in row["steps"]] if "steps" in row else [row.get("lasts_days", 0)]
    return row["days_ago"] - sum(lengths) if "days_ago" in row and all(lengths) else None


def is_active(row: Row) -> bool:
    """Active, and not past its end; without an end not older than two years."""
    last = ended(row)
    if row.get("stated"):
        return row.get("status", "active") == "active"
    old = last is None and row.get("days_ago", 0) > 730
    return row.get("status", "active") == "active" and not old and (last is None or last <= 0)


def may_be_taken(row: Row) -> bool:
    """Active, possible, or ended at most 14 days ago."""
    last = ended(row)
    lately = last is not None and 0 <= last <= 14
    return is_active(row) or lately or row.get("status") in ("on-hold", "unknown")


def recent(case: Case) -> bool:
    """Whether any oral baclofen is or may be taken, or the list is not known, or an order of the session ends it."""
    if "medications" in (*case.unknown, *case.partial):
        return True
    stopped = any(row.get("stop") and is_oral_baclofen(row) for row in case.orders)
    return stopped or reported(case) or any(may_be_taken(row) for _, row in listed(case))


def reported(case: Case) -> bool:
    """Whether the patient says that it is taken, even where an order of it has ended."""
    return any(row.get("stated") and _on_list(row) and may_be_taken(row) for row in case.taking)


def active_orders(case: Case) -> list[tuple[int, Row]]:
    """The orders of oral baclofen that are taken, with their numbers; one that is stopped in the session was."""
    return [(number, row) for number, row in listed(case) if is_active(row) and not row.get("stated")]


def current_mg(case: Case) -> float | None:
    """The mg of this day: of the active orders or, without one, of what the patient reports; None if not known."""
    if "medications" in (*case.unknown, *case.partial):
        return None
    rows = [row for _, row in active_orders(case)] or [row for _, row in listed(case) if is_active(row)]
    rows += [row for row in case.orders if row.get("stop") and is_oral_baclofen(row)] if not rows else []
    doses = [_mg(row) for row in rows if row.get("days_ago", 0) >= 0]
    known = [mg for mg in doses if mg is not None]
    return sum(known) if known and len(known) == len(doses) else None


def _mg(row: Row) -> float | None:
    """The mg a day of a row on the day of the cases."""
    if "steps" in row:
        passed = row.get("days_ago", 0)
        for mg, days in row["steps"]:
            if not days or passed < days:
                return float(mg)
            passed -= days
        return float(row["steps"][-1][0])
    if "times" not in row:
        return None
    mg = row["mg"] if "mg" in row else row["pieces"] * row["strength"]
    return float(mg * row["times"])
