"""The staff's application beside the hooks: made when it is first asked for, and asked for nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest

from cds_service.web.staff import Beside, WsgiApp


def answering(name: str) -> WsgiApp:
    """An application that answers with its name."""
    return lambda environ, start_response: [name.encode()]


@pytest.mark.parametrize(
    ("path", "whose"),
    [
        ("/dashboard", b"staff"),
        ("/dashboard/rules/x", b"staff"),
        ("/dashboards", b"hooks"),
        ("/dashboard.csv", b"hooks"),
        ("/", b"hooks"),
        ("/cds-services/dashboard", b"hooks"),
    ],
)
def test_each_address_belongs_to_one(path: str, whose: bytes) -> None:
    """What lies below the place is the staff's, everything else the hooks'."""
    beside = Beside(answering("hooks"), lambda: answering("staff"))
    assert [*beside({"PATH_INFO": path}, None)] == [whose]


def test_it_is_made_once_and_only_if_it_is_asked_for() -> None:
    """However many ask first at the same time; a hook never waits for it."""
    made: list[Any] = []

    def make() -> WsgiApp:
        sleep(0.05)
        made.append(None)
        return answering("staff")

    beside = Beside(answering("hooks"), make)
    assert [*beside({"PATH_INFO": "/cds-services"}, None)] == [b"hooks"]
    assert made == []
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: [*beside({"PATH_INFO": "/dashboard"}, None)], range(8)))
    assert answers == [[b"staff"]] * 8
    assert len(made) == 1
