"""What a letter says is bound to all of it that never changes: its kind, case and rank too (`outbox/letter.py`).

Until now it was bound to key and address, and by version 0.1 to the key alone. A letter that cannot be opened stays as
it is: it dies as damaged when its turn comes, and must not keep the others from the upgrade.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from domain.errors import Invalid
from storage.encryption.address_seal import PLACE_OF_KEY, AddressCipher
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_A_TIME = 1000
KEY = sa.table("address_key", sa.column("wrapped", sa.LargeBinary))
OUTBOX = sa.table(
    "outbox", *map(sa.column, ("id", "key", "address", "what", "code", "rank")), sa.column("args", sa.LargeBinary)
)


def upgrade() -> None:
    _turn(_places_before, _place)


def downgrade() -> None:
    _turn(lambda row, key, address: (_place(row, key, address),), _place_before)


def _place(row: Any, key: str, address: str) -> str:
    return f"letter|{row['what']}|{row['code']}|{row['rank']}|{key}|{address}"


def _place_before(_row: Any, key: str, address: str) -> str:
    return f"outbox|{key}|{address}"


def _places_before(row: Any, key: str, address: str) -> tuple[str, ...]:
    return _place_before(row, key, address), f"outbox|{key}"


def _turn(before: Callable[[Any, str, str], tuple[str, ...]], after: Callable[[Any, str, str], str]) -> None:
    """Seal the args of all letters for another place."""
    with_args = sa.select(OUTBOX).where(sa.literal_column("length(outbox.args) > 0"))
    rows = list(op.get_bind().execute(with_args).mappings())
    if not rows:
        return
    keyring: Keyring | None = context.config.attributes.get("keyring")
    wrapped = op.get_bind().execute(sa.select(KEY.c.wrapped)).scalar()
    if keyring is None or wrapped is None:
        raise Invalid("keys.missing")
    cipher = AddressCipher(keyring.open(wrapped, PLACE_OF_KEY))
    anew = []
    for row in rows:
        with contextlib.suppress(Undecipherable):
            key, address = cipher.open(row["key"]), cipher.open(row["address"])
            plain = _opened(keyring, row["args"], before(row, key, address))
            anew.append({"of": row["id"], "new": keyring.seal(plain, after(row, key, address))})
    change = sa.update(OUTBOX).values(args=sa.bindparam("new")).where(OUTBOX.c.id == sa.bindparam("of"))
    for start in range(0, len(anew), AT_A_TIME):
        op.get_bind().execute(change, anew[start : start + AT_A_TIME])


def _opened(keyring: Keyring, sealed: bytes, places: tuple[str, ...]) -> bytes:
    for place in places[:-1]:
        with contextlib.suppress(Undecipherable):
            return keyring.open(sealed, place)
    return keyring.open(sealed, places[-1])
