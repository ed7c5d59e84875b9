"""What may stand in a site's file: its tables and keys, with the kind of each value."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

_Text = Annotated[str, Meta(min_length=1, max_length=1000)]
# A client's name stands in the database, in logs and in addresses.
_Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,100}$")]
_Cards = Annotated[int, Meta(ge=0, le=20)]
_Algorithm = Literal["ES256", "ES384", "RS256", "RS384"]


class _Form(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class SignedForm(_Form, frozen=True):
    """Who takes clinical responsibility for a rule: [rules.<rule-id>.signed]."""

    by: _Text
    on: date
    next: date
    version: str = ""


class RuleForm(_Form, frozen=True):
    """[rules.<rule-id>]"""

    stage: Literal["live", "shadow", "off"] | None = None
    signed: SignedForm | None = None


class CardsForm(_Form, frozen=True):
    """[cards] of the site or of a client; what is not said is as the site, or else the service, has it."""

    at_order: _Cards | None = None
    at_view: _Cards | None = None
    selection_behavior: Literal["any", "at-most-one", "both"] | None = None
    one_action: bool | None = None
    delete_as_string: bool | None = None


class ServiceForm(_Form, frozen=True):
    """[service]: what environment variables of the same names say, too; those win."""

    public_url: str | None = None
    max_body_mb: float | None = None
    max_waiting: int | None = None
    budget_ms: int | None = None
    cors_origins: list[str] | None = None
    fhir_servers: list[str] | None = None
    log_level: str | None = None
    log_calls: str | None = None


class StoreForm(_Form, frozen=True):
    """[store]: the same; its address and its secret come from the environment alone."""

    retention_days: int | None = None
    snooze_days: int | None = None
    store_comments: bool | None = None


class SecurityForm(_Form, frozen=True):
    """[security]: whether a call is accepted while nobody can tell if another process has seen its token."""

    replay_without_store: Literal["accept", "refuse"] = "accept"


class StaffForm(_Form, frozen=True):
    """[staff]: who may see the committee's pages; without it nobody."""

    password_hash: _Text | None = None
    header: _Text | None = None
    proxies: list[str] = []
    minutes: Annotated[int, Meta(ge=1, le=480)] = 30


class ClientForm(_Form, frozen=True):
    """[[client]]: an EHR that may call."""

    name: _Name
    issuer: _Text
    jwks_url: str | None = None
    jwks_file: str | None = None
    jwks: dict[str, Any] | None = None
    algorithms: Annotated[list[_Algorithm], Meta(min_length=1)] | None = None
    tenants: list[_Text] = []
    jku: list[_Text] = []
    audience: list[_Text] = []
    fhir_servers: list[str] = []
    cards: CardsForm = CardsForm()
    settings: dict[str, Any] = {}
    rules: dict[str, Any] = {}
