"""`python -m tests.mutate [WORD]`: plays every mutant, or those with the word in their place; 1 if one survives."""

from __future__ import annotations

import os
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from tests.mutate import play
from tests.mutate.comparisons import turned
from tests.mutate.numbers import moved

Identity = tuple[str, str, str]


def explained() -> dict[Identity, str]:
    """The mutants that change nothing anybody could see, each with the reason."""
    text = Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text).get("equivalent", [])
    return {(row["function"], row["before"], row["after"]): row["why"] for row in rows}


def say(*lines: str) -> None:
    """Lines for whoever runs it."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def run(word: str = "") -> int:
    """Play the mutants on all processors and tell of those that survived without a reason."""
    mutants: list[play.Mutant] = [one for one in (*moved(), *turned()) if word in one.where]
    say(f"{len(mutants)} mutants; first everything as it is")
    if not play.sound():
        say("Something fails without any mutant: run `make tests` first.")
        return 1
    started = monotonic()
    with get_context("fork").Pool(os.cpu_count()) as pool:
        verdicts = pool.map(play.verdict, mutants, chunksize=1)
    survivors = [one for one, how in zip(mutants, verdicts, strict=True) if not how]
    found = Counter(verdicts)
    say(
        f"{found['cases']} broke a case, {found['tests']} a unit test, {len(survivors)} survived; "
        f"{monotonic() - started:.0f} s"
    )
    return judge(survivors, explained(), partly=bool(word))


def judge(survivors: Iterable[play.Mutant], reasons: dict[Identity, str], partly: bool = False) -> int:
    """1 if a survivor has no reason, or (unless only a part was played) a reason has no survivor."""
    survivors = list(survivors)
    left = [one for one in survivors if one.identity not in reasons]
    stale = [] if partly else sorted(set(reasons) - {one.identity for one in survivors})
    for one in left:
        _, before, after = one.identity
        say(one.where, f"    {before}", f" -> {after}")
    say(*(f"equivalent.toml names what did not survive: {' | '.join(one)}" for one in stale))
    say(f"{len(survivors) - len(left)} survivors are explained, {len(left)} are not")
    return int(bool(left or stale))


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:2]))
