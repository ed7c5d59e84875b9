"""Calls, the cards shown, their suggestions, and what was done with them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """From nothing."""
    _calls()
    _cards()
    _feedback()


def _calls() -> None:
    op.create_table(
        "call",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(100), nullable=False),
        sa.Column("patient", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("milliseconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call"),
    )
    op.create_index("ix_call_at", "call", ["at"])


def _cards() -> None:
    op.create_table(
        "card",
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("call_id", _NUMBER, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(100), nullable=False),
        sa.Column("patient", sa.String(32), nullable=False),
        sa.Column("user", sa.String(32), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("message", sa.String(100), nullable=False),
        sa.Column("indicator", sa.String(8), nullable=False),
        sa.Column("thresholds", sa.String(32), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("order_hash", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("uuid", name="pk_card"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_card_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_card_call_id", "card", ["call_id"])
    op.create_index("ix_card_patient_key", "card", ["patient", "key"])
    op.create_index("ix_card_day_rule", "card", ["day", "rule"])
    op.create_table(
        "suggestion",
        sa.Column("uuid", sa.String(36), nullable=False),
        sa.Column("card", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("uuid", name="pk_suggestion"),
        sa.ForeignKeyConstraint(["card"], ["card.uuid"], name="fk_suggestion_card", ondelete="CASCADE"),
    )
    op.create_index("ix_suggestion_card", "suggestion", ["card"])


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("received", sa.DateTime, nullable=False),
        sa.Column("card", sa.String(36), nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(100), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("reason_system", sa.String(200), nullable=False),
        sa.Column("reason_code", sa.String(100), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("comment", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("digest", name="uq_feedback_digest"),
    )
    op.create_index("ix_feedback_received", "feedback", ["received"])
    op.create_index("ix_feedback_card", "feedback", ["card"])
    op.create_table(
        "accepted",
        sa.Column("feedback_id", _NUMBER, nullable=False),
        sa.Column("suggestion", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("feedback_id", "suggestion", name="pk_accepted"),
        sa.ForeignKeyConstraint(["feedback_id"], ["feedback.id"], name="fk_accepted_feedback_id", ondelete="CASCADE"),
    )
