"""What clinicians did is read in every form that the versions of CDS Hooks and EHRs give it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.hooks.feedback import LONGEST_COMMENT, OTHER
from tests.hooks.words import (
    AT,
    CARD,
    CODE,
    MARK,
    OFFER,
    OFFER_2,
    RECEIVED,
    accepted,
    one,
    overridden,
    read,
    reasoned,
)

# Overridden


@pytest.mark.parametrize(
    "entry",
    [
        overridden(),
        reasoned(None),
        overridden(overrideReasons=None),
        overridden(overrideReasons=[]),
        overridden(overrideReasons=[None]),
        overridden(overrideReason=None, overrideReasons=None),
        reasoned({"reason": None, "userComment": None}),
        reasoned({"reason": {}}),
        reasoned({"reason": {"code": None, "system": "urn:x:y"}}),
        reasoned({"reason": {"code": ""}}),
        reasoned({"userComment": " \n"}),
        reasoned({"extension": {"org.example": 1}}),
        overridden(acceptedSuggestions=[{"id": OFFER}]),
    ],
)
def test_overridden_without_a_reason(entry: dict[str, Any]) -> None:
    """A card may be overridden without a word; then no reason was given and no suggestion was taken."""
    kept = one(entry)
    assert (kept.card, kept.outcome, kept.at.isoformat()) == (CARD, "overridden", AT[:-1])
    assert (kept.given, kept.reason_system, kept.reason_code, kept.comment, kept.accepted) == (False, "", "", "", ())


KEPT = (CODE["system"], CODE["code"])


@pytest.mark.parametrize(
    ("entry", "kept"),
    [
        (reasoned({"reason": CODE, "userComment": "seen"}), (*KEPT, "seen")),
        (reasoned({"reason": CODE}), (*KEPT, "")),
        (reasoned({"reason": CODE, "userComment": None}), (*KEPT, "")),
        (reasoned({"userComment": " seen "}), ("", "", "seen")),
        (reasoned({"reason": {}, "userComment": "seen"}), ("", "", "seen")),
        (reasoned({"reason": {"code": "patient-refused"}}), ("", "patient-refused", "")),
        (reasoned({"reason": {"code": "1", "system": "http://ehr.example/reasons?v=1"}}), None),
        (reasoned({"reason": {"code": "1", "system": "urn:oid:1.2.840.114350"}}), None),
        (overridden(overrideReasons={"reason": CODE, "extension": {"epic": [1]}}), (*KEPT, "")),
        (overridden(overrideReasons={"reason": CODE, "userComment": "seen"}, extension={"epic": 1}), (*KEPT, "seen")),
        (overridden(overrideReasons=[{"reason": CODE}]), (*KEPT, "")),
        (overridden(overrideReasons=[{"reason": CODE}, {"reason": {"code": "second"}}]), (*KEPT, "")),
        (overridden(overrideReason=None, overrideReasons=[{"userComment": "seen"}]), ("", "", "seen")),
        (reasoned({"reason": CODE}) | {"overrideReasons": [{"reason": {"code": "draft"}}]}, (*KEPT, "")),
    ],
)
def test_overridden_with_a_reason(entry: dict[str, Any], kept: tuple[str, str, str] | None) -> None:
    """A code of ours or of others is kept with its system, and the comment, in the words of any draft or EHR."""
    found = one(entry)
    coding = entry.get("overrideReason", {})
    wanted = kept or (coding["reason"]["system"], coding["reason"]["code"], "")
    assert (found.reason_system, found.reason_code, found.comment) == wanted
    assert found.given is True
    assert found.accepted == ()


@pytest.mark.parametrize("code", [MARK, "x" * 101, "-", " a", "a\n", "é", 1, 0, False, True, ["a"], {"a": 1}])
def test_a_code_that_is_text_is_kept_as_other(code: Any) -> None:
    """Of what is no code only that a reason was given is kept."""
    found = one(reasoned({"reason": {"code": code, "system": "urn:x:y"}}))
    assert (found.reason_system, found.reason_code, found.given) == ("urn:x:y", OTHER, True)


@pytest.mark.parametrize("system", [MARK, "reasons", "", None, 1, ["urn:x"], "urn:", "urn:x y", "urn:" + "x" * 181])
def test_a_system_that_is_no_uri_is_not_kept(system: Any) -> None:
    """A code stays, and what claims to be its system goes."""
    found = one(reasoned({"reason": {"code": "x" * 100, "system": system}}))
    assert (found.reason_system, found.reason_code) == ("", "x" * 100)


def test_a_long_system_is_kept() -> None:
    """A URI of 180 characters behind its scheme is still one."""
    system = "urn:" + "x" * 180
    assert one(reasoned({"reason": {"code": "a", "system": system}})).reason_system == system


def test_a_comment_is_cut() -> None:
    """Of an over-long comment the beginning is kept."""
    assert one(reasoned({"userComment": "x" * LONGEST_COMMENT + "y"})).comment == "x" * LONGEST_COMMENT


def test_a_comment_holds_what_a_database_takes() -> None:
    """NUL, which PostgreSQL refuses in text, is dropped; alone it is no comment."""
    assert one(reasoned({"userComment": "a\0b"})).comment == "ab"
    assert one(reasoned({"userComment": "\0"})).given is False


def test_an_entry_does_not_print_its_comment() -> None:
    """What may be printed of an entry by accident is the card and the outcome."""
    assert MARK not in repr(read(reasoned({"userComment": MARK})))


# Accepted


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([{"id": OFFER}], (OFFER,)),
        ([{"id": OFFER}, {"id": OFFER_2}], (OFFER, OFFER_2)),
        ([{"id": OFFER_2}, {"id": OFFER.upper()}, {"id": OFFER}], (OFFER_2, OFFER)),
        ([], ()),
        ([{}], ()),
        ([{"uuid": OFFER}], ()),
        ([{"id": None}, {"id": 1}, {"id": MARK}, {"id": OFFER}], (OFFER,)),
    ],
)
def test_accepted(told: Any, kept: tuple[str, ...]) -> None:
    """The suggestions that were taken are kept once; early drafts of the specification name none."""
    found = one(accepted(acceptedSuggestions=told))
    assert (found.outcome, found.accepted) == ("accepted", kept)


def test_an_accepted_card_has_no_reason() -> None:
    """A reason beside an acceptance means nothing and is not kept."""
    found = one(accepted(overrideReason={"reason": CODE, "userComment": "seen"}))
    assert (found.given, found.reason_code, found.comment) == (False, "", "")


# Anything

OUTCOMES = ["accepted", "overridden"]
_PARTS = st.one_of(st.sampled_from([CARD, AT, OFFER, *OUTCOMES]), st.none(), st.integers(-9, 9), st.text())
_MEMBERS = ["card", "outcome", "outcomeTimestamp", "acceptedSuggestions", "overrideReason", "overrideReasons"]
_INSIDE = ["id", "reason", "userComment", "code", "system"]
_VALUES = st.recursive(
    _PARTS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*_MEMBERS, *_INSIDE]), inner, max_size=5)
    ),
    max_leaves=12,
)
_ENTRIES = st.one_of(
    _VALUES,
    st.fixed_dictionaries(
        {"card": st.just(CARD), "outcome": st.sampled_from(OUTCOMES), "outcomeTimestamp": st.just(AT)},
        optional=dict.fromkeys(_MEMBERS[3:], _VALUES),
    ),
)


@given(st.lists(_ENTRIES, max_size=4))
def test_any_entry_is_an_entry_a_problem_or_a_strange_card(entries: list[Any]) -> None:
    """Whatever JSON an entry is, it is kept, told as wrong or counted, and nothing else happens."""
    found = read(*entries)
    assert len(found.entries) + len(found.problems) + found.strange == len(entries)
    for kept in found.entries:
        assert kept.at <= RECEIVED
        assert kept.given is bool(kept.reason_code or kept.comment)
