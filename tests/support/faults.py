"""What a FHIR server can do wrong in one answer, and what the service must say of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from cds_service.ehr.words import (
    BUSY,
    ERROR,
    NOT_IN_TIME,
    PART,
    REFUSED,
    TOO_MUCH,
    UNKNOWN_PATIENT,
    UNREACHABLE,
    UNUSABLE,
)
from tests.fhir.resources import SNOMED_CT, Json, bundle, concept, condition, order, outcome, who
from tests.support.loopback import CLOSE, Line
from tests.support.record import Question, Spoil

_STRANGER = "the record system sent another patient's data"
# A budget that a hanging server uses up, and one that no other fault comes near, however busy the machine is.
SHORT, LONG = 600, 5000
_MEGABYTE = b" " * 1024 * 1024
_MANY = 10_000
_CIRRHOSIS = concept("19943007", "Cirrhosis of liver", SNOMED_CT)
_QUININE = concept("9071", "quinine")


@dataclass(frozen=True)
class Fault:
    """What the server did; the words for it where a search was spoilt and where a read was ("": nothing is lost); and
    what the service did. `make` is told the address of another host."""

    did: str
    search: str
    read: str
    service: str
    make: Callable[[str], Spoil] | None  # None: nobody listens
    milliseconds: int = LONG


def _always(spoil: Spoil) -> Callable[[str], Spoil]:
    return lambda elsewhere: spoil


def _says(body: bytes | Json, status: int = 200, **headers: str) -> Callable[[str], Spoil]:
    def spoil(line: Line, asked: Question) -> None:
        line.answer(body, status, **headers)

    return _always(spoil)


def _reset(line: Line, asked: Question) -> object:
    line.reset()
    return CLOSE


def _hang(line: Line, asked: Question) -> object:
    line.hang()
    return CLOSE


def _drip(line: Line, asked: Question) -> object:
    line.drip((bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n"), 1)
    return CLOSE


def _truncated(line: Line, asked: Question) -> None:
    line.answer(json.dumps(asked.right).encode()[:-20])


def _too_long(line: Line, asked: Question) -> object:
    line.answer(asked.right, Content_Length="99999")
    return CLOSE


def _too_short(line: Line, asked: Question) -> None:
    line.answer(asked.right, Content_Length="40")


def _redirect(elsewhere: str) -> Spoil:
    def spoil(line: Line, asked: Question) -> None:
        line.answer(b"", 307, Location=f"{elsewhere}/{asked.kind}")

    return spoil


def _linked(page: Json, url: str) -> Json:
    """As the first page of a search that goes on elsewhere."""
    page = page if page["resourceType"] == "Bundle" else bundle(page, type="searchset")
    return page | {"link": [{"relation": "next", "url": url}]}


def _loop(line: Line, asked: Question) -> None:
    line.answer(_linked(asked.right, f"{asked.kind}?_getpages=0e8c4d2f-61b7"))


def _next_elsewhere(elsewhere: str) -> Spoil:
    def spoil(line: Line, asked: Question) -> None:
        line.answer(_linked(asked.right, f"{elsewhere}/{asked.kind}?_getpages=0e8c4d2f-61b7"))

    return spoil


def _strange(asked: Question) -> list[Json]:
    """What another patient has: each of it would make a card for this one."""
    other = {"subject": who("p2")}
    return [condition(_CIRRHOSIS, "c9", **other)] if asked.kind == "Condition" else [order(_QUININE, "m9", **other)]


def _stranger(line: Line, asked: Question) -> None:
    is_search = asked.right["resourceType"] == "Bundle"
    line.answer(bundle(*_strange(asked), type="searchset") if is_search else asked.right | {"id": "p2"})


def _mixed(line: Line, asked: Question) -> None:
    own = [entry["resource"] for entry in asked.right.get("entry", [{"resource": asked.right}])]
    line.answer(bundle(*own, *_strange(asked), type="searchset"))


def _around(asked: Question) -> tuple[bytes, bytes]:
    """The right answer, open for any amount of blanks."""
    raw = json.dumps(asked.right).encode()
    return raw[:-1], raw[-1:]


def _huge(line: Line, asked: Question) -> None:
    start, end = _around(asked)
    size = len(start) + 50 * len(_MEGABYTE) + len(end)
    line.send(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode() + start)
    for _ in range(50):
        line.send(_MEGABYTE)
    line.send(end)


@cache
def _many(raw: str) -> bytes:
    """The right answer, and what it holds ten thousand times over: entries, or a patient's names."""
    right = json.loads(raw)
    if right["resourceType"] != "Bundle":
        return json.dumps(right | {"name": [{"text": f"name {number}"} for number in range(_MANY)]}).encode()
    own = [entry["resource"] for entry in right["entry"]]
    more = [own[0] | {"id": f"many-{number}"} for number in range(_MANY - len(own))]
    return json.dumps(bundle(*own, *more, type="searchset", total=_MANY)).encode()


def _ten_thousand(line: Line, asked: Question) -> None:
    line.answer(_many(json.dumps(asked.right)))


