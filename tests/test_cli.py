"""The command line: what each command prints, what it refuses, and how the server is started."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from cds_service import __version__, commands
from cds_service.evidence import guideline, told
from cds_service.rules import RULES
from cds_service.web import fixtures as shipped
from tests.support import clock
from tests.support.commands import run, written
from tests.web.bodies import MISSING, SERVICES, bundle, charted, order, request, with_member


def test_the_version_is_told() -> None:
    """--version prints the version that is running."""
    result = run("--version")
    assert result.exit_code == 0
    assert __version__ in result.output


def test_rules_lists_every_rule() -> None:
    """`cds rules` has each rule with its stage, its hooks and its condition."""
    result = run("rules")
    assert result.exit_code == 0
    for rule in RULES:
        assert f"{rule.id}  [{rule.stage}]" in result.output
        assert told(rule.fires_when) in result.output
        assert ", ".join(sorted(rule.hooks)) in result.output


def test_coverage_lists_every_line_with_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """`cds rules --coverage` has each line of the guideline, shortened, with its rules, and succeeds when all have."""
    one = replace(RULES[0], id="one", cites=tuple(line.id for line in guideline()))
    two = replace(RULES[0], id="two", cites=("cramp:L2",))
    monkeypatch.setattr(commands, "RULES", (one, two))
    result = run("rules", "--coverage")
    table = result.output.splitlines()
    assert result.exit_code == 0
    assert len(table) == len(guideline())
    assert table[0].split(maxsplit=1) == ["1", f"{guideline()[0].says:60}  one"]
    assert table[1] == "  2  For muscle cramps affecting multiple body locations,...       one, two"


def test_coverage_fails_while_a_line_has_no_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line without a rule stands in the table alone, is named at the end, and the exit code tells a script."""
    cites = tuple(line.id for line in guideline() if line.number not in (3, 22))
    monkeypatch.setattr(commands, "RULES", (replace(RULES[0], cites=cites),))
    result = run("rules", "--coverage")
    assert result.exit_code == 1
    assert "\n  3  First-Line Pharmacological Treatment\n" in result.output
    assert result.output.endswith("Error: lines of the guideline that no rule carries: 3, 22\n")


# evaluate


@pytest.mark.parametrize("hook", SERVICES)
def test_evaluate_tells_what_every_rule_says(tmp_path: Path, hook: str) -> None:
    """`cds evaluate` ends with one line for each rule of the hook."""
    result = run("evaluate", written(tmp_path, request(hook)), "--as-of", "2026-11-22")
    assert result.exit_code == 0
    for rule in RULES:
        assert rule.id in result.output or hook not in rule.hooks


def test_evaluate_shows_a_card_with_its_suggestions(tmp_path: Path) -> None:
    """Indicator, summary, detail and suggestions of a card are shown."""
    result = run("evaluate", written(tmp_path, request()), "--as-of", "2026-11-22")
    assert "[warning] Age 71: avoid cyclobenzaprine" in result.output
    assert "    Avoid cyclobenzaprine in older adults" in result.output
    assert "    -> " in result.output


def test_evaluate_says_that_there_is_no_card(tmp_path: Path) -> None:
    """A request without a finding is told as such."""
    body = request("order-sign", order(code="723", text="Amoxicillin"))
    assert run("evaluate", written(tmp_path, body)).output.startswith("No card.\n")


def test_evaluate_names_what_is_missing(tmp_path: Path) -> None:
    """A rule that could not be evaluated says for want of what."""
    body = with_member(request(), "prefetch", MISSING)
    output = run("evaluate", written(tmp_path, body), "--as-of", "2026-11-22").output
    assert "not-evaluated  cyclobenzaprine-older-adult (" in output
    assert "not supplied by the EHR" in output


def test_evaluate_takes_an_order_hook_without_orders(tmp_path: Path) -> None:
    """Without drafts there is no card and no rule to tell of."""
    body = with_member(request(), "context/draftOrders", MISSING)
    assert run("evaluate", written(tmp_path, body)).output == "No card.\n"


def test_evaluate_counts_from_the_day_that_is_given(tmp_path: Path) -> None:
    """--as-of decides the age."""
    body = with_member(charted("order-sign", "1955-03-02"), "prefetch/encounter", MISSING)
    path = written(tmp_path, with_member(body, "context/draftOrders", bundle(order())))
    assert "Age 71" in run("evaluate", path, "--as-of", "2026-11-22").output
    assert "Age 81" in run("evaluate", path, "--as-of", "2036-11-22").output


def test_evaluate_counts_from_today_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --as-of the day is the computer's own."""
    clock.stop(monkeypatch, 2050, 7, 1)
    assert "Age 95" in run("evaluate", written(tmp_path, request())).output


NO_REQUEST = [
    b"",
    b"{",
    b"\xff",
    b"[]",
    b"null",
    b"5",
    b'"hook"',
    b"{}",
    b'{"hook": 5}',
    b'{"hook": "none"}',
    b'{"hook": []}',
]
TOO_DEEP = [b"[" * 100_000, b'{"a":' * 100_000]


@pytest.mark.parametrize(
    "body", [*NO_REQUEST, *TOO_DEEP], ids=lambda body: f"{body[:16].decode('latin-1')} {len(body)}"
)
def test_evaluate_refuses_what_is_no_request(tmp_path: Path, body: bytes) -> None:
    """A file without a request of a known hook is refused in one sentence."""
    path = tmp_path / "request.json"
    path.write_bytes(body)
    result = run("evaluate", path)
    assert result.exit_code == 1
    assert result.output == "Error: refused (400): The file holds no request of a hook that is on offer.\n"


def test_evaluate_refuses_as_the_service_would(tmp_path: Path) -> None:
    """A wrong member is refused with the service's status and text."""
    result = run("evaluate", written(tmp_path, with_member(request(), "context/patientId", "a/b")))
    assert result.exit_code == 1
    assert result.output.startswith("Error: refused (400): `context.patientId`")


def test_evaluate_wants_a_file_that_exists(tmp_path: Path) -> None:
    """A missing file is a wrong call, not a failure."""
    result = run("evaluate", tmp_path / "none.json")
    assert result.exit_code == 2
    assert "does not exist" in result.output


# validate


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The files that were handed to the check; it finds fault with those that hold the word wrong."""
    seen: list[bytes] = []

    def findings(raw: bytes) -> Iterator[tuple[str, list[str]]]:
        seen.append(raw)
        yield "Patient/1", []
        if b"wrong" in raw:
            yield "Patient/2", ["birthDate is no date", "id is missing"]

    check = ModuleType("cds_service.fhir.check")
    check.findings = findings  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cds_service.fhir.check", check)
    return seen


def test_validate_says_that_all_is_well(tmp_path: Path, checked: list[bytes]) -> None:
    """Every resource of every file has its line, and the command succeeds."""
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in files:
        path.write_bytes(b"right")
    result = run("validate", *files)
    assert result.exit_code == 0
    assert result.output == "".join(f"{path}: Patient/1: ok\n" for path in files)
    assert checked == [b"right", b"right"]


def test_validate_tells_what_is_wrong_and_fails(tmp_path: Path, checked: list[bytes]) -> None:
    """Problems stand beside their resource, and the exit code tells a script."""
    path = tmp_path / "a.json"
    path.write_bytes(b"wrong")
    result = run("validate", path)
    assert result.exit_code == 1
    assert f"{path}: Patient/1: ok\n{path}: Patient/2: birthDate is no date; id is missing\n" in result.output
    assert "Error: 1 resources are not valid" in result.output
    assert checked == [b"wrong"]


def test_validate_wants_a_file() -> None:
    """Without a file there is nothing to check, and the command says how it is called."""
    assert run("validate").exit_code == 2


# fixtures


def test_fixtures_are_written_where_asked(tmp_path: Path) -> None:
    """Every shipped request is written as JSON under its hook, and the command counts them."""
    result = run("fixtures", tmp_path / "new" / "folder")
    assert result.exit_code == 0
    written = sorted((tmp_path / "new" / "folder").rglob("*.json"))
    assert len(written) == len(shipped.fixtures())
    assert f"{len(written)} requests written to" in result.output
    assert all(json.loads(path.read_bytes())["hook"] == path.parent.name for path in written)


def test_fixtures_are_rolled_to_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written means today what it meant on its own day."""
    source = tmp_path / "source"
    (source / "hook_requests" / "patient-view").mkdir(parents=True)
    row = {"file": "hook_requests/patient-view/a.json", "service": "s", "fhir": "R4", "story": "", "expect": []}
    (source / "index.json").write_text(json.dumps({"as_of": "2026-11-22", "requests": [row]}), encoding="utf-8")
    (source / row["file"]).write_text(json.dumps({"day": "2026-11-21", "name": "Zoë"}), encoding="utf-8")  # type: ignore[operator]

    clock.stop(monkeypatch, 2027, 1, 1)
    monkeypatch.setattr(shipped, "files", lambda package: source)
    shipped.fixtures.cache_clear()
    try:
        assert run("fixtures", tmp_path / "out").exit_code == 0
    finally:
        shipped.fixtures.cache_clear()
    text = (tmp_path / "out" / "patient-view" / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == {"day": "2026-12-31", "name": "Zoë"}
    assert "Zoë" in text
    assert text.endswith("\n")


def test_every_command_is_listed() -> None:
    """`cds --help` names `serve` and the commands that are loaded only when they are asked for."""
    told = run("--help").output
    assert all(f"  {name} " in told for name in ("evaluate", "fixtures", "new-rule", "rules", "serve", "validate"))
