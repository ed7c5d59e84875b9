"""The tables. Times are UTC; a patient and a user are keys (keys.py), and no column holds a value or a name."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    case,
)

from cds_service.store.keys import LENGTH

# The newest migration; the tests hold it against migrations/versions.
HEAD = "0004"
_UUID = 36
_NAME = 100
# SQLite numbers rows by itself only in a column of exactly this type.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

# A call that was answered with a card.
call = Table(
    "call",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("service", String(_NAME), nullable=False),
    Column("client", String(_NAME), nullable=False),
    Column("patient", String(LENGTH), nullable=False),
    Column("user", String(LENGTH), nullable=False),
    Column("milliseconds", Float, nullable=False),
)

# A card as it was sent; a call that is retried sends the same uuid. What suppression and reports ask of its call
# stands here, too.
card = Table(
    "card",
    metadata,
    Column("uuid", String(_UUID), primary_key=True),
    Column("call_id", _NUMBER, ForeignKey("call.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", DateTime, nullable=False),
    Column("day", Date, nullable=False),
    Column("service", String(_NAME), nullable=False),
    Column("client", String(_NAME), nullable=False),
    Column("patient", String(LENGTH), nullable=False),
    Column("user", String(LENGTH), nullable=False),
    Column("rule", String(_NAME), nullable=False),
    Column("message", String(_NAME), nullable=False),
    Column("indicator", String(8), nullable=False),
    Column("thresholds", String(LENGTH), nullable=False),
    Column("key", String(LENGTH), nullable=False),
    Column("order_hash", String(LENGTH), nullable=False),
    Index("ix_card_patient_key", "patient", "key"),
    Index("ix_card_day_rule", "day", "rule"),
)

suggestion = Table(
    "suggestion",
    metadata,
    Column("uuid", String(_UUID), primary_key=True),
    Column("card", String(_UUID), ForeignKey("card.uuid", ondelete="CASCADE"), nullable=False, index=True),
)

# What was done with a card. It may be told before the card is written, or of a card that another service sent: no
# foreign key. `digest` tells a repetition.
feedback = Table(
    "feedback",
    metadata,
    Column("id", _NUMBER, primary_key=True),
    Column("digest", String(LENGTH), nullable=False, unique=True),
    Column("received", DateTime, nullable=False, index=True),
    Column("card", String(_UUID), nullable=False, index=True),
    Column("service", String(_NAME), nullable=False),
    Column("client", String(_NAME), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("at", DateTime, nullable=False),
    Column("reason_system", String(200), nullable=False),
    Column("reason_code", String(_NAME), nullable=False),
    Column("given", Boolean, nullable=False),
    Column("comment", Text, nullable=True),
)

# When it was said: a clock that is fast must not make its word the last for ever.
said_at = case((feedback.c.at > feedback.c.received, feedback.c.received), else_=feedback.c.at)

# The suggestions that were accepted with it.
accepted = Table(
    "accepted",
    metadata,
    Column("feedback_id", _NUMBER, ForeignKey("feedback.id", ondelete="CASCADE"), primary_key=True),
    Column("suggestion", String(_UUID), primary_key=True),
)

# What is only counted, by day: calls, and what rules said beside their cards.
tally = Table(
    "tally",
    metadata,
    Column("day", Date, primary_key=True),
    Column("service", String(_NAME), primary_key=True),
    Column("client", String(_NAME), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("rule", String(_NAME), primary_key=True),
    Column("why", String(_NAME), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("milliseconds", Float, nullable=False),
)

# What happened on a day added up, so that a year is read at once (daily.py): cards by what was done with them and why,
# with the milliseconds of their calls and the seconds until it was done, and what is only counted. It holds unless the
# day is stale: then something of it was written since it was added up. Its rows lie in the order in which they are
# read, and there is no other: SQLite would take an index of days and then sort.
daily = Table(
    "daily",
    metadata,
    Column("rule", String(_NAME), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("why", String(_NAME), primary_key=True),
    Column("week", Date, primary_key=True),
    Column("service", String(_NAME), primary_key=True),
    Column("client", String(_NAME), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("milliseconds", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    sqlite_with_rowid=False,
)

stale = Table("stale", metadata, Column("day", Date, primary_key=True))

# A token that was used, until it would be refused for its age alone: the key of its issuer and id, and nothing else.
token = Table(
    "token",
    metadata,
    Column("key", String(LENGTH), primary_key=True),
    Column("expires", DateTime, nullable=False, index=True),
)
