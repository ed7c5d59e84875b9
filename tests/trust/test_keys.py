"""Keys that were exchanged beforehand are read once, or the site is told what is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.trust.keys import from_file, given
from tests.support.tokens import jwks, private

GIVEN = given(jwks("es384-ehr", "rsa-ehr"), "the tests")


def test_keys_that_were_given_are_found_by_id_and_algorithm() -> None:
    """A key serves for the algorithms of its kind and curve, and for no other."""
    GIVEN.prepare()
    found = {
        (kid, name)
        for kid in ("es384-ehr", "rsa-ehr", "unknown", "")
        for name in ("ES256", "ES384", "RS256", "RS384", "HS384", "none")
        if GIVEN.find(kid, name) is not None
    }
    assert found == {("es384-ehr", "ES384"), ("rsa-ehr", "RS256"), ("rsa-ehr", "RS384")}
    assert GIVEN.find("es384-ehr", "ES384") == private("es384-ehr").public_key()
    assert GIVEN.address == ""


def test_keys_are_read_from_a_file(tmp_path: Path) -> None:
    """As the EHR sent it."""
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps(jwks("es384-ehr")), encoding="utf-8")
    assert from_file(file).find("es384-ehr", "ES384") == private("es384-ehr").public_key()


@pytest.mark.parametrize("document", [None, [], {}, {"keys": {}}, {"keys": []}, {"keys": [{"kty": "oct", "k": "AA"}]}])
def test_a_site_is_told_which_keys_are_wrong(document: Any) -> None:
    """What, where, and what to do."""
    with pytest.raises(ValueError, match=r"^keys of ehr: it .*\. Ask the EHR for its public key set"):
        given(document, "keys of ehr")


@pytest.mark.parametrize(
    "text", [b"", b"not JSON", b"\xff", b"[]", b'{"keys": [], "keys": []}', b" " * 300_000 + b"{}"]
)
def test_a_file_without_keys_is_refused(tmp_path: Path, text: bytes) -> None:
    """The text names the file and nothing that is in it."""
    file = tmp_path / "jwks.json"
    file.write_bytes(text)
    with pytest.raises(ValueError, match=r"jwks\.json: it ") as raised:
        from_file(file)
    assert "not JSON" not in str(raised.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """The text says what to do."""
    with pytest.raises(ValueError, match=r"nowhere: No such file or directory\. Name a file"):
        from_file(tmp_path / "nowhere")
