"""A file is there whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.batch.whole import written


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    """Until the end the old content stands, and nothing is left of what failed."""
    path = tmp_path / "a.txt"
    with written(path) as file:
        file.write("one")
        assert not path.exists()

    def fail() -> None:
        with written(path) as file:
            file.write("two")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]
