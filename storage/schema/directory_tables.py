"""The tables of the directory: agencies, their staff, and who is who on which platform. They change with it alone.

People, and where they are reached, are sealed as addresses are elsewhere; agencies' names and kinds are not.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    SmallInteger,
    Table,
    text,
)

from storage.schema.columns import SEALED, Word, address, data, metadata, whole, word, yes_no

agency = Table(
    "agency",
    metadata,
    word("id", key=True),
    whole("position"),
    word("name"),
    word("alias"),
    word("kind"),
    word("principal"),
    address("email"),
    address("manager"),
)

# An agency's own channels and rooms; the lowest position is the one that is used.
agency_address = Table(
    "agency_address",
    metadata,
    Column("agency", Word, ForeignKey("agency.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    address("address"),
)

staff = Table(
    "staff",
    metadata,
    address("id", key=True),
    whole("position"),
    Column("agency", Word, ForeignKey("agency.id"), nullable=False),
    address("name"),
    address("title"),
    address("email"),
    yes_no("coordinator"),
    yes_no("admin"),
    Column("deputy", Word, nullable=False, server_default=text("''"), info={SEALED: True}),
    whole("away_until", null=True),
)

staff_identity = Table(
    "staff_identity",
    metadata,
    address("identity", key=True),
    whole("position"),
    Column("staff", Word, ForeignKey("staff.id"), nullable=False, info={SEALED: True}),
)

# One row: names the directory as it is now, so that processes know when theirs is old.
directory_revision = Table(
    "directory_revision",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    whole("revision"),
    # Proves the directory; none until it is imported or the keys are rotated after version 0.1.
    data("key_id", null=True),
    data("seal", null=True),
    # Proves each of its rows, so that one that was changed takes no other with it (`storage/directory/proof.py`).
    data("rows", null=True),
)
