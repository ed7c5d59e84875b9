"""Calls that a machine made up from the document alone: nothing fails, and every answer is as the document says."""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from cds_service.web.app import create_app
from cds_service.web.openapi.document import Surface, document
from cds_service.web.settings import Settings
from tests.fhir.resources import TODAY
from tests.support.notes import Notes

CONFIG = {
    "checks": {
        # A chart that is opened without any data is a right call that is refused.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "412"]},
    },
    "generation": {"deterministic": True, "max-examples": 150, "database": "none"},
}

# What no schema can say: whose the orders are. The example's are not those of a patient who was made up.
FOREIGN = b"A draft order belongs to another patient"


@cache
def _service() -> Flask:
    """Made when it is called, and not while tests are collected."""
    return create_app(Settings(as_of=TODAY), Notes())  # type: ignore[arg-type]


def _called(environ: Any, start_response: Any) -> list[bytes]:
    """The answer whole, so that no file of it is left open."""
    with closing(_service()(environ, start_response)) as parts:  # type: ignore[type-var]
        return [b"".join(parts)]


SCHEMA = schemathesis.openapi.from_dict(
    document(Surface("/", authenticated=False, keeps=True, plays=True, today=TODAY)),
    config=SchemathesisConfig.from_dict(CONFIG),
)
SCHEMA.app = _called


@SCHEMA.parametrize()
def test_the_service_keeps_to_its_document(case: schemathesis.Case[Any]) -> None:
    """Whatever is sent, wanted or unwanted: a status, headers and a body of the document; what it allows is taken, what
    it forbids is refused."""
    response = case.call()
    # The playground's own addresses take what its page sends, and say so of nothing else.
    refused = FOREIGN in response.content or case.path == "/playground/draft"
    case.validate_response(response, excluded_checks=[positive_data_acceptance] if refused else [])
