"""The database: hand in a function, get a promise of what it returns once that is kept for good."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from domain.case import Case
from domain.clock import Clock
from domain.errors import Invalid
from storage.document import CaseFormat
from storage.encryption.cipher import Keyring
from storage.engine.health import Health
from storage.engine.jobs import Job, JobQueue
from storage.engine.sqlite import SqliteReader, SqliteWriter, warn_of_old_library
from storage.engine.sqlite_file import WatchedFile
from storage.engine.watchdog import Watchdog
from storage.sql.link import Link
from storage.sql.statement import DatabaseKind
from storage.transaction import Reader, Tools, Transaction

T = TypeVar("T")

_SQLITE_READERS: Final = 3
_POSTGRES_THREADS: Final = 4
_PATIENCE: Final = 15.0  # seconds that a transaction on PostgreSQL may take


class Database:
    """Runs functions in transactions, on threads of its own.

    A function must take all it needs from its transaction and the values it closes over, and have no other
    effect: it may be run more than once before its outcome holds. The future resolves after the commit, or
    raises what the function raised (then nothing is kept). `Unavailable` means that the database does not
    serve now, or that nobody knows what came of the commit. Never fork a process that holds one of these.
    """

    def __init__(
        self,
        kind: DatabaseKind,
        writers: JobQueue,
        readers: JobQueue,
        health: Health,
        watchdog: Watchdog | None = None,
    ) -> None:
        self._health = health
        self.kind: DatabaseKind = kind
        self._writers = writers
        self._readers = readers
        self._watchdog = watchdog

    def write(self, function: Callable[[Transaction], T]) -> Future[T]:
        """Run a function that may change what is kept. All or nothing of it is, in the order of asking on SQLite."""
        job = Job(function, writes=True)
        self._writers.hand_in(job)
        return job.future

    def read(self, function: Callable[[Reader], T]) -> Future[T]:
        """Run a function that only looks, at all as it stood at one moment. It waits for no writer."""
        job = Job(function, writes=False)
        self._readers.hand_in(job)
        return job.future

    @property
    def fault(self) -> str:
        """Say why the last attempt to write failed, when that lay with the database; "" since one succeeded."""
        return self._health.fault

    def try_to_write(self) -> Future[None]:
        """Write something that means nothing; when that is kept, an earlier fault is over."""
        future = self.write(lambda tx: tx.processes.prove())
        future.add_done_callback(self._tried)
        return future

    def _tried(self, future: Future[None]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._health.proved()

    def tidy(self) -> Future[None]:
        """Do the nightly upkeep between two transactions (on SQLite: cut the write-ahead log)."""
        future: Future[None] = Future()
        self._writers.hand_in(future)
        return future

    @property
    def backlog(self) -> int:
        """How many functions wait to write."""
        return self._writers.backlog

    def close(self) -> None:
        """Finish what has been handed in, then close all connections. What is handed in later fails."""
        self._writers.close()
        self._readers.close()
        if self._watchdog is not None:
            self._watchdog.stop()


def kind_of(url: str) -> DatabaseKind:
    """Return which kind of database a URL names.

    Raises:
        Invalid: it is no URL, or of another kind (`database.url`), or leads to another machine in the clear
            (`database.unprotected`).
    """
    try:
        backend = make_url(url).get_backend_name()
    except (ArgumentError, ValueError):  # the second: a port that is no number
        raise Invalid("database.url") from None
    if backend == "sqlite" and _file_of(url) is not None:
        return "sqlite"
    if backend == "postgresql":
        # The driver is loaded only where it is used: it is a good part of a start on SQLite.
        from storage.engine.postgres import connection_string  # noqa: PLC0415

        connection_string(url)
        return "postgresql"
    raise Invalid("database.url")


def path_of(url: str) -> Path | None:
    """Return the file of an SQLite database; none of a database of another kind.

    Raises:
        Invalid: the URL names no database that the bot can use (`database.url`, `database.unprotected`).
    """
    return _file_of(url) if kind_of(url) == "sqlite" else None


def _file_of(url: str) -> Path | None:
    name = make_url(url).database
    return Path(name) if name and name != ":memory:" else None


def open_database(
    url: str, keyring: Keyring, clock: Clock, *, case_type: type = Case, patience: float = _PATIENCE
) -> Database:
    """Open the database of a URL, whose schema must be there already (`schema.migrate`).

    `patience` is how many seconds a transaction on PostgreSQL may take before its connection is cut.

    Raises:
        Invalid: the URL names no database that the bot can use (`database.url`).
    """
    tools = Tools(keyring, CaseFormat.of(case_type))

    def make_transaction(link: Link) -> Transaction:
        return Transaction(link, tools, clock.now())

    def make_reader(link: Link) -> Reader:
        return Reader(link, tools, clock.now())

    health = Health()
    path = path_of(url)
    if path is not None:
        warn_of_old_library()
        file = WatchedFile(path)
        writers = JobQueue("writer", partial(SqliteWriter, file, make_transaction, health), 1)
        readers = JobQueue("reader", partial(SqliteReader, file, make_reader), _SQLITE_READERS)
        return Database("sqlite", writers, readers, health)
    from storage.engine.postgres import PostgresSession, connection_string  # noqa: PLC0415

    watchdog = Watchdog(patience)
    session = partial(PostgresSession, connection_string(url), watchdog, make_reader, make_transaction, health)
    jobs = JobQueue("database", session, _POSTGRES_THREADS)
    return Database("postgresql", jobs, jobs, health, watchdog)
