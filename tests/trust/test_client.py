"""A client is listed with a name, an issuer and algorithms that are safe, or the site is told what is wrong."""

from __future__ import annotations

import pytest

from cds_service.trust.algorithms import SUPPORTED
from cds_service.trust.client import USUAL, Client
from tests.support.tokens import Listed
from tests.trust.test_keys import GIVEN


def test_by_usage_a_client_signs_as_is_recommended() -> None:
    """Who lists nothing gets the two algorithms of CDS Hooks, any tenant and no address of keys."""
    client = Client("ehr", "https://ehr.example.org", GIVEN)
    assert client.algorithms == USUAL == ("ES384", "RS384")
    assert (client.tenants, client.jku, client.audience) == ((), (), ())


@pytest.mark.parametrize("algorithms", [(name,) for name in SUPPORTED] + [SUPPORTED])
def test_every_algorithm_that_is_understood_may_be_listed(algorithms: tuple[str, ...]) -> None:
    """Alone or with all others."""
    assert Client("ehr", "issuer", Listed("", GIVEN), algorithms).algorithms == algorithms


@pytest.mark.parametrize(
    "algorithms", [(), ("none",), ("None",), ("HS256",), ("ES384", "HS384"), ("es384",), ("PS384",), ("ES512",)]
)
def test_no_other_algorithm_may_be_listed(algorithms: tuple[str, ...]) -> None:
    """A site cannot let in tokens that anybody could sign; the text says what may be chosen."""
    with pytest.raises(ValueError, match=r"Algorithms of ehr: .* Choose of ES256, ES384, RS256, RS384\."):
        Client("ehr", "issuer", GIVEN, algorithms)


@pytest.mark.parametrize(("name", "issuer"), [("", "issuer"), ("ehr", "")])
def test_a_client_has_a_name_and_an_issuer(name: str, issuer: str) -> None:
    """Without them nobody could tell whose tokens they are."""
    with pytest.raises(ValueError, match="Give both"):
        Client(name, issuer, GIVEN)
