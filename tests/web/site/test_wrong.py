"""Wrong files of a site: each stops the start with file, line, key and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.web import server
from cds_service.web.settings import BadSetting, from_environment
from cds_service.web.site.file import line_of
from tests.support.commands import run
from tests.web.site.made import CLIENT, written

# What stands in the file, the line and key that are named, and what is said to do.
WRONG = {
    "no TOML": ("[settings\n", "", "Mend the TOML there."),
    "an unknown table": ("[setting]\n", "line 1, setting", "Did you mean settings?"),
    "a table that is a number": ("cards = 3\n", "line 1, cards", "Write a table."),
    "an unknown key of the service": ("[service]\npublic_uri = 'x'\n", "line 2, service.public_uri", "public_url"),
    "an address that is none": ("[service]\npublic_url = 'cds'\n", "line 2, service.public_url", "http://"),
    "a body beyond reason": ("[service]\nmax_body_mb = 900\n", "line 2, service.max_body_mb", "at most 100"),
    "a budget that is a text": ("[service]\nbudget_ms = '1'\n", "line 2, service.budget_ms", "Write a whole number."),
    "origins that are no list": ("[service]\ncors_origins = '*'\n", "line 2, service.cors_origins", "Write a list"),
    "a server with a password": (
        "[service]\nfhir_servers = ['https://u:p@e.example']\n",
        "line 2, service.fhir_servers",
        "leave it out",
    ),
    "retention below a day": ("[store]\nretention_days = 0\n", "line 2, store.retention_days", "from 1"),
    "a negative cap": ("[cards]\nat_order = -1\n", "line 2, cards.at_order", ">= 0"),
    "an unknown behavior": (
        "[cards]\nselection_behavior = 'all'\n",
        "line 2, cards.selection_behavior",
        "Choose of any",
    ),
    "a switch of the cards as text": ("[cards]\none_action = 'yes'\n", "line 2, cards.one_action", "true or false"),
    "an unknown number": (
        "[settings]\n\nage.oldrMin = 70\n",
        "line 3, settings.age.oldrMin",
        "Did you mean age.olderMin?",
    ),
    "a key like no other": ("[settings]\nxyzzy = 1\n", "line 2, settings.xyzzy", "Known here:"),
    "a number out of its range": (
        '[settings]\n"age.olderMin" = 16\n',
        "line 2, settings.age.olderMin",
        "from 60 to 80 a",
    ),
    "a number in another unit": (
        '[settings]\n"baclofen.max" = {value = 1, unit = "g/d"}\n',
        "line 2, settings.baclofen.max",
        'must be "mg/d"',
    ),
    "a number with more than a unit": (
        '[settings]\n"baclofen.max" = {value = 30, units = "mg/d"}\n',
        "line 2, settings.baclofen.max",
        'Write {value = ..., unit = "..."}.',
    ),
    "a number as text": ('[settings]\n"baclofen.max" = "30"\n', "line 2, settings.baclofen.max", "from 30 to 80 mg/d"),
    "a number as a switch": ('[settings]\n"baclofen.max" = true\n', "line 2, settings.baclofen.max", "is a number"),
    "half a day": ('[settings]\n"labs.pendingDays" = 1.5\n', "line 2, settings.labs.pendingDays", "whole numbers"),
    "a switch as a number": ("[settings]\nadded.quinine = 1\n", "line 2, settings.added.quinine", "true or false"),
    "a number that no site may change": ('[settings]\n"baclofen.stepDays" = 7\n', "line 2", "There is no such key."),
    "a number twice": (
        '[settings]\n"age.olderMin" = 70\nage.olderMin = 71\n',
        "line 3, settings.age.olderMin",
        "Leave one.",
    ),
    "one limit in two": (
        '[settings]\n"mg.low.mg/dL" = 1.9\n',
        "line 2, settings.mg.low.mg/dL",
        "Set all: mg.low.mg/dL, mg.low.mmol/L, mg.low.mEq/L.",
    ),
    "an unknown rule": (
        "[rules.baclofen-renl]\nstage = 'off'\n",
        "line 1, rules.baclofen-renl",
        "mean baclofen-renal?",
    ),
    "an unknown stage": (
        "[rules.baclofen-renal]\nstage = 'on'\n",
        "line 2, rules.baclofen-renal.stage",
        "Choose of live",
    ),
    "an unknown key of a rule": ("[rules.baclofen-renal]\nstages = 'on'\n", "line 2", "Did you mean stage?"),
    "a sign-off by nobody": (
        "[rules.baclofen-renal.signed]\nby = ''\non = 2026-01-01\nnext = 2027-01-01\n",
        "line 2, rules.baclofen-renal.signed.by",
        "length >= 1",
    ),
    "a sign-off without a day": (
        "[rules.baclofen-renal.signed]\nby = 'a'\nnext = 2027-01-01\n",
        "line 1, rules.baclofen-renal.signed.on",
        "It is missing.",
    ),
    "a sign-off of a day as text": (
        "[rules.baclofen-renal.signed]\nby = 'a'\non = '1.1.2026'\nnext = 2027-01-01\n",
        "line 3, rules.baclofen-renal.signed.on",
        "Write a day",
    ),
    "a review that is over": (
        "[rules.baclofen-renal.signed]\nby = 'a'\non = 2026-01-01\nnext = 2026-01-01\n",
        "line 4, rules.baclofen-renal.signed.next",
        "Write a later day.",
    ),
    "clients that are no list": ("[client]\nname = 'a'\n", "line 1, client", "Write a list"),
    "a client without an issuer": ("[[client]]\nname = 'a'\n", "line 1, client[1].issuer", "It is missing."),
    "a client with a name for no log": (
        CLIENT.replace('"main"', '"a b"'),
        "line 3, client[1].name",
        "matching",
    ),
    "an unknown key of a client": (f"{CLIENT}tenant = 't'\n", "line 6, client[1].tenant", "Did you mean tenants?"),
    "a client without keys": (
        "[[client]]\nname = 'a'\nissuer = 'i'\n",
        "line 1, client[1]",
        "Give one of jwks_url, jwks_file and jwks.",
    ),
    "a client with keys twice": (
        f"{CLIENT}jwks_url = 'https://e.example/keys'\n",
        "line 2, client[1]",
        "jwks_url and jwks_file are given.",
    ),
    "keys in a file that is not there": (
        CLIENT.replace("keys.json", "gone.json"),
        "line 5, client[1].jwks_file",
        "Name a file",
    ),
    "keys that are none": (
        CLIENT.replace('jwks_file = "keys.json"', "jwks = {keys = []}"),
        "line 5, client[1].jwks",
        "public key set",
    ),
    "an empty table of keys": (
        CLIENT.replace('jwks_file = "keys.json"', "jwks = {}"),
        "line 5, client[1].jwks",
        "public key set",
    ),
    "keys that anybody may change": (
        CLIENT.replace('jwks_file = "keys.json"', 'jwks_url = "http://e.example/keys"'),
        "line 5, client[1].jwks_url",
        "https://",
    ),
    "a jku that anybody may change": (
        f"{CLIENT}jku = ['http://e.example/keys']\n",
        "line 6, client[1].jku",
        "https://",
    ),
    "an algorithm of secrets": (f"{CLIENT}algorithms = ['HS256']\n", "line 6, client[1].algorithms", "Choose of ES256"),
    "no algorithm": (f"{CLIENT}algorithms = []\n", "line 6, client[1].algorithms", "length >= 1"),
    "a client's server that is none": (f"{CLIENT}fhir_servers = ['e']\n", "line 6, client[1].fhir_servers", "Write it"),
    "a client's number out of range": (
        f"{CLIENT}settings = {{'age.olderMin' = 5}}\n",
        "line 6, client[1].settings.age.olderMin",
        "from 60",
    ),
    "two clients of one issuer": (
        CLIENT + CLIENT.replace('"main"', '"other"'),
        "line 9, client[2].issuer",
        "Give each its own.",
    ),
    "two clients of one name": (
        CLIENT + CLIENT.replace("ehr.example", "other.example"),
        "line 8, client[2].name",
        "Give each its own.",
    ),
    "a word for replays": (
        "[security]\nreplay_without_store = 'no'\n",
        "line 2, security.replay_without_store",
        "Choose of accept",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """File, line and key are named, and what to do."""
    text, where, do = WRONG[name]
    path = written(tmp_path, text)
    with pytest.raises(BadSetting) as refused:
        from_environment({"CDS_SITE": str(path)})
    said = str(refused.value)
    assert said.startswith(str(path))
    assert where in said
    assert do in said


@pytest.mark.parametrize("text", [None, b"\xff"])
def test_a_file_that_cannot_be_read(tmp_path: Path, text: bytes | None) -> None:
    """A file that is missing, or is no text, is told with the variable that names it."""
    path = tmp_path / "site.toml"
    if text is not None:
        path.write_bytes(text)
    with pytest.raises(BadSetting, match=r"^CDS_SITE: .*site\.toml: \w+Error\. Name a UTF-8 file"):
        from_environment({"CDS_SITE": str(path)})


@pytest.mark.parametrize("name", ["a number out of its range", "two clients of one issuer"])
def test_nothing_starts_with_a_wrong_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The service does not start, and says why in one line."""
    monkeypatch.setattr(server, "Granian", None)
    text, where, _ = WRONG[name]
    monkeypatch.setenv("CDS_SITE", str(written(tmp_path, text)))
    result = run("serve")
    assert result.exit_code == 2
    assert where in result.output


@pytest.mark.parametrize(
    ("way", "line"),
    [
        (("a", "b"), 3),
        (("a", "many", 1), 5),
        (("a", "none"), 2),
        (("list", 0, "x"), 11),
        (("list", 1, "x"), 14),
        (("list", 1, "y"), 13),
        (("nowhere",), 1),
    ],
)
def test_the_line_of_a_member(way: tuple[str | int, ...], line: int) -> None:
    """The statement that gives it begins there, or the table that should hold it."""
    text = "# first\n[a]\nb = 1\n\nmany = [\n  1,\n  2,\n]\n# more\n[[list]]\nx = 1\n\n[[list]]\nx = 2\n"
    assert line_of(text, way) == line


def test_the_line_in_an_empty_file() -> None:
    """Of nothing, the first line."""
    assert line_of("", ("a",)) == 1
