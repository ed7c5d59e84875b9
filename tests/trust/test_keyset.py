"""Whatever a key set holds, keys that are unfit are passed over, and the others serve."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cds_service.trust.algorithms import fitting
from cds_service.trust.keyset import read
from tests.support.tokens import jwk, jwks, private

GOOD = ("es384-ehr", "ES384")


def _number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def _without(one: dict[str, Any], name: str) -> dict[str, Any]:
    return {part: value for part, value in one.items() if part != name}


UNFIT: dict[str, Any] = {
    "no object": "key",
    "null": None,
    "empty": {},
    "symmetric": {"kty": "oct", "kid": "unfit", "k": "c2VjcmV0", "alg": "HS384"},
    "RSA and symmetric": jwk("rsa-unfit", k="c2VjcmV0"),
    "private EC": ECAlgorithm.to_jwk(private("es384-unfit"), as_dict=True) | {"kid": "unfit"},
    "private RSA": RSAAlgorithm.to_jwk(private("rsa-unfit"), as_dict=True) | {"kid": "unfit"},
    "kind a list": jwk("es384-unfit", kty=["EC"]),
    "kind unknown": jwk("es384-unfit", kty="OKP"),
    "for encryption": jwk("es384-unfit", use="enc"),
    "use null": jwk("es384-unfit", use=None),
    "to sign only": jwk("es384-unfit", key_ops=["sign"]),
    "operations a text": jwk("es384-unfit", key_ops="verify"),
    "another algorithm": jwk("es384-unfit", alg="ES256"),
    "algorithm of another kind": jwk("es384-unfit", alg="RS384"),
    "symmetric algorithm": jwk("rsa-unfit", alg="HS384"),
    "algorithm none": jwk("rsa-unfit", alg="none"),
    "algorithm a list": jwk("rsa-unfit", alg=["RS384"]),
    "no id": _without(jwk("es384-unfit"), "kid"),
    "id empty": jwk("es384-unfit", kid=""),
    "id a number": jwk("es384-unfit", kid=1),
    "id endless": jwk("es384-unfit", kid="x" * 257),
    "P-521": jwk("es512-unfit"),
    "curve unknown": jwk("es384-unfit", crv="P-1"),
    "curve of other size": jwk("es384-unfit", crv="P-256"),
    "no curve": _without(jwk("es384-unfit"), "crv"),
    "not on the curve": jwk("es384-unfit", y=jwk("es384-ehr")["x"]),
    "point endless": jwk("es384-unfit", x="A" * 100_000),
    "half a point": _without(jwk("es384-unfit"), "y"),
    "point a number": jwk("es384-unfit", x=1),
    "point no base64": jwk("es384-unfit", x="\u00fc" * 64),
    "weak RSA": jwk("weak-unfit"),
    "RSA with an enormous modulus": jwk("rsa-unfit", n=_number(2**100_000 - 1)),
    "RSA with a modulus just too large": jwk("rsa-unfit", n=_number(2**8192 + 1)),
    "RSA with an enormous exponent": jwk("rsa-unfit", e=_number(2**2000 + 1)),
    "RSA with an exponent of 40 bits": jwk("rsa-unfit", e=_number(2**40 + 1)),
    "RSA with exponent 1": jwk("rsa-unfit", e=_number(1)),
    "RSA with an even exponent": jwk("rsa-unfit", e=_number(65536)),
    "RSA without an exponent": _without(jwk("rsa-unfit"), "e"),
    "RSA with an empty modulus": jwk("rsa-unfit", n=""),
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
@pytest.mark.parametrize("first", [True, False])
def test_an_unfit_key_is_passed_over(unfit: Any, first: bool) -> None:
    """It serves for nothing, and the key beside it does."""
    good = jwk("es384-ehr")
    assert set(read({"keys": [unfit, good] if first else [good, unfit]})) == {GOOD}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT)
def test_a_set_of_unfit_keys_is_none(unfit: Any) -> None:
    """A set that nobody could be let in by counts as wrong, and nothing of it is repeated."""
    with pytest.raises(ValueError, match="it has no usable public key"):
        read({"keys": [unfit]})


@pytest.mark.parametrize("document", [None, 1, "keys", [], [jwk("es384-ehr")], {}, {"keys": None}, {"keys": {}}])
def test_what_is_no_key_set_is_refused(document: Any) -> None:
    """Only an object with a list of keys is one."""
    with pytest.raises(ValueError, match="it is not a JWK Set"):
        read(document)


@pytest.mark.parametrize(
    ("name", "more", "algorithms"),
    [
        ("es256-a", {}, {"ES256"}),
        ("es384-a", {"alg": "ES384", "key_ops": ["verify"], "x5c": ["?"], "further": 1}, {"ES384"}),
        ("rsa-a", {}, {"RS256", "RS384"}),
        ("rsa-a", {"alg": "RS256"}, {"RS256"}),
    ],
)
def test_a_key_serves_for_what_it_is_and_says(name: str, more: dict[str, Any], algorithms: set[str]) -> None:
    """Kind and curve decide; a key that names an algorithm serves for that one only."""
    assert set(read({"keys": [jwk(name, **more)]})) == {(name, algorithm) for algorithm in algorithms}


def test_use_and_operations_need_not_be_said() -> None:
    """Many key sets have neither."""
    assert set(read({"keys": [_without(jwk("es384-ehr"), "use")]})) == {GOOD}


def test_of_two_keys_by_one_name_none_serves() -> None:
    """Nobody knows which is meant; the others of the set serve."""
    found = read({"keys": [jwk("es384-a", kid="same"), jwk("es384-b", kid="same"), jwk("es384-ehr")]})
    assert set(found) == {GOOD}


def test_one_key_may_stand_there_twice() -> None:
    """The same key again, for another algorithm or the same, and a key of another kind by the same id are no doubt."""
    same = [jwk("rsa-a", kid="same", alg=name) for name in ("RS256", "RS384", "RS384")]
    found = read({"keys": [*same, jwk("es384-a", kid="same")]})
    assert set(found) == {("same", "RS256"), ("same", "RS384"), ("same", "ES384")}
    assert isinstance(found["same", "ES384"], EllipticCurvePublicKey)


def test_of_thousands_of_keys_the_first_serve() -> None:
    """A hundred are looked at."""
    many = [jwk("es384-a", kid=f"key {number}") for number in range(2000)]
    assert {kid for kid, _ in read({"keys": many})} == {f"key {number}" for number in range(100)}
    assert set(read(jwks("es384-ehr"))) == {GOOD}


def test_what_is_no_public_key_fits_nothing() -> None:
    """A private key, a key of another kind, or no key at all checks no signature."""
    assert fitting(private("es384-a")) == fitting(None) == fitting(private("es512-a").public_key()) == frozenset()
