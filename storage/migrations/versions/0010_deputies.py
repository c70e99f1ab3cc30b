"""Deputies: who stands in for a member of staff, and until when somebody is away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WORD = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("staff", sa.Column("deputy", _WORD, nullable=False, server_default=sa.text("''")))
    op.add_column("staff", sa.Column("away_until", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "away_until")
    op.drop_column("staff", "deputy")
