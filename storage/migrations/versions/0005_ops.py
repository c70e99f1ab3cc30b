"""Seals: the head of a case's chain names the document that was saved last, and the directory is proved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Empty until the case is saved the next time: no key is at hand here to prove what stands in it now.
    op.add_column("chain", sa.Column("version", sa.BigInteger(), nullable=True))
    op.add_column("chain", sa.Column("document", sa.LargeBinary(), nullable=True))
    op.add_column("directory_revision", sa.Column("key_id", sa.LargeBinary(), nullable=True))
    op.add_column("directory_revision", sa.Column("seal", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Seals of heads that name a document cannot be proved by the older program, which calls them broken."""
    op.drop_column("directory_revision", "seal")
    op.drop_column("directory_revision", "key_id")
    op.drop_column("chain", "document")
    op.drop_column("chain", "version")
