"""Terms: what is settled with a client."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.cards.ration import USUAL, Caps
from cds_service.ehr.source import NO_ACCESS, Access
from cds_service.evidence import Edition, applied


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a client is answered: by what name it is remembered, which FHIR servers may be asked for it, in
    what dialect, how many cards it is shown, by which edition of the guideline it is judged (None: the one that is in
    force) and with what the address of a page must end that tells that edition."""

    client: str = ""
    access: Access = NO_ACCESS
    dialect: Dialect = PLAIN
    caps: Caps = USUAL
    edition: Edition | None = None
    page: str = ""

    def in_force(self) -> AbstractContextManager[None]:
        """For as long as the client is answered, its edition."""
        return nullcontext() if self.edition is None else applied(self.edition)


# Those of a client with which nothing is settled.
NO_TERMS = Terms()
