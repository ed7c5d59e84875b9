"""Terms: what is settled with a client."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.cards.ration import USUAL, Caps
from cds_service.ehr.source import NO_ACCESS, Access


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a client is answered: by what name it is remembered, which FHIR servers may be asked for it, in
    what dialect, and how many cards it is shown."""

    client: str = ""
    access: Access = NO_ACCESS
    dialect: Dialect = PLAIN
    caps: Caps = USUAL


# Those of a client with which nothing is settled.
NO_TERMS = Terms()
