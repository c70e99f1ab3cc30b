"""Lapses: what did not go out as it should have, kept so that it is told once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "lapse",
        sa.Column("key", _WORD, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("code", _WORD, nullable=False),
        sa.Column("subject", _WORD, nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("gone_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_lapse"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("lapse")
