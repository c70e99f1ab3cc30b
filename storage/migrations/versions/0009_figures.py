"""Figures: sums by quarter, unit and track (statistik)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "figure",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("quarter", _WORD, nullable=False),
        sa.Column("label", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_figure"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_figure_quarter", "figure", ["quarter"])
    # No case is counted yet: each is looked at once, and counted when it is saved.
    op.execute(
        "INSERT INTO due (code, at) SELECT code, 0 FROM case_ WHERE true ON CONFLICT (code) DO UPDATE SET at = 0"
    )


def downgrade() -> None:
    op.drop_table("figure")
