"""What is shown is told to a recorder, which never costs a card."""

from __future__ import annotations

import pytest

from cds_service.hooks.answer import Answered
from cds_service.hooks.catalogue import Service
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.fhir.resources import AMOXICILLIN, LORAZEPAM, OXYCODONE, TODAY, draft, order
from tests.hooks.calls import request, sent

PATH = "/cds-services/cramp-order-sign"
PAIR = sent(request("order-sign", draft(LORAZEPAM), held=[order(OXYCODONE)]))
SILENT = sent(request("order-sign", draft(AMOXICILLIN)))


class _Notes:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int]] = []

    def __call__(self, service: Service, answered: Answered) -> None:
        self.told.append((service.id, len(answered.cards)))


def _broken(service: Service, answered: Answered) -> None:
    raise OSError("a name")


def test_what_is_shown_is_told() -> None:
    """An answer with a card is told once, one without is not."""
    notes = _Notes()
    client = create_app(Settings(as_of=TODAY, recorder=notes)).test_client()
    for body in (PAIR, SILENT):
        assert client.post(PATH, data=body, content_type="application/json").status_code == 200
    assert notes.told == [("cramp-order-sign", 1)]


def test_a_recorder_costs_no_card(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the recorder fails the card is sent all the same; the log names the kind of error only."""
    client = create_app(Settings(as_of=TODAY, recorder=_broken)).test_client()
    answer = client.post(PATH, data=PAIR, content_type="application/json")
    assert len(answer.json["cards"]) == 1  # type: ignore[index]
    logged = capsys.readouterr().out
    assert '"error": "OSError", "event": "the cards shown were not recorded"' in logged
    assert "a name" not in logged


def test_without_a_recorder_the_cards_come() -> None:
    """The settings name nobody unless told otherwise."""
    client = create_app(Settings(as_of=TODAY)).test_client()
    assert len(client.post(PATH, data=PAIR, content_type="application/json").json["cards"]) == 1  # type: ignore[index]
