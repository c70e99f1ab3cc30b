"""The database: promises are kept after the commit, a failure harms nobody else, and reading waits for no writer."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from typing import Any

import pytest
from sqlalchemy import literal_column, select

from domain.errors import Invalid, NotFound, Unavailable
from storage.calendar_tokens import Tokens
from storage.encryption.cipher import Keyring
from storage.engine.database import kind_of, open_database
from storage.engine.jobs import Job, JobQueue
from storage.journal import JournalRow
from storage.sql.statement import Statement
from storage.transaction import Reader, Transaction
from tests.storage.specimens import ANNA, CODE, MINUTE, PATIENCE, START, HandClock, Store


def remember(tx: Transaction, identity: str) -> str:
    tx.people.remember_locale(identity, "sv-SE")
    return identity


def known(store: Store, identity: str) -> bool:
    return store.read(lambda reader: reader.people.locale(identity)) == "sv-SE"


def test_what_was_promised_is_there_for_everybody(store: Store, keyring: Keyring, clock: HandClock) -> None:
    assert store.write(lambda tx: remember(tx, ANNA)) == ANNA
    other = open_database(store.url, keyring, clock)
    assert other.read(lambda reader: reader.people.locale(ANNA)).result(PATIENCE) == "sv-SE"
    other.close()


def test_an_error_reaches_the_one_who_asked_and_nothing_is_kept(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        remember(tx, ANNA)
        raise NotFound("case.unknown", {"code": CODE})

    with pytest.raises(NotFound) as told:
        store.write(fails)
    assert told.value.params == {"code": CODE}
    assert not known(store, ANNA)
    assert store.write(lambda tx: remember(tx, ANNA)) == ANNA


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, MemoryError])
def test_no_error_whatever_ends_the_thread(store: Store, error: type[BaseException]) -> None:
    def fails(_: object) -> None:
        raise error

    for ask in (store.database.write, store.database.read):
        with pytest.raises(error):
            ask(fails).result(PATIENCE)
    assert store.write(lambda tx: remember(tx, ANNA)) == ANNA


def test_a_failing_job_harms_none_of_those_that_share_its_commit(store: Store) -> None:
    """While one job holds the writer, others queue up and are then committed together."""
    gate = threading.Event()
    first = store.database.write(lambda tx: gate.wait(PATIENCE))

    def job(tx: Transaction, number: int) -> str:
        remember(tx, f"slack:T0/U{number}")
        if number % 3 == 0:
            raise LookupError(number)
        return remember(tx, f"slack:T0/W{number}")

    futures = [store.ask(job, n) for n in range(40)]
    gate.set()
    assert first.result(PATIENCE)
    for number, future in enumerate(futures):
        if number % 3 == 0:
            with pytest.raises(LookupError):
                future.result(PATIENCE)
        else:
            assert future.result(PATIENCE) == f"slack:T0/W{number}"
        assert known(store, f"slack:T0/U{number}") == (number % 3 != 0)


def test_the_journal_of_jobs_that_share_a_commit_is_whole(store: Store) -> None:
    store.add()
    gate = threading.Event()
    store.database.write(lambda tx: gate.wait(PATIENCE))

    def job(tx: Transaction, number: int) -> None:
        tx.journal.write(CODE, f"step.{number}", ANNA)
        tx.journal.flush()
        if number % 4 == 0:
            raise LookupError

    futures = [store.ask(job, n) for n in range(40)]
    gate.set()
    failed = [future.exception(PATIENCE) for future in futures]
    assert sum(error is not None for error in failed) == 10
    rows: tuple[JournalRow, ...] = store.read(lambda reader: reader.journal.read(CODE))
    assert len(rows) == 30
    assert store.breaks() == []


def test_a_promise_that_nobody_waits_for_is_not_worked_on(store: Store) -> None:
    gate = threading.Event()
    holding = [store.database.write(lambda tx: gate.wait(PATIENCE)) for _ in range(1 if store.is_sqlite else 4)]
    future = store.database.write(lambda tx: remember(tx, ANNA))
    assert store.database.backlog >= 1
    assert future.cancel()
    gate.set()
    for held in holding:
        held.result(PATIENCE)
    with pytest.raises(CancelledError):
        future.result(PATIENCE)
    store.write(lambda tx: None)
    assert not known(store, ANNA)


def test_reading_waits_for_no_writer(store: Store) -> None:
    """While a writer is at work, others see what was there before it began."""
    inside, leave = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        remember(tx, ANNA)
        inside.set()
        assert leave.wait(PATIENCE)

    writing = store.database.write(slow)
    assert inside.wait(PATIENCE)
    assert not known(store, ANNA)
    leave.set()
    writing.result(PATIENCE)
    assert known(store, ANNA)


def test_a_long_reader_holds_up_no_writer_and_sees_one_moment(store: Store) -> None:
    inside, leave = threading.Event(), threading.Event()

    def slow(reader: Reader) -> tuple[str, str]:
        before = reader.people.locale(ANNA)
        inside.set()
        assert leave.wait(PATIENCE)
        return before, reader.people.locale(ANNA)

    reading = store.database.read(slow)
    assert inside.wait(PATIENCE)
    begun = time.monotonic()
    store.write(lambda tx: remember(tx, ANNA))
    assert time.monotonic() - begun < PATIENCE / 2
    leave.set()
    assert reading.result(PATIENCE) == ("", "")


def test_readers_read_at_the_same_time(store: Store) -> None:
    both = threading.Barrier(2, timeout=PATIENCE)
    futures = [store.database.read(lambda reader: both.wait()) for _ in range(2)]
    assert sorted(future.result(PATIENCE) for future in futures) == [0, 1]


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(Unavailable) as refused:
        store.read(lambda reader: Tokens(reader._link, START).forget())  # noqa: SLF001
    assert re.search("read-?only", str(refused.value.__cause__))


def test_a_transaction_is_of_no_use_once_it_has_ended(store: Store) -> None:
    escaped = store.write(lambda tx: tx)
    with pytest.raises(RuntimeError, match="ended"):
        remember(escaped, ANNA)

    def lazily(reader: Reader) -> Iterator[bool]:
        return (reader.cases.exists(code) for code in [CODE])

    with pytest.raises(RuntimeError, match="ended"):
        list(store.read(lazily))


def test_a_transaction_has_one_instant(store: Store) -> None:
    def meanwhile(tx: Transaction) -> bool:
        store.clock.turn(MINUTE)
        return tx.now == START

    assert store.write(meanwhile)


def test_after_closing_nothing_is_taken_and_what_was_taken_is_done(store: Store) -> None:
    futures = [store.ask(lambda tx, n: remember(tx, f"slack:T0/U{n}"), n) for n in range(20)]
    store.database.close()
    assert [future.result(0) for future in futures] == [f"slack:T0/U{n}" for n in range(20)]
    for late in (store.database.write(lambda tx: None), store.database.read(lambda reader: None)):
        with pytest.raises(Unavailable):
            late.result(PATIENCE)
    with pytest.raises(Unavailable):
        store.database.tidy().result(PATIENCE)
    store.database.close()


def test_upkeep_happens_between_transactions(store: Store) -> None:
    futures = [store.ask(lambda tx, n: remember(tx, f"slack:T0/U{n}"), n) for n in range(5)]
    store.database.tidy().result(PATIENCE)
    assert all(future.done() for future in futures) or not store.is_sqlite
    assert store.write(lambda tx: remember(tx, ANNA)) == ANNA


def test_an_upkeep_that_nobody_waits_for_does_no_harm(store: Store) -> None:
    gate = threading.Event()
    holding = [store.database.write(lambda tx: gate.wait(PATIENCE)) for _ in range(1 if store.is_sqlite else 4)]
    assert store.database.tidy().cancel()
    gate.set()
    for held in holding:
        held.result(PATIENCE)
    assert store.write(lambda tx: remember(tx, ANNA)) == ANNA


@pytest.mark.parametrize("url", ["sqlite:////proc/none/sipbot.db", "postgresql://sipbot@127.0.0.1:9/none"])
def test_a_database_that_cannot_be_reached_is_told_to_each_who_asks(
    url: str, keyring: Keyring, clock: HandClock
) -> None:
    database = open_database(url, keyring, clock)
    futures = [ask(lambda tx: None) for ask in (database.read, database.write) for _ in range(5)]
    assert {type(future.exception(PATIENCE)) for future in futures} == {Unavailable}
    database.close()


def test_a_session_that_fails_leaves_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    class Failing:
        most = 4

        def run(self, jobs: list[Job]) -> None:
            raise MemoryError

        def tidy(self) -> None:
            raise MemoryError

        def close(self) -> None: ...

    queue = JobQueue("failing", Failing, 1)
    jobs = [Job(lambda tx: None, writes=True) for _ in range(3)]
    upkeep: Future[None] = Future()
    for job in jobs:
        queue.hand_in(job)
    queue.hand_in(upkeep)
    futures: list[Future[Any]] = [*(job.future for job in jobs), upkeep]
    assert {type(future.exception(PATIENCE)) for future in futures} == {MemoryError}
    queue.close()
    assert "a database session failed" in caplog.text


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///:memory:", "mysql://host/db", "not a url"])
def test_a_url_that_names_no_database_of_ours_is_refused(url: str, keyring: Keyring, clock: HandClock) -> None:
    with pytest.raises(Invalid) as refused:
        open_database(url, keyring, clock)
    assert refused.value.key == "database.url"


def test_both_spellings_of_postgresql_are_known() -> None:
    assert kind_of("postgresql://localhost/db") == kind_of("postgresql+psycopg://localhost/db") == "postgresql"
    assert kind_of("sqlite:///data/sipbot.db") == "sqlite"


def test_an_error_of_the_database_in_a_job_undoes_the_whole_job(store: Store) -> None:
    broken = Statement(select(literal_column("no_such_thing")))

    def fails(tx: Transaction) -> None:
        remember(tx, ANNA)
        tx._link.run(broken)  # noqa: SLF001

    with pytest.raises(Exception, match=r"no_such_thing|unavailable"):
        store.write(fails)
    assert not known(store, ANNA)


@pytest.mark.postgres
def test_a_job_that_swallows_an_error_of_postgresql_is_not_taken_for_kept(postgres_store: Store) -> None:
    """PostgreSQL answers COMMIT with ROLLBACK then, and says no word about it."""
    broken = Statement(select(literal_column("no_such_thing")))

    def swallows(tx: Transaction) -> str:
        remember(tx, ANNA)
        with contextlib.suppress(Exception):
            tx._link.run(broken)  # noqa: SLF001
        return "all is well"

    with pytest.raises(RuntimeError, match="nothing of it was kept"):
        postgres_store.write(swallows)
    assert not known(postgres_store, ANNA)
