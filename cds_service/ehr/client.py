"""A FHIR server as one request sees it: searches with all their pages, reads, and the server's own description."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, urlencode, urljoin

from cds_service.ehr.address import Server
from cds_service.ehr.budget import Budget
from cds_service.ehr.exchange import Answer, Broken, exchange
from cds_service.ehr.pages import Parameters, following, head, text
from cds_service.ehr.reply import Fetched
from cds_service.ehr.words import BUSY, ERROR, NOT_FOUND, NOT_IN_TIME, PART, REFUSED, UNKNOWN_PATIENT, UNUSABLE, Failed

_OK, _UNAVAILABLE = 200, 503
_NO_POST = {404, 405, 501}
_GONE = {404, 410}
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 2
_WHY = {401: REFUSED, 403: REFUSED, 429: BUSY, 503: BUSY, 504: NOT_IN_TIME}
# A later media type first: servers of DSTU2 know only the second.
_ACCEPT = "application/fhir+json, application/json+fhir;q=0.9, application/json;q=0.8"
_FORM = "application/x-www-form-urlencoded"
_TYPE = re.compile(r"[A-Za-z]{1,64}")
_READ = re.compile(r"([A-Za-z]{1,64})/(?!\.{1,2}$)[A-Za-z0-9._-]{1,256}")
_TOKEN = re.compile(r"[!-~]*")
_SECONDS = re.compile(r"[0-9]{1,3}")
_DESCRIPTION = ("CapabilityStatement", "Conformance")
# Servers that answered a search by GET after they had refused it by POST.
_WANTS_GET: set[Server] = set()


class Client:
    """Asks one server with the token of one request ("": none) and pays from that request's budget.
    Nothing that the network does raises; threads may share a client."""

    def __init__(self, server: Server, token: str, budget: Budget) -> None:
        self.server = server
        self.budget = budget
        self._token = token

    def search(self, query: str) -> Fetched:
        """All pages of a search such as "Observation?patient=1&code=http://loinc.org|2601-3"."""
        kind, _, parameters = query.partition("?")
        if not _TYPE.fullmatch(kind):
            raise ValueError(f"{kind!r} is no resource type: a search is written Type?name=value")
        return _gathered(f"{kind} search", self._pages(kind, parse_qsl(parameters, keep_blank_values=True)))

    def read(self, path: str) -> Fetched:
        """One resource such as "Patient/123"."""
        parts = _READ.fullmatch(path)
        if parts is None:
            raise ValueError("A read is written Type/id, the id of letters, digits, dots, dashes and underscores.")
        kind = parts[1]
        unknown = UNKNOWN_PATIENT if kind == "Patient" else NOT_FOUND
        return _gathered(f"{kind} read", self._one(f"{self.server.base}/{path}", (kind,), unknown))

    def metadata(self) -> Fetched:
        """The server's CapabilityStatement (DSTU2: Conformance)."""
        return _gathered("metadata", self._one(f"{self.server.base}/metadata", _DESCRIPTION, ERROR))

    def _one(self, url: str, wanted: Collection[str], unknown: str) -> Iterator[bytes]:
        answer = self._get(url)
        if answer.status in _GONE:
            raise Failed(unknown, f"status {answer.status}")
        body = _body(answer)
        head(body, wanted)
        yield body

    def _pages(self, kind: str, sent: Parameters) -> Iterator[bytes]:
        """Page after page; a page is handed on before its link is looked at, so it is kept if the link is wrong."""
        answer, seen = self._first(kind, sent), set[str]()
        while True:
            body = _body(answer)
            page = head(body, ("Bundle",))
            yield body
            url = following(page, self.server, sent)
            if not url:
                return
            if url in seen:
                raise Failed(PART, "next link to a page that was read")
            seen.add(url)
            self.budget.spend_page()
            answer = self._get(url)

    def _first(self, kind: str, sent: Parameters) -> Answer:
        """By POST, so that no patient is named in an address, which proxies and servers log."""
        url, form = f"{self.server.base}/{kind}", urlencode(sent, safe=":/,")
        if self.server not in _WANTS_GET:
            answer = self._ask("POST", f"{url}/_search", form)
            if answer.status not in _NO_POST:
                return answer
        answer = self._get(f"{url}?{form}")
        if answer.status == _OK:
            _WANTS_GET.add(self.server)
        return answer

    def _get(self, url: str) -> Answer:
        """Follow a redirect only where a next link may lead, too: on the same server."""
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask("GET", url)
            if answer.status not in _REDIRECTS:
                return answer
            url = self._redirected(url, answer)
        raise Failed(UNUSABLE, f"more than {_MOST_REDIRECTS} redirects")

    def _redirected(self, url: str, answer: Answer) -> str:
        try:
            target = urljoin(url, answer.location)
        except ValueError:
            target = ""
        if not self.server.owns(target):
            raise Failed(UNUSABLE, f"status {answer.status} to another place")
        return target

    def _ask(self, method: str, url: str, form: str | None = None) -> Answer:
        """Ask, and once more if the connection broke before an answer or the server names a time that is left."""
        try:
            answer = self._exchange(method, url, form)
        except Broken:
            seconds = 0
        else:
            wanted = self._pause(answer)
            if wanted is None:
                return answer
            seconds = wanted
        # Out here the first failure is over, and no part of what a second one tells.
        time.sleep(seconds)
        return self._exchange(method, url, form)

    def _pause(self, answer: Answer) -> int | None:
        """Only a number of seconds: a date is too coarse for a budget of one or two of them."""
        if answer.status != _UNAVAILABLE or not _SECONDS.fullmatch(answer.retry_after):
            return None
        seconds = int(answer.retry_after)
        return seconds if seconds < self.budget.seconds_left else None

    def _exchange(self, method: str, url: str, form: str | None) -> Answer:
        if not self.server.owns(url):
            raise ValueError("The token goes to no other server, and no question either.")
        if not _TOKEN.fullmatch(self._token):
            raise Failed(REFUSED, "a token that no header can carry")
        headers = {"Accept": _ACCEPT}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        if form is not None:
            headers["Content-Type"] = _FORM
        return exchange(self.server.origin, method, url, headers, self.budget, form)


def _gathered(what: str, pages: Iterator[bytes]) -> Fetched:
    """Every page that came, and why no more did."""
    found: list[bytes] = []
    try:
        for page in pages:
            found.append(page)
    except Failed as failed:
        return Fetched(tuple(found), False, failed.why, f"{what}: {failed.detail}")
    return Fetched(tuple(found), True)


def _body(answer: Answer) -> bytes:
    """The JSON text of an answer. Raises Failed unless the status is 200."""
    if answer.status == _OK:
        return text(answer.body)
    raise Failed(_why(answer.status), f"status {answer.status}")


def _why(status: int) -> str:
    if status in _WHY:
        return _WHY[status]
    return ERROR if status >= 400 else UNUSABLE
