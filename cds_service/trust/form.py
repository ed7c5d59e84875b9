"""The form of a token: three segments, of which two are JSON objects; nothing in them is believed yet."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

from cds_service.trust.algorithms import SUPPORTED
from cds_service.trust.distrust import Distrust
from cds_service.trust.strict import object_of

# Characters of the whole header field; real tokens have fewer than 2000.
_LONGEST = 16 * 1024
_LONGEST_NAME = 256
_BEARER = re.compile(r"Bearer +", re.IGNORECASE)  # the name of a scheme has no case
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_SEGMENTS = 3
# Members of a header by which its other parts would mean something else.
_CHANGING = ("crit", "b64", "zip", "enc")


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """A token as it was taken apart. What a header brings along as a key (jwk, x5c, x5u, x5t) is not even read."""

    algorithm: str
    kid: str
    jku: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def token(authorization: str | None) -> Token:
    """The token of an Authorization header. Raises Distrust."""
    segments = _segments(authorization or "")
    header, claims = _object(segments[0]), _object(segments[1])
    if any(name in header for name in _CHANGING):
        raise Distrust("extension")
    # The name of a media type has no case; every client that is known writes JWT.
    if named(header.get("typ"), "type").upper() != "JWT":
        raise Distrust("type")
    if header.get("alg") not in SUPPORTED:
        raise Distrust("algorithm")
    return Token(
        algorithm=header["alg"],
        kid=named(header.get("kid"), "key"),
        jku=named(header["jku"], "jku") if "jku" in header else "",
        claims=claims,
        signed=f"{segments[0]}.{segments[1]}".encode(),
        signature=_bytes(segments[2]),
    )


def _segments(authorization: str) -> list[str]:
    found = _BEARER.match(authorization)
    if found is None or found.end() == len(authorization):
        raise Distrust("no token")
    if len(authorization) > _LONGEST:
        raise Distrust("size")
    segments = authorization[found.end() :].split(".")
    if len(segments) != _SEGMENTS or not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise Distrust("form")
    return segments


def _bytes(segment: str) -> bytes:
    if len(segment) % 4 == 1:
        raise Distrust("form")
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def _object(segment: str) -> dict[str, Any]:
    found = object_of(_bytes(segment))
    if found is None:
        raise Distrust("form")
    return found


def named(value: object, reason: str) -> str:
    """A text that names something: not empty, not endless, nothing in it that cannot be seen. Raises Distrust."""
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= _LONGEST_NAME:
        raise Distrust(reason)
    return value
