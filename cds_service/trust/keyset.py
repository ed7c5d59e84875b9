"""A JWK Set -> the keys in it that can be used; whoever publishes it may have written anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jwt import PyJWTError
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cds_service.trust.algorithms import PublicKey, fitting

# By key id and algorithm: some EHRs give one id to a key of each kind.
KeySet = Mapping[tuple[str, str], PublicKey]
# Keys of a set that are looked at; an EHR has one or two.
_MOST = 100
_LONGEST_NAME = 256
# Kind -> the parts of a key and how many characters each may have: a point of the larger curve; 8192 bits with an
# exponent of 32, beyond which a single check would take seconds.
_PARTS = {"EC": {"x": 64, "y": 64}, "RSA": {"n": 1366, "e": 6}}
_READERS = {"EC": ECAlgorithm.from_jwk, "RSA": RSAAlgorithm.from_jwk}


def read(document: object) -> KeySet:
    """The keys of a set that can be used, at least one. Raises ValueError with what is wrong, without repeating any."""
    keys = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(keys, list):
        raise ValueError('it is not a JWK Set: an object whose "keys" is a list')
    found: dict[tuple[str, str], PublicKey] = {}
    twice: set[tuple[str, str]] = set()
    for one in keys[:_MOST]:
        key, names = _key(one)
        for name in names:
            if key is not None and found.setdefault(name, key) != key:
                twice.add(name)
    # Of two keys by one name nobody knows which is meant, and only one is tried.
    usable = {name: key for name, key in found.items() if name not in twice}
    if not usable:
        raise ValueError("it has no usable public key: EC P-256 or P-384, RSA of 2048 bits or more, with a kid")
    return usable


def _key(one: object) -> tuple[PublicKey | None, list[tuple[str, str]]]:
    """A key and the names by which it can be found, none if it cannot be used."""
    if not isinstance(one, dict) or not _is_for_signatures(one) or not _is_public(one):
        return None, []
    kid, said = one.get("kid"), one.get("alg")
    if not isinstance(kid, str) or not 0 < len(kid) <= _LONGEST_NAME:
        return None, []
    try:
        key: Any = _READERS[one["kty"]](one)
    except (PyJWTError, ValueError):  # a curve that is not known, a point that is not on it, an even modulus
        return None, []
    fits = fitting(key)
    return key, [(kid, name) for name in sorted(fits) if said in (None, name)]


def _is_public(one: Mapping[str, Any]) -> bool:
    """Whether it is a public key of sane size. A private one that is published is no secret any more."""
    parts = _PARTS.get(one["kty"]) if isinstance(one.get("kty"), str) else None
    if parts is None or "d" in one or "k" in one:
        return False
    return all(isinstance(one.get(name), str) and len(one[name]) <= most for name, most in parts.items())


def _is_for_signatures(one: Mapping[str, Any]) -> bool:
    operations = one.get("key_ops", ["verify"])
    return one.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations
