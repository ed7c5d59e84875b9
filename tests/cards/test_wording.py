"""Text from FHIR is harmless, and a summary is one short line of plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.cards.card import LONGEST_SUMMARY
from cds_service.cards.wording import escape, paragraphs, summary
from cds_service.rules import RULES, Message, Rule
from cds_service.terminology import by_code, valueset

MARKDOWN = "\\`*_{}[]()#+!|~"
MESSAGES = [(rule, name, message) for rule in RULES for name, message in rule.messages.items()]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("lorazepam 1 mg", "lorazepam 1 mg"),
        ("<script>", "&lt;script&gt;"),
        ("<unknown drug>", "&lt;unknown drug&gt;"),
        ("a & b", "a &amp; b"),
        ("&lt;", "&amp;lt;"),
        ("5*3*2", "5\\*3\\*2"),
        ("10~20~30", "10\\~20\\~30"),
        ("[x](javascript:alert)", "\\[x\\]\\(javascript:alert\\)"),
        ("![x](http://e/p.png)", "\\!\\[x\\]\\(http://e/p.png\\)"),
        ("# big | `code` _em_ + \\ {a}", "\\# big \\| \\`code\\` \\_em\\_ \\+ \\\\ \\{a\\}"),
        ("one\n\n- two", "one - two"),
        ("a\r\n\tb", "a b"),
        ("a\x00b\x7fc", "a b c"),
        ("", ""),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    """HTML becomes entities, markdown characters get a backslash, line ends and control characters a space."""
    assert escape(text) == escaped


@pytest.mark.parametrize(
    "unseen",
    [
        pytest.param(range(0x20), id="C0 controls"),
        pytest.param(range(0x7F, 0xA0), id="C1 controls"),
        pytest.param(range(0x200B, 0x2010), id="zero width, direction marks"),
        pytest.param([0x061C], id="Arabic letter mark"),
        pytest.param(range(0x202A, 0x202F), id="direction overrides"),
        pytest.param(range(0x2066, 0x206A), id="direction isolates"),
        pytest.param([0x2028, 0x2029], id="line and paragraph separators"),
        pytest.param([0x2060, 0xFEFF], id="word joiner, byte order mark"),
    ],
)
def test_characters_that_are_not_seen_do_not_pass(unseen: Iterable[int]) -> None:
    """Control characters, and those that turn or hide text, never reach a card."""
    assert [hex(code) for code in unseen if chr(code) in escape(f"a{chr(code)}b")] == []


@settings(max_examples=100)
@given(st.text(st.characters(blacklist_categories=["Cs"])))
def test_escaped_text_is_plain(text: str) -> None:
    """No tag, and no markdown character without its backslash, is left of any text."""
    escaped = escape(text)
    assert "<" not in escaped
    assert ">" not in escaped
    bare = re.sub(r"\\[" + re.escape(MARKDOWN) + "]", "", escaped)
    assert not set(bare) & set(MARKDOWN)
    assert not set(escaped) & set("\n\r\t\x00")
    assert "&" not in re.sub("&(amp|lt|gt);", "", escaped)


@settings(max_examples=50)
@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"])))
def test_nothing_is_lost(text: str) -> None:
    """A reader of the rendered card sees the text that FHIR held."""
    rendered = html.unescape(re.sub(r"\\([" + re.escape(MARKDOWN) + "])", r"\1", escape(text)))
    assert rendered == text


@pytest.mark.parametrize(
    ("template", "length"),
    [("x" * 139, 139), ("x" * 140, 139), ("x" * 139 + "y" * 200, 139), ("short", 5)],
)
def test_a_summary_has_at_most_139_characters(template: str, length: int) -> None:
    """A summary is shorter than 140 characters (conformance C4)."""
    found = summary(template, {})
    assert len(found) == length
    assert found.endswith("\u2026") is (len(template) > 139)


def test_the_trailing_parenthesis_goes_first() -> None:
    """A summary that is too long loses its last parenthesis, then the one before, never the drug (rules 0.7)."""
    filler = "x" * 60
    assert summary(f"{filler} (a) {filler} (bbbbbbbbbbbbbbbbbbb)", {}) == f"{filler} (a) {filler}"
    assert summary(f"{filler} (a) {filler}yyyyyyyyyyyy (bb)", {}) == f"{filler} (a) {filler}yyyyyyyyyyyy"
    assert summary(f"{filler} (aaaaaaaaaaaaaaaaaaaaa) {filler} (b)", {}) == f"{filler} {filler}"
    assert summary(f"{filler} (b) short", {}) == f"{filler} (b) short"
    just = f"{filler} {filler} (bbbbb) {'y' * 9}"
    assert summary(just, {}) == just
    assert len(just) == LONGEST_SUMMARY


def test_the_last_resort() -> None:
    """Where nothing can be left out, the rule's own short line is shown."""
    assert summary("{a}", {"a": "x" * 140}, "Do not combine.") == "Do not combine."
    assert summary("{a}", {"a": "x" * 139}, "Do not combine.") == "x" * 139


