"""Profiles: by which regions' rules cases have been opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "profile",
        sa.Column("name", _WORD, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_profile")),
        sqlite_with_rowid=False,
    )
    # A case's profile stands in its encrypted document: the next start reads those that are open, once.
    op.execute("INSERT INTO profile (name) SELECT DISTINCT '' FROM case_")


def downgrade() -> None:
    op.drop_table("profile")
