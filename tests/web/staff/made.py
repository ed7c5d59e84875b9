"""Staff, and how it is let in."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from cds_service.store import memory
from cds_service.store.keys import Keys
from cds_service.web.site.staff import Staff
from tests.support.stored import SECRET

PASSWORD = "correct horse battery"
# Quick to check, which a real one is not.
STAFF = Staff(password_hash=generate_password_hash(PASSWORD, "pbkdf2:sha256:10"))
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def kept(folder: Path) -> memory.Site:
    """Where the tests' database is."""
    return memory.Site(f"sqlite:///{folder / 'cds.sqlite3'}", Keys([SECRET]), 90, 400)


def token(client: FlaskClient, path: str = "/dashboard/login") -> str:
    """What a form of the page carries."""
    found = _TOKEN.search(client.get(path).text)
    assert found is not None
    return found[1]


def tried(client: FlaskClient, password: str = PASSWORD, **more: str) -> TestResponse:
    """The answer to a password, sent by the form."""
    return client.post("/dashboard/login", data={"password": password, "csrf_token": token(client)} | more)


def logged_in(app: Flask) -> FlaskClient:
    """Somebody who is let in."""
    client = app.test_client()
    assert tried(client).status_code == 303
    return client
