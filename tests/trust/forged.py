"""Forged tokens by name: how each is made for a call, and for what it is refused."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.tokens import (
    EHR,
    LEFT_OUT,
    OTHER,
    PUBLISHED,
    PUBLISHING,
    TENANTED,
    Call,
    by_secret,
    der,
    jwk,
    pem,
    signature,
    text,
    twice,
)

Make = Callable[[Call], str]


@dataclass(frozen=True)
class Forged:
    """A token that must be refused, at its first use unless it is one that was used before."""

    reason: str
    make: Make
    status: int = 401
    used_before: bool = False


def _header(reason: str, key: str = "es384-ehr", **changes: Any) -> Forged:
    return Forged(reason, lambda call: call.token(key, header=changes))


def _claims(reason: str, key: str = "es384-ehr", status: int = 401, **changes: Any) -> Forged:
    return Forged(reason, lambda call: call.token(key, claims=changes), status)


def _at(reason: str, **seconds: float) -> Forged:
    """Moments that lie so many seconds from now."""
    return Forged(reason, lambda call: call.token(claims={name: int(call.now + at) for name, at in seconds.items()}))


def _aud(reason: str, change: Callable[[str], Any]) -> Forged:
    return Forged(reason, lambda call: call.token(claims={"aud": change(call.audience)}))


def _raw(reason: str, name: str, value: str) -> Forged:
    """A claim that Python would not write like this."""
    return Forged(reason, lambda call: call.token(claims={name: LEFT_OUT}, claims_text=twice(name, value)))


def _cut(reason: str, change: Callable[[list[str]], list[str]]) -> Forged:
    """A right token whose segments were changed afterwards."""
    return Forged(reason, lambda call: ".".join(change(call.token().split("."))))


def _confused(algorithm: str, key: str, secret: Callable[[], bytes]) -> Forged:
    """Signed with the public key as if it were a secret."""
    return Forged(
        "algorithm",
        lambda call: call.token(key, header={"alg": algorithm}, sign=lambda data: by_secret(secret(), algorithm)(data)),
    )


def _signed(reason: str, sign: Callable[[bytes], bytes], key: str = "es384-ehr") -> Forged:
    return Forged(reason, lambda call: call.token(key, sign=sign))


def _stolen(**header: Any) -> Forged:
    """Signed by a forger, whose key the token itself brings along or names."""
    return Forged("signature", lambda call: call.token("es384-forger", header={"kid": "es384-ehr", **header}))


def _named(jku: str) -> Forged:
    """A right token of a client that publishes its keys, which names another place for them."""
    return Forged("jku", lambda call: call.token("es384-published", {"jku": jku}, {"iss": PUBLISHING}))


_SECRET = ("HS256", "HS384", "HS512")
_OTHER_HEADER = {"alg": "RS384", "typ": "JWT", "kid": "es384-ehr"}
_FORGER = "https://forger.example.org/jwks.json"
_ENCODED_JWK = json.dumps(jwk("es384-ehr")).encode()


def _with_others_claims(call: Call) -> str:
    head, _, signed = call.token().split(".")
    return ".".join((head, call.token().split(".")[1], signed))


ALGORITHMS = {
    **{f"alg {none}": _header("algorithm", alg=none) for none in ("none", "None", "NONE", "nOnE")},
    **{f"{name} by the public RSA key": _confused(name, "rsa-ehr", lambda: pem("rsa-ehr")) for name in _SECRET},
    **{f"{name} by the public EC key": _confused(name, "es384-ehr", lambda: pem("es384-ehr")) for name in _SECRET},
    "HS384 by the public EC key as JWK": _confused("HS384", "es384-ehr", lambda: _ENCODED_JWK),
    "alg empty": _header("algorithm", alg=""),
    "alg missing": _header("algorithm", alg=LEFT_OUT),
    "alg in small letters": _header("algorithm", alg="es384"),
    "alg a list": _header("algorithm", alg=["ES384"]),
    "alg unknown": _header("algorithm", alg="ES512"),
    "alg PS384": _header("algorithm", "rsa-ehr", alg="PS384"),
    "alg not of this client": Forged("algorithm", lambda call: call.token("es256-ehr")),
    "ES384 by an RSA key": Forged("key", lambda call: call.token("rsa-ehr", header={"alg": "ES384"})),
    "RS384 by an EC key": Forged("key", lambda call: call.token("es384-ehr", header={"alg": "RS384"})),
    "ES384 by a key of P-256": Forged("key", lambda call: call.token("es256-ehr", algorithm="ES384")),
}  # fmt: skip

SIGNATURES = {
    "another signature": _signed("signature", lambda data: signature(data + b"x", "es384-ehr", "ES384")),
    "signed by a forger": Forged("signature", lambda call: call.token("es384-forger", header={"kid": "es384-ehr"})),
    "signed by a forger, RSA": Forged("signature", lambda call: call.token("rsa-forger", header={"kid": "rsa-ehr"})),
    "signature as DER": _signed("signature", lambda data: der(data, "es384-ehr", "ES384")),
    "signature of zeros": _signed("signature", lambda data: bytes(96)),
    "signature of ones": _signed("signature", lambda data: b"\xff" * 96),
    "signature too long": _signed("signature", lambda data: signature(data, "es384-ehr", "ES384") + b"\0"),
    "RSA signature of zeros": _signed("signature", lambda data: bytes(256), "rsa-ehr"),
    "signature by another hash": _signed("signature", lambda data: der(data, "rsa-ehr", "RS256"), "rsa-ehr"),
    "claims of another token": Forged("signature", _with_others_claims),
    "header of another token": _cut("key", lambda parts: [text(_OTHER_HEADER), *parts[1:]]),
}  # fmt: skip

FORMS = {
    "signature empty": _cut("form", lambda parts: [*parts[:2], ""]),
    "header empty": _cut("form", lambda parts: ["", *parts[1:]]),
    "claims empty": _cut("form", lambda parts: [parts[0], "", parts[2]]),
    "one segment": _cut("form", lambda parts: parts[:1]),
    "two segments": _cut("form", lambda parts: parts[:2]),
    "four segments": _cut("form", lambda parts: [*parts, parts[2]]),
    "five segments, as of an encrypted one": _cut("form", lambda parts: [*parts, parts[1], parts[2]]),
    "header cut": _cut("form", lambda parts: [parts[0][:-8], *parts[1:]]),
    "claims cut": _cut("form", lambda parts: [parts[0], parts[1][:-8], parts[2]]),
    "signature cut": _cut("signature", lambda parts: [*parts[:2], parts[2][:-8]]),
    "signature of a length that base64 does not have": _cut("form", lambda parts: [*parts[:2], parts[2][:-3]]),
    "not base64": _cut("form", lambda parts: [parts[0], "!" + parts[1], parts[2]]),
    "other base64": _cut("form", lambda parts: [parts[0], parts[1] + "+/", parts[2]]),
    "padding": _cut("form", lambda parts: [b64encode(b'{"alg":"ES384"} ').decode(), *parts[1:]]),
    "a line break at the end": _cut("form", lambda parts: [*parts[:2], parts[2] + "\n"]),
    "two tokens": _cut("form", lambda parts: [*parts[:2], parts[2] + "," + parts[2]]),
    "header a list": Forged("form", lambda call: call.token(header_text=lambda plain: f"[{plain}]")),
    "claims a list": Forged("form", lambda call: call.token(claims_text=lambda plain: f"[{plain}]")),
    "claims a text": Forged("form", lambda call: call.token(claims_text=lambda plain: '"claims"')),
    "claims not JSON": Forged("form", lambda call: call.token(claims_text=lambda plain: plain + "}")),
    "claims not UTF-8": _cut("form", lambda parts: [parts[0], text(b'{"iss": "\xff"}'), parts[2]]),
    "claims in UTF-16": _cut("form", lambda parts: [parts[0], text("{}".encode("utf-16")), parts[2]]),
    "claims nested without end": Forged("form", lambda call: call.token(claims_text=lambda plain: "[" * 11_000)),
    "a number of 5000 digits": _raw("form", "exp", "1" * 5000),
    "1 MB": Forged("size", lambda call: call.token(claims={"text": "x" * 1_000_000})),
    "just over the limit": Forged("size", lambda call: call.token(claims={"text": "x" * 12_000})),
}  # fmt: skip

HEADERS = {
    "alg twice": Forged("form", lambda call: call.token(header_text=twice("alg", '"none"'))),
    "kid twice": Forged("form", lambda call: call.token(header_text=twice("kid", '"es384-forger"'))),
    "kid missing": _header("key", kid=LEFT_OUT),
    "kid empty": _header("key", kid=""),
    "kid a number": _header("key", kid=1),
    "kid a list": _header("key", kid=["es384-ehr"]),
    "kid endless": _header("key", kid="x" * 257),
    "kid a path": _header("key", kid="../../../../dev/null"),
    "kid SQL": _header("key", kid="x' UNION SELECT 'secret' --"),
    "kid with a control character": _header("key", kid="es384-ehr\0"),
    "kid unknown": _header("key", kid="unknown"),
    "kid of another issuer": Forged("key", lambda call: call.token("es384-other")),
    "another issuer's name": Forged("key", lambda call: call.token(claims={"iss": OTHER})),
    "typ missing": _header("type", typ=LEFT_OUT),
    "typ empty": _header("type", typ=""),
    "typ of an access token": _header("type", typ="at+jwt"),
    "typ a number": _header("type", typ=1),
    "crit": _header("extension", crit=["exp"]),
    "crit empty": _header("extension", crit=[]),
    "b64 false": _header("extension", b64=False, crit=["b64"]),
    "b64 false without crit": _header("extension", b64=False),
    "zip": _header("extension", zip="DEF"),
    "enc": _header("extension", enc="A256GCM"),
    "jwk of the forger": _stolen(jwk=jwk("es384-forger", kid="es384-ehr")),
    "x5u of the forger": _stolen(x5u="https://forger.example.org/certificate.pem"),
    "x5c of the forger": _stolen(x5c=[b64encode(pem("es384-forger")).decode()]),
    "x5t of the forger": _stolen(x5t="0000"),
    "jku of the forger, keys given beforehand": _stolen(jku=_FORGER),
    "jku of the forger": _named(_FORGER),
    "jku of another issuer": _named(f"{OTHER}/jwks.json"),
    "jku by http": _named(PUBLISHED.replace("https", "http")),
    "jku with more after it": _named(f"{PUBLISHED}/../x"),
    "jku of this machine": _named("http://127.0.0.1/"),
    "jku a list": _header("jku", jku=[PUBLISHED]),
    "jku empty": _header("jku", jku=""),
}  # fmt: skip

CLAIMS = {
    "iss missing": _claims("issuer", iss=LEFT_OUT),
    "iss unknown": _claims("issuer", iss="https://forger.example.org"),
    "iss with a slash": _claims("issuer", iss=f"{EHR}/"),
    "iss in capitals": _claims("issuer", iss=EHR.upper()),
    "iss a list": _claims("issuer", iss=[EHR]),
    "iss twice": Forged("form", lambda call: call.token(claims_text=twice("iss", f'"{OTHER}"'))),
    "aud missing": _claims("claims", aud=LEFT_OUT),
    "aud null": _claims("claims", aud=None),
    "aud an object": _aud("claims", lambda place: {place: True}),
    "aud a list with a number": _aud("claims", lambda place: [place, 1]),
    "aud a list in a list": _aud("claims", lambda place: [[place]]),
    "aud empty": _claims("audience", aud=[]),
    "aud of another service": _aud("audience", lambda place: place.rpartition("/")[0] + "/another-service"),
    "aud the base only": _aud("audience", lambda place: place.rpartition("/")[0]),
    "aud the beginning": _aud("audience", lambda place: place[:-1]),
    "aud with a slash": _aud("audience", lambda place: f"{place}/"),
    "aud with a query": _aud("audience", lambda place: f"{place}?x=1"),
    "aud in capitals": _aud("audience", str.upper),
    "aud by http": _aud("audience", lambda place: place.replace("://", "+x://")),
    "aud a list without it": _aud("audience", lambda place: [f"{place}/", "https://other.example.org"]),
    "exp missing": _claims("claims", exp=LEFT_OUT),
    "exp null": _claims("claims", exp=None),
    "exp a text": _claims("claims", exp="1895000000"),
    "exp a yes": _claims("claims", exp=True),
    "exp negative": _claims("claims", exp=-1),
    "exp NaN": _raw("form", "exp", "NaN"),
    "exp Infinity": _raw("form", "exp", "Infinity"),
    "exp beyond all floats": _raw("claims", "exp", "1e999"),
    "exp of 400 digits": _raw("claims", "exp", "9" * 400),
    "exp past": _at("expired", iat=-400, exp=-61),
    "exp now, beyond the leeway": _at("expired", iat=-300, exp=-60),
    "exp twice": Forged("form", lambda call: call.token(claims_text=twice("exp", "9999999999"))),
    "lasts ten years": _at("lifetime", exp=10 * 365 * 86_400),
    "lasts a second more than an hour": _at("lifetime", iat=0, exp=3601),
    "ends before it begins": _at("lifetime", iat=30, exp=20),
    "iat missing": _claims("claims", iat=LEFT_OUT),
    "iat a text": _claims("claims", iat="1795000000"),
    "iat a no": _claims("claims", iat=False),
    "iat future": _at("early", iat=61, exp=300),
    "nbf future": _at("early", nbf=61),
    "nbf a text": _claims("claims", nbf="0"),
    "jti missing": _claims("claims", jti=LEFT_OUT),
    "jti empty": _claims("claims", jti=""),
    "jti a number": _claims("claims", jti=4711),
    "jti too long": _claims("claims", jti="x" * 257),
    "jti half a character": _claims("claims", jti="\ud800"),
    "tenant missing": _claims("tenant", status=403, iss=TENANTED),
    "tenant unknown": _claims("tenant", status=403, iss=TENANTED, tenant="another"),
    "tenant a list": _claims("tenant", status=403, iss=TENANTED, tenant=["tenant-1"]),
    "used before": Forged("replayed", lambda call: call.token(), used_before=True),
}

FORGED = {**ALGORITHMS, **SIGNATURES, **FORMS, **HEADERS, **CLAIMS}
