"""Where the time of a call goes, as a picture: `python -m benchmarks.picture`."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import cds_service.hooks.answer as steps
from benchmarks.bodies import order_select
from benchmarks.client import PATH
from cds_service.web.app import create_app

_CALLS, _BATCHES = 200, 10
# The steps of a call by the names of their functions, and how a reader knows them.
_NAMED = {
    "parse": "read the body",
    "gather": "sort the prefetch",
    "_facts": "make facts",
    "evaluate": "ask the rules",
    "ration": "choose cards",
    "_cards": "write cards",
}
_COLOURS = ("#33658a", "#55828b", "#86bbd8", "#f6ae2d", "#f26419", "#a23b72", "#9aa0a6", "#c9ccd1")
_WIDTH, _BAR, _LINE = 720, 44, 22


def measured() -> dict[str, float]:
    """Microseconds of each step of one call inside of this process, the fastest batch of several."""
    body, spent = order_select(), dict.fromkeys(_NAMED, 0.0)
    for name in _NAMED:
        setattr(steps, name, _timed(getattr(steps, name), name, spent))
    application, best = create_app(), dict.fromkeys((*_NAMED, "whole"), float("inf"))
    for _ in range(_BATCHES):
        spent.update(dict.fromkeys(_NAMED, 0.0))
        begun = time.perf_counter()
        for _ in range(_CALLS):
            b"".join(application(_environment(body), lambda status, headers, error=None: None))  # type: ignore[arg-type]
        spent_in_all = time.perf_counter() - begun
        if spent_in_all / _CALLS * 1e6 < best["whole"]:
            best = {name: seconds / _CALLS * 1e6 for name, seconds in (*spent.items(), ("whole", spent_in_all))}
    known = {_NAMED[name]: best[name] for name in _NAMED}
    return known | {"Flask, and letting go of what was read": best["whole"] - sum(known.values())}


def _timed(step: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        begun = time.perf_counter()
        try:
            return step(*arguments, **named)
        finally:
            spent[name] += time.perf_counter() - begun

    return timed


def _environment(body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
    }


def drawn(parts: dict[str, float]) -> str:
    """One bar with a legend, as SVG."""
    whole, left = sum(parts.values()), 0.0
    shapes, legend = [], []
    for place, (name, cost) in enumerate(parts.items()):
        width, colour = cost / whole * _WIDTH, _COLOURS[place]
        shapes.append(f'<rect x="{left:.1f}" y="0" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>')
        line = _BAR + (place + 1) * _LINE
        told = f"{name}: {cost:.0f} us, {cost / whole:.0%}"
        legend.append(f'<rect x="0" y="{line - 11}" width="12" height="12" fill="{colour}"/>')
        legend.append(f'<text x="20" y="{line}">{told}</text>')
        left += width
    height = _BAR + (len(parts) + 1) * _LINE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" role="img" '
        f'aria-label="Where the {whole:.0f} microseconds of a call go" font-family="sans-serif" font-size="14">'
    )
    return "\n".join((head, f'<rect width="{_WIDTH}" height="{height}" fill="white"/>', *shapes, *legend, "</svg>\n"))


if __name__ == "__main__":
    (Path(__file__).parent / "time.svg").write_text(drawn(measured()), encoding="utf-8")
