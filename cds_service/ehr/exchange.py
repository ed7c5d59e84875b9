"""One HTTP exchange with a FHIR server, within the budget: an answer, or why there is none."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from cds_service.ehr.budget import Budget, Spent
from cds_service.ehr.sessions import session
from cds_service.ehr.sockets import spending
from cds_service.ehr.words import NOT_IN_TIME, PART, TOO_MUCH, UNREACHABLE, UNUSABLE, Failed

_OK = 200
# Bytes taken from the wire, and unpacked, at a time.
_PIECE = 64 * 1024
_GZIP = zlib.MAX_WBITS | 16


class Broken(Failed):
    """The connection failed before any answer came: the question may be asked again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, the headers that matter, and the body, which is read only where the status is 200."""

    status: int
    location: str
    retry_after: str
    body: bytes


def exchange(
    origin: str, method: str, url: str, headers: Mapping[str, str], budget: Budget, form: str | None = None
) -> Answer:
    """Ask once; a redirect is an answer like any other. Raises Failed for all that a network can do."""
    budget.spend_call()
    with spending(budget), _sent(origin, method, url, headers, budget, form) as response:
        body = _body(response, budget) if response.status_code == _OK else b""
        found = response.headers
        return Answer(response.status_code, found.get("Location", ""), found.get("Retry-After", ""), body)


def _sent(
    origin: str, method: str, url: str, headers: Mapping[str, str], budget: Budget, form: str | None
) -> requests.Response:
    try:
        return session(origin).request(
            method, url, data=form, headers=dict(headers), stream=True, allow_redirects=False
        )
    except requests.Timeout as error:
        raise _late(budget) from error
    except requests.exceptions.SSLError as error:
        raise Failed(UNREACHABLE, _root(error)) from error
    except requests.ConnectionError as error:
        raise _broken(error) from error
    except (requests.RequestException, HTTPError) as error:
        raise Failed(UNUSABLE, _root(error)) from error


def _broken(error: Exception) -> Failed:
    """Not answered, which the system says, or answered with something that is not HTTP."""
    root = _innermost(error)
    if isinstance(root, OSError):
        return Broken(UNREACHABLE, type(root).__name__)
    return Failed(UNUSABLE, type(root).__name__)


def _body(response: requests.Response, budget: Budget) -> bytes:
    pieces: list[bytes] = []
    size = 0
    try:
        for piece in _pieces(response, budget):
            size += len(piece)
            if size > budget.largest_answer:
                raise Spent(TOO_MUCH, f"more than {budget.largest_answer} bytes in one answer")
            pieces.append(piece)
    except ReadTimeoutError as error:
        raise _late(budget) from error
    except HTTPError as error:
        raise Failed(PART, _root(error)) from error
    except zlib.error as error:
        raise Failed(UNUSABLE, "broken gzip") from error
    return b"".join(pieces)


def _pieces(response: requests.Response, budget: Budget) -> Iterator[bytes]:
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    raw: Iterator[bytes] = response.raw.stream(_PIECE, decode_content=False)
    if encoding in ("", "identity"):
        return raw
    if encoding in ("gzip", "x-gzip"):
        return _unpacked(raw, budget)
    raise Failed(UNUSABLE, "an encoding that was not asked for")


def _unpacked(raw: Iterator[bytes], budget: Budget) -> Iterator[bytes]:
    """Unpack piece by piece, so that a small body that unpacks to gigabytes is left where the budget ends."""
    unpack = zlib.decompressobj(_GZIP)
    for packed in raw:
        while packed:
            piece = unpack.decompress(packed, _PIECE)
            budget.seconds()
            budget.spend_bytes(len(piece))
            yield piece
            packed = unpack.unconsumed_tail
    yield unpack.flush()
    if not unpack.eof:
        raise Failed(PART, "gzip without its end")


def _late(budget: Budget) -> Failed:
    return Failed(NOT_IN_TIME, f"{budget.milliseconds} ms are over")


def _root(error: BaseException) -> str:
    return type(_innermost(error)).__name__


def _innermost(error: BaseException) -> BaseException:
    """Where it began: the layers of requests and urllib3 wrap it several times."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return error
