"""A link to the database for the length of one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from storage.sql.statement import DatabaseKind, Statement

Row: TypeAlias = tuple[Any, ...]


class Cursor(Protocol):
    """What both drivers' cursors can do (PEP 249), with parameters by name."""

    @property
    def rowcount(self) -> int:
        """The number of rows that the last statement changed."""
        ...

    def execute(self, text: str, params: Mapping[str, Any], /) -> object:
        """Run one statement."""
        ...

    def executemany(self, text: str, rows: Sequence[Mapping[str, Any]], /) -> object:
        """Run one statement for each row of parameters."""
        ...

    def fetchone(self) -> Row | None:
        """Return the next row."""
        ...

    def fetchall(self) -> list[Row]:
        """Return all rows that are left."""
        ...


class Link:
    """Runs statements inside one transaction. When that has ended, any use raises RuntimeError."""

    __slots__ = ("_cursor", "kind")

    def __init__(self, kind: DatabaseKind, cursor: Cursor) -> None:
        self.kind: DatabaseKind = kind
        self._cursor: Cursor = cursor

    def run(self, statement: Statement, /, **params: Any) -> int:
        """Run a statement and return how many rows it changed."""
        self._execute(statement, params)
        return self._cursor.rowcount

    def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> int:
        """Run a statement for each row of parameters and return how many rows were changed in all."""
        if not rows:
            return 0
        if len(rows) == 1:
            return self.run(statement, **rows[0])
        text, constants = statement.compiled[self.kind]
        self._cursor.executemany(text, [{**constants, **row} for row in rows] if constants else rows)
        return self._cursor.rowcount

    def row(self, statement: Statement, /, **params: Any) -> Row | None:
        """Return the first row, if there is one."""
        self._execute(statement, params)
        return self._cursor.fetchone()

    def rows(self, statement: Statement, /, **params: Any) -> list[Row]:
        """Return all rows."""
        self._execute(statement, params)
        return self._cursor.fetchall()

    def value(self, statement: Statement, /, **params: Any) -> Any:
        """Return the first column of the first row, or none."""
        found = self.row(statement, **params)
        return None if found is None else found[0]

    def column(self, statement: Statement, /, **params: Any) -> Iterable[Any]:
        """Return the first column of all rows."""
        return [found[0] for found in self.rows(statement, **params)]

    def _execute(self, statement: Statement, params: dict[str, Any]) -> None:
        text, constants = statement.compiled[self.kind]
        self._cursor.execute(text, {**constants, **params} if constants else params)

    def end(self) -> None:
        """Refuse any further use: the transaction is over."""
        self._cursor = _ENDED


class _Ended:
    """Stands in for the cursor of a transaction that is over."""

    rowcount = 0

    def execute(self, *_: object) -> object:
        raise RuntimeError("this transaction has ended; read what you need inside the function")

    executemany = execute

    def fetchone(self) -> Row | None:
        return None

    def fetchall(self) -> list[Row]:
        return []


_ENDED = _Ended()
