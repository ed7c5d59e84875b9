"""The service with ten times its rules: copies with the same triggers and the same checks, under other names."""

from __future__ import annotations

import sys
from dataclasses import replace

from flask import Flask
from granian import Granian
from granian.constants import Interfaces

import cds_service.rules as house

COPIES = 9


def create_app() -> Flask:
    """The application; the rules are copied before anything reads how many there are."""
    copies = [(replace(rule, id=f"{rule.id}-{n}"), rule) for n in range(COPIES) for rule in house.RULES]
    house.CHECKS.update({copy.id: house.CHECKS[rule.id] for copy, rule in copies})
    house._SILENT.update({copy.id: house.Answer(copy, "silent") for copy, _ in copies})
    house.RULES += tuple(copy for copy, _ in copies)
    from cds_service.web.app import create_app as real

    return real()


if __name__ == "__main__":
    Granian(
        "benchmarks.many_rules:create_app",
        factory=True,
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        blocking_threads=1,
        log_access=False,
        log_enabled=False,
        websockets=False,
    ).serve()
