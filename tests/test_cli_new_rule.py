"""`cds new-rule` writes a pair of files that is sound, finds nothing, and is not complete."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from pkgutil import iter_modules
from shutil import copy
from types import ModuleType

import pytest

from cds_service import commands
from cds_service.facts import Snapshot, View
from cds_service.rules import RULES
from cds_service.web.examples import cases
from cds_service.web.examples.cases import AS_OF
from tests.support.commands import run
from tests.test_house import blanks


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules of its own, with the blanks in it."""
    for kind in ("py", "toml"):
        copy(commands._RULES / f"blank.{kind}.txt", tmp_path)
    monkeypatch.setattr(commands, "_RULES", tmp_path)
    monkeypatch.setattr(cases, "_FOLDER", tmp_path)
    return tmp_path


def _imported(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_pair_is_written_and_the_next_steps_are_told(folder: Path) -> None:
    """Module and cases have the id's name; what is told names both, and what comes next."""
    result = run("new-rule", "baclofen-new", "--group", "BAC")
    assert result.exit_code == 0
    for name in ("baclofen_new.py", "baclofen_new.toml", "README.md"):
        assert str(folder / name) in result.output
    assert "`make test` names what is still missing" in result.output
    assert [module.name for module in iter_modules([str(folder)])] == ["baclofen_new"]


def test_the_module_is_sound_and_finds_nothing(folder: Path) -> None:
    """It can be imported, is in shadow with the next rank of its group, and its check yields nothing."""
    run("new-rule", "benzodiazepine-new", "--group", "BZO")
    module = _imported(folder / "benzodiazepine_new.py")
    last = max(rule.rank for rule in RULES if rule.group == "BZO")
    rule = module.RULE
    assert (rule.id, rule.group, rule.rank, rule.stage) == ("benzodiazepine-new", "BZO", last + 1, "shadow")
    assert list(module.check(View(Snapshot(as_of=AS_OF, age_on=AS_OF), at_order=True))) == []


def test_the_first_rule_of_a_group_is_its_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a group without a rule the rank is 1."""
    monkeypatch.setattr(commands, "RULES", ())
    run("new-rule", "recheck-new", "--group", "REC")
    assert _imported(folder / "recheck_new.py").RULE.rank == 1


def test_every_part_of_the_form_is_there(folder: Path) -> None:
    """No field of the form is left out, so that nobody has to know it."""
    run("new-rule", "baclofen-new", "--group", "BAC")
    text = (folder / "baclofen_new.py").read_text(encoding="utf-8")
    for name in type(RULES[0]).__dataclass_fields__:
        assert f"    {name}=" in text, name


def test_the_house_names_what_is_missing(folder: Path) -> None:
    """The gate takes every blank for a blank, and there are three cases, one of each answer."""
    run("new-rule", "baclofen-new", "--group", "BAC")
    module, written = _imported(folder / "baclofen_new.py"), cases.read("baclofen-new")
    form = ["title", "fires_when", "why_it_matters", "when_not", "cites", "needs", "message found"]
    assert blanks(module.RULE, written) == [*form, *3 * ["name of a case"]]
    assert [case.kind for case in written] == ["finding", "silent", "not-evaluated"]
    assert not any((module.RULE.triggers, module.RULE.concerns, module.__doc__, module.check.__doc__))


def test_what_is_written_keeps_the_style(folder: Path) -> None:
    """The linter and the formatter have nothing to mend, and the cases are TOML."""
    run("new-rule", "baclofen-new", "--group", "BAC")
    settings = ("--config", str(Path(__file__).parent.parent / "pyproject.toml"), "--no-cache")
    for command in (("check",), ("format", "--check")):
        ruff = [sys.executable, "-m", "ruff", *command, *settings, str(folder / "baclofen_new.py")]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
    tomllib.loads((folder / "baclofen_new.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name", ["Baclofen", "baclofen_new", "-new", "new-", "a--b", "9lives", "../x", "a b", "ä", "a\n"]
)
def test_a_name_that_is_none_is_refused(folder: Path, name: str) -> None:
    """An id is lower-case words with hyphens; else nothing is written."""
    result = run("new-rule", "--group", "BAC", "--", name)
    assert result.exit_code == 2
    assert "lower-case words with hyphens" in result.output
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("kind", ["py", "toml"])
def test_an_existing_rule_is_left_alone(folder: Path, kind: str) -> None:
    """If one of the two files is there, neither is written."""
    there = folder / f"baclofen_new.{kind}"
    there.write_text("kept", encoding="utf-8")
    result = run("new-rule", "baclofen-new", "--group", "BAC")
    assert result.exit_code == 2
    assert "exists already" in result.output
    assert there.read_text(encoding="utf-8") == "kept"
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("group", [(), ("--group", "XYZ"), ("--group", "bac")])
def test_the_group_must_be_a_known_one(folder: Path, group: tuple[str, ...]) -> None:
    """Without a group, or with one that no card has, nothing is written."""
    assert run("new-rule", "baclofen-new", *group).exit_code == 2
    assert len(list(folder.iterdir())) == 2


def test_a_folder_that_cannot_be_used_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the rules cannot be read or written, the command names the file and why."""
    monkeypatch.setattr(commands, "_RULES", folder / "nowhere")
    result = run("new-rule", "baclofen-new", "--group", "BAC")
    assert result.exit_code == 1
    assert "blank.py.txt: No such file or directory" in result.output
