"""GitHub Flavored Markdown, as cards hold it, as HTML that is safe whoever wrote the text."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markupsafe import Markup

_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)


class _Safe(MarkdownIt):
    """No HTML of the text's own, no pictures, and links to the web alone."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.enable(["table", "strikethrough"]).disable("image")

    def validateLink(self, url: str) -> bool:
        """Whether a link may lead there; one that may not stays text."""
        return _WEB.match(url) is not None


_MARKDOWN = _Safe()


def safe_html(text: str) -> Markup:
    """The text as HTML."""
    # Everything that the text says was escaped on the way, and no element comes from it.
    return Markup(_MARKDOWN.render(text))  # noqa: S704
