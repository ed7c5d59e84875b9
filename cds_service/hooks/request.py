"""HookRequest: a CDS Hooks call parsed and checked; what is wrong is refused with the field and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cds_service.fhir.decode import Prefetch, Value, contents, value, values, whole
from cds_service.fhir.elements import text
from cds_service.fhir.models import Located
from cds_service.fhir.references import Record, target
from cds_service.hooks import bounds
from cds_service.hooks.refusal import Refusal

# The field of the context that holds the drafts, by hook; patient-view has none.
DRAFTS_IN = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "medication-prescribe": "medications",
}
PATIENT_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
# Order and encounter ids may be far longer than FHIR's 64 characters in real EHRs.
LONG_ID = re.compile(r"[A-Za-z0-9.\-]{1,512}")
USER = re.compile(r"(Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9.\-]{1,512}")
EXPLAIN = "io.cds-service.explain"


class _Call(msgspec.Struct, rename="camel"):
    """The members of a call, as yet unchecked."""

    hook: Any = None
    hook_instance: Any = None
    fhir_server: Any = None
    fhir_authorization: Any = None
    user: Any = None
    context: msgspec.Raw = msgspec.Raw(b"null")
    extension: Any = None


class _Whole(_Call):
    """A call whose prefetch is decoded at once."""

    prefetch: Prefetch | None = None


class _InPieces(_Call):
    """A call in whose prefetch something has another shape: its keys are looked at one by one."""

    prefetch: msgspec.Raw = msgspec.Raw(b"null")


class _Context(msgspec.Struct, rename="camel"):
    patient_id: Any = None
    user_id: Any = None
    encounter_id: Any = None
    selections: Any = None
    draft_orders: msgspec.Raw = msgspec.Raw(b"null")
    medications: msgspec.Raw = msgspec.Raw(b"null")


_WHOLE = msgspec.json.Decoder(_Whole)
_IN_PIECES = msgspec.json.Decoder(_InPieces)
_CONTEXT = msgspec.json.Decoder(_Context)


class HookRequest(msgspec.Struct, frozen=True):
    """One checked call. `drafts` is None where an order hook came without its orders;
    `selections` is None where every draft counts as selected. `body` is kept to copy resources from."""

    hook: str
    instance: str
    patient_id: str
    user_id: str
    encounter_id: str
    selections: frozenset[str] | None
    drafts: tuple[Located, ...] | None
    unreadable_drafts: int
    values: Mapping[str, Value]
    server: str
    explain: bool
    body: bytes
    token: str

    def __repr__(self) -> str:
        """Without the patient's data and the token, which must reach no log."""
        return f"HookRequest(hook={self.hook!r}, instance={self.instance!r})"


def parse(body: bytes, hook: str, strictly: bool = True) -> HookRequest:
    """The call in a body, for a service of that hook. Raises Refusal (400, or 413 for too
    much) naming the field that is wrong.

    Unless it is done strictly, its resources may hold elements that turn out to be unreadable when they are
    asked for.
    """
    bounds.check(body)
    call, prefetch = _decode(body, strictly)
    _check_call(call, hook)
    context = _context(call)
    drafts = _drafts(context, hook, strictly)
    located = None if drafts is None else tuple(contents(drafts))
    _check_owner(located or (), text(context.patient_id))
    extension = call.extension if isinstance(call.extension, dict) else {}
    return HookRequest(
        hook=hook,
        instance=call.hook_instance,
        patient_id=context.patient_id,
        user_id=context.user_id,
        encounter_id=context.encounter_id or "",
        selections=_selections(context) if hook == "order-select" else None,
        drafts=located,
        unreadable_drafts=drafts.unreadable if drafts is not None else 0,
        values=prefetch,
        server=_server(call),
        explain=extension.get(EXPLAIN) is True,
        body=body,
        token=_token(call),
    )


