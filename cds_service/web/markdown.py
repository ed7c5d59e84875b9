"""The Markdown of a card as HTML that no text can break: no HTML of its own, no pictures, links to http(s) only."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:  # loaded at the first page: a service that only answers hooks needs none of it
    from markdown_it import MarkdownIt

_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)


def safe_html(text: str) -> Markup:
    """The text as HTML. Whatever is no paragraph, list, emphasis, code, heading or link shows as it was written."""
    return Markup(_renderer().render(text))  # noqa: S704 - the renderer escapes everything that is not its own


@cache
def _renderer() -> MarkdownIt:
    from markdown_it import MarkdownIt

    renderer = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    renderer.validateLink = _is_web  # type: ignore[method-assign,assignment] # the place that the library offers for it
    return renderer


def _is_web(address: str) -> bool:
    return _WEB.match(address) is not None
