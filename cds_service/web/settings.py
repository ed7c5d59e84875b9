"""Settings: read once from the environment; a wrong one stops the start with what to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cds_service.ehr.address import Server, parse
from cds_service.ehr.source import NO_ACCESS, Access

if TYPE_CHECKING:  # it loads the rules, and a process that only watches workers need not wait for them
    from cds_service.web.site import Site
    from cds_service.web.site.staff import Staff

# A database address that means that nothing is kept.
NOWHERE = "none"
_SERVER = ("postgresql://", "postgresql+psycopg://")


class BadSetting(ValueError):
    """A setting that cannot be used; the text names it and says what it must look like."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where is kept what was shown and done ("": a SQLite file in the instance folder, "none": nowhere); the secrets of
    its keys, or the file that holds them; for how many days it is kept, and an overridden card not repeated."""

    address: str = field(default="", repr=False)  # with the password of the database
    secrets: tuple[str, ...] = field(default=(), repr=False)
    secret_file: str = ""
    retention_days: int = 400
    snooze_days: int | None = None  # as long as is usual
    comments: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """`public_url` is the base of links and icons ("": the address that was called); `as_of` fixes the
    day of evaluation for demonstrations; `cors_origins` may call from a browser (`*`: any, without cookies); `access`
    says which FHIR servers may be asked for what was not prefetched, and how long; `store` where that is kept which was
    shown; `site` what the site's own file says beside that; `metrics` whether this process counts for Prometheus;
    `max_waiting` calls may be in one worker at once, and `log_calls` says which of them have a line in the log;
    `playground` whether there is one (None: where nothing speaks against it)."""

    public_url: str = ""
    max_body: int = 5 * 1024 * 1024
    max_waiting: int = 500
    as_of: date | None = None
    cors_origins: tuple[str, ...] = ("*",)
    access: Access = NO_ACCESS
    log_level: str = "INFO"
    log_calls: str = "shown"
    store: Store = field(default_factory=Store)
    site: Site | None = None
    metrics: bool = False
    playground: bool | None = None

    @property
    def plays(self) -> bool:
        """Whether the start page is the playground: not by itself where only listed clients may call."""
        return not self.authenticated if self.playground is None else self.playground

    @property
    def authenticated(self) -> bool:
        """Whether only clients that the site lists may call."""
        return self.site is not None and bool(self.site.clients)

    @property
    def staff(self) -> Staff | None:
        """How people of the site are let in to the committee's pages; None: nobody is."""
        return None if self.site is None else self.site.staff

    @property
    def today(self) -> date:
        """The day of evaluation: the server's own, unless it was fixed for a demonstration."""
        return self.as_of or date.today()  # noqa: DTZ011 - the day of the server's own time zone is meant


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from CDS_PUBLIC_URL, CDS_MAX_BODY_MB, CDS_MAX_WAITING, CDS_AS_OF, CDS_CORS_ORIGINS, CDS_FHIR_SERVERS,
    CDS_BUDGET_MS, CDS_LOG_LEVEL, CDS_LOG_CALLS, CDS_PLAYGROUND and, for the store, CDS_DATABASE_URL, CDS_HMAC_KEY,
    CDS_HMAC_KEY_FILE, CDS_RETENTION_DAYS, CDS_SNOOZE_DAYS and CDS_STORE_COMMENTS; and from the site's file, if CDS_SITE
    names one: what a variable says wins. Whoever sets PROMETHEUS_MULTIPROC_DIR, as `cds serve --metrics` does, has
    metrics kept.

    Raises BadSetting.
    """
    site = _site(environment.get("CDS_SITE", ""))
    if site is not None:
        environment = {**site.environment, **environment}
    as_of = environment.get("CDS_AS_OF", "")
    origins = environment.get("CDS_CORS_ORIGINS", "*").split(",")
    found = Settings(
        public_url=_public_url(environment.get("CDS_PUBLIC_URL", "")),
        max_body=_megabytes(environment.get("CDS_MAX_BODY_MB", "5")),
        max_waiting=_waiting(environment.get("CDS_MAX_WAITING", "500")),
        as_of=_day(as_of) if as_of else None,
        cors_origins=tuple(origin.strip() for origin in origins if origin.strip()),
        access=Access(
            _servers(environment.get("CDS_FHIR_SERVERS", "")), _milliseconds(environment.get("CDS_BUDGET_MS", "1500"))
        ),
        log_level=_level(environment.get("CDS_LOG_LEVEL", "INFO")),
        log_calls=_calls(environment.get("CDS_LOG_CALLS", "shown")),
        store=_store(environment),
        site=site,
        metrics=_counts(environment.get("PROMETHEUS_MULTIPROC_DIR", "")),
        playground=_yes("CDS_PLAYGROUND", environment) if environment.get("CDS_PLAYGROUND") else None,
    )
    _check_clients(found)
    _check_staff(found)
    return found


def _site(file: str) -> Site | None:
    if not file:
        return None
    from cds_service.web.site import load

    return load(Path(file))


def _check_clients(found: Settings) -> None:
    if not found.authenticated:
        return
    if not found.public_url:
        raise BadSetting(
            "CDS_PUBLIC_URL: the site's file lists clients, whose tokens name the address that they call. Set it, or "
            "public_url in [service], to the address by which they do."
        )
    if found.access.servers:
        raise BadSetting(
            "CDS_FHIR_SERVERS: the site's file lists clients. List fhir_servers for each [[client]] instead, so that "
            "none can have another one's server called."
        )


def _check_staff(found: Settings) -> None:
    if found.staff is not None and found.store.address == NOWHERE:
        raise BadSetting("CDS_DATABASE_URL is none: [staff] would see nothing. Set it, or take [staff] out.")


def _store(environment: Mapping[str, str]) -> Store:
    secrets, file = environment.get("CDS_HMAC_KEY", ""), environment.get("CDS_HMAC_KEY_FILE", "")
    if secrets and file:
        raise BadSetting("CDS_HMAC_KEY and CDS_HMAC_KEY_FILE are both set. Set one of them.")
    plain, address = Store(), _database(environment.get("CDS_DATABASE_URL", ""))
    if address.startswith(_SERVER) and not secrets and not file:  # machines that share it must name a patient alike
        raise BadSetting("CDS_HMAC_KEY: PostgreSQL wants a secret of the site. Make one: openssl rand -hex 32")
    _try(secrets, file)
    return Store(
        address=address,
        secrets=tuple(secrets.split()),
        secret_file=file,
        retention_days=_days("CDS_RETENTION_DAYS", environment) or plain.retention_days,
        snooze_days=_days("CDS_SNOOZE_DAYS", environment, least=0),
        comments=_yes("CDS_STORE_COMMENTS", environment),
    )


def _try(secrets: str, file: str) -> None:
    """Try the secrets here, before any worker could fail over and over."""
    if not secrets and not file:
        return
    from cds_service.store import keys  # the process that only watches workers need not load it

    try:
        keys.Keys(secrets.split()) if secrets else keys.from_file(Path(file))
    except keys.BadKey as error:
        raise BadSetting(f"{'CDS_HMAC_KEY' if secrets else 'CDS_HMAC_KEY_FILE'}: {error}") from None


def _database(address: str) -> str:
    is_file = address.startswith("sqlite:///") and address not in ("sqlite:///", "sqlite:///:memory:")
    if address not in ("", NOWHERE) and not is_file and not address.startswith(_SERVER):
        raise BadSetting(
            "CDS_DATABASE_URL must be sqlite:////path/to/file, postgresql://user:password@host/name, or none."
        )
    if address.startswith(_SERVER) and find_spec("psycopg") is None:
        raise BadSetting("CDS_DATABASE_URL: PostgreSQL needs its driver. Install requirements-postgres.lock.")
    return address


def _days(name: str, environment: Mapping[str, str], least: int = 1) -> int | None:
    text = environment.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= 36_500:
        raise BadSetting(f"{name} must be a whole number of days from {least} to 36500.")
    return int(text)


def _counts(folder: str) -> bool:
    if folder and not (os.path.isdir(folder) and os.access(folder, os.W_OK | os.X_OK)):
        raise BadSetting("PROMETHEUS_MULTIPROC_DIR must be a folder that this service may write to.")
    return bool(folder)


def _yes(name: str, environment: Mapping[str, str]) -> bool:
    text = environment.get(name, "no").lower()
    if text not in ("yes", "no"):
        raise BadSetting(f"{name} must be yes or no.")
    return text == "yes"


def _public_url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise BadSetting("CDS_PUBLIC_URL must start with http:// or https://, as clients call it.")
    return text.rstrip("/")


def _megabytes(text: str) -> int:
    try:
        size = float(text)
    except ValueError:
        size = 0
    if not 0 < size <= 100:
        raise BadSetting("CDS_MAX_BODY_MB must be a number of megabytes above 0 and at most 100.")
    return int(size * 1024 * 1024)


def _waiting(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise BadSetting("CDS_MAX_WAITING must be a whole number of calls from 1 to 1000.")
    return int(text)


def _servers(text: str) -> tuple[Server, ...]:
    bases = [base.strip() for base in text.split(",") if base.strip()]
    return tuple(_server(number, base) for number, base in enumerate(bases, start=1))


def _server(number: int, base: str) -> Server:
    try:
        return parse(base)
    except ValueError as error:
        raise BadSetting(f"CDS_FHIR_SERVERS, address {number}: {error}") from None


def _milliseconds(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 30_000:
        raise BadSetting("CDS_BUDGET_MS must be a whole number of milliseconds from 1 to 30000.")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadSetting("CDS_AS_OF must be a day such as 2026-11-22.") from None


def _level(text: str) -> str:
    level = text.upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise BadSetting("CDS_LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
    return level


def _calls(text: str) -> str:
    calls = text.lower()
    if calls not in ("all", "shown", "none"):
        raise BadSetting("CDS_LOG_CALLS must be all, shown or none.")
    return calls
