"""PostgreSQL: jobs that lose to others are run again, and a silent or restarted server is survived."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from domain.errors import Invalid, Unavailable
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database
from storage.engine.postgres import connection_string
from storage.sql.statement import Statement
from storage.transaction import Transaction
from tests.ports import free_port
from tests.storage.specimens import ANNA, BO, CODE, OTHER_CODE, PATIENCE, START, HandClock, Store, a_listing

pytestmark = [pytest.mark.postgres, pytest.mark.waits]

# Other tests may have databases on the same server.
END_OURS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE application_name = 'sipbot' AND datname = current_database()"
)


def test_of_two_jobs_that_wait_for_each_other_both_are_done_in_the_end(postgres_store: Store) -> None:
    """The one that PostgreSQL ends is run again as a whole."""
    for code in (CODE, OTHER_CODE):
        postgres_store.add(code)
    both = threading.Barrier(2, timeout=PATIENCE)
    runs: list[str] = []

    def work(tx: Transaction, first: str, second: str) -> str:
        runs.append(first)
        tx.cases.get(first)
        if len(runs) <= 2:
            both.wait()
        tx.cases.get(second)
        tx.journal.write(first, "done", ANNA)
        return first

    futures = [
        postgres_store.database.write(lambda tx: work(tx, CODE, OTHER_CODE)),
        postgres_store.database.write(lambda tx: work(tx, OTHER_CODE, CODE)),
    ]
    assert [future.result(PATIENCE) for future in futures] == [CODE, OTHER_CODE]
    assert len(runs) == 3
    for code in (CODE, OTHER_CODE):
        assert len(postgres_store.read(lambda reader, code: reader.journal.read(code), code)) == 1


def test_a_tick_and_a_press_on_the_same_case_do_not_wait_for_each_other_in_a_circle(postgres_store: Store) -> None:
    """The tick passes over a case that somebody holds, and holds those that it has found."""
    postgres_store.add(CODE, START)
    postgres_store.add(OTHER_CODE, START)
    holding, ticked = threading.Event(), threading.Event()
    runs: list[str] = []

    def press(tx: Transaction) -> None:
        runs.append("press")
        case = tx.cases.get(CODE)
        holding.set()
        assert ticked.wait(PATIENCE)
        tx.cases.save(case, a_listing(), START)

    def tick(tx: Transaction) -> tuple[str, ...]:
        runs.append("tick")
        codes = tx.cases.due(START, 10)
        ticked.set()
        for code in codes:
            tx.cases.save(tx.cases.get(code), a_listing(), None)
        return codes

    pressing = postgres_store.database.write(press)
    assert holding.wait(PATIENCE)
    assert postgres_store.write(tick) == (OTHER_CODE,)
    pressing.result(PATIENCE)
    assert runs == ["press", "tick"]


def test_connections_that_the_server_has_ended_are_made_anew_unnoticed(postgres_store: Store) -> None:
    for _ in range(8):
        postgres_store.write(lambda tx: tx.people.remember_dm(ANNA, "D0"))
    with psycopg.connect(postgres_store.url, autocommit=True) as other:
        other.execute(END_OURS)
    for number in range(8):
        assert postgres_store.write(lambda tx, n: tx.inbox.first(f"key-{n}"), number)
    assert postgres_store.read(lambda reader: reader.people.dm(ANNA)) == "D0"


def test_a_connection_lost_in_the_middle_of_a_job_runs_the_job_again(postgres_store: Store) -> None:
    runs: list[int] = []

    def work(tx: Transaction) -> bool:
        runs.append(1)
        first = tx.inbox.first("key")
        if len(runs) == 1:
            with psycopg.connect(postgres_store.url, autocommit=True) as other:
                other.execute(f"{END_OURS} AND state = 'idle in transaction'")
        tx.people.remember_locale(BO, "sv")
        return first

    assert postgres_store.write(work)
    assert len(runs) == 2


@pytest.fixture
def black_hole(migrated_postgres_url: str) -> Iterator[BlackHole]:
    hole = BlackHole(migrated_postgres_url)
    yield hole
    hole.close()


class BlackHole:
    """A way to the server that stays open and goes silent when it is told to."""

    def __init__(self, url: str) -> None:
        before, _, after = url.partition("@")
        place, _, name = after.partition("/")
        host, _, port = place.partition(":")
        self._target = (host, int(port))
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"{before}@127.0.0.1:{self._server.getsockname()[1]}/{name}"
        self.silent = threading.Event()
        self._sockets: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._server, *self._sockets):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._server.accept()
            except OSError:
                return
            there = socket.create_connection(self._target)
            self._sockets += [here, there]
            for source, target in ((here, there), (there, here)):
                threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        while True:
            try:
                data = source.recv(65536)
                while self.silent.is_set():
                    time.sleep(0.02)
                if not data:
                    target.shutdown(socket.SHUT_WR)
                    return
                target.sendall(data)
            except OSError:
                return


def test_a_server_that_goes_silent_is_given_up_and_found_again(
    black_hole: BlackHole, keyring: Keyring, clock: HandClock
) -> None:
    """Without the watchdog this waits for ever: neither keepalives nor timeouts of the server end it."""
    database = open_database(black_hole.url, keyring, clock, patience=1.0)
    with closing(database):
        assert database.write(lambda tx: tx.inbox.first("one")).result(PATIENCE)
        black_hole.silent.set()
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            database.write(lambda tx: tx.inbox.first("two")).result(PATIENCE)
        assert time.monotonic() - begun < PATIENCE
        black_hole.silent.clear()
        assert database.write(lambda tx: tx.inbox.first("three")).result(PATIENCE)


def test_timeouts_are_set_unless_the_url_sets_its_own() -> None:
    usual = psycopg.conninfo.conninfo_to_dict(connection_string("postgresql://sipbot@127.0.0.1/sip"))
    assert usual["connect_timeout"] == "5"
    assert "options" not in usual
    own = psycopg.conninfo.conninfo_to_dict(
        connection_string("postgresql+psycopg://sipbot:a%20b@127.0.0.1/sip?connect_timeout=9")
    )
    assert (own["connect_timeout"], own["password"], own["dbname"]) == ("9", "a b", "sip")


@pytest.mark.parametrize(
    "place",
    [
        "db.example.se/sip?sslmode=verify-full&sslrootcert=/etc/ssl/db.pem",
        "db.example.se/sip?sslmode=verify-ca",
        "10.1.2.3/sip?sslmode=require",
        "one.example.se,two.example.se/sip?sslmode=verify-full",
        "db.example.se/sip?sslmode=disable",  # somebody wrote that it is so
        "/sip",
        "/sip?host=/run/postgresql",
        "localhost/sip",
        "127.8.9.1/sip?sslmode=prefer",
        "[::1]/sip",
        "localhost,127.0.0.1/sip",
        "db.example.se/sip?hostaddr=127.0.0.1",
    ],
)
def test_a_database_is_reached_on_this_machine_or_by_tls_or_as_somebody_wrote_openly(place: str) -> None:
    assert connection_string(f"postgresql://{place}")


@pytest.mark.parametrize(
    "place",
    [
        "db.example.se/sip",
        "db.example.se/sip?sslmode=prefer",
        "db.example.se/sip?sslmode=allow",
        "10.1.2.3/sip",
        "localhost.example.se/sip",
        "[2001:db8::1]/sip",
        "localhost,db.example.se/sip",
        "/sip?host=db.example.se",
        "localhost/sip?hostaddr=10.1.2.3",
        "/sip?service=elsewhere",
        "localhost/sip?service=elsewhere",
        "localhost,db.example.se/sip?hostaddr=127.0.0.1,",
    ],
)
def test_no_database_on_another_machine_is_reached_in_the_clear(place: str) -> None:
    with pytest.raises(Invalid, match=r"database\.unprotected\Z"):
        connection_string(f"postgresql://u:hemligt@{place}")


def test_what_the_surroundings_say_to_libpq_counts_where_the_url_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert connection_string("postgresql://db.example.se/sip")
    monkeypatch.setenv("PGSSLMODE", "disable")  # not in the setting, so nobody sees it there
    monkeypatch.setenv("PGHOST", "db.example.se")
    with pytest.raises(Invalid, match=r"database\.unprotected\Z"):
        connection_string("postgresql:///sip")


@pytest.mark.parametrize(
    "asked, limit", [("", "10s"), ("?options=-c%20statement_timeout%3D4000", "4s")], ids=["ours", "the url's"]
)
def test_a_statement_may_not_take_for_ever(
    migrated_postgres_url: str, keyring: Keyring, clock: HandClock, asked: str, limit: str
) -> None:
    database = open_database(migrated_postgres_url + asked, keyring, clock)
    with closing(database):
        shown = Statement(select(func.current_setting("statement_timeout")))
        assert database.write(lambda tx: tx._link.value(shown)).result(PATIENCE) == limit  # noqa: SLF001 - the only way in


def test_a_connection_that_has_become_read_only_is_dropped(postgres_store: Store) -> None:
    """A failover: the server behind our connections is a standby now, and new ones lead to one that can write."""
    for number in range(8):
        postgres_store.write(lambda tx, n: tx.inbox.first(f"before-{n}"), number)
        postgres_store.write(_turn_read_only)
    for number in range(8):
        assert postgres_store.write(lambda tx, n: tx.inbox.first(f"after-{n}"), number)
    assert postgres_store.database.fault == ""


def _turn_read_only(tx: Transaction) -> None:
    tx._link._cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", {})  # noqa: SLF001 - as above


def test_a_database_that_cannot_be_written_is_said_until_it_can(postgres_store: Store) -> None:
    database = postgres_store.url.rpartition("/")[2]
    with psycopg.connect(postgres_store.url, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
        other.execute(END_OURS)
        with pytest.raises(Unavailable):
            postgres_store.write(lambda tx: tx.inbox.first("one"))
        assert postgres_store.database.fault == "read-only"
        with pytest.raises(Unavailable):
            postgres_store.database.try_to_write().result(PATIENCE)
        assert postgres_store.database.fault == "read-only"
        other.execute("SET default_transaction_read_only = off")
        other.execute(f'ALTER DATABASE "{database}" SET default_transaction_read_only = off')
    postgres_store.database.try_to_write().result(PATIENCE)
    assert postgres_store.database.fault == ""
    assert postgres_store.write(lambda tx: tx.inbox.first("one"))


def test_what_one_job_hands_in_is_no_fault_of_the_database(postgres_store: Store) -> None:
    """A NUL in one text made /readyz say that the database could not be written, and whoever sent it try again."""
    with pytest.raises(psycopg.DataError):
        postgres_store.write(lambda tx: tx.people.remember_locale(ANNA, "sv\x00"))
    assert postgres_store.database.fault == ""


POOLER = """
[databases]
* = host=127.0.0.1 port={server} user=sipbot
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""


