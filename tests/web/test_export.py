"""`cds pages`: the same pages as files, of which every link leads to a file that is there."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.evidence import guideline
from cds_service.rules import RULES
from cds_service.web import export
from tests.support.commands import run
from tests.support.stored import NOON, RULE, call_entry, filled, shown_card
from tests.support.tokens import EHR, jwks
from tests.web.site.made import written

_LINK = re.compile(r'\b(?:href|src|action)="([^"]*)"')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages, written once."""
    out = tmp_path_factory.mktemp("pages") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CDS_DATABASE_URL", "none")
        result = run("pages", out)
    assert result.exit_code == 0, result.output
    assert result.output == f"{len(RULES) + 4} pages written. Begin with {out / 'index.html'}\n"
    return out


def _ids(path: Path) -> set[str]:
    return set(re.findall(r'\bid="([^"]*)"', path.read_text(encoding="utf-8")))


def test_every_link_resolves(folder: Path) -> None:
    """A link leads to a file of the folder and a place in it, or to the web; none to the root of a disk."""
    pages = sorted(folder.glob("*.html"))
    ids = {page.name: _ids(page) for page in pages}
    for page in pages:
        for link in set(_LINK.findall(page.read_text(encoding="utf-8"))):
            address, _, place = html.unescape(link).partition("#")
            if address.startswith(("https://", "http://")):
                continue
            assert (folder / (address or page.name)).is_file(), f"{page.name}: {link}"
            assert not place or place in ids[address or page.name], f"{page.name}: {link}"


def test_no_page_has_an_id_twice(folder: Path) -> None:
    """Also where all rules stand together a place has one name."""
    for page in folder.glob("*.html"):
        found = re.findall(r'\bid="([^"]*)"', page.read_text(encoding="utf-8"))
        assert len(found) == len(set(found)), page.name


def test_everything_stands_on_one_page(folder: Path) -> None:
    """Every rule with its examples unfolded, and the guideline, for a printer."""
    text = html.unescape((folder / "all.html").read_text(encoding="utf-8"))
    for rule in RULES:
        assert f'id="{rule.id}-top">{rule.title}</h2>' in text
    for line in guideline():
        assert f'id="L{line.number}"' in text
    assert text.count('<details class="told" open>') == len(RULES)


def test_what_needs_the_service_is_not_offered(folder: Path) -> None:
    """No file leads to the start page, to discovery or to a search of the server."""
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert "Discovery" not in text
        assert 'type="submit"' not in text


def test_the_service_prints_nothing_at_once(client: FlaskClient) -> None:
    """The page of everything is only written: no hook shall wait behind it."""
    assert client.get("/evidence/all").status_code == 404


def test_a_client_has_pages_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--client writes what holds for that client; an unknown one is told."""
    tmp_path.joinpath("keys.json").write_text(json.dumps(jwks("es384-ehr")), encoding="utf-8")
    text = (
        f'[[client]]\nname = "north"\nissuer = "{EHR}"\njwks_file = "keys.json"\nsettings = {{"age.olderMin" = 75}}\n'
    )
    monkeypatch.setenv("CDS_SITE", str(written(tmp_path, text)))
    monkeypatch.setenv("CDS_PUBLIC_URL", "https://cds.example.org")
    assert run("pages", tmp_path / "own", "--client", "north").exit_code == 0
    page = (tmp_path / "own" / "cyclobenzaprine-older-adult.html").read_text(encoding="utf-8")
    assert "<strong>75</strong> years" in page
    assert "?client" not in page
    assert run("pages", tmp_path / "none", "--client", "nobody").exit_code == 2


def test_figures_of_the_database_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the store knows stands on the pages, and nothing is written into the store."""
    filled(tmp_path, monkeypatch, call_entry(shown_card(1), shown_card(2)))
    assert run("pages", tmp_path / "out").exit_code == 0
    page = (tmp_path / "out" / f"{RULE}.html").read_text(encoding="utf-8")
    assert "<dt>shown</dt><dd>2</dd>" in page
    assert "<dt>overridden</dt><dd>0 (0%)</dd>" in page
    assert f"since {NOON.date().replace(month=8, day=24)}" in page
    assert "shown 2, overridden 0 (0%)" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A path below a file is an error in words."""
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    result = run("pages", file / "out")
    assert result.exit_code == 1
    assert str(file / "out") in result.output


def test_an_address_that_is_not_written_is_found(tmp_path: Path) -> None:
    """A page that links what is no page is an error of ours, not a dead link."""
    found = export._ADDRESS.search('<a href="/nowhere?x=1#y">')
    assert found is not None
    with pytest.raises(KeyError):
        export._beside(found)
