"""What a token must say: for whom it is, from when until when, and by which id it is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cds_service.trust.distrust import Distrust
from cds_service.trust.form import named

# Seconds by which two clocks may differ, and that a token may last: by usage five minutes, at most an hour.
LEEWAY = 60
LONGEST = 3600
# The largest number that every reader of JSON takes for the same moment.
_LARGEST = 2**53


def check(claims: Mapping[str, Any], audiences: Collection[str], now: float) -> None:
    """Everything that a token says of itself but its issuer and tenant. Further claims may say what they like. Raises
    Distrust."""
    named(claims.get("jti"), "claims")
    _audience(claims.get("aud"), audiences)
    _times(_moment(claims, "iat"), _moment(claims, "exp"), now)
    if "nbf" in claims and _moment(claims, "nbf") > now + LEEWAY:
        raise Distrust("early")


def until(claims: Mapping[str, Any]) -> float:
    """The moment from which on the token is refused for its age alone."""
    return _moment(claims, "exp") + LEEWAY


def _audience(said: object, audiences: Collection[str]) -> None:
    """Exactly this address: what is longer, shorter or the same place by another name is meant for somebody else."""
    places = said if isinstance(said, list) else [said]
    if not all(isinstance(place, str) for place in places):
        raise Distrust("claims")
    if not any(place in audiences for place in places):
        raise Distrust("audience")


def _times(issued: float, expires: float, now: float) -> None:
    if expires + LEEWAY <= now:
        raise Distrust("expired")
    if issued > now + LEEWAY:
        raise Distrust("early")
    if not issued <= expires <= issued + LONGEST:
        raise Distrust("lifetime")


def _moment(claims: Mapping[str, Any], which: str) -> float:
    """Seconds since 1970. A yes is a number in Python, 1e999 is infinite, and 10**400 is too much for any clock."""
    found = claims.get(which)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= _LARGEST:
        raise Distrust("claims")
    return found
