"""The site's own file (CDS_SITE): who may call, on what terms, with which numbers; checked whole at the start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.cards.ration import USUAL, Caps
from cds_service.evidence import PUBLISHED, Edition
from cds_service.web.settings import BadSetting, from_environment
from cds_service.web.site.clients import Listed, listed
from cds_service.web.site.file import SiteFile, open_file
from cds_service.web.site.form import CardsForm, SecurityForm, ServiceForm, StoreForm
from cds_service.web.site.numbers import edition
from cds_service.web.site.shown import caps, dialect
from cds_service.web.site.staff import Staff, staff

_TABLES = ("service", "store", "cards", "security", "staff", "settings", "rules", "client")


@dataclass(frozen=True, slots=True)
class Site:
    """What a site's file says: variables of the environment that it stands for, its edition of the guideline, how its
    cards are shown, its clients, whether a call is refused while nobody can tell if its token was used before, and how
    its staff is let in."""

    environment: Mapping[str, str] = field(default_factory=dict)
    edition: Edition = PUBLISHED
    caps: Caps = USUAL
    dialect: Dialect = PLAIN
    clients: tuple[Listed, ...] = ()
    strict_replay: bool = False
    staff: Staff | None = None


def load(path: Path) -> Site:
    """The site of a file. Raises BadSetting with file, line, key and what to do."""
    file = open_file(path)
    for name in file.held.keys() - set(_TABLES):
        raise file.unknown((name,), _TABLES)
    own = edition(file, (), _table(file, "settings"), _table(file, "rules"), PUBLISHED)
    cards = file.read(_table(file, "cards"), CardsForm, ("cards",))
    shown = caps(cards, USUAL), dialect(cards, PLAIN)
    security = file.read(_table(file, "security"), SecurityForm, ("security",))
    return Site(
        environment=_environment(file),
        edition=own,
        caps=shown[0],
        dialect=shown[1],
        clients=listed(file, own, *shown),
        strict_replay=security.replay_without_store == "refuse",
        staff=staff(file),
    )


def _table(file: SiteFile, name: str) -> dict[str, Any]:
    return file.read(file.held.get(name, {}), dict[str, Any], (name,))


def _environment(file: SiteFile) -> dict[str, str]:
    """What the file says that a variable of the environment may say, too, as that variable would say it."""
    found: dict[str, str] = {}
    for table, form in (("service", ServiceForm), ("store", StoreForm)):
        for key, value in msgspec.structs.asdict(file.read(_table(file, table), form, (table,))).items():
            if value is not None:
                found |= _variable(file, table, key, value)
    return found


def _variable(file: SiteFile, table: str, key: str, value: object) -> dict[str, str]:
    name = f"CDS_{key.upper()}"
    said = {name: _text(value)}
    try:
        from_environment(said)
    except BadSetting as error:
        raise file.wrong((table, key), str(error).replace(name, key)) from None
    return said


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
