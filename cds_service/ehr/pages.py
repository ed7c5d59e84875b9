"""What a FHIR server answered: whether it is JSON of the type asked for, and where the next page is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urljoin

import msgspec

from cds_service.ehr.address import Server
from cds_service.ehr.words import ERROR, PART, UNUSABLE, Failed

Parameters = list[tuple[str, str]]

_BOM = b"\xef\xbb\xbf"
_ERRORS = ("error", "fatal")
# Longer than any server's link; what is longer is not worth taking apart.
_LONGEST_LINK = 8000
# Parameters that say how to answer, not what is asked for.
_MANNER = {"_count", "_elements", "_format", "_include", "_pretty", "_revinclude", "_sort", "_summary", "_total"}
# A page's opaque name is no number of a page: it cannot be guessed.
_SHORTEST_TOKEN = 8
_PATIENT = ("patient", "subject")


class Head(msgspec.Struct, rename="camel"):
    """The little that has to be known of an answer here; of whatever JSON type it may be."""

    resource_type: Any = None
    link: Any = None
    issue: Any = None


_HEAD = msgspec.json.Decoder(Head)


def text(body: bytes) -> bytes:
    """A body as UTF-8 JSON text without a byte order mark. Raises Failed for other than UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise Failed(UNUSABLE, "not UTF-8") from error
    return body.removeprefix(_BOM)


def head(body: bytes, wanted: Collection[str]) -> Head:
    """The head of an answer of a wanted type. Raises Failed for all else; all of the JSON is looked through."""
    try:
        found = _HEAD.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Failed(UNUSABLE, "not a JSON object") from error
    if found.resource_type in list(wanted):
        return found
    if found.resource_type == "OperationOutcome" and _reports_error(found.issue):
        raise Failed(ERROR, "an OperationOutcome")
    raise Failed(UNUSABLE, f"no {' or '.join(sorted(wanted))}")


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _reports_error(issues: Any) -> bool:
    return any(issue.get("severity") in _ERRORS for issue in _objects(issues))


def following(page: Head, server: Server, sent: Parameters) -> str:
    """The address of the next page, "" after the last. Raises Failed for one that must not be followed."""
    links = [link.get("url") for link in _objects(page.link) if link.get("relation") == "next"]
    if not links:
        return ""
    url = _absolute(links[0], server)
    if not server.owns(url):
        raise Failed(PART, "next link to another place")
    if not _keeps_patient(parse_qsl(url.partition("?")[2], keep_blank_values=True), sent):
        raise Failed(PART, "next link without the patient")
    return url


def _absolute(url: Any, server: Server) -> str:
    if not isinstance(url, str) or len(url) > _LONGEST_LINK:
        raise Failed(PART, "next link that is no address")
    try:
        return urljoin(f"{server.base}/", url)
    except ValueError as error:
        raise Failed(PART, "next link that is no address") from error


def _keeps_patient(shown: Parameters, sent: Parameters) -> bool:
    """The patient that was asked for, or a link that shows nothing of the search but has an opaque name for it.
    A server that drops the patient and keeps counting pages would go on with the data of all patients."""
    if _patients(shown) or not _patients(sent):
        return _patients(shown) == _patients(sent)
    asked = {_name(name) for name, _ in sent} - _MANNER
    told = [(_name(name), value) for name, value in shown if _name(name) not in _MANNER]
    return all(name not in asked for name, _ in told) and any(len(value) >= _SHORTEST_TOKEN for _, value in told)


def _name(parameter: str) -> str:
    """A parameter without its modifier."""
    return parameter.partition(":")[0]


def _patients(parameters: Parameters) -> set[str]:
    """The ids under which a search names the patient: as an id, a reference or an absolute reference."""
    return {value.rpartition("/")[2] for name, value in parameters if _name(name) in _PATIENT}
