"""The directory's people and addresses are sealed, and each of its rows has a proof of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from domain.errors import Invalid
from storage.encryption.address_seal import PLACE_OF_KEY, AddressCipher
from storage.encryption.cipher import Keyring

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.table("address_key", sa.column("wrapped", sa.LargeBinary))
AGENCY = sa.table("agency", *map(sa.column, ("id", "email", "manager")))
ADDRESS = sa.table("agency_address", *map(sa.column, ("agency", "position", "address")))
STAFF = sa.table("staff", *map(sa.column, ("id", "name", "title", "email", "deputy")))
IDENTITY = sa.table("staff_identity", *map(sa.column, ("identity", "position", "staff")))


def upgrade() -> None:
    # Empty until the directory is sealed the next time, which the bot itself sees to.
    op.add_column("directory_revision", sa.Column("rows", sa.LargeBinary(), nullable=True))
    cipher = _cipher()
    if cipher is not None:
        _turn(cipher.seal)


def downgrade() -> None:
    cipher = _cipher()
    if cipher is not None:
        _turn(cipher.open)
    op.drop_column("directory_revision", "rows")


def _cipher() -> AddressCipher | None:
    """Return what seals addresses here; none in a database that holds no directory.

    Raises:
        Invalid: it holds one, and there are no keys (`keys.missing`).
    """
    connection = op.get_bind()
    keyring: Keyring | None = context.config.attributes.get("keyring")
    wrapped = connection.execute(sa.select(KEY.c.wrapped)).scalar()
    if wrapped is not None and keyring is not None:
        return AddressCipher(keyring.open(wrapped, PLACE_OF_KEY))
    if connection.execute(sa.select(AGENCY.c.id).limit(1)).first() is not None:
        raise Invalid("keys.missing")
    return None


def _turn(turned: Callable[[str], str]) -> None:
    connection = op.get_bind()
    # Who is who goes away meanwhile, since it names the staff.
    identities = connection.execute(sa.select(IDENTITY)).all()
    connection.execute(IDENTITY.delete())
    for table, keys in ((AGENCY, ("id",)), (ADDRESS, ("agency", "position")), (STAFF, ("id",))):
        sealed = [column.name for column in table.columns if table is STAFF or column.name not in keys]
        change = (
            sa.update(table)
            .values({name: sa.bindparam(f"new_{name}") for name in sealed})
            .where(*(table.c[name] == sa.bindparam(f"old_{name}") for name in keys))
        )
        rows: list[dict[str, Any]] = [
            {f"old_{name}": row[name] for name in keys} | {f"new_{name}": turned(row[name]) for name in sealed}
            for row in connection.execute(sa.select(table)).mappings().all()
        ]
        if rows:
            connection.execute(change, rows)
    anew = [
        {"identity": turned(identity), "position": position, "staff": turned(staff)}
        for identity, position, staff in identities
    ]
    if anew:
        connection.execute(IDENTITY.insert(), anew)
    # So that every process loads it anew.
    op.execute("UPDATE directory_revision SET revision = revision + 1")
