"""Keys at an address are loaded beforehand and anew, seldom, and wherever that fails the last good ones serve."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import repeat
from typing import Any

import pytest
from structlog.testing import capture_logs

from cds_service.trust import published
from cds_service.trust.published import Published
from tests.ehr.asking import chunked, says, until
from tests.support.loopback import CLOSE, Asked, Ehr, Line, Script, answer
from tests.support.tokens import jwk, jwks
from tests.trust.publishing import FIRST, LOADED, NEW, SECOND, Clock, Keys, finished, knows, publishing

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

# What an answer may take beyond the time of a loading on a busy machine.
SLACK = 0.7


def _hang(line: Line, asked: Asked) -> object:
    line.hang()
    return CLOSE


def _drip(line: Line, asked: Asked) -> object:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
    line.drip(repeat(b" "))
    return CLOSE


def _reset(line: Line, asked: Asked) -> object:
    line.reset()
    return CLOSE


# What a key server may do wrong, and the word for it in the log.
WRONG: dict[str, tuple[Script, str]] = {
    "hang": (_hang, "1000 ms are over"),
    "drip": (_drip, "1000 ms are over"),
    "reset": (_reset, "ConnectionResetError"),
    "404": (says(answer(FIRST, 404)), "HTTP 404"),
    "500": (says(answer(b"error", 500)), "HTTP 500"),
    "no HTTP": (says(b"hello\r\n\r\n"), "BadStatusLine"),
    "huge": (says(answer(b" " * 300_000)), "more than 262144 bytes in one answer"),
    "huge in chunks": (says(chunked(*[b" " * 100_000] * 9)), "more than 262144 bytes in one answer"),
    "HTML": (says(answer(b"<html>a patient's name</html>")), "no usable key set"),
    "empty": (says(answer(b"")), "no usable key set"),
    "a list": (says(answer([jwk(NEW[0])])), "no usable key set"),
    "no key": (says(answer({"keys": []})), "no usable key set"),
    "keys twice": (says(answer(b'{"keys": [], "keys": []}')), "no usable key set"),
    "nested": (says(answer(b"[" * 200_000)), "no usable key set"),
    "secrets": (says(answer({"keys": [{"kty": "oct", "kid": NEW[0], "k": "AA"}]})), "no usable key set"),
}


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
    with publishing(Keys(_hang), Clock()) as (_, source):
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


def test_a_loading_that_hangs_holds_nobody_long() -> None:
    """Neither the one who caused it nor the others wait longer than it may take; known keys do not wait at all."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (_, source), ThreadPoolExecutor(4) as pool:
        assert knows(source, LOADED)
        keys.says = _hang
        started = time.monotonic()
        waiting = [pool.submit(knows, source, NEW) for _ in range(4)]
        until(lambda: source._thread is not None and source._thread.is_alive())
        assert knows(source, LOADED)
        assert time.monotonic() - started < 1
        assert not any(one.result() for one in waiting)
        assert time.monotonic() - started < 1 + SLACK


# failures


@pytest.mark.parametrize(("script", "reason"), WRONG.values(), ids=WRONG)
def test_keys_that_were_good_serve_on(script: Script, reason: str) -> None:
    """Whatever the key server does, however long; the log says of whom and why, and nothing that it sent."""
    clock, keys = Clock(), Keys()
    with capture_logs() as logs, publishing(keys, clock) as (_, source):
        assert knows(source, LOADED)
        keys.says = script
        clock.now += published._FRESH
        started = time.monotonic()
        assert knows(source, LOADED)
        assert time.monotonic() - started < SLACK
        finished(source)
        assert time.monotonic() - started < 1 + SLACK
        clock.now += 30 * 86_400
        assert knows(source, LOADED)
        assert not knows(source, NEW)
    told = [line for line in logs if line["log_level"] == "warning"]
    assert told[0] == {
        "event": "keys cannot be loaded", "log_level": "warning", "client": "ehr", "reason": reason, "kept": 1
    }  # fmt: skip
    assert "patient" not in str(logs)


@pytest.mark.parametrize(("script", "reason"), WRONG.values(), ids=WRONG)
def test_without_keys_nobody_is_let_in_and_nobody_waits_long(script: Script, reason: str) -> None:
    """A key server that is wrong from the start is asked again every few seconds, and not at every call."""
    clock, keys = Clock(), Keys(script)
    with publishing(keys, clock) as (ehr, source):
        started = time.monotonic()
        assert not knows(source, LOADED)
        assert time.monotonic() - started < 1 + SLACK
        finished(source)
        asked, keys.says = len(ehr.asked), FIRST
        clock.now += published._MISSING - 1
        assert not any(knows(source, LOADED) for _ in range(20))
        assert len(ehr.asked) == asked
        clock.now += 1
        assert knows(source, LOADED)


def test_a_failed_loading_is_tried_again_after_a_minute() -> None:
    """Not at every call, and not only after ten."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (ehr, source):
        assert knows(source, LOADED)
        keys.says = says(answer(b"", 503))
        for number in (2, 3):
            clock.now += published._FRESH if number == 2 else published._AGAIN
            assert all(knows(source, LOADED) for _ in range(20))
            finished(source)
            assert len(ehr.asked) == number


def test_a_key_server_that_is_not_there_is_told() -> None:
    """Where nobody listens the answer is there at once."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        source = Published("ehr", f"http://127.0.0.1:{free.getsockname()[1]}/jwks.json", Clock())
        with capture_logs() as logs:
            assert not knows(source, LOADED)
    assert [line["reason"] for line in logs] == ["ConnectionRefusedError"]


def test_no_redirect_is_followed() -> None:
    """Keys come from the address that the site named, and from no other."""
    elsewhere = Keys(SECOND)
    with Ehr(elsewhere, "/jwks.json") as other:
        moved = says(answer(SECOND, 302, Location=other.server.base))
        with publishing(moved, Clock()) as (ehr, source), capture_logs() as logs:
            assert not knows(source, NEW)
        assert (len(ehr.asked), other.asked) == (1, [])
    assert [line["reason"] for line in logs] == ["HTTP 302"]


def test_what_nobody_foresaw_costs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of our own while loading is told by its type, and the keys that were good serve on."""
    clock = Clock()

    def fail(*parts: object) -> None:
        raise ZeroDivisionError("a patient's name")

    with publishing(Keys(), clock) as (_, source), capture_logs() as logs:
        assert knows(source, LOADED)
        monkeypatch.setattr(published, "read", fail)
        clock.now += published._FRESH
        assert knows(source, LOADED)
        finished(source)
    assert [line.get("reason") for line in logs] == [None, "ZeroDivisionError"]


def test_a_connection_that_has_ended_is_no_failure() -> None:
    """What was left open minutes ago may be closed: it is asked once more, within the same time."""
    clock, keys = Clock(), Keys()
    with publishing(keys, clock) as (ehr, source):
        assert knows(source, LOADED)
        once = iter([_reset])
        keys.says = lambda line, asked: next(once, says(answer(SECOND)))(line, asked)
        assert knows(source, NEW)
        assert len(ehr.asked) == 3


def test_of_a_mixed_set_the_usable_keys_serve() -> None:
    """Symmetric and private keys, and keys for encryption, are passed over."""
    bad = [{"kty": "oct", "kid": "a", "k": "AA"}, jwk("es384-a", use="enc"), None, *jwks(LOADED[0])["keys"]]
    with publishing(Keys({"keys": bad}), Clock()) as (_, source):
        assert knows(source, LOADED)
        assert not knows(source, ("a", "ES384"))


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
