"""Who is let in to the staff's pages, for how long, and that nobody else is."""

from __future__ import annotations

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.wrappers import Response

from cds_service.store.database import Database
from cds_service.store.memory import Memory
from cds_service.web.app import create_app
from cds_service.web.callers import Callers
from cds_service.web.settings import Settings
from cds_service.web.site import Site
from cds_service.web.site.staff import Staff
from cds_service.web.staff import door
from cds_service.web.staff.app import make
from tests.support.stored import NOON
from tests.support.trusting import ADDRESS, now
from tests.support.trusting import site as trusting
from tests.web.staff.made import PASSWORD, STAFF, kept, logged_in, token, tried

PAGES = (
    "/dashboard",
    "/dashboard/",
    "/dashboard/rules/quinine-cramps",
    "/dashboard/signoff",
    "/dashboard/figures.csv",
    "/dashboard/signoff.csv",
    "/dashboard/everything.ndjson",
    "/dashboard/report.html",
)
BY_PROXY = Staff(header="X-Remote-User", proxies=(ip_network("10.0.0.0/24"), ip_network("::1")))


def serving(folder: Path, staff: Staff, **more: Any) -> Flask:
    """The service with this door; its memory is not started."""
    memory = Memory(kept(folder), lambda: NOON)
    memory.start = lambda: None  # type: ignore[method-assign]
    return create_app(Settings(site=Site(staff=staff), **more), memory)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_let_in_without_a_password(app: Flask, page: str) -> None:
    """Every page leads to the door, and shows nothing."""
    answer = app.test_client().get(page)
    assert answer.status_code == 303
    assert answer.location == "/dashboard/login"


