"""PostgreSQL: a few connections, each used by one thread, for bots that run as several processes."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import psycopg
from psycopg import conninfo, errors, pq

from domain.errors import Invalid, Unavailable
from storage.engine.health import Health
from storage.engine.jobs import Job
from storage.engine.watchdog import Watchdog
from storage.sql.link import Link
from storage.transaction import Reader, Transaction

_TRIES: Final = 6
_PAUSE = 0.02  # seconds before the second try; more before each further one
# The limits of a transaction are set in it: a pooler (PgBouncer) that lends a connection for one transaction at a time
# takes no other settings. One message, so that it costs no further way.
_LIMITS: Final = (
    b"; SET LOCAL statement_timeout = 10000; SET LOCAL lock_timeout = 5000"
    b"; SET LOCAL idle_in_transaction_session_timeout = 30000"
)
_BEGIN_WRITING: Final = b"BEGIN"
_BEGIN_READING: Final = b"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
# The server is going down or has become a standby, or the line is broken (PostgreSQL, appendix A): the connection is of
# no more use, though it may look whole.
_LOST: Final = ("25006", "57P0", "08")
# libpq's ways that do not go on without TLS, and the one that says openly that there is none.
_TLS: Final = ("require", "verify-ca", "verify-full")
_IN_THE_CLEAR: Final = "disable"
# Hosts on this machine: the folder of a socket, or the machine by its own names.
_HERE: Final = re.compile(r"[/@].*|localhost|127(\.\d{1,3}){3}|::1", re.ASCII)
_SETTINGS = {
    "application_name": "sipbot",
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}


def connection_string(url: str) -> str:
    """Return what libpq connects with: the URL, and timeouts where it names none itself.

    Raises:
        Invalid: libpq cannot read it (`database.url`; its own words may hold a part of the password), or would speak to
            another machine in the clear, or do so when that is asked of it (`database.unprotected`).
    """
    scheme, colon, rest = url.partition(":")
    plain = scheme.partition("+")[0] + colon + rest
    try:
        given = conninfo.conninfo_to_dict(plain)
    except psycopg.ProgrammingError:
        raise Invalid("database.url") from None
    if not _is_protected(given):
        raise Invalid("database.unprotected")
    return conninfo.make_conninfo(plain, **{name: value for name, value in _SETTINGS.items() if name not in given})


def _is_protected(given: Mapping[str, object]) -> bool:
    """Say whether nobody between can read along, or the URL says itself that somebody may.

    Where the URL says nothing, libpq takes what its variables (PGHOST, PGSSLMODE) say, or else asks for TLS and goes on
    without. What the name of a service stands for is not known here, so it counts as another machine.
    """
    usual = {option.keyword.decode(): option.val.decode() for option in pq.Conninfo.get_defaults() if option.val}
    said = {**usual, **given}
    if said.get("sslmode") in _TLS or given.get("sslmode") == _IN_THE_CLEAR:
        return True
    hosts = str(said.get("hostaddr") or said.get("host") or "")
    here = not hosts or all(_HERE.fullmatch(host) for host in hosts.split(","))
    return here and "service" not in given


class PostgresSession:
    """Runs reading and writing jobs on one connection, each in a transaction of its own.

    A job that lost to another transaction (deadlock, serialization) or whose connection broke is run again as
    a whole, so a job must have no effect outside its transaction. Only when the connection breaks during the
    commit itself nobody knows what came of it; then the error says so, and the caller's idempotency key makes
    asking again safe.
    """

    most = 1

    def __init__(
        self,
        conninfo_: str,
        watchdog: Watchdog,
        make_reader: Callable[[Link], Reader],
        make_transaction: Callable[[Link], Transaction],
        health: Health,
    ) -> None:
        self._health = health
        self._conninfo = conninfo_
        self._limits = b"" if "options" in conninfo.conninfo_to_dict(conninfo_) else _LIMITS
        self._watchdog = watchdog
        self._make_reader = make_reader
        self._make_transaction = make_transaction
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._committing = False

    def run(self, jobs: list[Job]) -> None:
        """Run each job."""
        for job in jobs:
            try:
                outcome = self._insist(job)
            except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is waited for
                unavailable = told(error)
                if job.writes and unavailable is not error:
                    self._health.failed(error)
                job.future.set_exception(unavailable)
            else:
                job.future.set_result(outcome)

    def tidy(self) -> None:
        """PostgreSQL tidies itself."""

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _insist(self, job: Job) -> Any:
        for tried in range(1, _TRIES):
            try:
                return self._once(job)
            except psycopg.Error as error:
                if not self._worth_another_try(error):
                    raise
            # Those who met are to part, so each waits a time of its own.
            time.sleep(_PAUSE * tried * (0.5 + random.random()))  # noqa: S311
        return self._once(job)

    def _worth_another_try(self, error: psycopg.Error) -> bool:
        if isinstance(error, (errors.SerializationFailure, errors.DeadlockDetected)):
            return True
        lost = (error.sqlstate or "").startswith(_LOST)
        if not lost and not isinstance(error, psycopg.OperationalError):
            return False
        # A connection that could not be made at all has had its patience already.
        lost = self._connection is not None and (lost or self._connection.broken)
        self.close()
        return lost and not self._committing

    def _once(self, job: Job) -> Any:
        self._committing = False
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        with self._watchdog.over(connection.fileno()), connection.cursor() as cursor:
            try:
                cursor.execute((_BEGIN_WRITING if job.writes else _BEGIN_READING) + self._limits, prepare=False)
                outcome = self._outcome(job, Link("postgresql", cursor))
                self._committing = True
                cursor.execute(b"COMMIT")
            except BaseException:
                self._roll_back(connection)
                raise
            if cursor.statusmessage != "COMMIT":
                # The job swallowed an error of the database, which then turns a commit into a rollback
                # without a word.
                raise RuntimeError("the transaction had failed, and nothing of it was kept")
            return outcome

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Connect; behind a pooler nothing is prepared, since the next transaction may be on another connection."""
        connection = psycopg.connect(self._conninfo, autocommit=True)
        try:
            with self._watchdog.over(connection.fileno()):
                if is_pooled(connection):
                    connection.prepare_threshold = None
        except BaseException:
            connection.close()
            raise
        return connection

    def _outcome(self, job: Job, link: Link) -> Any:
        try:
            if not job.writes:
                return job.function(self._make_reader(link))
            transaction = self._make_transaction(link)
            outcome = job.function(transaction)
            transaction.flush()
            return outcome
        finally:
            link.end()

    def _roll_back(self, connection: psycopg.Connection[Any]) -> None:
        if not connection.broken:
            with contextlib.suppress(psycopg.Error):
                connection.execute(b"ROLLBACK")


def is_pooled(connection: psycopg.Connection[tuple[Any, ...]]) -> bool:
    """Say whether there is a pooler in between: the process that answers is not the one that was told at the start."""
    row = connection.execute(b"SELECT pg_backend_pid()").fetchone()
    return row is None or row[0] != connection.info.backend_pid


def told(error: BaseException) -> BaseException:
    """Return the error that the one who waits is told: that the database does not serve now, or the error itself."""
    of_the_job = (psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.DataError)
    if isinstance(error, psycopg.Error) and not isinstance(error, of_the_job):
        unavailable = Unavailable("database.unavailable")
        unavailable.__cause__ = error
        return unavailable
    return error