@pytest.fixture
def pooled_url(migrated_postgres_url: str, tmp_path: Path) -> Iterator[str]:
    """The way to a database through PgBouncer, which lends a connection for one transaction at a time."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("PgBouncer is not installed")
    place, _, name = migrated_postgres_url.partition("@")[2].partition("/")
    port = free_port()
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    settings = tmp_path / "pgbouncer.ini"
    settings.write_text(POOLER.format(server=place.partition(":")[2], port=port))
    settings.chmod(0o644)
    with subprocess.Popen([program, "-q", "-u", "nobody", settings]) as pooler:
        url = f"postgresql://sipbot@127.0.0.1:{port}/{name}"
        _until_it_answers(url)
        yield url
        pooler.terminate()


def _until_it_answers(url: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def _arrives(key: str, tx: Transaction) -> bool:
    return tx.inbox.first(key)


def test_a_pooler_that_lends_single_transactions_will_do(pooled_url: str, keyring: Keyring, clock: HandClock) -> None:
    """Nothing is prepared and nothing set for the session: more threads than connections share them."""
    database = open_database(pooled_url, keyring, clock)
    with closing(database):
        futures = [database.write(partial(_arrives, f"key-{n}")) for n in range(200)]
        assert all(future.result(PATIENCE) for future in futures)
        reads = [database.read(lambda reader: reader.people.dm(ANNA)) for _ in range(50)]
        assert [future.result(PATIENCE) for future in reads] == [None] * 50
