"""The commands beside `cds serve`: `cds evaluate | validate | rules | new-rule | fixtures | pages | staff-password`,
those of the store, and replay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from string import Template
from textwrap import shorten
from typing import Any

import click

import cds_service.rules
from cds_service.cards.ration import GROUPS
from cds_service.evidence import Threshold, told
from cds_service.hooks.answer import Answered, answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.refusal import Refusal
from cds_service.hooks.terms import Terms
from cds_service.options import DAY, chosen
from cds_service.replay_commands import replay
from cds_service.rules import RULES, Rule, coverage
from cds_service.store_commands import COMMANDS
from cds_service.web.callers import Callers
from cds_service.web.fingerprint import changed, fingerprint
from cds_service.web.fixtures import fixtures as shipped
from cds_service.web.fixtures import rolled
from cds_service.web.settings import Settings

_RULES = Path(cds_service.rules.__file__).parent
_NEXT = """\
Written, in stage shadow: {python}
                          {cases}
1. Fill in the form, then `check`.
2. Fill in the cases, and add one on either side of every number.
3. Only if a drug or condition is new: terminology/valuesets/<name>.json.
4. Only if it cites a new source: a row in evidence/references.json.
`make test` names what is still missing. {readme} explains every field."""
CLIENT = click.option("--client", default="", help="As this client of the site's file is served.")
# Whoever finds the page may try thirty a minute and worker, for years.
_SHORTEST_PASSWORD = 12
_SHORT = 60  # characters of a line of the guideline in the table of coverage


@click.group()
def commands() -> None:
    """The commands beside `serve`."""


for command in (*COMMANDS, replay):
    commands.add_command(command)


@commands.command()
@click.argument("request_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=DAY, help="The day of evaluation; today unless given.")
@CLIENT
def evaluate(request_file: Path, as_of: datetime | None, client: str) -> None:
    """Show the cards for a hook request in a file, and what every rule says."""
    today = as_of.date() if as_of else Settings().today
    try:
        for line in _told(_evaluated(request_file.read_bytes(), today, _terms(client))):
            click.echo(line)
    except Refusal as refusal:
        raise click.ClickException(f"refused ({refusal.status}): {refusal.text}") from None


def _evaluated(body: bytes, today: date, terms: Terms) -> Answered:
    try:
        request = json.loads(body)
        service = next(found for found in SERVICES.values() if found.hook == request["hook"])
    except (ValueError, KeyError, TypeError, StopIteration, RecursionError):
        raise Refusal("The file holds no request of a hook that is on offer.") from None
    request["extension"] = {"io.cds-service.explain": True}
    return answer(service, json.dumps(request).encode(), today, lambda: "http://127.0.0.1:8000", terms)


def _told(answered: Answered) -> Iterator[str]:
    for card in answered.cards:
        yield f"[{card.indicator}] {card.summary}"
        yield "\n".join(f"    {line}" for line in card.detail.splitlines() if line)
        yield from (f"    -> {suggestion.label}" for suggestion in card.suggestions)
    if not answered.cards:
        yield "No card."
    yield from (_read(fact) for fact in (answered.trace or {}).get("laboratory", ()))
    for line in (answered.trace or {}).get("rules", ()):
        missing = ", ".join(f"{part['need']} {part['why']}" for part in line.get("missing", ()))
        yield f"{line['answer']:14} {line['rule']}{f' ({missing})' if missing else ''}"


def _read(fact: Mapping[str, str]) -> str:
    """One laboratory fact as a clinician reads it: value, unit, day, by what it was judged, and from where."""
    value = " ".join(fact[part] for part in ("value", "unit") if part in fact)
    day = f" on {fact['date']}" if "date" in fact else ""
    why = f": {fact['against']}" if "against" in fact else ""
    source = f" [{fact['reference']}]" if "reference" in fact else ""
    return f"{fact['what']} {value}{day}{why}{source}"


@commands.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def validate(files: tuple[Path, ...]) -> None:
    """Check every FHIR resource in files (resources, Bundles, hook requests) against its version's model."""
    # The models take seconds to load, and the service never needs them.
    from cds_service.fhir.check import findings

    wrong = 0
    for path in files:
        for place, problems in findings(path.read_bytes()):
            click.echo(f"{path}: {place}: {'ok' if not problems else '; '.join(problems)}")
            wrong += bool(problems)
    if wrong:
        raise click.ClickException(f"{wrong} resources are not valid")


