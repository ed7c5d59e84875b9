"""Keys stand for patients and users, can be replaced, and tell nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cds_service.store.keys import LENGTH, SHORTEST, BadKey, Keys, from_file, own

OLD, NEW = "o" * SHORTEST, "n" * SHORTEST


def test_a_key_is_the_same_for_the_same_and_another_for_another() -> None:
    """The same parts give the same key; another part, another order or another secret give another one."""
    keys = Keys([OLD])
    found = keys.of("patient", "", "p1")
    assert found == Keys([OLD]).of("patient", "", "p1")
    assert len(found) == LENGTH
    others = [keys.of("patient", "", "p2"), keys.of("user", "", "p1"), keys.of("patient", "p1", "")]
    assert len({found, *others, Keys([NEW]).of("patient", "", "p1")}) == 5


def test_parts_do_not_run_into_each_other() -> None:
    """`ab` and `c` are not `a` and `bc`."""
    assert Keys([OLD]).of("ab", "c") != Keys([OLD]).of("a", "bc")


def test_a_secret_can_be_replaced() -> None:
    """The first secret writes; what was written with the second is still recognised."""
    keys = Keys([NEW, OLD])
    assert keys.of("x") == Keys([NEW]).of("x")
    assert keys.all("x") == (Keys([NEW]).of("x"), Keys([OLD]).of("x"))


@pytest.mark.parametrize("secrets", [[], [""], ["short"], [OLD, "short"]])
def test_a_weak_secret_is_refused(secrets: list[str]) -> None:
    """No secret, or one that is too short, is refused without being shown."""
    with pytest.raises(BadKey) as refused:
        Keys(secrets)
    assert "short " not in str(refused.value).replace("shorter", "")


def test_secrets_stand_in_a_file(tmp_path: Path) -> None:
    """One a line, the newest first; spaces and empty lines do not matter."""
    file = tmp_path / "keys"
    file.write_text(f"\n {NEW} \n{OLD}\n", encoding="ascii")
    assert from_file(file).all("x") == Keys([NEW, OLD]).all("x")


@pytest.mark.parametrize("content", [b"", b"short", b"\xff\xfe"])
def test_a_file_without_a_secret_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    """An empty, weak or unreadable file is refused, and the text names it."""
    file = tmp_path / "keys"
    file.write_bytes(content)
    with pytest.raises(BadKey, match="keys"):
        from_file(file)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    """So is one that does not exist."""
    with pytest.raises(BadKey, match=r"absent: FileNotFoundError\. Name a file"):
        from_file(tmp_path / "absent")


def test_a_machine_makes_its_own_secret_once(tmp_path: Path) -> None:
    """At the first start a secret is made that only the service may read; later starts find it."""
    file = tmp_path / "instance" / "hmac.key"
    first = own(file).of("x")
    assert own(file).of("x") == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["hmac.key"]


def test_of_two_workers_that_start_at_once_one_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that another worker made in the meantime is taken, and not replaced."""
    file = tmp_path / "hmac.key"
    file.write_text(OLD, encoding="ascii")
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert own(file).of("x") == Keys([OLD]).of("x")


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """Where no file can be written the text says what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(BadKey, match="CDS_HMAC_KEY_FILE"):
        own(tmp_path / "file" / "hmac.key")
