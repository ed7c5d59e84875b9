"""`make bench`: the floor and the service in turns, and what the service costs in relation to the floor."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from benchmarks import bodies, servers
from benchmarks.client import play
from benchmarks.measure import CONNECTIONS, Ratio, in_turns, ratio, spent, waiting
from benchmarks.report import Row, table, written
from benchmarks.servers import Server
from benchmarks.signed import Signer

_README = Path(__file__).parent / "README.md"
# The bound of the guard: half as much again as the target, because it runs wherever the checks run.
_MUST, _GUARD, _TRIES = 0.60, 0.90, 3
_FEW, _MANY = 1_000, 10_000


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Turns of floor and service.")
@click.option("--seconds", default=3.0, show_default=True, help="Length of one turn.")
@click.option("--body", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Another request to play.")
@click.option("--guard", is_flag=True, help="Only the cost of a call, against a loose bound.")
@click.option("--write", is_flag=True, help="Write the table into benchmarks/README.md.")
def main(rounds: int, seconds: float, body: Path | None, guard: bool, write: bool) -> None:
    """Play floor and service in turns and print ratios."""
    small = body.read_bytes() if body is not None else bodies.order_select()
    if guard:
        sys.exit(_guarded(small))
    made = table(_all(small, rounds, seconds))
    click.echo(made)
    if write:
        written(made, f"{rounds} turns of {seconds:g} s")


def _guarded(body: bytes) -> int:
    """0 if one of a few tries is below the bound: on a busy machine single ones are dearer."""
    floor, service = servers.floor(body), servers.service(body)
    with servers.running(floor, service):
        for _ in range(_TRIES):
            found = ratio(in_turns(floor, service, 2, 1.5, (body, body)), "cpu").middle
            click.echo(f"cpu of a call: {found:.2f} of a bare Flask app's (target {_MUST:.2f}, bound {_GUARD:.2f})")
            if found <= _GUARD:
                return 0
    return 1


def _all(small: bytes, rounds: int, seconds: float) -> list[Row]:
    floor, service = servers.floor(small), servers.service(small)
    with servers.running(floor, service):
        rows = _calls(floor, service, small, rounds, seconds)
        rows += _memory(service, small)
        rows += _others(floor, service, small, rounds, seconds)
    return [*rows, _start(small), _fetching(), *_signed(small, rounds)]


def _calls(floor: Server, service: Server, small: bytes, rounds: int, seconds: float) -> list[Row]:
    """The cost of a call, of one with a card, and of one with five times the data."""
    turns = in_turns(floor, service, rounds, seconds, (small, small))
    told, large = bodies.order_select(born="1948-09-07"), bodies.order_select(times=5)
    card = in_turns(floor, service, rounds, seconds, (told, told))
    growth = in_turns(service, service, rounds, seconds, (small, large))
    return [
        Row(f"cpu of a call, {len(small) / 1000:.0f} KB", ratio(turns, "cpu"), _MUST, 0.45),
        Row("requests a second", ratio(turns, "rate")),
        Row(f"p50 at {CONNECTIONS} connections", ratio(turns, "p50"), 0.7, 0.5),
        Row(f"p99 at {CONNECTIONS} connections", ratio(turns, "p99"), 1.0, 0.7),
        Row("cpu of a call with a card to show", ratio(card, "cpu")),
        Row(f"cpu of {len(large) / len(small):.1f} x the data, against our own", ratio(growth, "cpu"), 5.5, 4.0),
    ]


def _memory(service: Server, body: bytes) -> list[Row]:
    """The worker's memory, threads and files after many requests, against those after a few."""
    play(service.port, body, CONNECTIONS, requests=_FEW)
    pss, (threads, files) = service.pss(), service.handles()
    play(service.port, body, CONNECTIONS, requests=_MANY)
    later, (more_threads, more_files) = service.pss(), service.handles()
    return [
        Row(f"PSS of a worker after {_MANY} requests", Ratio.of([later]), 90, 60, " MB"),
        Row(f"the same against that after {_FEW}", Ratio.of([later / pss]), 1.05),
        Row("threads against then", Ratio.of([more_threads / threads]), 1.0),
        Row("open files against then", Ratio.of([more_files / files]), 1.0),
    ]


def _others(floor: Server, service: Server, small: bytes, rounds: int, seconds: float) -> list[Row]:
    """The fallback server, and ten times the rules."""
    gthread, many = servers.gthread(small), servers.many_rules(small)
    with servers.running(gthread, many):
        fallback = in_turns(floor, gthread, rounds, seconds, (small, small))
        rules = in_turns(service, many, rounds, seconds, (small, small))
    return [
        Row("cpu of a call under gunicorn gthread", ratio(fallback, "cpu"), 0.80, 0.65),
        Row("cpu of 10 x the rules, against our own", ratio(rules, "cpu"), 1.5, 1.25),
    ]


def _start(body: bytes) -> Row:
    """From the start of the process to the first 200."""
    found = []
    for _ in range(3):
        bare, full = servers.floor(body), servers.service(body)
        with servers.running(bare, full):
            found.append(full.start / bare.start)
    return Row("start to first 200", Ratio.of(found), 3, 2)


def _fetching() -> Row:
    """Everything asked of a FHIR server that takes 50 ms, against its slowest single answer."""
    slow = servers.slow_fhir()
    base = f"http://127.0.0.1:{slow.port}"
    body = bodies.without_prefetch(base)
    service = servers.service(body, CDS_FHIR_SERVERS=base)
    with servers.running(slow, service):
        single = max(waiting(slow, b"{}") for _ in range(5))
        found = [waiting(service, body) / single for _ in range(20)]
    return Row("a call without prefetch, against one query of 50 ms", Ratio.of(found), 1.6, 1.3)


def _signed(body: bytes, rounds: int) -> list[Row]:
    """Every call with a token of its own, against calls of anybody."""
    found = []
    for signer in (Signer("RS384"), Signer("ES384")):
        plain, guarded = servers.service(body), servers.guarded(signer)
        with servers.running(plain, guarded):
            turns = [(spent(plain, body, ()), spent(guarded, body, [*signer.tokens(_FEW)])) for _ in range(rounds + 1)]
        ratios = [second / first for first, second in turns[1:]]  # the first one warms up
        more = [second - first for first, second in turns[1:]]
        found.append(Row(f"cpu of a call with {signer.algorithm}, against one without a token", Ratio.of(ratios)))
        found.append(Row("so much more", Ratio.of(more), unit=" us"))
    return found


if __name__ == "__main__":
    main()
