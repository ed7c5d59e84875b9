"""Who may call, and on what terms each client is answered."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from cds_service.ehr.source import Access
from cds_service.evidence import Edition
from cds_service.hooks.terms import Terms
from cds_service.store.memory import Memory
from cds_service.web.settings import Settings

if TYPE_CHECKING:  # what verifies tokens takes long to load, and a service that is only tried out needs none of it
    from cds_service.trust.token import Verifier
    from cds_service.web.site import Site
    from cds_service.web.site.clients import Listed


class Callers:
    """The clients of a site; without any, everybody may call and is answered alike."""

    def __init__(self, settings: Settings, memory: Memory | None) -> None:
        """Nothing is loaded yet from an address of keys."""
        site = settings.site
        self._anybody = Terms(access=settings.access)
        self._terms: dict[str, Terms] = {}
        self._verifier: Verifier | None = None
        if site is not None:
            self._anybody = Terms("", settings.access, site.dialect, site.caps, site.edition)
            self._terms = {one.trusted.name: _terms(one, settings.access, site.edition) for one in site.clients}
            self._verifier = _verifier(site, memory) if site.clients else None

    def prepare(self) -> None:
        """Load what talks to FHIR servers and begin to load the clients' keys; waits for neither."""
        for terms in (self._anybody, *self._terms.values()):
            terms.access.prepare()
        if self._verifier is not None:
            self._verifier.prepare()

    def terms(self, authorization: str | None, addresses: Collection[str]) -> Terms:
        """The terms of whoever sent this Authorization header to one of these addresses. Raises Distrust."""
        if self._verifier is None:
            return self._anybody
        return self._terms[self._verifier.verify(authorization, addresses).name]

    def named(self, client: str) -> Terms:
        """The terms of a client by its name, "": of anybody. Raises KeyError."""
        return self._terms[client] if client else self._anybody


def _verifier(site: Site, memory: Memory | None) -> Verifier:
    from cds_service.trust.replay import Replay
    from cds_service.trust.token import Verifier

    return Verifier([one.trusted for one in site.clients], Replay(memory, site.strict_replay), time.time)


def _terms(one: Listed, access: Access, site: Edition) -> Terms:
    own = f"?client={one.trusted.name}" if one.edition is not site else ""
    mine = Access(one.servers, access.milliseconds, access.room)
    return Terms(one.trusted.name, mine, one.dialect, one.caps, one.edition, own)
