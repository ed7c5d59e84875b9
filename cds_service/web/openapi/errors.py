"""Every error that a client may be answered, once for all operations: each is an OperationOutcome."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

Json = dict[str, Any]

OUTCOME = {"application/json": {"schema": {"$ref": "#/components/schemas/Outcome"}}}
_TEXT: Json = {"type": "string", "minLength": 1}
# Status -> when it is sent.
_WHEN = {
    400: "The body cannot be used; the text names what is wrong.",
    401: "The call carries no token that is accepted; why not stands in the log only.",
    403: "This client may not call this service.",
    404: "There is no such thing here.",
    405: "This address does not take that method.",
    412: "Nothing that the service needs was supplied.",
    413: "The body is larger than this service accepts.",
    415: "The body is not application/json.",
    500: "The service failed on this request, and nothing was checked.",
    503: "The service cannot do it now; the same may be tried again.",
}
# Status -> the headers that always come with it.
_HEADERS: dict[int, dict[str, Json]] = {
    401: {"WWW-Authenticate": {"const": "Bearer"}},
    405: {"Allow": _TEXT},
    503: {"Retry-After": {"type": "integer", "minimum": 1}},
}
# What may happen at every address.
ANYWHERE = (405, 500)


def responses(paths: Json) -> dict[str, Json]:
    """The errors that operations refer to, as components."""
    operations = (operation for item in paths.values() for operation in item.values())
    referred = {one["$ref"] for operation in operations for one in operation["responses"].values() if "$ref" in one}
    return {_name(status): _response(status) for status in _WHEN if _reference(status) in referred}


def refused(*statuses: int) -> dict[str, Json]:
    """What an operation may answer beside success; what may happen anywhere comes with it."""
    return {str(status): {"$ref": _reference(status)} for status in sorted({*statuses, *ANYWHERE})}


def _reference(status: int) -> str:
    return f"#/components/responses/{_name(status)}"


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.replace(" ", "")


def _response(status: int) -> Json:
    response: Json = {"description": _WHEN[status], "content": OUTCOME}
    headers = {name: {"required": True, "schema": schema} for name, schema in _HEADERS.get(status, {}).items()}
    return response | ({"headers": headers} if headers else {})
