"""Which version the schema has, asked without loading the machinery that changes it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import column, func, select, table
from sqlalchemy.sql.elements import CompilerElement

from storage.sql.link import Link
from storage.sql.statement import DatabaseKind, Statement

NEWEST: Final = "0016"  # the newest revision in `migrations/versions`

_TABLE: Final = "alembic_version"
_VERSION = Statement(select(column("version_num")).select_from(table(_TABLE)))


def _table_there(kind: DatabaseKind) -> CompilerElement:
    # Asking a table that is not there would be an error, and on PostgreSQL the end of the transaction.
    if kind == "postgresql":
        return select(func.to_regclass(_TABLE) != None)  # noqa: E711 - SQL's IS NOT NULL
    master = table("sqlite_master", column("name"))
    return select(func.count() > 0).select_from(master).where(master.c.name == _TABLE)


_THERE = Statement(_table_there)


def is_current(link: Link) -> bool:
    """Say whether the schema is the one that this program was written for."""
    return bool(link.value(_THERE)) and link.value(_VERSION) == NEWEST
