"""Calm: when a list was last posted anew, and in how many posts a reminder has stood."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    # What stood in chat before counts as posted when it was last shown; no reminder has been counted yet.
    op.add_column("post", sa.Column("posted_at", sa.BigInteger(), nullable=True))
    op.add_column("reminder", sa.Column("matter", _WORD, nullable=False, server_default=sa.text("''")))
    op.add_column("reminder", sa.Column("posted", sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    # Reminders come by another rhythm now: every case is looked at once and notes when it is next due.
    op.execute(
        "INSERT INTO due (code, at) SELECT code, 0 FROM case_ WHERE true ON CONFLICT (code) DO UPDATE SET at = 0"
    )


def downgrade() -> None:
    op.drop_column("reminder", "posted")
    op.drop_column("reminder", "matter")
    op.drop_column("post", "posted_at")
