"""The Markdown of a card: what a clinician wrote is read, what an attacker wrote is shown."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.cards.wording import _CONTROL, escape
from cds_service.web.markdown import safe_html

_ALLOWED = {"p", "ul", "ol", "li", "em", "strong", "code", "pre", "a", "blockquote", "br", "hr"}
_ALLOWED |= {"table", "thead", "tbody", "tr", "th", "td", "s"}
_ALLOWED |= {"h1", "h2", "h3", "h4", "h5", "h6"}


class _Parts(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


HOSTILE = [
    "<script>alert(1)</script>",
    "<iframe src='https://example.org'></iframe>",
    "<style>body { display: none }</style>",
    '<img src="x" onerror="alert(1)">',
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java&#115;cript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](//example.org/x)",
    "[a](/evidence)",
    "<javascript:alert(1)>",
    "<a href='javascript:alert(1)'>a</a>",
    "[a]: javascript:alert(1)\n\n[a]",
    "<!-- hidden --> text",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "```html\n<script>alert(1)</script>\n```",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_and_not_run(text: str) -> None:
    """No element, address or attribute of the text's own comes through."""
    found = _Parts(safe_html(text))
    assert set(found.tags) <= _ALLOWED - {"a"}
    assert all(name == "class" and value.startswith("language-") for name, value in found.attributes)


@pytest.mark.parametrize("tag", ["script", "iframe", "style", "img", "b", "drug"])
def test_a_tag_is_shown_as_it_was_written(tag: str) -> None:
    """A word in angle brackets is text: a reader sees the brackets."""
    assert f"&lt;{tag}&gt;" in safe_html(f"Give <{tag}> twice.")


def test_a_product_of_numbers_is_no_emphasis() -> None:
    """5*3*2 as a card escapes it is read as it was meant, and nothing of it is lost without the escape either."""
    assert safe_html(escape("5*3*2")) == "<p>5*3*2</p>\n"
    assert re.sub("<[^>]+>", "", safe_html("5 * 3 * 2")) == "5 * 3 * 2\n"


def test_a_picture_is_no_picture() -> None:
    """Nothing is loaded from elsewhere when a page is opened: of a picture its link is left."""
    assert _Parts(safe_html("![a picture](https://example.org/x.png)")).tags == ["p", "a"]


@pytest.mark.parametrize("text", ["[label](https://example.org/a?b=1&c=2)", "<https://example.org/>"])
def test_a_link_to_the_web_is_a_link(text: str) -> None:
    """Links of http and https, also those in angle brackets, lead where they say."""
    found = _Parts(safe_html(text))
    assert "a" in found.tags
    [(name, value)] = found.attributes
    assert name == "href"
    assert value.startswith("https://example.org/")


def test_a_bare_address_is_text() -> None:
    """What only looks like an address becomes no link."""
    assert "<a" not in safe_html("See https://example.org and www.example.org.")


def test_what_a_card_writes_is_read() -> None:
    """Paragraphs, lists, emphasis and code are what a card's detail may hold."""
    text = safe_html("One.\n\n- *first*\n- **second** `x`\n\n1. third")
    assert {"p", "ul", "ol", "li", "em", "strong", "code"} <= set(_Parts(text).tags)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>&\"'`*_[]()!#|~\\:/ \nabjs=0.-", max_size=80))
def test_whatever_is_written_only_known_elements_come(text: str) -> None:
    """No text makes an element or an attribute that is not on the list."""
    found = _Parts(safe_html(text))
    assert set(found.tags) <= _ALLOWED
    assert {name for name, _ in found.attributes} <= {"href", "title", "class", "start"}
    assert all(value.lower().startswith("http") for name, value in found.attributes if name == "href")


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=40))
def test_foreign_text_that_a_card_escaped_reads_as_it_was(text: str) -> None:
    """What the wording of a card makes harmless is shown letter by letter, spaces aside."""
    shown = html.unescape(re.sub("<[^>]+>", "", safe_html(f"x{escape(text)}x")))
    assert "".join(shown.split()) == "".join(f"x{_CONTROL.sub(' ', text)}x".split())


def test_tables_and_struck_text_are_read() -> None:
    """What cards may hold beyond plain Markdown is what an EHR shows, too."""
    found = _Parts(safe_html("~~b~~\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n[c](https://example.org/?a=1&b=2)"))
    assert {"s", "table", "thead", "tbody", "tr", "th", "td", "a"} <= set(found.tags)
    assert ("href", "https://example.org/?a=1&b=2") in found.attributes


def test_deep_nesting_ends() -> None:
    """Text that nests without end is rendered without end of the service."""
    assert safe_html("> " * 5000 + "x")
    assert safe_html("[" * 5000 + "x" + "]" * 5000)
