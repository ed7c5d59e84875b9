"""What happened on each day added up; every day of which something is kept is to be added up."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """From calls, cards, feedback, what is counted, and tokens."""
    op.create_table(
        "daily",
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("why", sa.String(100), nullable=False),
        sa.Column("week", sa.Date, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(100), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("milliseconds", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("rule", "kind", "why", "week", "service", "client", "day", name="pk_daily"),
        sqlite_with_rowid=False,
    )
    op.create_table("stale", sa.Column("day", sa.Date, nullable=False), sa.PrimaryKeyConstraint("day", name="pk_stale"))
    op.execute("INSERT INTO stale (day) SELECT day FROM card UNION SELECT day FROM tally")
