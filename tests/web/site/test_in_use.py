"""A site's file in use: its numbers decide for whom they are meant, and are marked wherever they are told."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from cds_service.web.app import create_app
from cds_service.web.settings import from_environment
from tests.fhir.resources import CYCLOBENZAPRINE, draft, patient
from tests.hooks.calls import request
from tests.support.commands import run
from tests.support.commands import written as body_file
from tests.support.tokens import EHR, OTHER, Call, jwks
from tests.support.trusting import ADDRESS, bearer, now
from tests.web.bodies import address
from tests.web.site.made import written

SITE = '[settings]\n"age.olderMin" = 70\nadded.quinine = false\n[rules.quinine-cramps]\nstage = "shadow"\n'
SIGNED = (
    '[rules.baclofen-renal.signed]\nby = "the committee"\non = 2026-11-01\nnext = 2027-11-01\nversion = "{version}"\n'
)
# One patient of 71: older for the first client, not yet for the second, and told to neither where a rule is off.
CALL = request("order-sign", draft(CYCLOBENZAPRINE), held=[patient(birthDate="1955-01-01")])
CLIENTS = f"""
[[client]]
name = "plain"
issuer = "{EHR}"
jwks_file = "keys.json"

[[client]]
name = "later"
issuer = "{OTHER}"
jwks_file = "others.json"
settings = {{"age.olderMin" = 75}}
"""


def _app(folder: Path, text: str, **more: str) -> Any:
    environment = {"CDS_SITE": str(written(folder, text)), "CDS_DATABASE_URL": "none", "CDS_AS_OF": "2026-11-22"} | more
    return create_app(from_environment(environment)).test_client()


def _token(issuer: str, key: str, call: Call) -> dict[str, str]:
    return bearer(call.token(key, claims={"iss": issuer}))


def test_each_client_is_judged_by_its_own_numbers(tmp_path: Path) -> None:
    """The same call of two clients: the site's number for one, its own for the other, turn by turn."""
    tmp_path.joinpath("others.json").write_text(json.dumps(jwks("es384-other")), encoding="utf-8")
    client = _app(tmp_path, SITE + CLIENTS, CDS_PUBLIC_URL=ADDRESS)
    path = address("order-sign")
    for _ in range(3):
        found = {}
        for issuer, key in ((EHR, "es384-ehr"), (OTHER, "es384-other")):
            answer = client.post(path, json=CALL, headers=_token(issuer, key, now(path)))
            found[issuer] = [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]
        assert found == {EHR: ["cyclobenzaprine-older-adult"], OTHER: []}


def test_a_card_leads_to_the_page_that_tells_its_clients_numbers(tmp_path: Path) -> None:
    """A client with numbers of its own has a page of its own; of others there is one page for all."""
    tmp_path.joinpath("others.json").write_text(json.dumps(jwks("es384-other")), encoding="utf-8")
    client = _app(tmp_path, (SITE + CLIENTS).replace("= 75", "= 68"), CDS_PUBLIC_URL=ADDRESS)
    path, links = address("order-sign"), []
    for issuer, key in ((EHR, "es384-ehr"), (OTHER, "es384-other")):
        [card] = client.post(path, json=CALL, headers=_token(issuer, key, now(path))).get_json()["cards"]
        links.append(card["links"][0]["url"].removeprefix(ADDRESS))
    assert links == ["/evidence/cyclobenzaprine-older-adult", "/evidence/cyclobenzaprine-older-adult?client=later"]
    assert "or older" in client.get(links[0]).text
    assert [("who is or may be 70" in client.get(link).text) for link in links] == [True, False]
    assert "who is or may be 68" in client.get(links[1]).text
    assert client.get("/evidence/cyclobenzaprine-older-adult?client=nobody").status_code == 404


def test_the_page_marks_what_the_site_changed(tmp_path: Path) -> None:
    """Number, switch and stage of the site stand beside the published ones."""
    client = _app(tmp_path, SITE)
    older = client.get("/evidence/cyclobenzaprine-older-adult").text
    assert (
        '<strong>70</strong> years <span class="site"><strong>site value</strong>, published: 65</span></td>' in older
    )
    assert "<td>Age from which an adult counts as older<br>" in older
    quinine = client.get("/evidence/quinine-cramps").text
    assert "shadow (<strong>set by this site</strong>; published: live)" in quinine
    assert "<strong>site value</strong>, published: on" in quinine
    assert "site value" not in client.get("/evidence/albumin-cramp-dose").text


def test_examples_are_answered_by_the_sites_numbers(tmp_path: Path) -> None:
    """Where a number of the site changes what an example is answered, the page shows that answer and says so; a rule
    that is in shadow or turned off shows what it would say."""
    client = _app(tmp_path, SITE)
    older = html.unescape(client.get("/evidence/cyclobenzaprine-older-adult").text)
    assert "the answers here were worked out now with this site's numbers" in older
    assert "<strong>The published rule answers otherwise.</strong>" in older
    quinine = client.get("/evidence/quinine-cramps").text
    assert "what it would show if it were on" in quinine or "no clinician sees its cards" in quinine
    assert "Remove quinine" in quinine
    assert "answers otherwise" not in client.get("/evidence/albumin-cramp-dose").text


