"""From the token to the key: an EHR on loopback changes its keys, and tokens name all kinds of places for them."""

from __future__ import annotations

import pytest

from cds_service.trust.client import Client
from cds_service.trust.keys import given
from cds_service.trust.replay import Replay
from cds_service.trust.token import Distrust, Verifier
from tests.support.loopback import Ehr
from tests.support.tokens import AUDIENCE, NOW, Call, jwks
from tests.trust.publishing import FIRST, SECOND, Clock, Keys, publishing

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

ISSUER = "https://named.example.org"


def _outcome(client: Client, key: str, **header: str) -> str:
    """The client's name if a token that is signed with this key lets it in, else why not."""
    made = Call().token(key, header, {"iss": ISSUER})
    try:
        verifier = Verifier([client], Replay(None, clock=lambda: NOW), lambda: NOW)
        return verifier.verify(f"Bearer {made}", [AUDIENCE]).name
    except Distrust as distrust:
        return distrust.reason


def test_an_ehr_that_changes_its_keys_is_let_in_at_once() -> None:
    """The first token with the new key loads it; one with the old key is refused from then on."""
    keys = Keys(FIRST)
    with publishing(keys, Clock()) as (ehr, source):
        client = Client("named", ISSUER, source)
        assert _outcome(client, "es384-first") == "named"
        keys.says = SECOND
        assert _outcome(client, "es384-second") == "named"
        assert _outcome(client, "es384-first") == "key"
        assert len(ehr.asked) == 2


def test_a_token_may_name_the_address_that_its_keys_have() -> None:
    """What the site configured need not be listed once more."""
    with publishing(Keys(FIRST), Clock()) as (_, source):
        assert _outcome(Client("named", ISSUER, source), "es384-first", jku=source.address) == "named"


@pytest.mark.parametrize("member", ["jku", "x5u"])
def test_no_address_that_is_not_listed_is_ever_asked(member: str) -> None:
    """A forger's key set is there, answers, and nobody comes."""
    with publishing(Keys(FIRST), Clock()) as (_, source), Ehr(Keys(jwks("es384-forger")), "/jwks.json") as forger:
        for keys in (source, given(FIRST, "the tests")):
            client = Client("named", ISSUER, keys, jku=("https://listed.example.org/jwks.json",))
            assert _outcome(client, "es384-forger", **{member: forger.server.base}) in {"jku", "key"}
        assert forger.asked == []


def test_a_listed_address_is_asked_where_keys_were_given_too() -> None:
    """The key set that the token names is used, and the given keys where it names none."""
    with Ehr(Keys(SECOND), "/jwks.json") as ehr:
        client = Client("named", ISSUER, given(FIRST, "the tests"), jku=(ehr.server.base,))
        assert _outcome(client, "es384-second", jku=ehr.server.base) == "named"
        assert _outcome(client, "es384-first", jku=ehr.server.base) == "key"
        assert _outcome(client, "es384-first") == "named"
        assert _outcome(client, "es384-second") == "key"