@pytest.mark.parametrize("page", PAGES)
def test_whoever_knows_the_password_is_let_in(staff: FlaskClient, page: str) -> None:
    """Every page is shown, kept by no cache, and may not be read by another site."""
    answer = staff.get(page, headers={"Origin": "https://other.example"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_there_is_no_door_unless_a_site_has_staff() -> None:
    """Then the address is unknown, and no page leads there."""
    client = create_app(Settings()).test_client()
    for page in (*PAGES, "/dashboard/login"):
        assert client.get(page).status_code == 404
    assert "/dashboard" not in client.get("/evidence").text


def test_pages_lead_to_the_door(app: Flask) -> None:
    """Where there is one."""
    assert '<a href="/dashboard">Committee</a>' in app.test_client().get("/evidence").text


def test_other_addresses_belong_to_the_hooks(app: Flask) -> None:
    """Only what lies below the place is the staff's."""
    client = app.test_client()
    assert client.get("/dashboards").status_code == 404
    assert client.get("/dashboards").json["resourceType"] == "OperationOutcome"
    assert client.get("/cds-services").status_code == 200
    assert client.get("//dashboard//login").status_code == 200


@pytest.mark.parametrize("password", ["", "zebra-7", PASSWORD.upper(), PASSWORD + " ", "x" * 5000])
def test_a_wrong_password_opens_nothing(app: Flask, password: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and neither page nor log repeats it."""
    client = app.test_client()
    answer = tried(client, password)
    assert answer.status_code == 403
    assert "That is not the password." in answer.text
    logged = capsys.readouterr().out
    assert "a password was wrong" in logged
    if password:
        assert password not in answer.text + logged
    assert client.get("/dashboard").status_code == 303


def test_a_password_may_be_tried_a_few_times(app: Flask) -> None:
    """After five times in a minute nothing is tried for that address, not even the right one; others are let in."""
    client = app.test_client()
    mark = token(client)

    def again(password: str, address: str = "127.0.0.1") -> int:
        told = {"password": password, "csrf_token": mark}
        return client.post("/dashboard/login", data=told, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [again("wrong") for _ in range(5)] == [403] * 5
    assert again(PASSWORD) == 429
    assert again(PASSWORD, "10.1.1.1") == 303


def test_many_addresses_together_may_not_try_for_ever(app: Flask) -> None:
    """Thirty times a minute, and then nobody."""
    client = app.test_client()
    mark = token(client)
    told = {"password": "wrong", "csrf_token": mark}
    answers = [
        client.post("/dashboard/login", data=told, environ_overrides={"REMOTE_ADDR": f"10.1.1.{number}"})
        for number in range(31)
    ]
    assert [answer.status_code for answer in answers] == [403] * 30 + [429]
    assert "Wait a minute" in answers[-1].text


@pytest.mark.parametrize("sent", ["", "wrong", "another session's"])
def test_a_form_of_another_page_is_refused(app: Flask, sent: str) -> None:
    """Without the token of its own session neither a password is tried nor anybody logged out."""
    other = token(app.test_client()) if sent == "another session's" else sent
    client = app.test_client()
    client.get("/dashboard/login")
    answer = client.post("/dashboard/login", data={"password": PASSWORD, "csrf_token": other})
    assert answer.status_code == 400
    assert client.get("/dashboard").status_code == 303
    inside = logged_in(app)
    assert inside.post("/dashboard/logout", data={"csrf_token": other}).status_code == 400
    assert inside.get("/dashboard").status_code == 200


def test_logging_out_ends_the_session(staff: FlaskClient) -> None:
    """The next page leads to the door."""
    answer = staff.post("/dashboard/logout", data={"csrf_token": token(staff, "/dashboard")})
    assert answer.location == "/dashboard/login"
    assert staff.get("/dashboard").status_code == 303


def _cookie(answer: Response) -> str:
    [cookie] = [value for name, value in answer.headers if name == "Set-Cookie"]
    return cookie


def test_the_cookie_is_for_the_pages_alone(app: Flask) -> None:
    """No script reads it, no other site's form carries it, and no hook is sent it; it lasts as long as was set."""
    cookie = _cookie(tried(app.test_client()))
    for part in ("HttpOnly", "SameSite=Lax", "Path=/dashboard", "Expires="):
        assert part in cookie
    assert "Secure" not in cookie


def test_behind_tls_the_cookie_is_sent_over_tls_only(database: Database, tmp_path: Path) -> None:
    """Where the public address is https."""
    app = serving(tmp_path, STAFF, public_url=ADDRESS)
    assert "Secure" in _cookie(tried(app.test_client()))


def test_a_session_ends_by_itself(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After so many minutes without a page, and after eight hours with."""
    app = make(Settings(), Staff(STAFF.password_hash, minutes=5), kept(tmp_path), Callers(Settings(), None))
    clock = [1_800_000_000.0]
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: clock[0])
    app.extensions["cds_door"] = door.Door(app.extensions["cds_door"].staff, lambda: clock[0])
    client = app.test_client()
    assert tried(client).status_code == 303
    for _ in range(8 * 12 - 1):
        clock[0] += 299
        assert client.get("/dashboard/signoff").status_code == 200
    clock[0] += 8 * 3600 - 299 * (8 * 12 - 1)
    assert client.get("/dashboard/signoff").status_code == 303
    assert tried(client).status_code == 303
    clock[0] += 302
    assert client.get("/dashboard/signoff").status_code == 303


def test_a_new_password_ends_all_sessions(database: Database, tmp_path: Path) -> None:
    """A cookie that another password opened, signed with the same secrets, opens nothing; every worker takes one that
    this password opened."""
    cookie = _cookie(tried(serving(tmp_path, STAFF).test_client())).partition(";")[0]
    renewed = Staff(generate_password_hash(PASSWORD, "pbkdf2:sha256:11"))
    for door_now, status in ((STAFF, 200), (renewed, 303)):
        asked = serving(tmp_path, door_now).test_client(use_cookies=False).get("/dashboard", headers={"Cookie": cookie})
        assert asked.status_code == status


@pytest.mark.parametrize("forged", ["", "x", "eyJrZXkiOiJ4In0.aaaa.bbbb"])
def test_a_forged_cookie_opens_nothing(app: Flask, forged: str) -> None:
    """It is not signed by us."""
    client = app.test_client(use_cookies=False)
    assert client.get("/dashboard", headers={"Cookie": f"cds_staff={forged}"}).status_code == 303


def test_a_token_of_an_ehr_opens_nothing(database: Database, tmp_path: Path) -> None:
    """And a session of the staff calls no hook: it is not even looked at."""
    memory = Memory(kept(tmp_path), lambda: NOON)
    memory.start = lambda: None  # type: ignore[method-assign]
    site = Site(clients=trusting().clients, staff=STAFF)
    app = create_app(Settings(public_url=ADDRESS, site=site), memory)
    path = "/cds-services/cramp-patient-view"
    bearer = {"Authorization": f"Bearer {now('/dashboard').token()}"}
    assert app.test_client().get("/dashboard", headers=bearer).status_code == 303
    inside = logged_in(app)
    answer = inside.post(path, data=json.dumps({}), content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("10.0.0.9", {"X-Remote-User": "somebody"}, 200),
        ("::1", {"X-Remote-User": "somebody"}, 200),
        ("10.0.1.9", {"X-Remote-User": "somebody"}, 403),
        ("10.0.0.9", {}, 403),
        ("10.0.0.9", {"X-Remote-User": " "}, 403),
        ("10.0.1.9", {"X-Remote-User": "somebody", "X-Forwarded-For": "10.0.0.9"}, 403),
        ("", {"X-Remote-User": "somebody"}, 403),
        ("a socket", {"X-Remote-User": "somebody"}, 403),
    ],
)
def test_a_trusted_proxy_may_name_whom_it_let_in(
    database: Database, tmp_path: Path, address: str, headers: dict[str, str], status: int
) -> None:
    """By its header, if the connection itself comes from it; the name is neither shown nor kept."""
    client = serving(tmp_path, BY_PROXY).test_client()
    answer = client.get("/dashboard", headers=headers, environ_overrides={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert "somebody" not in answer.text


def test_where_a_proxy_lets_in_there_is_no_password(database: Database, tmp_path: Path) -> None:
    """The form is not there, and nothing can be tried."""
    client = serving(tmp_path, BY_PROXY).test_client()
    at_home = {"REMOTE_ADDR": "10.0.0.9"}
    assert client.get("/dashboard/login", environ_overrides=at_home).status_code == 404


@pytest.mark.parametrize("begun", [None, "now", 9e12])
def test_a_session_of_nonsense_opens_nothing(database: Database, tmp_path: Path, begun: object) -> None:
    """What is signed by us and not as we write it is no session."""
    inside = make(Settings(), STAFF, kept(tmp_path), Callers(Settings(), None))
    with inside.test_request_context("/dashboard"):
        door.door().let_in()
        assert door.door().is_open
        session["begun"] = begun
        assert not door.door().is_open
