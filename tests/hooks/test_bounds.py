"""A call that holds too much is refused quickly, whatever it holds too much of."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import process_time
from uuid import UUID

import pytest

from cds_service.hooks import bounds, feedback
from cds_service.hooks.refusal import Refusal
from cds_service.hooks.request import parse
from tests.hooks.calls import FIELDS, request
from tests.hooks.calls import sent as written
from tests.hooks.words import accepted
from tests.support.notes import NOW

SIZE = 5 * 1024 * 1024
HERE = b'"@@"'
# Seconds of processor time in which each must be refused or taken apart; on a quiet machine none takes a third of it.
LONGEST = 2.0
ORDER = {"resourceType": "MedicationRequest", "status": "draft", "intent": "order"}


def many(unit: bytes, size: int = SIZE - 4000) -> bytes:
    """So many of a thing that they fill a body."""
    return b",".join([unit] * (size // (len(unit) + 1)))


def keys(value: bytes) -> bytes:
    """An object whose members fill a body."""
    return b"{" + b",".join(b'"%d":%s' % (number, value) for number in range(SIZE // (len(value) + 10))) + b"}"


def filled(part: bytes, key: str = "conditions") -> bytes:
    """A call with this under a prefetch key, or as its drafts."""
    call = request("order-sign")
    call["context" if key == "draftOrders" else "prefetch"][key] = "@@"
    return written(call).replace(HERE, part)


def unread(part: bytes) -> bytes:
    """A call with this in a member that the service does not read."""
    return b'{"unread": ' + part + b", " + written(request("order-sign"))[1:]


def entries(unit: bytes) -> bytes:
    """A Bundle of so many entries that they fill a body."""
    return b'{"resourceType": "Bundle", "entry": [' + many(unit) + b"]}"


HOSTILE: dict[str, tuple[Callable[[], bytes], int]] = {
    # what: body, status (200: it is taken)
    "only [": (lambda: b"[" * SIZE, 413),
    "only opened objects": (lambda: b'{"a":' * (SIZE // 5), 400),
    "[ in an unread member": (lambda: unread(b"[" * (SIZE - 4000)), 413),
    "[ in a resource": (lambda: filled(b"[" * (SIZE - 4000)), 413),
    "one number": (lambda: b"9" * SIZE, 400),
    "one number as hook": (lambda: b'{"hook": ' + b"9" * (SIZE - 20) + b"}", 400),
    "one fraction as hook": (lambda: b'{"hook": 0.' + b"9" * (SIZE - 20) + b"}", 400),
    "one number, unread": (lambda: unread(b"9" * (SIZE - 4000)), 200),
    "one text": (lambda: b'"' + b"a" * (SIZE - 2) + b'"', 400),
    "one text as hook": (lambda: b'{"hook": "' + b"a" * (SIZE - 20) + b'"}', 400),
    "one text, unread": (lambda: unread(b'"' + b"a" * (SIZE - 4000) + b'"'), 200),
    "lists as hook": (lambda: b'{"hook": [' + many(b"[]") + b"]}", 413),
    "only spaces": (lambda: b" " * SIZE, 400),
    "keys": (lambda: keys(b"1"), 400),
    "one key again and again": (lambda: b"{" + many(b'"hook": 1') + b"}", 400),
    "prefetch again and again": (
        lambda: b"{" + many(b'"prefetch": {}') + b"," + written(request("order-sign"))[1:],
        200,
    ),
    "prefetch keys without data": (
        lambda: unread(b"1").replace(b'"prefetch": {', b'"prefetch": ' + keys(b"null")[:-1] + b", "),
        413,
    ),
    "prefetch keys with junk": (
        lambda: unread(b"1").replace(b'"prefetch": {', b'"prefetch": ' + keys(b"1")[:-1] + b", "),
        413,
    ),
    "entries without anything": (lambda: filled(entries(b"{}")), 413),
    "entries that are numbers": (lambda: filled(entries(b"1")), 413),
    "entries that are null": (lambda: filled(entries(b"null")), 413),
    "tiny entries": (lambda: filled(entries(b'{"resource": {"resourceType": "Condition"}}')), 413),
    "drafts without anything": (lambda: filled(entries(b"{}"), "draftOrders"), 413),
    "tiny drafts": (
        lambda: filled(
            entries(json.dumps({"resource": ORDER | {"medicationCodeableConcept": {"text": "baclofen"}}}).encode()),
            "draftOrders",
        ),
        413,
    ),
    "bytes that are no text": (lambda: unread(b'"' + b"\xc3\xa9" * ((SIZE - 4000) // 2) + b'\xff"'), 400),
}


@pytest.mark.parametrize(("made", "status"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_body_is_dealt_with_at_once(made: Callable[[], bytes], status: int) -> None:
    """5 MB of anything are refused, or taken where they do no harm, within two seconds of processor time."""
    body = made()
    begun = process_time()
    found = 200
    try:
        parse(body, "order-sign", strictly=False)
    except Refusal as refusal:
        found = refusal.status
    assert process_time() - begun < LONGEST
    assert found == status


def _drafts(hook: str, count: int) -> bytes:
    draft = ORDER | {"medicationCodeableConcept": {"text": "x"}}
    return written(request(hook, *({**draft, "id": str(number)} for number in range(count))))


@pytest.mark.parametrize("hook", FIELDS)
def test_a_session_has_no_more_drafts_than_the_bound(hook: str) -> None:
    """As many drafts as the bound are taken; one more is refused, in a small body, too, by the name of its field."""
    drafts = parse(_drafts(hook, bounds.MOST_DRAFTS), hook).drafts
    assert drafts is not None
    assert len(drafts) == bounds.MOST_DRAFTS
    with pytest.raises(Refusal, match=f"`context.{FIELDS[hook]}` holds more than 250 entries") as refused:
        parse(_drafts(hook, bounds.MOST_DRAFTS + 1), hook)
    assert (refused.value.status, refused.value.code) == (413, "too-long")


def _chart(count: int) -> bytes:
    """A call whose lists hold so many entries together, each as long as a small resource is."""
    note = {"resource": {"resourceType": "Condition", "note": [{"text": "x" * 100}]}}
    call = request("patient-view")
    call["prefetch"]["conditions"]["entry"] = [note] * (count - 1)
    call["prefetch"]["observations"]["entry"] = [note]
    return written(call)


def test_a_chart_may_be_large() -> None:
    """As many entries as the bound, in all lists together, are taken; one more is refused."""
    assert len(parse(_chart(bounds.MOST_ENTRIES), "patient-view").values) > 1
    with pytest.raises(Refusal, match="`prefetch` holds more than 10000 entries"):
        parse(_chart(bounds.MOST_ENTRIES + 1), "patient-view")


def test_a_small_body_is_not_counted() -> None:
    """What holds little by its size alone is not read twice: a hundred keys and more do no harm in it."""
    call = request("patient-view")
    call["prefetch"] |= {f"key{number}": None for number in range(bounds.MOST_KEYS)}
    assert len(parse(written(call), "patient-view").values) > bounds.MOST_KEYS


SAID: dict[str, tuple[bytes, int]] = {
    "only [": (b"[" * SIZE, 413),
    "empty lists": (b'{"feedback": [' + many(b"[[]]") + b"]}", 413),
    "empty objects": (b'{"feedback": [' + many(b"{}") + b"]}", 400),
    "keys": (keys(b"1"), 400),
    "one number": (b'{"feedback": ' + b"9" * (SIZE - 20) + b"}", 400),
    "a number without end": (b'{"feedback": [1e999999]}', 400),
}


@pytest.mark.parametrize(("body", "status"), SAID.values(), ids=SAID)
def test_hostile_feedback_is_refused_at_once(body: bytes, status: int) -> None:
    """5 MB of anything are refused as feedback, too, within two seconds of processor time."""
    begun = process_time()
    with pytest.raises(Refusal) as refused:
        feedback.parse(body, "cramp-order-sign", NOW)
    assert process_time() - begun < LONGEST
    assert refused.value.status == status


def test_a_card_has_no_more_suggestions_than_the_bound() -> None:
    """A hundred accepted suggestions of a card are kept; one more makes the entry one that cannot be used."""
    for count, problems in ((100, 0), (101, 1)):
        said = accepted() | {"acceptedSuggestions": [{"id": str(UUID(int=number))} for number in range(count)]}
        found = feedback.parse(
            json.dumps({"feedback": [said]}).encode(),
            "cramp-order-sign",
            NOW,
        )
        assert (len(found.problems), len(found.entries)) == (problems, 1 - problems)