def _decode(body: bytes, strictly: bool) -> tuple[_Call, Mapping[str, Value]]:
    try:
        if not body.isascii():
            body.decode()  # members that are not read are not decoded, but must be text all the same
        try:
            call = _WHOLE.decode(body)
            return call, {key: whole(resource, strictly) for key, resource in (call.prefetch or {}).items()}
        except msgspec.ValidationError:
            pieces = _IN_PIECES.decode(body)
            return pieces, _prefetch_in_pieces(pieces)
    except msgspec.ValidationError:
        raise Refusal("The body is not a JSON object. Send one CDS Hooks request object.") from None
    except RecursionError:
        raise Refusal("The body is nested too deeply. Send FHIR resources as the hook defines them.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Refusal("The body is not valid JSON in UTF-8. Send one complete JSON object.") from None


def _prefetch_in_pieces(call: _InPieces) -> dict[str, Value]:
    if bytes(call.prefetch).strip() == b"null":
        return {}  # `prefetch` told twice, and the last word is that there is none
    try:
        return values(call.prefetch)
    except msgspec.ValidationError:
        raise Refusal("`prefetch` is not an object. Send keys with FHIR resources, or leave it out.") from None


def _check_call(call: _Call, hook: str) -> None:
    if call.hook != hook:
        raise Refusal(f"`hook` must be `{hook}` for this service. Call the service of the hook that fired.")
    if not isinstance(call.hook_instance, str) or not call.hook_instance:
        raise Refusal("`hookInstance` is missing or not text. Send a UUID, new for each firing of the hook.")
    authorization = call.fhir_authorization
    if authorization is None:
        return
    if not isinstance(authorization, dict):
        raise Refusal("`fhirAuthorization` is not an object. Send it with access_token and token_type.")
    if not isinstance(authorization.get("access_token"), str) or authorization.get("token_type") != "Bearer":
        raise Refusal("`fhirAuthorization` needs an access_token and token_type `Bearer`.")
    if call.fhir_server is None:
        raise Refusal("`fhirAuthorization` came without `fhirServer`. Send both or neither.")


def _token(call: _Call) -> str:
    """The access token for the FHIR server; it lives no longer than the request."""
    return call.fhir_authorization["access_token"] if call.fhir_authorization is not None else ""


def _server(call: _Call) -> str:
    server = call.fhir_server
    if server is None:
        return ""
    if isinstance(server, str) and _is_web_address(server):
        return server
    raise Refusal("`fhirServer` is not an http(s) address. Send the base address of the FHIR server.")


def _is_web_address(server: str) -> bool:
    try:
        parts = urlsplit(server)
    except ValueError:
        return False
    plain = server.isprintable() and " " not in server
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc)


def _context(call: _Call) -> _Context:
    try:
        context = _CONTEXT.decode(call.context)
    except msgspec.ValidationError:
        raise Refusal("`context` is missing or not an object. Send the hook's context.") from None
    if context.user_id is None:
        context.user_id = call.user  # where requests stood before version 1.0 of CDS Hooks
    if not isinstance(context.patient_id, str) or not PATIENT_ID.fullmatch(context.patient_id):
        raise Refusal("`context.patientId` must be a bare FHIR id of at most 64 letters, digits, - and dots.")
    if not isinstance(context.user_id, str) or not USER.fullmatch(context.user_id):
        raise Refusal("`context.userId` must be a reference such as `Practitioner/123`.")
    encounter = context.encounter_id
    if encounter is not None and not (isinstance(encounter, str) and LONG_ID.fullmatch(encounter)):
        raise Refusal("`context.encounterId` must be a bare FHIR id, or be left out.")
    return context


def _drafts(context: _Context, hook: str, strictly: bool) -> Value | None:
    field = DRAFTS_IN.get(hook)
    if field is None:
        return Value()
    raw = context.medications if field == "medications" else context.draft_orders
    found = value(raw, strictly)
    if found.usable and found.resource is None:
        return None
    if found.resource is None or found.resource.resource_type != "Bundle":
        raise Refusal(f"`context.{field}` is not a Bundle. Send the draft orders as a FHIR Bundle.")
    bounds.check_drafts(field, len(found.resource.entry or ()))
    return found


def _check_owner(drafts: tuple[Located, ...], patient_id: str) -> None:
    record = Record(patient_id, (), drafts)
    if record.any_foreign(record.drafts):
        raise Refusal("A draft order belongs to another patient than `context.patientId`. Send the patient's own.")


def _selections(context: _Context) -> frozenset[str] | None:
    chosen = context.selections
    if chosen is None:
        return None
    if not isinstance(chosen, list):
        raise Refusal("`context.selections` is not a list. Send references such as `MedicationRequest/123`.")
    addresses = (target(reference) for reference in chosen if isinstance(reference, str))
    return frozenset("/".join(address).lstrip("/") for address in addresses if address is not None)
