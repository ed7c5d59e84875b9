"""The signatures that are understood, and which key may check which of them."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import get_default_algorithms

PublicKey = EllipticCurvePublicKey | RSAPublicKey

# Name -> the curve that it needs, "" for RSA. No symmetric one, and no "none": a public key would do as a secret.
_CURVES = {"ES256": "secp256r1", "ES384": "secp384r1", "RS256": "", "RS384": ""}
SUPPORTED = tuple(_CURVES)
_ALGORITHMS = {name: get_default_algorithms()[name] for name in SUPPORTED}
# Bits of an RSA key: below it is weak, above each check costs too much.
_LEAST, _MOST = 2048, 8192


def fitting(key: object) -> frozenset[str]:
    """The algorithms whose signatures this key may check: its kind and its curve or size decide, not what is said."""
    if isinstance(key, EllipticCurvePublicKey):
        return frozenset(name for name, curve in _CURVES.items() if curve == key.curve.name)
    if isinstance(key, RSAPublicKey) and _LEAST <= key.key_size <= _MOST:
        return frozenset(name for name, curve in _CURVES.items() if not curve)
    return frozenset()


def is_signed(algorithm: str, key: PublicKey, signed: bytes, signature: bytes) -> bool:
    """Whether the signature of these bytes is that of the key's owner."""
    return _ALGORITHMS[algorithm].verify(signed, key, signature)
