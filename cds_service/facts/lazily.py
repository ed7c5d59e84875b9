"""Lazily: a list that is read at the first question for it, because most calls ask for few of a patient's lists."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Lazily(Generic[T]):
    """What `read` returns, read once and not before somebody looks at it; equal to any list of the same."""

    def __init__(self, read: Callable[[], Iterable[T]]) -> None:
        self._reading = read
        self._known: tuple[T, ...] | None = None

    def _items(self) -> tuple[T, ...]:
        if self._known is None:
            self._known = tuple(self._reading())
        return self._known

    def __iter__(self) -> Iterator[T]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())

    def __contains__(self, item: object) -> bool:
        return item in self._items()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lazily | tuple) and self._items() == tuple(other)