def test_the_index_marks_what_the_site_changed(tmp_path: Path) -> None:
    """Stage, switches and the number of site values stand beside a rule in the list of rules."""
    text = _app(tmp_path, SITE).get("/evidence").text
    assert "shadow (<strong>set by this site</strong>; published: live), turned off" in text
    assert "<strong>1 site value</strong>" in text
    assert "No rule has been signed off clinically by anybody." in text


def test_pages_of_a_client_lead_to_pages_of_that_client(tmp_path: Path) -> None:
    """Every page links the others as the same client sees them."""
    tmp_path.joinpath("others.json").write_text(json.dumps(jwks("es384-other")), encoding="utf-8")
    client = _app(tmp_path, SITE + CLIENTS, CDS_PUBLIC_URL=ADDRESS)
    for path in ("/evidence", "/evidence/coverage", "/evidence/codes", "/evidence/cyclobenzaprine-older-adult"):
        main = client.get(f"{path}?client=later").text.partition("<main")[2]
        assert "?client=later" in main
        assert re.findall(r'href="/evidence/[a-z-]*["#]', main) == []
        assert client.get(f"{path}?client=nobody").status_code == 404


def test_an_overdue_review_is_told(tmp_path: Path) -> None:
    """The day of the next review lies behind: the page says so, for a sign-off of the site and for ours."""
    text = SIGNED.format(version="").replace("2027-11-01", "2026-11-20")
    assert "<strong>That review is overdue.</strong>" in _app(tmp_path, text).get("/evidence/baclofen-renal").text
    assert "overdue" not in _app(tmp_path, SIGNED.format(version="")).get("/evidence/baclofen-renal").text
    late = _app(tmp_path, SITE, CDS_AS_OF="2028-01-01").get("/evidence/baclofen-renal").text
    assert "Nobody has reviewed this rule clinically yet. <strong>A review is overdue since 2027-" in late


@pytest.mark.parametrize(("version", "changed"), [("", False), ("another", True)])
def test_the_page_tells_who_signed_a_rule_off(tmp_path: Path, version: str, changed: bool) -> None:
    """What the site's file says, as its word; and if the rule has changed since, that."""
    client = _app(tmp_path, SIGNED.format(version=version))
    page = client.get("/evidence/baclofen-renal").text
    assert "This site's file says: signed off by the committee on 2026-11-01, next review on 2027-11-01." in page
    assert ("The rule has changed since: text, numbers, logic, codes." in page) is changed
    assert "Nobody has reviewed this rule clinically yet." in client.get("/evidence/quinine-cramps").text


def test_who_signed_is_shown_as_text(tmp_path: Path) -> None:
    """What a site's file names is text on the page, whatever it holds, and the list tells how many are signed off."""
    client = _app(tmp_path, SIGNED.format(version="").replace("the committee", "<script>alert(1)</script>"))
    page = client.get("/evidence/baclofen-renal").text
    assert "signed off by &lt;script&gt;alert(1)&lt;/script&gt; on" in page
    assert "<script>alert" not in page
    assert "says that 1 of the rules" in client.get("/evidence").text


def test_the_list_of_rules_marks_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cds rules` tells stage, values and sign-off of the site, or of one of its clients."""
    tmp_path.joinpath("others.json").write_text(json.dumps(jwks("es384-other")), encoding="utf-8")
    monkeypatch.setenv("CDS_PUBLIC_URL", ADDRESS)
    monkeypatch.setenv("CDS_SITE", str(written(tmp_path, SITE + SIGNED.format(version="another") + CLIENTS)))
    listed = run("rules").output
    assert "quinine-cramps  [shadow, site value]" in listed
    assert "    site value age.olderMin: 70 a, published 65\n" in listed
    assert "    site value added.quinine: False, published True\n" in listed
    changed = "changed since: text, numbers, logic, codes"
    assert f"    signed off by the committee on 2026-11-01, {changed}, next review 2027-11-01\n" in listed
    assert "site value age.olderMin: 75 a, published 65" in run("rules", "--client", "later").output
    assert run("rules", "--client", "nobody").exit_code == 2


def test_a_request_is_evaluated_as_a_client_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`cds evaluate` shows what the site's, or a client's, numbers make of a request."""
    tmp_path.joinpath("others.json").write_text(json.dumps(jwks("es384-other")), encoding="utf-8")
    monkeypatch.setenv("CDS_PUBLIC_URL", ADDRESS)
    monkeypatch.setenv("CDS_SITE", str(written(tmp_path, SITE + CLIENTS)))
    file = body_file(tmp_path, CALL)
    assert "[warning]" in run("evaluate", file, "--as-of", "2026-11-22").output
    assert "No card." in run("evaluate", file, "--as-of", "2026-11-22", "--client", "later").output


@pytest.mark.parametrize(
    ("text", "cards"),
    [
        ("", ["cyclobenzaprine-older-adult"]),
        ("[cards]\nat_order = 0\n", ["cyclobenzaprine-older-adult"]),
        ('[rules.cyclobenzaprine-older-adult]\nstage = "off"\n', []),
        ('[rules.cyclobenzaprine-older-adult]\nstage = "shadow"\n', []),
    ],
)
def test_stages_and_caps_of_a_site(tmp_path: Path, text: str, cards: list[str]) -> None:
    """What is off or in shadow is not shown; no cap drops a warning."""
    answer = _app(tmp_path, text).post(address("order-sign"), json=CALL)
    assert [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]] == cards
