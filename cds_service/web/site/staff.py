"""[staff]: how people of the site are let in to the pages of the committee."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network

from cds_service.web.site.file import SiteFile
from cds_service.web.site.form import StaffForm

# As werkzeug writes it: method with its cost, salt, hash.
_HASH = re.compile(r"(scrypt(:[0-9]+){3}|pbkdf2:sha(256|512):[0-9]+)\$[A-Za-z0-9]{8,}\$[0-9a-f]{64,}")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
# Whoever calls sets these as he likes, and so do proxies that ask nobody who he is.
_TAKEN = ("authorization", "cookie", "host", "forwarded", "x-forwarded-for", "x-request-id", "user-agent")


@dataclass(frozen=True, slots=True)
class Staff:
    """By a password, of which only the hash is known, or by a header that a reverse proxy of these networks sets; and
    for how many minutes a session lasts in which no page is opened."""

    password_hash: str = field(default="", repr=False)
    header: str = ""
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    minutes: int = 30


def staff(file: SiteFile) -> Staff | None:
    """What the file says; None where it has no such table. Raises BadSetting."""
    if "staff" not in file.held:
        return None
    form = file.read(file.held["staff"], StaffForm, ("staff",))
    if (form.password_hash is None) == (form.header is None):
        raise file.wrong(("staff",), "Give one of password_hash and header.")
    if form.password_hash is not None and not _HASH.fullmatch(form.password_hash):
        raise file.wrong(("staff", "password_hash"), "It is no hash of a password. Make one: cds staff-password")
    if form.header is not None:
        _check_header(file, form.header)
    if bool(form.proxies) != (form.header is not None):
        raise file.wrong(("staff", "proxies"), "With a header, and only with one, list the proxies that set it.")
    networks = tuple(_network(file, place, text) for place, text in enumerate(form.proxies))
    return Staff(form.password_hash or "", form.header or "", networks, form.minutes)


def _check_header(file: SiteFile, name: str) -> None:
    if not _HEADER.fullmatch(name) or name.lower() in _TAKEN:
        raise file.wrong(
            ("staff", "header"), "Name a header that only the proxy sets and takes from whoever calls: X-Remote-User."
        )


def _network(file: SiteFile, place: int, text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError:
        raise file.wrong(
            ("staff", "proxies", place), "Write the address of the proxy, or its network: 127.0.0.1 or 10.1.0.0/24."
        ) from None
