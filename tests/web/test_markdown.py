"""Text of cards as HTML: what Markdown means is there, and whatever hostile text says stays text."""

from __future__ import annotations

import re
from html import unescape

import pytest
from markupsafe import Markup

from cds_service.cards.wording import escape
from cds_service.web.markdown import safe_html

HOSTILE = [
    "<script>fetch('https://evil.example')</script>",
    "<iframe srcdoc='<script>1</script>'></iframe>",
    "<style>body{display:none}</style>",
    "<img src=x onerror=alert(1)>",
    "![tracker](https://evil.example/x.png)",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java&#115;cript:alert(1))",
    "[click](data:text/html,<script>1</script>)",
    "[click](vbscript:x)",
    "[click](//evil.example)",
    "[click](/evidence)",
    "[click](https://)",
    "<javascript:alert(1)>",
    "<mailto:someone@evil.example>",
    "<svg/onload=alert(1)>",
    "</p><form action=https://evil.example><input>",
    "[ref]\n\n[ref]: javascript:alert(1)",
    "<!-- --><b onclick=x>b</b>",
]


def _elements(html: str) -> set[str]:
    return set(re.findall(r"<([a-z0-9]+)", html))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    """No element, link or picture comes of it but paragraphs, bare or inside of other text."""
    for whole in (text, f"- a {text} b", f"**x** {text}"):
        html = safe_html(whole)
        assert _elements(html) <= {"p", "ul", "li", "strong"} | ({"a"} if text.startswith("![") else set())
        assert "javascript:" not in " ".join(re.findall(r'href="([^"]*)"', html)).lower()


@pytest.mark.parametrize("text", [*HOSTILE, "5*3*2", "<drug>", "10~20~30", "a_b_c", "a\nb", "`x`", "# x", "|a|b|"])
def test_what_a_card_has_escaped_is_shown_as_it_was(text: str) -> None:
    """Foreign text in a card's detail reads as it was written, with every star and bracket."""
    html = safe_html(escape(text))
    assert _elements(html) == {"p"}
    plain = unescape(re.sub(r"</?p>", "", html))
    assert plain.strip() == re.sub(r"\n+", " ", text)


def test_markdown_means_what_it_means() -> None:
    """Lists, emphasis, tables, struck text and links to the web are what an EHR shows, too."""
    html = safe_html("- **a**\n- ~~b~~\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n[c](https://example.org/?a=1&b=2)")
    assert _elements(html) == {"ul", "li", "strong", "s", "table", "thead", "tbody", "tr", "th", "td", "p", "a"}
    assert 'href="https://example.org/?a=1&amp;b=2"' in html
    assert isinstance(html, Markup)


def test_deep_nesting_ends() -> None:
    """Text that nests without end is rendered without end of the service."""
    assert safe_html("> " * 5000 + "x")
    assert safe_html("[" * 5000 + "x" + "]" * 5000)
