"""What is only counted: calls, and what rules said beside their cards."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """From calls, cards and feedback alone."""
    op.create_table(
        "tally",
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("why", sa.String(100), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("milliseconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("day", "service", "client", "kind", "rule", "why", name="pk_tally"),
    )
