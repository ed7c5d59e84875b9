"""Client: an EHR that may call, as the site lists it."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.trust.algorithms import SUPPORTED
from cds_service.trust.keys import KeySource

# What CDS Hooks recommends.
USUAL = ("ES384", "RS384")


@dataclass(frozen=True, slots=True)
class Client:
    """Who may call: one EHR, by the issuer of its tokens. `keys` are its public keys, `algorithms` those of SUPPORTED
    that it may sign with. `tenants` are those of its tenants that may call (none listed: any, or none). `jku` are
    addresses that a token may name as its key set, https unless they are on this machine. `audience` is accepted beside
    the address that was called, for EHRs where it is typed in by hand."""

    name: str
    issuer: str
    keys: KeySource
    algorithms: tuple[str, ...] = USUAL
    tenants: tuple[str, ...] = ()
    jku: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if not self.name or not self.issuer:
            raise ValueError("A client has no name or no issuer. Give both: the issuer as its tokens write it in iss.")
        if not self.algorithms or not set(self.algorithms) <= set(SUPPORTED):
            known = ", ".join(SUPPORTED)
            raise ValueError(f"Algorithms of {self.name}: none is listed, or one is not known. Choose of {known}.")
