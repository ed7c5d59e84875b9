"""Ways in which the bytes of a body are spoiled after it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_NUMBER = re.compile(rb"(?<=: )-?\d+(\.\d+)?(?=[,}])")
_TEXT = re.compile(rb'(?<=: )"[^"\\]*"(?=[,}])')
_NO_NUMBERS = [
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"01",
    b"+1",
    b".5",
    b"1.",
    b"0x10",
    b"1,5",
    b"9" * 5000,
    b"--1",
]


def _cut(chance: Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body))]


def _flipped(chance: Random, body: bytes) -> bytes:
    place = chance.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]


def _missing(chance: Random, body: bytes) -> bytes:
    place = chance.randrange(len(body))
    return body[:place] + body[place + chance.choice([1, 1, 2, 30]) :]


def _inserted(chance: Random, body: bytes) -> bytes:
    place = chance.randrange(len(body))
    return (
        body[:place] + chance.choice([b"\x00", b"\xff", b"\n", b'"', b"{", b"}", b",", b"\\", b"//x\n"]) + body[place:]
    )


def _marked(chance: Random, body: bytes) -> bytes:
    return chance.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b" \r\n\t", b")]}',\n"]) + body


def _encoded(chance: Random, body: bytes) -> bytes:
    return body.decode().encode(chance.choice(["utf-16", "utf-16-le", "utf-32", "utf-7"]))


def _latin(chance: Random, body: bytes) -> bytes:
    """A name with an umlaut, as a sender writes it that knows no UTF-8."""
    return _in_place(chance, body, _TEXT, '"J\xf6rg M\xfcller"'.encode("latin-1"))


def _no_number(chance: Random, body: bytes) -> bytes:
    return _in_place(chance, body, _NUMBER, chance.choice(_NO_NUMBERS))


def _nested(chance: Random, body: bytes) -> bytes:
    opening, closing = chance.choice([(b"[", b"]"), (b'{"a": ', b"}"), (b'{"contained": [', b"]}")])
    deep = chance.choice([100, 900, 1100, 20_000])
    return _in_place(chance, body, _TEXT, opening * deep + b"1" + closing * deep)


def _told_twice(chance: Random, body: bytes) -> bytes:
    """A member that stands twice: the last word counts."""
    member = chance.choice([b'"hook"', b'"context"', b'"prefetch"', b'"hookInstance"', b'"resourceType"', b'"subject"'])
    value = chance.choice([b"null", b"{}", b"[]", b'"x"', b"5"])
    return (
        body[:-1] + b", " + member + b": " + value + b"}"
        if chance.random() < 0.5
        else body.replace(b"{", b"{" + member + b": " + value + b", ", chance.randint(1, 3))
    )


def _followed(chance: Random, body: bytes) -> bytes:
    return body + chance.choice([b"{}", b",", b"\x00", b"null", b"\n\n", b"x", body])


def _in_place(chance: Random, body: bytes, wanted: re.Pattern[bytes], other: bytes) -> bytes:
    found = list(wanted.finditer(body))
    if not found:
        return body
    place = chance.choice(found)
    return body[: place.start()] + other + body[place.end() :]


BROKEN: list[Callable[[Random, bytes], bytes]] = [
    *(_cut, _flipped, _flipped, _missing, _inserted, _marked, _encoded, _latin, _no_number, _nested, _told_twice),
    _followed,
]
