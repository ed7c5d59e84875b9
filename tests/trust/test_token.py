"""A token lets in the client that signed it for this call, once; every other one is refused, for the reason it has."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from cds_service.trust import algorithms, token
from cds_service.trust.client import Client
from cds_service.trust.keys import given
from cds_service.trust.replay import Replay, Unknown
from cds_service.trust.token import Distrust, Verifier
from tests.support.tokens import (
    AUDIENCE,
    EHR,
    EVERY,
    NOW,
    OTHER,
    PUBLISHED,
    PUBLISHING,
    TENANT,
    TENANTED,
    Call,
    clients,
    jwks,
)
from tests.trust.forged import FORGED, Forged

CALL = Call()


def verifier(*more: Client) -> Verifier:
    """One that knows the clients of the tests, at their moment, and remembers by itself."""
    return Verifier([*clients(), *more], Replay(None, clock=lambda: NOW), lambda: NOW)


def accepted(made: str, audiences: Collection[str] = (AUDIENCE,)) -> str:
    """The name of the client that a token lets in."""
    return verifier().verify(f"Bearer {made}", audiences).name


def refused(found: Verifier, authorization: str | None) -> Distrust:
    """Why this header is refused."""
    with pytest.raises(Distrust) as raised:
        found.verify(authorization, [AUDIENCE])
    return raised.value


# refused


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_token_is_refused(forged: Forged) -> None:
    """For the reason that it has, and with nothing of the token in what is raised."""
    found, made = verifier(), forged.make(CALL)
    if forged.used_before:
        found.verify(f"Bearer {made}", [AUDIENCE])
    distrust = refused(found, f"Bearer {made}")
    assert (distrust.reason, distrust.status) == (forged.reason, forged.status)
    assert str(distrust) == forged.reason
    assert distrust.__context__ is None


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_token_uses_nothing_up(forged: Forged) -> None:
    """Only a token that is right in everything reaches the memory of used ones."""

    class Watched:
        asked = 0

        def first_use(self, issuer: str, jti: str, expires: float) -> bool:
            self.asked += 1
            return False

    seen = Watched()
    refused(Verifier(clients(), seen, lambda: NOW), f"Bearer {forged.make(CALL)}")
    assert seen.asked == (1 if forged.used_before else 0)


def test_there_are_many_forged_tokens() -> None:
    """The table does not lose its entries unseen."""
    assert len(FORGED) >= 120


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer  ", "Basic dXNlcjpwYXNz", "bearer", "Token x.y.z", "BearerX x.y.z"],
)
def test_without_a_token_nobody_is_let_in(authorization: str | None) -> None:
    """No header, no scheme, another scheme and an empty token are all no token."""
    assert refused(verifier(), authorization).reason == "no token"


def test_a_token_alone_is_none() -> None:
    """The scheme must be said."""
    assert refused(verifier(), CALL.token()).reason == "no token"


def test_distrust_names_the_client_if_it_is_one() -> None:
    """The log can say whose token failed; an issuer that is not listed is not repeated."""
    found = verifier()
    assert refused(found, f"Bearer {CALL.token(claims={'exp': 0})}").client == "ehr"
    assert refused(found, f"Bearer {CALL.token(claims={'iss': 'https://forger.example.org'})}").client == ""
    assert refused(found, None).client == ""


def test_a_memory_that_cannot_tell_refuses() -> None:
    """It is the service that fails then, and not the token."""

    class Away:
        def first_use(self, issuer: str, jti: str, expires: float) -> bool:
            raise Unknown

    distrust = refused(Verifier(clients(), Away(), lambda: NOW), f"Bearer {CALL.token()}")
    assert (distrust.reason, distrust.status, distrust.client) == ("replay unknown", 503, "ehr")


# accepted


@pytest.mark.parametrize("key", ["es384-ehr", "rsa-ehr"])
def test_a_right_token_lets_its_client_in(key: str) -> None:
    """Both algorithms that CDS Hooks recommends serve any client."""
    assert accepted(CALL.token(key)) == "ehr"


@pytest.mark.parametrize(("key", "algorithm"), [("es256-ehr", "ES256"), ("rsa-ehr", "RS256"), ("rsa-ehr", "RS384")])
def test_a_client_may_be_listed_with_more_algorithms(key: str, algorithm: str) -> None:
    """ES256 and RS256 serve where the site says so."""
    assert accepted(CALL.token(key, algorithm=algorithm, claims={"iss": EVERY})) == "every"


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [AUDIENCE]},
        {"aud": ["https://other.example.org", AUDIENCE]},
        {"sub": "someone", "further": {"a": [1, None]}},
        {"tenant": "anyone"},
        {"nbf": int(NOW) - 300},
        {"nbf": int(NOW) + 59},
        {"exp": NOW + 299.5, "iat": NOW - 0.5},
        {"iat": int(NOW), "exp": int(NOW) + 3600},
        {"iat": int(NOW) + 59},
        {"iat": int(NOW) + 60, "exp": int(NOW) + 300},
        {"iat": int(NOW) - 3000, "exp": int(NOW) - 59},
        {"jti": "x" * 256},
    ],
)
def test_what_a_token_may_say(changes: dict[str, Any]) -> None:
    """Lists of audiences, further claims, fractions of seconds, an hour, and a minute between two clocks."""
    assert accepted(CALL.token(claims=changes)) == "ehr"


@pytest.mark.parametrize("header", [{"typ": "jwt"}, {"kid": "es384-ehr", "jwk": {}, "x5u": "x"}, {"more": 1}])
def test_what_a_header_may_say(header: dict[str, Any]) -> None:
    """A type in small letters, keys that nobody reads, and further members."""
    assert accepted(CALL.token(header=header)) == "ehr"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_the_name_of_the_scheme_has_no_case(scheme: str) -> None:
    """As HTTP has it."""
    assert verifier().verify(f"{scheme} {CALL.token()}", [AUDIENCE]).issuer == EHR


def test_each_address_of_a_call_is_accepted() -> None:
    """Feedback may be signed for its own address or for the service's."""
    for audience in (AUDIENCE, f"{AUDIENCE}/feedback"):
        assert accepted(Call(audience).token(), [f"{AUDIENCE}/feedback", AUDIENCE]) == "ehr"


