"""The database as somebody sees it who owns the file or the server, and goes round the bot."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import psycopg

from storage.engine import sqlite
from storage.engine.database import path_of
from tests.storage.specimens import Store

TRIGGERS = {
    "sqlite": ("DROP TRIGGER journal_no_update", "DROP TRIGGER journal_no_delete", "DROP TRIGGER journal_next"),
    "postgresql": ("ALTER TABLE journal DISABLE TRIGGER ALL", "SET session_replication_role = replica"),
}


class Raw:
    """A connection of its own, with every change kept at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        path = path_of(store.url) if store.is_sqlite else None
        self._connection: Any
        if path is not None:
            self._connection = sqlite.driver.connect(str(path), isolation_level=None, timeout=5)
        else:
            self._connection = psycopg.connect(store.url, autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def disarm(self) -> Self:
        """Take away the triggers and the foreign keys, as the owner can."""
        for statement in TRIGGERS[self._store.database.kind]:
            self.run(statement)
        return self

    def run(self, statement: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement whose parameters are written as `?`; return its rows."""
        text = statement if self._store.is_sqlite else statement.replace("%", "%%").replace("?", "%s")
        cursor = self._connection.cursor()
        cursor.execute(text, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        cursor.close()
        return rows
