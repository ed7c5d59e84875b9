"""Who is let in to the pages of the staff: whoever knows the password, or whom a trusted proxy names."""

from __future__ import annotations

import time
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address

import structlog
from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, session
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response as Answer

from cds_service.web.site.staff import Staff
from cds_service.web.staff import PLACE

blueprint = Blueprint("door", __name__)
_LOG = structlog.get_logger()
LOG_IN = f"{PLACE}/login"
# Seconds after which the password is asked for again, however busy somebody was.
LONGEST = 8 * 3600.0
# A password is tried so often by one address, and by all of them together, in each worker.
_BY_ONE, _BY_ALL = parse("5/minute"), parse("30/minute")
_TOO_LONG = 200


class Door:
    """Lets staff in, and keeps count of who tries."""

    def __init__(self, staff: Staff, clock: Callable[[], float] = time.time) -> None:
        """The clock tells seconds since 1970."""
        self.staff = staff
        self._clock = clock
        self._tries = FixedWindowRateLimiter(MemoryStorage())
        # A session ends with the password with which it began.
        self._key = sha256(staff.password_hash.encode()).hexdigest()

    @property
    def is_open(self) -> bool:
        """Whether whoever asks is let in."""
        return self._by_proxy() if self.staff.header else self._by_session()

    def _by_proxy(self) -> bool:
        address = request.remote_addr
        if not address or not request.headers.get(self.staff.header, "").strip():
            return False
        try:
            here = ip_address(address)
        except ValueError:
            return False
        return any(here in network for network in self.staff.proxies)

    def _by_session(self) -> bool:
        begun = session.get("begun")
        return session.get("key") == self._key and isinstance(begun, float) and 0 <= self._clock() - begun < LONGEST

    def may_try(self) -> bool:
        """Whether a password may be tried now; every try counts, before anything is worked out."""
        mine = self._tries.hit(_BY_ONE, "one", request.remote_addr or "")
        return self._tries.hit(_BY_ALL, "all") and mine

    def opens(self, password: str) -> bool:
        """Whether it is the password."""
        return len(password) <= _TOO_LONG and check_password_hash(self.staff.password_hash, password)

    def let_in(self) -> None:
        """From now on, with a session that nobody has seen before."""
        session.clear()
        session.permanent = True
        session.update(key=self._key, begun=self._clock())


def door() -> Door:
    """The door of this application."""
    found: Door = current_app.extensions["cds_door"]
    return found


def guard() -> Answer | None:
    """Before every page: who is not let in is shown the door."""
    if request.endpoint == "door.log_in" or door().is_open:
        return None
    if door().staff.header:
        abort(403)
    return redirect(LOG_IN, 303)


@blueprint.route(LOG_IN, methods=["GET", "POST"])
def log_in() -> Answer | tuple[str, int] | str:
    """Ask for the password."""
    if door().staff.header:
        abort(404)
    if request.method == "GET":
        return render_template("staff/login.html")
    if not door().may_try():
        _LOG.warning("a password was tried too often")
        return _again("It was tried too often. Wait a minute, and try again.", 429)
    if not door().opens(request.form.get("password", "")):
        _LOG.warning("a password was wrong")
        return _again("That is not the password.", 403)
    _LOG.info("staff was let in")
    door().let_in()
    return redirect(PLACE, 303)


@blueprint.post(f"{PLACE}/logout")
def log_out() -> Answer:
    """End the session."""
    session.clear()
    return redirect(LOG_IN, 303)


def _again(why: str, status: int) -> tuple[str, int]:
    return render_template("staff/login.html", why=why), status


def unkept(response: Response) -> Response:
    """No page of the staff stays in a cache."""
    response.headers["Cache-Control"] = "no-store"
    return response
