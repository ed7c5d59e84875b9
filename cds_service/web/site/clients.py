"""[[client]]: the EHRs that may call, each with its keys, its FHIR servers and its own edition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cds_service.cards.dialect import Dialect
from cds_service.cards.ration import Caps
from cds_service.ehr.address import Server, parse
from cds_service.evidence import Edition
from cds_service.trust.client import USUAL, Client
from cds_service.trust.keys import KeySource, from_file, given
from cds_service.web.site.file import SiteFile, Way
from cds_service.web.site.form import ClientForm
from cds_service.web.site.numbers import edition
from cds_service.web.site.shown import caps, dialect


@dataclass(frozen=True, slots=True)
class Listed:
    """A client of the site's file: whom to trust, and on what terms it is answered."""

    trusted: Client
    servers: tuple[Server, ...]
    edition: Edition
    caps: Caps
    dialect: Dialect


def listed(file: SiteFile, site: Edition, most: Caps, plain: Dialect) -> tuple[Listed, ...]:
    """The clients of the file, with what they share with the site. Raises BadSetting."""
    tables = file.read(file.held.get("client", []), list[Any], ("client",))
    forms = [file.read(table, ClientForm, ("client", place)) for place, table in enumerate(tables)]
    for member in ("name", "issuer"):
        _unique(file, member, (getattr(form, member) for form in forms))
    return tuple(_listed(file, ("client", place), form, site, most, plain) for place, form in enumerate(forms))


def _unique(file: SiteFile, member: str, found: Iterable[str]) -> None:
    seen: set[str] = set()
    for place, value in enumerate(found):
        if value in seen:
            raise file.wrong(("client", place, member), f"Another client has the same {member}. Give each its own.")
        seen.add(value)


def _listed(file: SiteFile, way: Way, form: ClientForm, site: Edition, most: Caps, plain: Dialect) -> Listed:
    servers = tuple(_server(file, (*way, "fhir_servers"), base) for base in form.fhir_servers)
    own = edition(file, way, form.settings, form.rules, site) if form.settings or form.rules else site
    return Listed(_trusted(file, way, form), servers, own, caps(form.cards, most), dialect(form.cards, plain))


def _trusted(file: SiteFile, way: Way, form: ClientForm) -> Client:
    for address in form.jku:
        _published(file, (*way, "jku"), form, address)
    return Client(
        name=form.name,
        issuer=form.issuer,
        keys=_keys(file, way, form),
        algorithms=tuple(form.algorithms or USUAL),
        tenants=tuple(form.tenants),
        jku=tuple(form.jku),
        audience=tuple(form.audience),
    )


def _keys(file: SiteFile, way: Way, form: ClientForm) -> KeySource:
    """From the one place that the client names."""
    named = [name for name in ("jwks_url", "jwks_file", "jwks") if getattr(form, name) is not None]
    if len(named) != 1:
        found = f"{' and '.join(named)} are given" if named else "No keys are given"
        raise file.wrong(way, f"{found}. Give one of jwks_url, jwks_file and jwks.")
    if form.jwks_url is not None:
        return _published(file, (*way, "jwks_url"), form, form.jwks_url)
    where = (*way, named[0])
    try:
        # Beside the site's file, unless the path is whole.
        return (
            given(form.jwks, "its keys")
            if form.jwks is not None
            else from_file(file.path.parent / (form.jwks_file or ""))
        )
    except ValueError as error:
        raise file.wrong(where, str(error)) from None


def _published(file: SiteFile, way: Way, form: ClientForm, address: str) -> KeySource:
    # What talks HTTP takes long to load, and many sites exchange keys beforehand.
    from cds_service.trust.published import Published

    try:
        return Published(form.name, address)
    except ValueError as error:
        raise file.wrong(way, str(error)) from None


def _server(file: SiteFile, way: Way, base: str) -> Server:
    try:
        return parse(base)
    except ValueError as error:
        raise file.wrong(way, str(error)) from None
