"""Statements: SQLAlchemy Core expressions, turned into SQL text once for each kind of database.

A press in chat runs about ten statements while somebody waits. Building and dispatching each anew through SQLAlchemy
took more time than the database itself, so the expressions are compiled once and their text goes to the driver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from sqlalchemy import ColumnElement, Dialect, Insert, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.elements import CompilerElement

DatabaseKind: TypeAlias = Literal["sqlite", "postgresql"]
Build: TypeAlias = Callable[[DatabaseKind], CompilerElement]

# Both drivers then take their parameters as a mapping by name.
_DIALECTS: Final[dict[DatabaseKind, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": PGDialect_psycopg(),
}


class Statement:
    """One statement. Its parameters are the names of its `bindparam`s."""

    __slots__ = ("_build", "texts")

    def __init__(self, build: CompilerElement | Build) -> None:
        self._build = build
        self.texts: dict[DatabaseKind, str] = _Texts(self._compiled)

    def _compiled(self, kind: DatabaseKind) -> str:
        element = self._build if isinstance(self._build, CompilerElement) else self._build(kind)
        return str(element.compile(dialect=_DIALECTS[kind]))


class _Texts(dict[DatabaseKind, str]):
    """SQL texts by kind of database, each made when it is first asked for."""

    def __init__(self, compiled: Callable[[DatabaseKind], str]) -> None:
        super().__init__()
        self._compiled = compiled

    def __missing__(self, kind: DatabaseKind) -> str:
        text = self[kind] = self._compiled(kind)
        return text


def inserting(table: Table, *, or_update: tuple[str, ...] | None = None) -> Statement:
    """Insert a full row whose parameters are named as its columns; a numbered `id` is left to the database.

    A row with the same primary key stays as it is, or with `or_update` takes the new values of those columns.
    """
    return Statement(lambda kind: insert_or(kind, table, or_update))


def insert_or(
    kind: DatabaseKind,
    table: Table,
    or_update: tuple[str, ...] | dict[str, ColumnElement[int]] | None,
    *,
    unique: tuple[str, ...] = (),
) -> Insert:
    """Build an insert that meets a row with the same key (primary, or of the columns `unique`) by updating it or not at all."""
    columns = [column for column in table.columns if column.identity is None]
    values = {column.name: bindparam(column.name, type_=column.type) for column in columns}
    key = unique or tuple(column.name for column in table.primary_key)
    building = postgresql.insert(table) if kind == "postgresql" else sqlite.insert(table)
    statement = building.values(values)
    if or_update is None:
        return statement.on_conflict_do_nothing(index_elements=key)
    if isinstance(or_update, tuple):
        return statement.on_conflict_do_update(index_elements=key, set_={name: statement.excluded[name] for name in or_update})
    return statement.on_conflict_do_update(index_elements=key, set_=or_update)
