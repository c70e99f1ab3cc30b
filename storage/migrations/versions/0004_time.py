"""The newest row of the journal is found at once, and processes of one name know of each other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_table(
        "process",
        sa.Column("name", WORD, nullable=False),
        sa.Column("run", WORD, nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_process"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("process")
    op.drop_index("ix_journal_at", "journal")
