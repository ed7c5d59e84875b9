"""Tokens that were used: each is written once, by whichever process of the service sees it first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from cds_service.store.schema import token

# Rows that one purge takes away, so that no writer waits long.
_AT_A_TIME = 1000
# By so much the clock of another machine may be behind, to which a token has not ended yet.
_BEHIND = timedelta(minutes=5)
# Built once: to build a statement takes longer than to run it.
_USE = {
    "sqlite": sqlite.insert(token).on_conflict_do_nothing().returning(token.c.key),
    "postgresql": postgresql.insert(token).on_conflict_do_nothing().returning(token.c.key),
}


def use(connection: Connection, keys: Sequence[str], expires: datetime) -> bool:
    """Note that a token was used -> whether this is the first time. It has a key for each secret of the site, and all
    are written: a process that was started with older secrets knows it, too."""
    wanted = _USE[connection.dialect.name]
    # In one order, so that two processes never wait for each other.
    new = [connection.execute(wanted, {"key": key, "expires": expires}).scalar() for key in sorted(keys)]
    return None not in new


def purge(connection: Connection, now: datetime) -> int:
    """Forget some of the tokens that have ended for every process -> how many; 0 when all are gone."""
    some = select(token.c.key).where(token.c.expires < now - _BEHIND).limit(_AT_A_TIME)
    return connection.execute(delete(token).where(token.c.key.in_(some))).rowcount
