"""Keys of all kinds, made once, and tokens signed by hand: right ones, and ones that are wrong in any way."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import count
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cds_service.trust.algorithms import SUPPORTED, PublicKey
from cds_service.trust.client import Client
from cds_service.trust.keys import Given, given

AUDIENCE = "https://cds.example.org/cds-services/cramp-patient-view"
# The moment of the tests of the store: 2026-11-22T12:00:00Z.
NOW = 1_795_348_800.0
EHR, OTHER = "https://ehr.example.org", "https://other.example.org"
# An EHR that publishes its keys, one whose tenants are listed, and one that may use every algorithm.
PUBLISHING, TENANTED, EVERY = (
    "https://publishing.example.org",
    "https://tenants.example.org",
    "https://every.example.org",
)
PUBLISHED = f"{PUBLISHING}/jwks.json"
TENANT = "tenant-1"
# By the start of a key's name: how it is made, and what it signs.
_KINDS: dict[str, tuple[Callable[[], Any], str]] = {
    "es256": (lambda: ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "es384": (lambda: ec.generate_private_key(ec.SECP384R1()), "ES384"),
    "es512": (lambda: ec.generate_private_key(ec.SECP521R1()), "ES512"),
    "rsa": (lambda: rsa.generate_private_key(65537, 2048), "RS384"),
    "weak": (lambda: rsa.generate_private_key(65537, 1024), "RS384"),  # noqa: S505 - weak is what it is for
}
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
_NUMBERS = count(1)
# In place of a value: the member is left out.
LEFT_OUT = object()


@cache
def private(name: str) -> Any:
    """The private key of that name, whose start says its kind: rsa, rsa-other, es384-old ..."""
    return _KINDS[name.partition("-")[0]][0]()


def jwk(name: str, **more: Any) -> dict[str, Any]:
    """The public key of that name as a JWK, which has the name as its id."""
    public = private(name).public_key()
    kind = RSAAlgorithm if isinstance(public, rsa.RSAPublicKey) else ECAlgorithm
    plain = {part: value for part, value in kind.to_jwk(public, as_dict=True).items() if part != "key_ops"}
    return plain | {"kid": name, "use": "sig"} | more


def jwks(*names: str) -> dict[str, Any]:
    """A key set."""
    return {"keys": [jwk(name) for name in names]}


def pem(name: str) -> bytes:
    """The public key of that name as a file has it."""
    found: bytes = private(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return found


def text(data: bytes | str | Mapping[str, Any]) -> str:
    """A segment of a token."""
    raw = data if isinstance(data, bytes) else (data if isinstance(data, str) else json.dumps(data)).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def der(signed: bytes, name: str, algorithm: str) -> bytes:
    """A signature as libraries of cryptography give it."""
    key, digest = private(name), _HASHES[algorithm[2:]]
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), digest)
    found: bytes = key.sign(signed, ec.ECDSA(digest))
    return found


def signature(signed: bytes, name: str, algorithm: str) -> bytes:
    """A signature as tokens have it."""
    found = der(signed, name, algorithm)
    if isinstance(private(name), rsa.RSAPrivateKey):
        return found
    size = (private(name).curve.key_size + 7) // 8
    return b"".join(number.to_bytes(size, "big") for number in decode_dss_signature(found))


def by_secret(secret: bytes, algorithm: str) -> Callable[[bytes], bytes]:
    """A signature with a secret, as somebody makes it who has only the public key."""
    return lambda signed: hmac.digest(secret, signed, f"sha{algorithm[2:]}")


def said(plain: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Members with changes, without those that are left out."""
    return {name: value for name, value in {**plain, **changes}.items() if value is not LEFT_OUT}


def twice(name: str, value: str) -> Callable[[str], str]:
    """A JSON object in which this member stands once more, before all others."""
    return lambda plain: f'{{"{name}": {value}, {plain[1:]}'


def _same(plain: str) -> str:
    return plain


@dataclass(frozen=True)
class Call:
    """A call that a token is made for: the address and the moment."""

    audience: str = AUDIENCE
    now: float = NOW

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a right token says, with an id of its own, and changes."""
        lasting = {"iat": int(self.now), "exp": int(self.now) + 300}
        jti = sha256(f"{next(_NUMBERS)} {self.now}".encode()).hexdigest()[:32]
        return said({"iss": EHR, "aud": self.audience, "jti": jti, **lasting}, changes)

    def token(
        self,
        key: str = "es384-ehr",
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        sign: Callable[[bytes], bytes] | None = None,
        header_text: Callable[[str], str] = _same,
        claims_text: Callable[[str], str] = _same,
        algorithm: str = "",
    ) -> str:
        """A token: right as it stands, and wrong by what is given."""
        by = algorithm or _KINDS[key.partition("-")[0]][1]
        head = said({"alg": by, "typ": "JWT", "kid": key}, header or {})
        body = self.claims(**(claims or {}))
        signed = f"{text(header_text(json.dumps(head)))}.{text(claims_text(json.dumps(body)))}"
        made = sign(signed.encode()) if sign else signature(signed.encode(), key, by)
        return f"{signed}.{text(made)}"


@dataclass(frozen=True)
class Listed:
    """A key set as if it had been loaded from an address."""

    address: str
    keys: Given

    def prepare(self) -> None:
        """It is there."""

    def find(self, kid: str, algorithm: str) -> PublicKey | None:
        """The key, if the set has it."""
        return self.keys.find(kid, algorithm)


def clients() -> list[Client]:
    """The clients of a site: as is usual; another one; one that publishes its keys; one with tenants; one that may
    sign with everything."""
    own = given(jwks("es384-ehr", "rsa-ehr", "es256-ehr"), "the tests")
    published = Listed(PUBLISHED, given(jwks("es384-published"), "the tests"))
    return [
        Client("ehr", EHR, own),
        Client("other", OTHER, given(jwks("es384-other"), "the tests")),
        Client("publishing", PUBLISHING, published, jku=(PUBLISHED,)),
        Client("tenanted", TENANTED, own, tenants=(TENANT, "tenant-2")),
        Client("every", EVERY, own, algorithms=SUPPORTED),
    ]
