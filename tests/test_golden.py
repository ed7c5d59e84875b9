"""One whole answer per hook, compared byte for byte: nothing that a client is sent changes unnoticed.

After a wanted change: `WRITE_GOLDEN=1 pytest tests/test_golden.py`, and read the difference.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from cds_service.web.app import create_app
from cds_service.web.fixtures import fixtures, rolled
from cds_service.web.settings import Settings

GOLDEN = Path(__file__).parent / "golden"
AS_OF = date(2026, 11, 22)
CHOSEN = {
    "patient-view": "three-medicines-to-review",
    "order-select": "lorazepam-beside-oxycodone",
    "order-sign": "lorazepam-and-cyclobenzaprine",
    "medication-prescribe": "lorazepam-beside-hydrocodone",
    "not-evaluated": "first-page-of-medications",
}


def _told(body: bytes) -> bytes:
    return (json.dumps(json.loads(body), indent=1, ensure_ascii=False) + "\n").encode()


@pytest.mark.parametrize("name", CHOSEN)
def test_answer(name: str) -> None:
    """The answer to a fixture, every rule's answer included, is exactly the one on file."""
    fixture = next(one for one in fixtures() if one.file.endswith(f"/{CHOSEN[name]}.json"))
    client = create_app(Settings(as_of=AS_OF, public_url="https://cds.example.org")).test_client()
    request = rolled(fixture, AS_OF) | {"extension": {"io.cds-service.explain": True}}
    answer = _told(client.post(f"/cds-services/{fixture.service}", json=request).data)
    path = GOLDEN / f"{name}.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_bytes(answer)
    assert answer == path.read_bytes()


def test_discovery() -> None:
    """The discovery document is exactly the one on file: hospitals copy its prefetch by hand."""
    answer = _told(create_app(Settings()).test_client().get("/cds-services").data)
    path = GOLDEN / "discovery.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_bytes(answer)
    assert answer == path.read_bytes()
