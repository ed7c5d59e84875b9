"""Settings: read once from the environment; a wrong one stops the start with what to do."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cds_service.ehr.address import Server, parse
from cds_service.ehr.source import NO_ACCESS, Access
from cds_service.hooks.record import Recorder, nobody


class BadSetting(ValueError):
    """A setting that cannot be used; the text names it and says what it must look like."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`public_url` is the base of links and icons ("": the address that was called); `as_of` fixes the
    day of evaluation for demonstrations; `cors_origins` may call from a browser (`*`: any, without cookies); `access`
    says which FHIR servers may be asked for what was not prefetched, and how long; `recorder` is told what is shown."""

    public_url: str = ""
    max_body: int = 5 * 1024 * 1024
    as_of: date | None = None
    cors_origins: tuple[str, ...] = ("*",)
    access: Access = NO_ACCESS
    log_level: str = "INFO"
    recorder: Recorder = nobody

    @property
    def today(self) -> date:
        """The day of evaluation: the server's own, unless it was fixed for a demonstration."""
        return self.as_of or date.today()  # noqa: DTZ011 - the day of the server's own time zone is meant


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from CDS_PUBLIC_URL, CDS_MAX_BODY_MB, CDS_AS_OF, CDS_CORS_ORIGINS, CDS_FHIR_SERVERS, CDS_BUDGET_MS and
    CDS_LOG_LEVEL.

    Raises BadSetting.
    """
    as_of = environment.get("CDS_AS_OF", "")
    origins = environment.get("CDS_CORS_ORIGINS", "*").split(",")
    return Settings(
        public_url=_public_url(environment.get("CDS_PUBLIC_URL", "")),
        max_body=_megabytes(environment.get("CDS_MAX_BODY_MB", "5")),
        as_of=_day(as_of) if as_of else None,
        cors_origins=tuple(origin.strip() for origin in origins if origin.strip()),
        access=Access(
            _servers(environment.get("CDS_FHIR_SERVERS", "")), _milliseconds(environment.get("CDS_BUDGET_MS", "1500"))
        ),
        log_level=_level(environment.get("CDS_LOG_LEVEL", "INFO")),
    )


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
