"""[staff] in a site's file: by a password or by a proxy, and everything that is wrong with either."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from cds_service.web.settings import BadSetting, from_environment
from cds_service.web.site import load
from cds_service.web.site.staff import Staff
from tests.support.commands import run
from tests.web.site.test_in_use import written

HASH = generate_password_hash("a password of nobody")
OTHER = generate_password_hash("a password of nobody", "pbkdf2:sha256:1000")


@pytest.mark.parametrize("hashed", [HASH, OTHER], ids=["scrypt", "pbkdf2"])
def test_a_password_is_known_by_its_hash(tmp_path: Path, hashed: str) -> None:
    """Sessions last half an hour unless it is said otherwise, and the hash is not shown by chance."""
    found = load(written(tmp_path, f"[staff]\npassword_hash = '{hashed}'\n")).staff
    assert found == Staff(password_hash=hashed, minutes=30)
    assert hashed not in repr(found)


def test_a_proxy_is_known_by_its_networks(tmp_path: Path) -> None:
    """Addresses of one machine and of many, of both kinds."""
    text = "[staff]\nheader = 'X-Remote-User'\nproxies = ['127.0.0.1', '10.1.0.0/24', '::1']\nminutes = 5\n"
    networks = tuple(ip_network(one) for one in ("127.0.0.1", "10.1.0.0/24", "::1"))
    assert load(written(tmp_path, text)).staff == Staff(header="X-Remote-User", proxies=networks, minutes=5)


def test_without_the_table_nobody_is_let_in(tmp_path: Path) -> None:
    """It is off unless it is configured."""
    assert load(written(tmp_path, "")).staff is None


WRONG = {
    "neither": ("[staff]\nminutes = 5\n", "line 1, staff: Give one of"),
    "both": (f"[staff]\npassword_hash = '{HASH}'\nheader = 'X-User'\nproxies = ['::1']\n", "Give one of"),
    "a password itself": ("[staff]\npassword_hash = 'letmein'\n", "line 2, staff.password_hash: It is no hash"),
    "a header of anybody": (
        "[staff]\nheader = 'X-Forwarded-For'\nproxies = ['::1']\n",
        "line 2, staff.header: Name a header",
    ),
    "no header": ("[staff]\nheader = 'a b'\nproxies = ['::1']\n", "line 2, staff.header"),
    "a header of nobody": ("[staff]\nheader = 'X-User'\n", "list the proxies"),
    "a proxy without a header": (f"[staff]\npassword_hash = '{HASH}'\nproxies = ['::1']\n", "line 3, staff.proxies"),
    "a proxy by name": ("[staff]\nheader = 'X-User'\nproxies = ['proxy']\n", "line 3, staff.proxies[1]: Write the"),
    "an unknown key": (f"[staff]\npassword = '{HASH}'\n", "Did you mean password_hash?"),
    "a session for ever": (f"[staff]\npassword_hash = '{HASH}'\nminutes = 100000\n", "line 3, staff.minutes"),
}


@pytest.mark.parametrize(("text", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: str) -> None:
    """With file, line and key, and what to do; a hash or a password is not repeated."""
    with pytest.raises(BadSetting) as error:
        load(written(tmp_path, text))
    assert told in str(error.value)
    assert HASH not in str(error.value)
    assert "letmein" not in str(error.value)


def test_staff_needs_a_database(tmp_path: Path) -> None:
    """Without one there is nothing to see."""
    file = written(tmp_path, f"[staff]\npassword_hash = '{HASH}'\n")
    with pytest.raises(BadSetting, match=r"CDS_DATABASE_URL is none: \[staff\] would see nothing"):
        from_environment({"CDS_SITE": str(file), "CDS_DATABASE_URL": "none"})


def test_a_hash_is_made_by_a_command(tmp_path: Path) -> None:
    """What it prints is taken by the site's file; a short password is refused and not repeated."""
    made = run("staff-password", "--password", "long enough, surely")
    assert made.exit_code == 0
    assert load(written(tmp_path, f"[staff]\npassword_hash = '{made.output.strip()}'\n")).staff is not None
    short = run("staff-password", "--password", "tooshort")
    assert short.exit_code == 2
    assert "shorter than 12 characters" in short.output
    assert "tooshort" not in short.output
