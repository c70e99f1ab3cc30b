"""Addresses and identities are sealed where they stand (`storage/encryption/address_seal.py`).

The journal is left as it was written: its rows are chained, and only those from now on hold sealed identities.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from domain.errors import Invalid
from storage.encryption.address_seal import PLACE_OF_KEY, AddressCipher
from storage.encryption.cipher import Keyring

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# Each table's primary key, and its columns of addresses and identities.
COLUMNS = {
    "case_": ("code", ("owner",)),
    "outbox": ("id", ("key", "address", "receipt")),
    "lane": ("address", ("address",)),
    "post": ("surface", ("surface", "address", "place", "fingerprint")),
    "reminder": ("key", ("key", "address", "person")),
    "feed_case": ("code, staff", ("staff",)),
    "feed": ("staff", ("staff",)),
    "lapse": ("key", ("key", "subject")),
    "person": ("identity", ("identity", "dm")),
}
AT_A_TIME = 1000
KEY = sa.table("address_key", sa.column("id", sa.SmallInteger), sa.column("wrapped", sa.LargeBinary))


def upgrade() -> None:
    op.create_table(
        "address_key",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_address_key"),
    )
    keyring: Keyring | None = context.config.attributes.get("keyring")
    if keyring is None:
        _require_empty()
        return
    fresh = AddressCipher.fresh()
    op.execute(KEY.insert().values(id=1, wrapped=keyring.seal(fresh, PLACE_OF_KEY)))
    _turn(AddressCipher(fresh).seal)


def downgrade() -> None:
    """Write addresses in the clear again. The journal's rows since then name their actors by what was sealed."""
    wrapped = op.get_bind().execute(sa.select(KEY.c.wrapped)).scalar()
    keyring: Keyring | None = context.config.attributes.get("keyring")
    if wrapped is not None and keyring is not None:
        _turn(AddressCipher(keyring.open(wrapped, PLACE_OF_KEY)).open)
    elif wrapped is not None:
        _require_empty()
    op.drop_table("address_key")


def _require_empty() -> None:
    """Refuse to leave rows that nobody could read afterwards.

    Raises:
        Invalid: there are rows, and no keys to turn them with (`keys.missing`).
    """
    for table in COLUMNS:
        if op.get_bind().execute(sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)).first() is not None:
            raise Invalid("keys.missing")


def _turn(turned: Callable[[str], str]) -> None:
    for name, (key, sealed) in COLUMNS.items():
        keys = key.split(", ")
        table = sa.table(name, *(sa.column(column) for column in dict.fromkeys((*keys, *sealed))))
        change = (
            sa.update(table)
            .values({column: sa.bindparam(f"new_{column}") for column in sealed})
            .where(*(table.c[column] == sa.bindparam(f"old_{column}") for column in keys))
        )
        rows = op.get_bind().execute(sa.select(table)).mappings().all()
        anew: list[dict[str, Any]] = [
            {f"old_{column}": row[column] for column in keys}
            | {f"new_{column}": turned(row[column]) for column in sealed}
            for row in rows
        ]
        for start in range(0, len(anew), AT_A_TIME):
            op.get_bind().execute(change, anew[start : start + AT_A_TIME])
