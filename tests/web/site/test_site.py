"""A site's file: what it may say, and where it lands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import cds_service
from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.cards.ration import USUAL, Caps
from cds_service.ehr.address import parse
from cds_service.evidence import PUBLISHED, SignOff
from cds_service.trust.client import USUAL as USUAL_ALGORITHMS
from cds_service.web.settings import BadSetting, from_environment
from cds_service.web.site import Site, load
from tests.web.site.made import CLIENT, WHOLE, written


def _loaded(folder: Path, text: str) -> Site:
    return load(written(folder, text))


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    """Without a word the site is as the service ships."""
    site = _loaded(tmp_path, "")
    assert (site.environment, site.caps, site.dialect, site.clients, site.strict_replay) == (
        {},
        USUAL,
        PLAIN,
        (),
        False,
    )
    assert (site.edition.values, site.edition.stages, site.edition.signed) == ({}, {}, {})


def test_what_variables_say_too(tmp_path: Path) -> None:
    """Tables of the service and the store become settings; a variable of the environment wins."""
    file = str(written(tmp_path, WHOLE))
    found = from_environment({"CDS_SITE": file, "CDS_LOG_LEVEL": "ERROR", "CDS_DATABASE_URL": "none"})
    assert found.public_url == "https://cds.example.org"
    assert found.max_body == 2 * 1024 * 1024
    assert (found.max_waiting, found.log_calls) == (50, "all")
    assert found.access.milliseconds == 900
    assert found.cors_origins == ("https://a.example", "https://b.example")
    assert found.log_level == "ERROR"
    assert (found.store.retention_days, found.store.snooze_days, found.store.comments) == (30, 0, True)
    assert found.authenticated
    assert not from_environment({}).authenticated


def test_the_edition_of_the_site(tmp_path: Path) -> None:
    """Numbers, switches, stages and sign-offs, whether keys stand in quotes or as tables."""
    edition = _loaded(tmp_path, WHOLE).edition
    assert edition.values == {"age.olderMin": 70, "added.quinine": False}
    assert edition.stages == {"quinine-cramps": "off"}
    signed = SignOff("the committee of the site", date(2026, 11, 1), date(2027, 11, 1), "v1")
    assert edition.signed == {"baclofen-renal": signed}


def test_a_client_adds_to_the_site(tmp_path: Path) -> None:
    """What a client does not say is as the site has it, and as the service ships where that says nothing."""
    site = _loaded(tmp_path, WHOLE)
    main, plain = site.clients
    assert main.edition.values == {"age.olderMin": 70, "added.quinine": False, "labs.lookbackDays": 60}
    assert main.edition.stages == {"quinine-cramps": "off", "cramps-nonpharmacological": "shadow"}
    assert main.edition.signed == site.edition.signed
    assert (main.caps, main.dialect) == (Caps(2, 1), Dialect("any", one_action=True, delete_as_string=True))
    assert plain.edition is site.edition
    assert (plain.caps, plain.dialect) == (Caps(2, 3), PLAIN)
    assert site.strict_replay


def test_whom_a_client_is_trusted_as(tmp_path: Path) -> None:
    """Name, issuer, keys, algorithms, tenants, addresses of keys, audiences and FHIR servers are the client's own."""
    main, plain = _loaded(tmp_path, WHOLE).clients
    trusted = main.trusted
    assert (trusted.name, trusted.issuer, trusted.algorithms) == ("main", "https://ehr.example.org", USUAL_ALGORITHMS)
    assert (trusted.tenants, trusted.jku, trusted.audience) == (
        ("t1",),
        ("https://ehr.example.org/keys",),
        ("by-hand",),
    )
    assert trusted.keys.find("es384-ehr", "ES384") is not None
    assert main.servers == (parse("https://ehr.example.org/fhir"),)
    assert (plain.trusted.keys.address, plain.trusted.algorithms) == ("https://plain.example.org/keys", ("RS256",))
    assert plain.servers == ()


def test_keys_in_the_file_itself(tmp_path: Path) -> None:
    """A set of keys may stand in the site's file."""
    keys = tmp_path / "keys.json"
    text = CLIENT.replace('jwks_file = "keys.json"', "")
    written(tmp_path, "")
    inline = keys.read_text(encoding="utf-8").replace('": ', '" = ')
    [client] = _loaded(tmp_path, f"{text}jwks = {inline}").clients
    assert client.trusted.keys.find("es384-ehr", "ES384") is not None


def test_limits_in_several_units(tmp_path: Path) -> None:
    """Who sets a limit of magnesium in all its units is understood."""
    text = '[settings]\nmg.low = {"mg/dL" = 1.8, "mmol/L" = 0.74, "mEq/L" = 1.48}\n'
    assert _loaded(tmp_path, text).edition.values["mg.low.mmol/L"] == 0.74


def test_the_example_can_be_used() -> None:
    """The file that deploy/ shows is right to the last line."""
    example = Path(cds_service.__file__).parent.parent / "deploy" / "site.example.toml"
    site = load(example)
    assert site.edition is not PUBLISHED
    assert [one.trusted.name for one in site.clients] == ["main-hospital"]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({}, "CDS_PUBLIC_URL"),
        (
            {"CDS_PUBLIC_URL": "https://cds.example.org", "CDS_FHIR_SERVERS": "https://e.example/fhir"},
            "CDS_FHIR_SERVERS",
        ),
    ],
)
def test_what_clients_need_and_exclude(tmp_path: Path, more: dict[str, str], named: str) -> None:
    """With clients the service must know its own address, and no FHIR server may be everybody's."""
    with pytest.raises(BadSetting, match=rf"^{named}: the site's file lists clients"):
        from_environment({"CDS_SITE": str(written(tmp_path, CLIENT))} | more)
