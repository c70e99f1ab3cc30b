"""PostgreSQL: jobs that lose to others are run again, and a silent or restarted server is survived."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from domain.errors import Unavailable
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database
from storage.engine.postgres import connection_string
from storage.transaction import Transaction
from tests.storage.specimens import ANNA, BO, CODE, OTHER_CODE, PATIENCE, START, HandClock, Store, a_listing

pytestmark = pytest.mark.postgres

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
    assert "statement_timeout=10000" in str(usual["options"])
    own = psycopg.conninfo.conninfo_to_dict(
        connection_string("postgresql+psycopg://sipbot:a%20b@127.0.0.1/sip?connect_timeout=9")
    )
    assert (own["connect_timeout"], own["password"], own["dbname"]) == ("9", "a b", "sip")