def _dstu2(resource: Json) -> Json:
    """A resource of R4 in its DSTU2 shape."""
    if resource["resourceType"] == "Patient":
        return resource | {"careProvider": [{"reference": "Practitioner/1"}]}
    if resource["resourceType"] == "Medication":
        return resource | {"product": {"form": {"text": "tablet"}}}
    kept = {name: resource[name] for name in ("id", "code", "status", "medicationCodeableConcept") if name in resource}
    if resource["resourceType"] == "Condition":
        told = {"resourceType": "Condition", "clinicalStatus": "active", "dateRecorded": resource["recordedDate"]}
    else:
        told = {"resourceType": "MedicationOrder", "dateWritten": resource["authoredOn"]}
    return kept | told | {"patient": resource["subject"]}


def _older(line: Line, asked: Question) -> None:
    entries = [_dstu2(entry["resource"]) for entry in asked.right.get("entry", [])]
    line.answer(bundle(*entries, type="searchset", total=len(entries)) if entries else _dstu2(asked.right))


@cache
def _packed(raw: bytes) -> bytes:
    pack = zlib.compressobj(1, wbits=zlib.MAX_WBITS | 16)
    pieces = [pack.compress(raw[:-1]), *(pack.compress(_MEGABYTE) for _ in range(100)), pack.compress(raw[-1:])]
    return b"".join([*pieces, pack.flush()])


def _bomb(line: Line, asked: Question) -> None:
    line.answer(_packed(json.dumps(asked.right).encode()), Content_Encoding="gzip")


_FIRST = "judged the first 2,000; read all names"
_UNREAD = "nothing of the answer was used"
FAULTS: Mapping[str, Fault] = {
    "refused": Fault(
        "took no connection, of whatever question",
        UNREACHABLE,
        UNREACHABLE,
        "asked each question once more; when a chart was opened, refused the call (412)",
        None,
    ),
    "reset": Fault(
        "broke the connection before it answered", UNREACHABLE, UNREACHABLE, "asked once more", _always(_reset)
    ),
    "hang": Fault(
        "took the question and never answered",
        NOT_IN_TIME,
        NOT_IN_TIME,
        "went on without it when the budget ended",
        _always(_hang),
        SHORT,
    ),
    "drip": Fault(
        "sent one byte a second",
        NOT_IN_TIME,
        NOT_IN_TIME,
        "went on without it when the budget ended",
        _always(_drip),
        SHORT,
    ),
    "401": Fault("answered 401", REFUSED, REFUSED, "did not ask again", _says(outcome(), 401)),
    "403": Fault("answered 403", REFUSED, REFUSED, "did not ask again", _says(outcome(), 403)),
    "404": Fault("answered 404", ERROR, UNKNOWN_PATIENT, "asked a search once more by GET", _says(outcome(), 404)),
    "429": Fault("answered 429", BUSY, BUSY, "did not ask again", _says(outcome(), 429, Retry_After="1")),
    "500": Fault("answered 500", ERROR, ERROR, "did not ask again", _says(outcome(), 500)),
    "503": Fault(
        "answered 503, to be asked again in two minutes",
        BUSY,
        BUSY,
        "did not wait: the budget is shorter",
        _says(outcome(), 503, Retry_After="120"),
    ),
    "outcome": Fault("answered 200 with an OperationOutcome of an error", ERROR, ERROR, _UNREAD, _says(outcome())),
    "html": Fault(
        "answered 200 with an HTML page",
        UNUSABLE,
        UNUSABLE,
        _UNREAD,
        _says(b"<!doctype html><title>Sign in</title>", Content_Type="text/html"),
    ),
    "truncated": Fault("sent JSON without its end", UNUSABLE, UNUSABLE, _UNREAD, _always(_truncated)),
    "length-too-large": Fault(
        "announced more bytes than it sent, and hung up", PART, PART, _UNREAD, _always(_too_long)
    ),
    "length-too-small": Fault(
        "announced fewer bytes than it sent, and kept the connection",
        UNUSABLE,
        UNUSABLE,
        "used nothing of the answer, and the connection for no other question",
        _always(_too_short),
    ),
    "redirect": Fault("redirected to another host", UNUSABLE, UNUSABLE, "did not follow", _redirect),
    "next-loop": Fault(
        "sent a page whose `next` link leads to itself",
        PART,
        UNUSABLE,
        "followed it once, used the page and did not take it for all; a page is no answer to a read",
        _always(_loop),
    ),
    "next-elsewhere": Fault(
        "sent a page whose `next` link leads to another host",
        PART,
        UNUSABLE,
        "did not follow, used the page and did not take it for all; a page is no answer to a read",
        _next_elsewhere,
    ),
    "stranger": Fault("sent another patient's resources", _STRANGER, _STRANGER, _UNREAD, _always(_stranger)),
    "mixed": Fault(
        "sent another patient's resources among the patient's own",
        _STRANGER,
        UNUSABLE,
        "used the patient's own and did not take them for all; a Bundle is no answer to a read",
        _always(_mixed),
    ),
    "50-mb": Fault(
        "sent 50 MB",
        TOO_MUCH,
        TOO_MUCH,
        "stopped reading at half of the bytes that one request may take",
        _always(_huge),
    ),
    "gzip-bomb": Fault(
        "sent a few hundred kB that unpack to 100 MB",
        TOO_MUCH,
        TOO_MUCH,
        "stopped unpacking at half of the bytes that one request may take",
        _always(_bomb),
    ),
    "10000-entries": Fault(
        "sent 10,000 entries of the patient, or 10,000 names", TOO_MUCH, "", _FIRST, _always(_ten_thousand)
    ),
    "dstu2": Fault(
        "answered in the shapes of DSTU2 under an address of R4", "", "", "read them as what they are", _always(_older)
    ),
}
