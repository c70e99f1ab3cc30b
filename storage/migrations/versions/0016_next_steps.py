"""Lists name other next steps, so every open case is looked at once, and notes then what they show of it.

What a list shows of a case is kept beside it, as it was when the case was saved last. From the moment of the migration
on and not from the beginning, or each card would be drawn anew for all that has turned since.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    now = int(time.time() * 1_000_000)
    op.execute(sa.text("UPDATE due SET at = :now WHERE at > :now").bindparams(now=now))
    missing = "INSERT INTO due (code, at) SELECT code, :now FROM case_ WHERE open = 1 ON CONFLICT (code) DO NOTHING"
    op.execute(sa.text(missing).bindparams(now=now))


def downgrade() -> None:
    """Leave what lists show: an older program writes its own with the next saving."""