@commands.command()
@click.option("--coverage", "by_line", is_flag=True, help="Show which rules carry each line of the guideline.")
@CLIENT
def rules(by_line: bool, client: str) -> None:
    """List the rules as the site has them; what it has changed is marked."""
    if by_line:
        return _by_line()
    with _terms(client).in_force():
        for line in (line for rule in RULES for line in _listed(rule)):
            click.echo(line)


def _listed(rule: Rule) -> Iterator[str]:
    stage = f"{rule.stage_now}, site value" if rule.stage_now != rule.stage else rule.stage
    yield f"{rule.id}  [{stage}]  {', '.join(sorted(rule.hooks))}\n    shown when {told(rule.fires_when)}"
    yield f"    version to sign off {fingerprint(rule)}"
    for one in rule.site_values:
        now, unit = (one.value, f" {one.unit}") if isinstance(one, Threshold) else (one.on, "")
        yield f"    site value {one.key}: {now}{unit}, published {one.published}"
    if rule.signed is not None:
        parts = changed(rule.signed.version, rule)
        since = f", changed since: {', '.join(parts)}" if parts else ""
        yield f"    signed off by {rule.signed.by} on {rule.signed.on}{since}, next review {rule.signed.next}"


def _terms(client: str) -> Terms:
    """The terms of a client of the site, "": of anybody."""
    try:
        return Callers(chosen(), None).named(client)
    except KeyError:
        raise click.UsageError(f"The site's file lists no client {client}.") from None


def _by_line() -> None:
    """The guideline line by line with its rules; fails while a line has none."""
    lines = coverage(RULES)
    for carried in lines:
        text = shorten(carried.line.says, _SHORT, placeholder="...")
        told = ", ".join(rule.id for rule in carried.rules) or carried.line.not_computable
        click.echo(f"{carried.line.number:>3}  {text:{_SHORT}}  {told}".rstrip())
    missing = ", ".join(str(carried.line.number) for carried in lines if carried.is_open)
    if missing:
        raise click.ClickException(f"lines of the guideline that no rule carries: {missing}")


@commands.command()
@click.argument("rule_id", metavar="ID")
@click.option("--group", required=True, type=click.Choice(GROUPS), help="Of one group only the first card is shown.")
def new_rule(rule_id: str, group: str) -> None:
    """Write the blanks of a new rule: its form and its cases."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule_id):
        raise click.BadParameter("lower-case words with hyphens, such as quinine-cramps", param_hint="ID")
    paths = {kind: _RULES / f"{rule_id.replace('-', '_')}.{kind}" for kind in ("py", "toml")}
    for path in paths.values():
        if path.exists():
            raise click.UsageError(f"{path} exists already.")
    rank = max((rule.rank for rule in RULES if rule.group == group), default=0) + 1
    today = Settings().today
    blanks = {"id": rule_id, "group": group, "rank": rank, "day": f"{today.year}, {today.month}, {today.day}"}
    try:
        for kind, path in paths.items():
            blank = (_RULES / f"blank.{kind}.txt").read_text(encoding="utf-8")
            path.write_text(Template(blank).substitute(blanks), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(_NEXT.format(python=paths["py"], cases=paths["toml"], readme=_RULES / "README.md"))


@commands.command()
@click.argument("out_dir", type=click.Path(file_okay=False, path_type=Path))
def fixtures(out_dir: Path) -> None:
    """Write the synthetic hook requests, rolled to today."""
    for fixture in shipped():
        path = out_dir / Path(fixture.file).relative_to("hook_requests")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_pretty(rolled(fixture, Settings().today)), encoding="utf-8")
    click.echo(f"{len(shipped())} requests written to {out_dir}")


@commands.command()
@click.argument("out_dir", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@CLIENT
def pages(out_dir: Path, client: str) -> None:
    """Write the evidence pages as files, to be read and printed without the service."""
    from cds_service.web.export import write

    _terms(client)  # an unknown one is told
    try:
        number = write(chosen(), out_dir, client)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(f"{number} pages written. Begin with {out_dir / 'index.html'}")


@commands.command()
@click.password_option(help="Asked for, twice, unless given.")
def staff_password(password: str) -> None:
    """Print what stands for a password in the site's file: `password_hash` in [staff]."""
    from werkzeug.security import generate_password_hash

    if len(password) < _SHORTEST_PASSWORD:
        raise click.BadParameter(f"It is shorter than {_SHORTEST_PASSWORD} characters.", param_hint="--password")
    click.echo(generate_password_hash(password))


def _pretty(request: Mapping[str, Any]) -> str:
    return json.dumps(request, indent=1, ensure_ascii=False) + "\n"
