"""Tokens that were used, so that none is used twice."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """From calls, cards, feedback and what is counted."""
    op.create_table(
        "token",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_token"),
    )
    op.create_index("ix_token_expires", "token", ["expires"])
