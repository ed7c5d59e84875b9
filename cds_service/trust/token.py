"""Verifier: a call's token -> the client that sent it; cheap questions first, one signature at most, its use last."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from cds_service.trust import claims, form
from cds_service.trust.algorithms import PublicKey, is_signed
from cds_service.trust.client import Client
from cds_service.trust.distrust import FORBIDDEN, UNAVAILABLE, Distrust
from cds_service.trust.form import Token
from cds_service.trust.keys import KeySource
from cds_service.trust.replay import Seen, Unknown

__all__ = ["Distrust", "Verifier"]


class Verifier:
    """The clients of a site, and what their tokens must be."""

    def __init__(self, clients: Sequence[Client], seen: Seen, clock: Callable[[], float]) -> None:
        """`clock` tells seconds since 1970. Raises ValueError for an address of keys that cannot be used."""
        self._clients = {client.issuer: client for client in clients}
        self._seen = seen
        self._clock = clock
        self._published = _published(clients)
        self._given = [client.keys for client in clients if not client.keys.address]

    def prepare(self) -> None:
        """Begin to load the keys of all clients at once; waits for nothing and never fails."""
        for source in (*self._given, *self._published.values()):
            source.prepare()

    def verify(self, authorization: str | None, audiences: Collection[str]) -> Client:
        """The client that sent this Authorization header. `audiences` are the exact addresses that this call has.
        Raises Distrust."""
        token = form.token(authorization)
        issuer = token.claims.get("iss")
        # Not proven yet: it only tells whose keys to try.
        client = self._clients.get(issuer) if isinstance(issuer, str) else None
        if client is None:
            raise Distrust("issuer")
        try:
            self._trust(client, token, audiences)
        except Distrust as distrust:
            distrust.client = client.name
            raise
        return client

    def _trust(self, client: Client, token: Token, audiences: Collection[str]) -> None:
        if token.algorithm not in client.algorithms:
            raise Distrust("algorithm")
        claims.check(token.claims, {*audiences, *client.audience}, self._clock())
        key = self._key(client, token)
        if not is_signed(token.algorithm, key, token.signed, token.signature):
            raise Distrust("signature")
        if client.tenants and token.claims.get("tenant") not in client.tenants:
            raise Distrust("tenant", FORBIDDEN)
        self._use(client, token.claims)

    def _key(self, client: Client, token: Token) -> PublicKey:
        """The key that the token names, of this client's own set: a key of another issuer, or one that does not fit the
        algorithm by its kind and curve, is none."""
        key = self._source(client, token.jku).find(token.kid, token.algorithm)
        if key is None:
            raise Distrust("key")
        return key

    def _source(self, client: Client, jku: str) -> KeySource:
        """The key set that a token may name by its address: one that the site lists for this client, and no other is
        ever asked. Where the keys were given beforehand an address that is not listed means nothing, and they are used:
        the public Sandbox, for one, names its own in every token. Elsewhere such a token is refused."""
        if jku in client.jku:
            return self._published[jku]
        if jku and client.keys.address and jku != client.keys.address:
            raise Distrust("jku")
        return self._published.get(client.keys.address, client.keys)

    def _use(self, client: Client, said: Mapping[str, Any]) -> None:
        """Last of all, so that nobody but the client can use up an id."""
        try:
            first = self._seen.first_use(client.issuer, said["jti"], claims.until(said))
        except Unknown:
            raise Distrust("replay unknown", UNAVAILABLE) from None
        if not first:
            raise Distrust("replayed")


def _published(clients: Sequence[Client]) -> dict[str, KeySource]:
    """One source for each address: two clients of one vendor share what is loaded from it."""
    found = {client.keys.address: client.keys for client in clients if client.keys.address}
    for client in clients:
        for address in client.jku:
            if address not in found:
                found[address] = _source(client.name, address)
    return found


def _source(name: str, address: str) -> KeySource:
    # What talks HTTP takes long to load, and many sites exchange keys beforehand.
    from cds_service.trust.published import Published

    return Published(name, address)
