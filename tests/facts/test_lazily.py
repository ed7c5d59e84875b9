"""A list that is read at the first question is a list like any other."""

from __future__ import annotations

from cds_service.facts import Lazily


def test_it_is_read_once_and_not_before() -> None:
    """Whatever is asked first reads it, and nothing reads it again."""
    read: list[str] = []

    def found() -> list[int]:
        read.append("read")
        return [1, 2]

    lazily = Lazily(found)
    assert read == []
    assert (len(lazily), list(lazily), 2 in lazily, 3 in lazily) == (2, [1, 2], True, False)
    assert read == ["read"]


def test_it_equals_what_it_holds() -> None:
    """It makes no difference when a list was read."""
    assert Lazily(lambda: [1]) == (1,)
    assert Lazily(lambda: [1]) == Lazily(lambda: (1,))
    assert Lazily(lambda: [1]) != [1]
