"""What the service answers, as JSON Schema: taken from the Structs and words with which the answers are made."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec

from cds_service.cards import reasons
from cds_service.cards.build import EXPLANATION, RULE_SYSTEM
from cds_service.cards.card import LONGEST_SUMMARY, Card
from cds_service.cards.explained import Explanation
from cds_service.cards.unchecked import NOT_EVALUATED
from cds_service.hooks.catalogue import SERVICES, discovery
from cds_service.hooks.trace import Trace
from cds_service.rules import RULES

Json = dict[str, Any]

_RULES = [*(rule.id for rule in RULES), NOT_EVALUATED]
_TRACE = "io.cds-service.trace"
_ADDRESS = {"format": "uri"}
_OWN_RULE = {"enum": _RULES}

# What the types of the Structs do not say, by Struct and member.
_NARROWER: dict[str, dict[str, Json]] = {
    "Card": {
        "uuid": {"format": "uuid"},
        "summary": {"maxLength": LONGEST_SUMMARY},
        "overrideReasons": {"items": {"$ref": "#/components/schemas/OverrideReason"}, "maxItems": reasons.MOST},
        "extension": {"$ref": "#/components/schemas/CardExtension"},
    },
    "Source": {"url": _ADDRESS, "icon": _ADDRESS, "topic": {"$ref": "#/components/schemas/Topic"}},
    "Link": {"url": _ADDRESS},
    "Suggestion": {"uuid": {"format": "uuid"}},
    "Topic": {"system": {"const": RULE_SYSTEM}, "code": _OWN_RULE},
    "OverrideReason": {"system": {"const": reasons.SYSTEM}, "code": {"enum": list(reasons.DISPLAYS)}},
    "Explanation": {"rule": _OWN_RULE},
    "Line": {"rule": _OWN_RULE},
    "ToldFact": {"date": {"format": "date"}},
}


# Members with such names are no Python names.
_CardExtension = TypedDict("_CardExtension", {EXPLANATION: Explanation})  # type: ignore[misc]
_TracedExtension = TypedDict("_TracedExtension", {_TRACE: Trace})  # type: ignore[misc]


class _Issue(TypedDict):
    severity: str
    code: str
    details: _Text


class _Text(TypedDict):
    text: str


class _Outcome(TypedDict):
    """FHIR's OperationOutcome: what to mend, one issue for each thing that is wrong."""

    resourceType: str
    issue: list[_Issue]


def schemas() -> dict[str, Json]:
    """Every part of an answer by its name."""
    types = (Card, _CardExtension, _TracedExtension, _Outcome)
    _, found = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    made = {name.lstrip("_"): _sent(schema) for name, schema in found.items()}
    coding = made.pop("Coding")
    made |= {"Topic": coding, "OverrideReason": _sent(coding)}
    for name, members in _NARROWER.items():
        properties = made[name]["properties"]
        properties |= {member: _narrowed(properties[member], more) for member, more in members.items()}
    made["Outcome"]["properties"]["resourceType"] = {"const": "OperationOutcome"}
    return made | {"Answer": _answer(), "Discovery": _discovery()}


def _narrowed(plain: Json, more: Json) -> Json:
    return more if "$ref" in more else plain | more


def _sent(schema: Any) -> Any:
    """A schema of what is sent: no member is null or empty, none has a default, and there are no others."""
    if isinstance(schema, list):
        return [_sent(part) for part in schema if part != ""]
    if not isinstance(schema, dict):
        return " ".join(schema.split()).replace("/_", "/") if isinstance(schema, str) else schema
    made = {name: _sent(part) for name, part in schema.items() if name not in ("default", "title")}
    least = {"string": "minLength", "array": "minItems", "object": "minProperties"}.get(str(made.get("type")))
    if "properties" in made:
        made["properties"] = {name: _sent(part) for name, part in schema["properties"].items()}
        return made | {"additionalProperties": False}
    return made | ({least: 1} if least else {})


def _answer() -> Json:
    cards = {"type": "array", "items": {"$ref": "#/components/schemas/Card"}}
    extension = {"$ref": "#/components/schemas/TracedExtension"}
    return closed({"cards": cards, "extension": extension}, "cards")


def _discovery() -> Json:
    """One entry for each service, with exactly what it says."""
    said: list[Json] = discovery()["services"]
    one = closed({name: {"type": "string", "minLength": 1} for name in said[0] if name != "prefetch"}, *said[0])
    one["properties"] |= {"id": {"enum": list(SERVICES)}, "hook": {"enum": [one["hook"] for one in said]}}
    one["properties"]["prefetch"] = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"enum": list(dict.fromkeys(key for each in said for key in each["prefetch"]))},
        "additionalProperties": {"type": "string", "minLength": 1},
    }
    return closed({"services": {"type": "array", "items": one}}, "services")


def closed(properties: Json, *required: str) -> Json:
    """An object that has no other members."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
