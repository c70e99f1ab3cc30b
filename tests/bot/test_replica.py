"""Of one name only one process runs; who comes second refuses, unless the first has died."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.clock import SystemClock
from bot.replica import Replica
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import Database, open_database

pytestmark = pytest.mark.waits


@pytest.fixture
async def database(migrated_url: str) -> AsyncIterator[Database]:
    opened = open_database(migrated_url, Keyring([fresh_key()]), SystemClock())
    yield opened
    opened.close()


def named(database: Database, name: str = "one", beat: float = 0.02) -> Replica:
    return Replica(database, name, beat=beat, wait=1.0)


async def test_a_second_process_of_one_name_refuses_and_says_why(database: Database) -> None:
    first = named(database)
    await first.start()
    with pytest.raises(OSError, match="SIPBOT_REPLICA=one"):
        await named(database).start()
    await first.stop()


async def test_after_an_orderly_end_the_name_is_free_at_once(database: Database) -> None:
    first = named(database)
    await first.start()
    await first.stop()
    async with asyncio.timeout(0.9):
        second = named(database)
        await second.start()
    await second.stop()


async def test_the_name_of_one_that_died_is_free_after_a_moment(database: Database) -> None:
    dead = named(database, beat=3600.0)
    await dead.start()
    second = named(database)
    await second.start()
    await second.stop()


async def test_of_two_that_come_at_once_one_runs(database: Database) -> None:
    dead = named(database, beat=3600.0)
    await dead.start()
    outcomes = await asyncio.gather(*(named(database).start() for _ in range(2)), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "OSError"]


async def test_names_of_their_own_do_not_hinder_each_other(database: Database) -> None:
    replicas = [named(database, name) for name in ("one", "two", "", "")]
    async with asyncio.timeout(0.9):
        for replica in replicas:
            await replica.start()
    for replica in replicas:
        await replica.stop()


async def test_one_that_was_taken_for_dead_ends_when_it_finds_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = asyncio.Event()
    monkeypatch.setattr("bot.replica.os.kill", lambda _pid, _number: ended.set())
    first = named(database, beat=0.05)
    await first.start()
    await asyncio.wrap_future(database.write(lambda tx: tx.processes.take("one", "another run")))
    async with asyncio.timeout(5):
        await ended.wait()
