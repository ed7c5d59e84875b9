"""How much one call may hold: more is refused before it is read piece by piece."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from cds_service.hooks.refusal import Refusal

# Far more than a chart or a session holds, and little enough to be judged in a fraction of a second. Drafts are
# compared with each other, so they are bounded more tightly.
MOST_KEYS, MOST_ENTRIES, MOST_DRAFTS = 100, 10_000, 250
# A smaller body cannot hold so much that reading it would take long, and nearly every body is smaller.
_LARGE = 512 * 1024
# Bytes of a body for each list in it, at least: no resource has nearly as many. A million of empty ones would keep the
# interpreter's collector busy for a second.
_FOR_A_LIST = 10


class _Call(msgspec.Struct):
    """The parts of a call in which much may be."""

    context: msgspec.Raw = msgspec.Raw(b"null")
    prefetch: msgspec.Raw = msgspec.Raw(b"null")


class _Context(msgspec.Struct, rename="camel"):
    draft_orders: msgspec.Raw = msgspec.Raw(b"null")
    medications: msgspec.Raw = msgspec.Raw(b"null")


class _Bundle(msgspec.Struct):
    entry: list[msgspec.Raw] = []


_CALL = msgspec.json.Decoder(_Call)
_CONTEXT = msgspec.json.Decoder(_Context)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_BUNDLE = msgspec.json.Decoder(_Bundle)


def check(body: bytes) -> None:
    """Raises Refusal (413) if a large body holds too much; what has another shape is for others to refuse."""
    if len(body) <= _LARGE:
        return
    check_lists(body)
    with suppress(msgspec.DecodeError, RecursionError):
        call = _CALL.decode(body)
        _check_prefetch(call.prefetch)
        context = _CONTEXT.decode(call.context)
        check_drafts("draftOrders", _entries(context.draft_orders))
        check_drafts("medications", _entries(context.medications))


def check_lists(body: bytes) -> None:
    """Raises Refusal (413) if a large body consists of little but lists."""
    if len(body) > _LARGE and body.count(b"[") * _FOR_A_LIST > len(body):
        raise _too_much("The body holds more lists than any resource does. Send what the hook defines.")


def check_drafts(field: str, count: int) -> None:
    """Raises Refusal (413) if there are too many drafts in a field of the context."""
    if count > MOST_DRAFTS:
        raise _too_much(f"`context.{field}` holds more than {MOST_DRAFTS} entries. Send the orders of one session.")


def _check_prefetch(prefetch: msgspec.Raw) -> None:
    with suppress(msgspec.ValidationError):
        values = _KEYS.decode(prefetch)
        if len(values) > MOST_KEYS:
            raise _too_much(f"`prefetch` has more than {MOST_KEYS} keys. Send those that discovery names.")
        if sum(_entries(value) for value in values.values()) > MOST_ENTRIES:
            raise _too_much(f"`prefetch` holds more than {MOST_ENTRIES} entries. Send fewer, the newest.")


def _entries(value: msgspec.Raw) -> int:
    try:
        return len(_BUNDLE.decode(value).entry)
    except msgspec.ValidationError:
        return 0


def _too_much(text: str) -> Refusal:
    return Refusal(text, 413, "too-long")
