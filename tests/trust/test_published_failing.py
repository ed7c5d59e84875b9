"""Whatever a key server does wrong, the last good keys serve, nobody waits long, and the log says why."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from itertools import repeat

import pytest
from structlog.testing import capture_logs

from cds_service.trust import published
from cds_service.trust.published import Published
from tests.ehr.asking import chunked, says
from tests.support.loopback import CLOSE, Asked, Ehr, Line, Script, answer
from tests.support.tokens import jwk, jwks
from tests.trust.publishing import FIRST, LOADED, NEW, SECOND, SLACK, Clock, Keys, finished, hang, knows, publishing

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


def _drip(line: Line, asked: Asked) -> object:
    line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n")
    line.drip(repeat(b" "))
    return CLOSE


def _reset(line: Line, asked: Asked) -> object:
    line.reset()
    return CLOSE


# What a key server may do wrong, and the word for it in the log.
WRONG: dict[str, tuple[Script, str]] = {
    "hang": (hang, "1000 ms are over"),
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
