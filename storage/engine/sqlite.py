"""SQLite: one writer connection for one thread, and read-only connections for a few more.

One writer with a queue cured five things that were measured: lost updates, "database is locked", unfair waits
of seconds, reads that waited for writes, and the race in the write-ahead log of SQLite before 3.51.3 (only
the writer commits and checkpoints). `synchronous=FULL` is the setting under which a commit survives a power
cut.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from domain.errors import Unavailable
from storage.engine.health import Health
from storage.engine.jobs import Job
from storage.engine.sqlite_file import Swapped, WatchedFile
from storage.sql.link import Link
from storage.transaction import Reader, Transaction

try:
    import pysqlite3.dbapi2 as _driver
except ImportError:  # no wheel for this machine: the standard library's SQLite serves
    import sqlite3 as _driver  # type: ignore[no-redef,unused-ignore]

driver: Any = _driver

_log = logging.getLogger(__name__)

MOST_TOGETHER: Final = 16  # jobs that may share one commit, and so one wait for the disk
_BUSY = 5.0  # seconds to wait for a lock of another process (a backup, a migration)
_STATEMENTS = 256  # statements that a connection keeps prepared

# Kibibytes of pages that each connection keeps. More is no faster, as the system keeps the file, and each grew by it.
_CACHED = 4096

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    f"cache_size=-{_CACHED}",
    "journal_size_limit=67108864",
    "trusted_schema=OFF",
    "secure_delete=ON",
)
_READER_PRAGMAS = ("query_only=ON", "wal_autocheckpoint=0")
_FIXED = {(3, 44): 6, (3, 50): 7}  # older series, and the patch from which the fix is in them
_FIXED_SINCE = (3, 51, 3)


def version() -> tuple[int, int, int]:
    """Return the version of the SQLite library that is used."""
    major, minor, patch = driver.sqlite_version_info
    return major, minor, patch


def has_wal_reset_bug(library: tuple[int, int, int]) -> bool:
    """Say whether an SQLite may lose commits when a checkpoint races one (sqlite.org/wal.html#walresetbug)."""
    patch = _FIXED.get(library[:2])
    return library < _FIXED_SINCE and (patch is None or library[2] < patch)


def connect(path: Path, *, read_only: bool = False) -> Any:
    """Open a connection in autocommit mode, with all settings; the caller begins and ends transactions in SQL."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # The file holds what one person may read: its side files get the same rights from SQLite.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = driver.connect(str(path), timeout=_BUSY, isolation_level=None, cached_statements=_STATEMENTS)
    try:
        for pragma in (*_PRAGMAS, *(_READER_PRAGMAS if read_only else ())):
            connection.execute(f"PRAGMA {pragma}").fetchall()
    except driver.Error:
        # Without close the file stays open: the object is part of a reference cycle in Python 3.11.
        connection.close()
        raise
    return connection


def warn_of_old_library() -> None:
    """Log a warning when the SQLite library has the race in its write-ahead log."""
    if has_wal_reset_bug(version()):
        _log.warning(
            "SQLite %s can lose commits in rare races; the bot avoids them by having one writer. "
            "Install the package pysqlite3, or SQLite 3.51.3 or newer.",
            ".".join(map(str, version())),
        )


class _Session:
    """What the writer's and the readers' sessions share: a connection that is opened when it is needed."""

    most = 1

    def __init__(self, file: WatchedFile, *, read_only: bool) -> None:
        self._file = file
        self._read_only = read_only
        self._connection: Any = None
        self._cursor: Any = None

    def run(self, jobs: list[Job]) -> None:
        """Run each job in a transaction of its own."""
        for job in jobs:
            self._alone(job)

    def tidy(self) -> None:
        """Readers have nothing to tidy."""

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = self._cursor = None

    def _begin(self) -> None:
        if self._connection is None:
            try:
                # Before connecting too, for that would make a file where there is none.
                self._file.check(first=False)
                connection = connect(self._file.path, read_only=self._read_only)
                try:
                    self._file.check()
                except Swapped:
                    connection.close()
                    raise
                self._connection = connection
            except OSError as error:
                raise Unavailable("database.unavailable") from error
            self._cursor = self._connection.cursor()
        self._cursor.execute("BEGIN" if self._read_only else "BEGIN IMMEDIATE")

    def _alone(self, job: Job) -> None:
        try:
            self._begin()
            outcome = self._outcome(job)
            self._commit()
        except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is waited for
            self._roll_back()
            self._failed(error)
            job.future.set_exception(told(error))
        else:
            job.future.set_result(outcome)

    def _outcome(self, job: Job) -> Any:
        raise NotImplementedError

    def _commit(self) -> None:
        self._cursor.execute("COMMIT")

    def _failed(self, error: BaseException) -> None:
        """Readers need not tell."""

    def _roll_back(self) -> None:
        # When the disk is full, SQLite has rolled back already and says so with an error.
        if self._connection is not None and self._connection.in_transaction:
            with contextlib.suppress(driver.Error):
                self._cursor.execute("ROLLBACK")


class SqliteReader(_Session):
    """Runs reading jobs, each on the database as it stood at one moment."""

    def __init__(self, file: WatchedFile, make: Callable[[Link], Reader]) -> None:
        super().__init__(file, read_only=True)
        self._make = make

    def _outcome(self, job: Job) -> Any:
        link = Link("sqlite", self._cursor)
        try:
            return job.function(self._make(link))
        finally:
            link.end()


class SqliteWriter(_Session):
    """Runs writing jobs. Those that wait together are committed together, each behind a savepoint of its own."""

    most = MOST_TOGETHER

    def __init__(self, file: WatchedFile, make: Callable[[Link], Transaction], health: Health) -> None:
        super().__init__(file, read_only=False)
        self._make = make
        self._health = health

    def run(self, jobs: list[Job]) -> None:
        """Run jobs; each keeps its promise after the commit, and one that fails takes no other with it."""
        if len(jobs) > 1 and self._together(jobs):
            return
        super().run(jobs)

    def tidy(self) -> None:
        """Write the log back into the database file and cut it to nothing."""
        if self._connection is None:
            self._begin()
            self._cursor.execute("COMMIT")
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _outcome(self, job: Job) -> Any:
        link = Link("sqlite", self._cursor)
        try:
            transaction = self._make(link)
            outcome = job.function(transaction)
            transaction.flush()
        finally:
            link.end()
        return outcome

    def _commit(self) -> None:
        # Another file under the same name means that this commit would go where nobody will ever look.
        self._file.check()
        super()._commit()

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, Swapped):
            self._health.failed(error, "the file was swapped")
        elif told(error) is not error or isinstance(error, Unavailable):
            self._health.failed(error)

    def _together(self, jobs: list[Job]) -> bool:
        """Run jobs in one transaction. False: the transaction was lost, nothing was kept, and none has its outcome."""
        try:
            self._begin()
            outcomes = [self._behind_savepoint(job) for job in jobs]
            self._commit()
        except Exception:  # noqa: BLE001 - what jobs raise is among the outcomes, so this is the transaction's own failure
            self._roll_back()
            return False
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, _Failed):
                job.future.set_exception(told(outcome.error))
            else:
                job.future.set_result(outcome)
        return True

    def _behind_savepoint(self, job: Job) -> Any:
        self._cursor.execute("SAVEPOINT job")
        try:
            outcome = self._outcome(job)
        except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is waited for
            # A full disk ends the whole transaction, and with it the savepoint; then this fails, and all jobs
            # run alone.
            self._cursor.execute("ROLLBACK TO job")
            outcome = _Failed(error)
        self._cursor.execute("RELEASE job")
        return outcome


class _Failed:
    """The outcome of a job that raised an error."""

    __slots__ = ("error",)

    def __init__(self, error: BaseException) -> None:
        self.error = error


def told(error: BaseException) -> BaseException:
    """Return the error that the one who waits is told: that the database does not serve now, or the error itself."""
    if isinstance(error, driver.DatabaseError) and not isinstance(
        error, (driver.IntegrityError, driver.ProgrammingError, driver.DataError)
    ):
        unavailable = Unavailable("database.unavailable")
        unavailable.__cause__ = error
        return unavailable
    return error
