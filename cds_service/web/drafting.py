"""An order as somebody types it in the playground, as a draft in the FHIR version of the request that it joins."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from cds_service.ehr.gather import gather
from cds_service.fhir.version import Version
from cds_service.fhir.write import draft
from cds_service.fhir.write_doses import TIMES, UCUM, daily, dosage_line
from cds_service.hooks.refusal import Refusal
from cds_service.hooks.request import parse
from cds_service.terminology import ICD_10_CM, RXNORM
from cds_service.web.drugs import drug

Json = dict[str, Any]
_CRAMPS: Json = {
    "coding": [{"system": ICD_10_CM, "code": "R25.2", "display": "Cramp and spasm"}],
    "text": "Muscle cramps",
}
# Units that are the same in the plural, and how UCUM writes them.
_UNITS = {"mg": "mg", "mL": "mL"}


class Typed(Struct, frozen=True, forbid_unknown_fields=True):
    """The request; a product by its code or any drug by its name; how much each time, how often a day, and whether it
    is for cramps."""

    request: Json
    code: str = ""
    name: Annotated[str, Meta(max_length=200)] = ""
    amount: Annotated[float, Meta(gt=0, le=10_000)] = 1
    times: Annotated[int, Meta(ge=1, le=4)] = 1
    cramps: bool = False


def drafted(typed: Typed, today: date) -> tuple[Version, Json]:
    """The version of the request and the draft in it. Raises Refusal."""
    version, patient_id = _read(typed.request)
    concept, piece = _concept(typed)
    words = f"{typed.amount:g} {_plural(piece, typed.amount)} by mouth {TIMES[typed.times]} daily"
    line = dosage_line(version, words, _dose(typed.amount, piece), daily(version, typed.times))
    order = draft(version, patient_id, concept, line)
    order["dateWritten" if version is Version.DSTU2 else "authoredOn"] = today.isoformat()
    return version, order | (_reason(version) if typed.cramps else {})


def _read(request: Json) -> tuple[Version, str]:
    """The version as the service itself reads it, and the patient."""
    hook = request.get("hook")
    found = parse(msgspec.json.encode(request), hook if isinstance(hook, str) else "")
    gathered = gather(found.values, found.drafts or (), found.patient_id, found.encounter_id, (), found.server)
    return gathered.version() or Version.R4, found.patient_id


def _concept(typed: Typed) -> tuple[Json, str]:
    """The drug, and the piece in which it is dosed: of one that is only named nothing is known but its name."""
    known = drug(typed.code)
    if known is not None:
        return {
            "coding": [{"system": RXNORM, "code": known.code, "display": known.name}],
            "text": known.name,
        }, known.piece
    if typed.code or not typed.name.strip():
        raise Refusal("The order names no drug that is known here. Send the code of one that was found, or a name.")
    return {"text": typed.name.strip()}, "mg"


def _plural(piece: str, amount: float) -> str:
    return piece if piece in _UNITS or amount == 1 else f"{piece}s"


def _dose(amount: float, piece: str) -> Json:
    value = int(amount) if amount == int(amount) else amount
    return {"value": value, "unit": piece, "system": UCUM, "code": _UNITS.get(piece, f"{{{piece}}}")}


def _reason(version: Version) -> Json:
    if version is Version.DSTU2:
        return {"reasonCodeableConcept": _CRAMPS}
    return {"reason": [{"concept": _CRAMPS}]} if version is Version.R5 else {"reasonCode": [_CRAMPS]}
