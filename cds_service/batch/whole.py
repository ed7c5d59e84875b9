"""Files that are there only when they are whole: written beside their place, and moved into it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Literal, overload


@overload
def written(path: Path, mode: Literal["w"] = "w", lasting: bool = True) -> AbstractContextManager[IO[str]]: ...
@overload
def written(path: Path, mode: Literal["wb"], lasting: bool = True) -> AbstractContextManager[IO[bytes]]: ...
@contextmanager
def written(path: Path, mode: str = "w", lasting: bool = True) -> Iterator[IO[Any]]:
    """A file to write, as text or as bytes; a reader never meets a half of it. One that lasts outlives a loss of power,
    too. Raises OSError where the disk is full."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    text = {} if "b" in mode else {"encoding": "utf-8", "newline": ""}
    try:
        with beside.open(mode, **text) as file:  # type: ignore[call-overload]
            yield file
            if lasting:
                file.flush()
                os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
