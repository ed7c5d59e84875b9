"""Keys at an address are loaded beforehand and anew, seldom, once for all who wait, and from a safe address only."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from typing import Any

import pytest

from cds_service.trust import published
from cds_service.trust.published import Published
from tests.ehr.asking import says, until
from tests.support.loopback import CLOSE, Asked, Ehr, Line, answer
from tests.support.witnessed import witnessing
from tests.trust.publishing import FIRST, LOADED, NEW, SECOND, SLACK, Clock, Keys, finished, hang, knows, publishing

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

# loaded


def test_keys_are_loaded_at_the_start_and_kept() -> None:
    """One question serves all calls of ten minutes."""
    clock = Clock()
    with publishing(Keys(), clock) as (ehr, source):
        source.prepare()
        assert knows(source, LOADED)
        clock.now += published._FRESH - 1
        assert all(knows(source, LOADED) for _ in range(10))
        assert ehr.methods == ["GET"]
        assert ehr.asked[0].target == "/jwks.json"
        assert "authorization" not in ehr.asked[0].headers


def test_keys_are_loaded_at_the_first_call_if_not_before() -> None:
    """Whoever comes first waits for them."""
    with publishing(Keys(), Clock()) as (ehr, source):
        assert knows(source, LOADED)
        assert len(ehr.asked) == 1


def test_preparing_waits_for_nothing() -> None:
    """A key server that hangs does not hold up the start."""
    with publishing(Keys(hang), Clock()) as (_, source):
        started = time.monotonic()
        source.prepare()
        assert time.monotonic() - started < SLACK


def test_keys_are_loaded_anew_in_the_background() -> None:
    """After ten minutes the next call is served by the keys that are there, and causes a loading."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (ehr, source):
        assert knows(source, LOADED)
        keys.says = SECOND
        clock.now += published._FRESH
        assert knows(source, LOADED)
        finished(source)
        assert knows(source, NEW)
        assert len(ehr.asked) == 2


def test_a_key_that_is_taken_out_is_gone() -> None:
    """At the next loading, however good it was."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (_, source):
        assert knows(source, LOADED)
        keys.says = SECOND
        clock.now += published._FRESH
        source.prepare()
        finished(source)
        assert not knows(source, LOADED)


def test_every_loading_is_witnessed() -> None:
    """By the client's name, whether it brought keys or not."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (_, source), witnessing() as told:
        assert knows(source, LOADED)
        keys.says = says(answer(b"", 500))
        clock.now += published._FRESH
        source.prepare()
        finished(source)
    assert told == [("ehr", True), ("ehr", False)]


# changed keys


def test_a_new_key_is_found_at_once() -> None:
    """An EHR that changes its keys loses no call: an id that is not known causes a loading."""
    keys = Keys()
    with publishing(keys, Clock()) as (ehr, source):
        assert knows(source, LOADED)
        keys.says = SECOND
        assert knows(source, NEW)
        assert len(ehr.asked) == 2


def test_ids_that_nobody_knows_cause_one_loading_a_minute() -> None:
    """However many there are, and whether the last loading succeeded or not."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (ehr, source):
        assert knows(source, LOADED)
        for minute in range(3):
            keys.says = says(answer(b"", 500)) if minute == 1 else FIRST
            assert not any(knows(source, (f"unknown {number}", "ES384")) for number in range(50))
            clock.now += published._AGAIN - 1
            assert not knows(source, ("unknown", "ES384"))
            assert len(ehr.asked) == 2 + minute
            clock.now += 1


def test_calls_at_once_share_one_loading() -> None:
    """All wait for the same one, and all get the key that it brings."""
    keys = Keys()
    with publishing(keys, Clock()) as (ehr, source), ThreadPoolExecutor(8) as pool:
        assert knows(source, LOADED)

        def late(line: Line, asked: Asked) -> object:
            time.sleep(0.2)
            line.send(answer(SECOND))
            return CLOSE

        keys.says = late
        assert all(pool.map(knows, repeat(source, 8), repeat(NEW)))
        assert len(ehr.asked) == 2


def test_a_loading_thathangs_holds_nobody_long() -> None:
    """Neither the one who caused it nor the others wait longer than it may take; known keys do not wait at all."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (_, source), ThreadPoolExecutor(4) as pool:
        assert knows(source, LOADED)
        keys.says = hang
        started = time.monotonic()
        waiting = [pool.submit(knows, source, NEW) for _ in range(4)]
        until(lambda: source._thread is not None and source._thread.is_alive())
        assert knows(source, LOADED)
        assert time.monotonic() - started < 1
        assert not any(one.result() for one in waiting)
        assert time.monotonic() - started < 1 + SLACK


# addresses


@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.org/.well-known/jwks.json",
        "https://ehr.example.org:8443/keys/",
        "http://127.0.0.1:9/jwks.json",
        "http://localhost/jwks.json",
        "http://[::1]:9/jwks.json",
    ],
)
def test_an_address_is_https_or_this_machine(address: str) -> None:
    """Nobody on the way can put in a key."""
    assert Published("ehr", address).address == address


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("http://ehr.example.org/jwks.json", "does not start with https"),
        ("http://localhost.example.org/jwks.json", "does not start with https"),
        ("http://127.0.0.1.example.org/jwks.json", "does not start with https"),
        ("http://169.254.169.254/keys", "does not start with https"),
        ("ftp://ehr.example.org/jwks.json", "not a plain absolute address"),
        ("file:///etc/passwd", "not a plain absolute address"),
        ("https://user:secret@ehr.example.org/", "not a plain absolute address"),
        ("https://ehr.example.org/../x", "not a plain absolute address"),
        ("", "not a plain absolute address"),
    ],
)
def test_another_address_is_refused(address: str, wrong: str) -> None:
    """The text says whose and what to write, and does not repeat it: it may hold a password."""
    with pytest.raises(ValueError, match=rf"^Key set of ehr: it .*{wrong}.*Write it like https://") as raised:
        Published("ehr", address)
    assert "secret" not in str(raised.value)


def test_keys_are_loaded_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """From a server that the system trusts, and from no other."""
    from cds_service.ehr import sessions
    from tests.support.loopback import CERTIFICATE

    found: list[Any] = []
    for trusted in (False, True):
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        sessions.close()
        with Ehr(Keys(), "/jwks.json", tls=True) as ehr:
            source = Published("ehr", ehr.server.base, Clock())
            monkeypatch.setattr(published, "_BUDGET", 20_000)  # to read the authorities takes long on a busy machine
            found.append(knows(source, LOADED))
            finished(source)
    assert found == [False, True]
