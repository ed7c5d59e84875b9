"""What the service takes, as JSON Schema: as lenient as the service is, so FHIR resources are open objects."""

from __future__ import annotations

import re
from typing import Any

from cds_service.fhir.queries import BY_KEY
from cds_service.hooks import feedback
from cds_service.hooks.catalogue import Service
from cds_service.hooks.request import DRAFTS_IN, EXPLAIN, LONG_ID, PATIENT_ID, USER

Json = dict[str, Any]

_NULL: Json = {"type": "null"}
# Of web addresses those in plain ASCII and without brackets.
_SERVER = r'^[hH][tT][tT][pP][sS]?://[!"$-.0->@-Z\\^-~][!-Z\\^-~]*$'
_TEXT: Json = {"type": "string", "minLength": 1}
_BUNDLE = {"$ref": "#/components/schemas/Bundle"}


def _like(pattern: re.Pattern[str], *types: str) -> Json:
    return {"type": ["string", *types], "pattern": f"^(?:{pattern.pattern})$"}


def schemas() -> dict[str, Json]:
    """The parts that the requests of several services share."""
    return {
        "Bundle": _open(
            {
                "resourceType": {"const": "Bundle"},
                "entry": {"type": ["array", "null"], "description": "Each with a FHIR resource, of DSTU2 to R5."},
                "link": {"type": ["array", "null"], "items": _open({"relation": _leaf()}, also_null=True)},
                "total": _leaf(),
            },
            "resourceType",
        ),
        "FhirAuthorization": _open(
            {"access_token": {"type": "string"}, "token_type": {"const": "Bearer"}}, "access_token", "token_type"
        ),
        "Feedback": _feedback(),
        "OverrideGiven": _open(
            {"reason": {"type": ["object", "null"]}, "userComment": {"type": ["string", "null"]}}, least=1
        ),
    }


def _leaf() -> Json:
    return {"type": ["string", "number", "boolean", "null"]}


def call(service: Service) -> Json:
    """The body of a call of a service."""
    no_token = {"properties": {"fhirAuthorization": _NULL}}
    with_server = {"properties": {"fhirServer": {"type": "string"}}, "required": ["fhirServer"]}
    # Before CDS Hooks 1.0 the user stood beside the context.
    with_user = {
        "properties": {"context": {"properties": {"userId": {"type": "string"}}, "required": ["userId"]}},
        "required": ["context"],
    }
    beside = {"properties": {"user": _like(USER)}, "required": ["user"]}
    return _open(_members(service), "hook", "hookInstance", "context") | {
        "allOf": [{"anyOf": [no_token, with_server]}, {"anyOf": [with_user, beside]}]
    }


def _members(service: Service) -> Json:
    prefetch = {key: {"description": f"The answer to {BY_KEY[key].search}"} for key in service.prefetch}
    return {
        "hook": {"const": service.hook},
        "hookInstance": _TEXT | {"description": "A UUID, new for each firing of the hook."},
        "fhirServer": {"type": ["string", "null"], "pattern": _SERVER},
        "fhirAuthorization": {"anyOf": [{"$ref": "#/components/schemas/FhirAuthorization"}, _NULL]},
        "context": _context(service.hook),
        "prefetch": {
            "type": ["object", "null"],
            "properties": prefetch,
            "description": "Data that are not supplied, in whatever form, are named on a card as not checked.",
        },
        "extension": {"description": f"With {EXPLAIN}, true: the answer says what every rule found."},
    }


def _context(hook: str) -> Json:
    members = {
        "patientId": _like(PATIENT_ID),
        "userId": _like(USER, "null"),
        "encounterId": _like(LONG_ID, "null"),
    }
    if hook in DRAFTS_IN:
        members[DRAFTS_IN[hook]] = {"anyOf": [_BUNDLE, _NULL]}
    if hook == "order-select":
        members["selections"] = {"type": ["array", "null"]}
    return _open(members, "patientId")


def _feedback() -> Json:
    """A list of entries; one that cannot be used does not keep the others from being stored."""
    given = {"$ref": "#/components/schemas/OverrideGiven"}
    accepted = {"outcome": {"const": "accepted"}, "acceptedSuggestions": {"type": "array", "items": {"type": "object"}}}
    # Early drafts of the specification said overrideReasons.
    drafted = {"anyOf": [{"type": "array", "prefixItems": [{"anyOf": [given, _NULL]}]}, given, _NULL]}
    said = {"properties": {"overrideReason": given}, "required": ["overrideReason"]}
    unsaid = {"properties": {"overrideReason": _NULL, "overrideReasons": drafted}}
    entry = _open(
        {"card": _TEXT, "outcome": {}, "outcomeTimestamp": {"type": "string", "format": "date-time"}},
        "card",
        "outcome",
        "outcomeTimestamp",
    )
    overridden = {"properties": {"outcome": {"const": "overridden"}}, "anyOf": [said, unsaid]}
    entry["anyOf"] = [{"properties": accepted, "required": ["acceptedSuggestions"]}, overridden]
    listed = {"type": "array", "items": entry, "maxItems": feedback.MOST}
    return _open({"feedback": listed}, "feedback")


def _open(properties: Json, *required: str, least: int = 0, also_null: bool = False) -> Json:
    """An object that may have other members, too."""
    made: Json = {"type": ["object", "null"] if also_null else "object", "properties": properties}
    return made | ({"required": list(required)} if required else {}) | ({"minProperties": least} if least else {})
