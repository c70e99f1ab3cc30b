"""A reminder's key is only looked up, and its words stand in the other columns: its beginning is enough.

What stands there is sealed deterministically (AES-SIV, RFC 5297), and begins with 128 bits that depend on all of it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from domain.errors import Invalid
from storage.encryption.address_seal import PLACE_OF_KEY, AddressCipher
from storage.encryption.cipher import Keyring

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

MARK = "~"
FOUND_BY = 21
KEY = sa.table("address_key", sa.column("wrapped", sa.LargeBinary))
REMINDER = sa.table("reminder", *map(sa.column, ("key", "code", "address", "subject", "fired_at")))


def upgrade() -> None:
    place = sa.func.strpos if op.get_bind().dialect.name == "postgresql" else sa.func.instr
    mark = place(REMINDER.c.key, MARK)
    op.execute(sa.update(REMINDER).values(key=sa.func.substr(REMINDER.c.key, 1, mark + FOUND_BY)).where(mark > 0))


def downgrade() -> None:
    """Write the keys in full again, from the other columns; of those that would be the same, when each fired, too."""
    rows = op.get_bind().execute(sa.select(REMINDER).order_by(REMINDER.c.fired_at, REMINDER.c.key)).mappings().all()
    if not rows:
        return
    cipher, known = _cipher(), Counter[str]()
    change = sa.update(REMINDER).values(key=sa.bindparam("new")).where(REMINDER.c.key == sa.bindparam("old"))
    anew: list[dict[str, Any]] = []
    for row in rows:
        key = f"{row['code']}|{row['subject']}|{cipher.open(row['address'])}"
        known[key] += 1
        anew.append({"old": row["key"], "new": cipher.seal(key if known[key] == 1 else f"{key}|{row['fired_at']}")})
    op.get_bind().execute(change, anew)


def _cipher() -> AddressCipher:
    wrapped = op.get_bind().execute(sa.select(KEY.c.wrapped)).scalar()
    keyring: Keyring | None = context.config.attributes.get("keyring")
    if wrapped is None or keyring is None:
        raise Invalid("keys.missing")
    return AddressCipher(keyring.open(wrapped, PLACE_OF_KEY))