def test_a_client_may_have_audiences_of_its_own() -> None:
    """What was typed in by hand at one EHR serves there, and nowhere else."""
    typed = Client("typed", "https://typed.example.org", given(jwks("es384-typed"), "x"), audience=("by hand",))
    made = Call("by hand").token("es384-typed", claims={"iss": typed.issuer})
    assert verifier(typed).verify(f"Bearer {made}", [AUDIENCE]) is typed
    assert refused(verifier(typed), f"Bearer {Call('by hand').token()}").reason == "audience"


@pytest.mark.parametrize("tenant", [TENANT, "tenant-2"])
def test_a_listed_tenant_is_let_in(tenant: str) -> None:
    """Where tenants are listed, each of them may call."""
    assert accepted(CALL.token(claims={"iss": TENANTED, "tenant": tenant})) == "tenanted"


def test_the_same_id_of_two_issuers_is_two() -> None:
    """Ids are an issuer's own."""
    found = verifier()
    for key, issuer in (("es384-ehr", EHR), ("es384-other", OTHER)):
        assert found.verify(f"Bearer {CALL.token(key, claims={'iss': issuer, 'jti': 'same'})}", [AUDIENCE])


def test_a_token_is_remembered_until_its_leeway_is_over() -> None:
    """What would be accepted for its age is still known to have been used."""
    found: list[float] = []

    class Noting:
        def first_use(self, issuer: str, jti: str, expires: float) -> bool:
            found.append(expires)
            return True

    Verifier(clients(), Noting(), lambda: NOW).verify(f"Bearer {CALL.token()}", [AUDIENCE])
    assert found == [NOW + 300 + 60]


# keys


def test_a_listed_address_of_keys_may_be_named() -> None:
    """With or without its name in the token, the keys at the address are used."""
    for header in ({}, {"jku": PUBLISHED}):
        assert accepted(CALL.token("es384-published", header, {"iss": PUBLISHING})) == "publishing"


def test_keys_that_were_given_serve_whatever_address_is_named() -> None:
    """The Sandbox names its own in every token: where keys were exchanged beforehand that means nothing."""
    assert accepted(CALL.token(header={"jku": "https://sandbox.example.org/jwks.json"})) == "ehr"


class Counted:
    """A key set that counts how often it was to be loaded and asked."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.prepared = 0
        self.asked: list[str] = []

    def prepare(self) -> None:
        """Count it."""
        self.prepared += 1

    def find(self, kid: str, algorithm: str) -> algorithms.PublicKey | None:
        """Count it, and know no key."""
        self.asked.append(kid)
        return None


def test_all_keys_are_loaded_beforehand_once() -> None:
    """Two clients with one address share what is loaded, and keys that were given are told, too."""
    same, first, second = Counted(""), Counted("https://a.example.org"), Counted("https://a.example.org")
    listed = [
        Client("one", "one", same),
        Client("two", "two", first, jku=(first.address,)),
        Client("three", "three", second),
    ]
    Verifier(listed, Replay(None), lambda: NOW).prepare()
    assert (same.prepared, first.prepared + second.prepared) == (1, 1)


def test_an_address_that_is_only_listed_has_its_own_keys() -> None:
    """A key set that a token may name is loaded from there, and the keys that were given do not serve for it."""
    listed = "http://127.0.0.1:9/jwks.json"
    own = Client("both", "https://both.example.org", Counted(""), jku=(listed,))
    made = CALL.token("es384-both", {"jku": listed}, {"iss": own.issuer})
    assert refused(verifier(own), f"Bearer {made}").reason == "key"
    assert isinstance(own.keys, Counted)
    assert own.keys.asked == []


# cost


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The algorithms of the signatures that are checked, in order."""
    found: list[str] = []

    def counted(algorithm: str, *parts: Any) -> bool:
        found.append(algorithm)
        return algorithms.is_signed(algorithm, *parts)

    monkeypatch.setattr(token, "is_signed", counted)
    return found


def test_a_right_token_costs_one_signature(checks: list[str]) -> None:
    """Exactly one is checked for each call."""
    accepted(CALL.token())
    accepted(CALL.token("rsa-ehr"))
    assert checks == ["ES384", "RS384"]


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_token_costs_one_signature_at_most(forged: Forged, checks: list[str]) -> None:
    """None where anything else is wrong that can be seen without."""
    refused(verifier(), f"Bearer {forged.make(CALL)}") if not forged.used_before else accepted(forged.make(CALL))
    assert len(checks) == (forged.reason in ("signature", "tenant", "replayed"))


def test_one_key_set_may_hold_what_no_token_may_use() -> None:
    """A client's list of algorithms is asked before its keys are."""
    own = Counted("")
    made = CALL.token("es256-ehr", claims={"iss": "issuer"})
    assert refused(verifier(Client("own", "issuer", own)), f"Bearer {made}").reason == "algorithm"
    assert own.asked == []
