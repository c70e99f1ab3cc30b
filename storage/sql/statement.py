"""Statements: SQLAlchemy Core expressions, turned into SQL text once for each kind of database.

A press in chat runs about ten statements while somebody waits. Building and dispatching each anew through
SQLAlchemy took more time than the database itself, so the expressions are compiled once and their text goes
to the driver.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import BindParameter, ColumnElement, Dialect, Insert, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.sql.elements import CompilerElement

DatabaseKind: TypeAlias = Literal["sqlite", "postgresql"]
Compiled: TypeAlias = tuple[str, dict[str, Any]]
Build: TypeAlias = Callable[[DatabaseKind], CompilerElement]

# Both drivers then take their parameters as a mapping by name.
_DIALECTS: Final[dict[DatabaseKind, Dialect]] = {
    "sqlite": sqlite.dialect(paramstyle="named"),
    "postgresql": PGDialect_psycopg(),  # type: ignore[no-untyped-call]
}


class Statement:
    """One statement. Its parameters are the names of its `bindparam`s.

    `compiled` gives for each kind of database the SQL text and the values that the expression itself brings along.
    """

    __slots__ = ("_build", "compiled")

    def __init__(self, build: CompilerElement | Build) -> None:
        self._build = build
        self.compiled: dict[DatabaseKind, Compiled] = _WhenAsked(self._compile)

    def _compile(self, kind: DatabaseKind) -> Compiled:
        element = self._build if isinstance(self._build, CompilerElement) else self._build(kind)
        compiled = element.compile(dialect=_DIALECTS[kind])
        binds: dict[BindParameter[Any], str] = getattr(compiled, "bind_names", {})
        return str(compiled), {name: bind.value for bind, name in binds.items() if not bind.required}


class _WhenAsked(dict[DatabaseKind, Compiled]):
    """Compiled statements by kind of database, each made when it is first asked for."""

    def __init__(self, compiling: Callable[[DatabaseKind], Compiled]) -> None:
        super().__init__()
        self._compiling = compiling

    def __missing__(self, kind: DatabaseKind) -> Compiled:
        compiled = self[kind] = self._compiling(kind)
        return compiled


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
    """Build an insert that updates a row with the same key (primary, or the columns `unique`), or leaves it."""
    columns = [column for column in table.columns if column.identity is None]
    values = {column.name: bindparam(column.name, type_=column.type) for column in columns}
    key = unique or tuple(column.name for column in table.primary_key)
    building = postgresql.insert(table) if kind == "postgresql" else sqlite.insert(table)
    statement = building.values(values).inline()
    if or_update is None:
        return statement.on_conflict_do_nothing(index_elements=key)
    if isinstance(or_update, tuple):
        return statement.on_conflict_do_update(
            index_elements=key, set_={name: statement.excluded[name] for name in or_update}
        )
    return statement.on_conflict_do_update(index_elements=key, set_=or_update)