def test_paragraphs() -> None:
    """Empty parts and repetitions are left out."""
    assert paragraphs(["a", "", "b", "a"]) == "a\n\nb"
    assert paragraphs([]) == ""


def _longest(*names: str) -> str:
    return max((one for name in names for one in valueset(name).ingredients), key=len)


def _salt() -> str:
    codings = valueset("magnesium-supplements").codings
    held = (entry.content for coding in codings for entry in by_code(coding.system, coding.code))
    return max((content.substance for content in held if content is not None), key=len)


SALT = _salt()


def _fill(more: str) -> dict[str, str]:
    """The longest value of every placeholder."""
    benzodiazepine = _longest("benzodiazepines") + more
    return {
        "benzodiazepine": benzodiazepine.capitalize(),
        "opioid": _longest("opioids") + more,
        "treatment": _longest("opioid-use-disorder-medications", "opioids") + more,
        "drug": _longest("benzodiazepines", "relaxants-avoided-in-older-adults", "diuretics") + more,
        "age": "109 or 110",
        "days": "1e+06",
        "listed": "x" * 500,
        "salt": SALT + more,
        "level": "<0.695 mmol/L",
        "day": "2026-11-22",
        "band": "changing kidney function",
        "kidney": "changing kidney function",
        "usable": "usable ",
        "albumin": "20-40 g/week",
        "adjust": " (adjust for eGFR 59)",
        "grams": "12345.6",
        "dose": "1234.5 mg = 30.6 mmol",
        "cause": "high-output ileostomy or jejunostomy",
        "start": "5 mg once to three times daily",
        "before": "123.5",
        "below": " below 30",
        "use": " since 2026-11-22 (12345 days)",
        "effect": "Gastrointestinal upset",
        "others": _longest("opioids", "benzodiazepines") + more,
        "missing": "magnesium or creatinine",
        "results": "Mg <=0.123456 mmol/L, K <=3.12345 mmol/L, Na <=131.123 mmol/L",
        "treated": "Mg <=0.123456 mmol/L on 2026-11-22, K <=3.12345 mmol/L on 2026-11-22",
        **dict.fromkeys(("against", "history", "action", "creatinine", "older", "all", "toxic", "result"), "x" * 500),
    }


@pytest.mark.parametrize("more", ["", " (+9)"])
@pytest.mark.parametrize(("rule", "name", "message"), MESSAGES, ids=[f"{r.id}-{n}" for r, n, _ in MESSAGES])
def test_every_message_fits_with_the_longest_drug(rule: Rule, name: str, message: Message, more: str) -> None:
    """Every summary is below 140 characters with the longest names, and still names its drugs (rules 10.7)."""
    values = _fill(more)
    found = summary(message.summary, values, rule.last_resort)
    assert len(found) <= LONGEST_SUMMARY
    assert not found.endswith("\u2026")
    for placeholder in re.findall(r"\{(\w+)\}", message.summary):
        assert values[placeholder].removesuffix(more) in found


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.last_resort], ids=lambda rule: rule.id)
def test_last_resorts_fit(rule: Rule) -> None:
    """A last resort is itself short enough, and has no placeholder."""
    assert len(rule.last_resort) <= LONGEST_SUMMARY
    assert "{" not in rule.last_resort
