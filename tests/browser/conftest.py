"""A real Chromium that looks at a real service; nothing on a page may break its own rules unseen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.support.served import Server, within

_OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
# What a start may take on a machine that is busy with other tests.
START = 30.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder talks to a service over loopback, and those of one worker share a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.server)
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1"]))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; where there is none the tests fail, for what they show would go unseen."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is missing. Install it: apt-get install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=[*_OPTIONS])
        yield found
        found.close()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file in which the service keeps what was shown and done."""
    return tmp_path_factory.mktemp("kept") / "cds.db"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, database: Path) -> Iterator[Server]:
    """One service for all pages, with a database of its own, on the day of the fixtures."""
    folder = tmp_path_factory.mktemp("served")
    started = Server(folder / "log.txt", "--as-of", "2026-11-22", CDS_DATABASE_URL=f"sqlite:///{database}")
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        yield started
    finally:
        started.stop()


@pytest.fixture
def address(served: Server) -> str:
    """Where the service is."""
    return f"http://127.0.0.1:{served.port}"


@pytest.fixture
def complaints() -> list[str]:
    """What pages complain of in their console; a test that provokes something takes it out."""
    return []


@pytest.fixture
def page(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A new page of a desktop; whatever it complains of in its console fails the test."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    found = context.new_page()
    found.on("console", lambda message: _hear(message, complaints))
    found.on("pageerror", lambda error: complaints.append(str(error)))
    yield found
    context.close()
    assert complaints == []


def _hear(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type in ("error", "warning"):
        complaints.append(message.text)


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path:
    """Where pictures of pages go, for people to look at."""
    folder = Path(request.config.rootpath) / "build" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
