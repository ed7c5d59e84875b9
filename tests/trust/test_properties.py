"""What holds for every token that anybody could write: it is refused in the ordinary way, or it is right."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.trust.replay import Replay
from cds_service.trust.token import Distrust, Verifier
from tests.support.tokens import AUDIENCE, NOW, Call, clients, text

CALL = Call()
VERIFIER = Verifier(clients(), Replay(None, clock=lambda: NOW), lambda: NOW)
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
headers = st.dictionaries(st.sampled_from(["alg", "typ", "kid", "jku", "crit", "jwk", "x5u", "cty", "b64"]), values)
said = st.dictionaries(st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "tenant", "sub"]), values)


def _reason(authorization: str) -> str:
    """Why this header is refused, "" if it is not."""
    try:
        VERIFIER.verify(authorization, [AUDIENCE])
    except Distrust as distrust:
        return distrust.reason
    return ""


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(st.characters(max_codepoint=127)).map(lambda said: f"Bearer {said}"))
def test_any_text_is_refused(authorization: str) -> None:
    """Nothing that is no token raises anything else."""
    assert _reason(authorization) in {"no token", "form"}


@settings(max_examples=300, deadline=None)
@given(st.binary(), st.binary(), st.binary())
def test_any_bytes_are_refused(header: bytes, claims: bytes, signature: bytes) -> None:
    """Nor anything that only has the form of one."""
    assert _reason(f"Bearer {text(header)}.{text(claims)}.{text(signature)}")


@settings(max_examples=500, deadline=None)
@given(headers, said)
def test_any_members_are_refused_or_right(header: dict[str, Any], claims: dict[str, Any]) -> None:
    """Whatever stands in a header and in claims, only what changes nothing that is asked for lets a token in."""
    asked = {"alg", "typ", "crit", "b64"} & set(header) | {"iss", "aud", "exp", "iat", "jti"} & set(claims)
    reason = _reason(f"Bearer {CALL.token(header=header, claims=claims)}")
    assert reason or not asked - {"jti", "iat"}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    """A token in which one character is another one is not the token that was signed."""
    made = CALL.token()
    # The last character of a segment may hold bits that belong to no byte.
    places = [
        place for place in range(len(made)) if made[place] != "." and made[place + 1 : place + 2] not in ("", ".")
    ]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."))
    changed = f"{made[:place]}{other}{made[place + 1 :]}"
    assert _reason(f"Bearer {changed}") or changed == made
