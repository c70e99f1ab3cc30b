"""While the clock is wrong nothing falls due and nothing is cleaned; when it is right again all goes on by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr
from sqlalchemy import bindparam, update
from starlette.testclient import TestClient

from bot import scheduler
from bot.app import Bot, build
from bot.scheduler import INBOX_KEPT
from bot.settings import Settings
from bot.time_guard import TimeGuard, seconds_since_boot
from demo.world.people import demo_directory
from demo.world.texts import texts
from domain.code import make_code
from domain.errors import Unavailable
from handlers.services import Services
from storage.encryption.cipher import fresh_key
from storage.engine.database import path_of
from storage.journal import JournalRow
from storage.outbox.letter import Letter, Rank
from storage.outbox.outbox import Claim
from storage.posts import Post
from storage.schema.tables import case_
from storage.sql.link import Link
from storage.sql.statement import Statement
from storage.transaction import Reader, Transaction
from tests.bot.test_time_guard import NOON, YEAR, Machine
from tests.whole.cases import add, summoned

T = TypeVar("T")
CODE = make_code(77)
WRONG = [YEAR * 9, timedelta(hours=26), timedelta(minutes=10), -timedelta(days=3)]


@dataclass
class House:
    """The bot as it is put together, on a machine whose clock the test sets."""

    bot: Bot
    machine: Machine
    guard: TimeGuard

    async def write(self, work: Callable[[Transaction], T]) -> T:
        return await asyncio.wrap_future(self.bot.database.write(work))

    async def read(self, work: Callable[[Reader], T]) -> T:
        return await asyncio.wrap_future(self.bot.database.read(work))

    async def sent(self) -> list[JournalRow]:
        rows = await self.read(lambda reader: reader.journal.read(CODE))
        return [row for row in rows if row.entry.action.startswith("reminder.")]

    async def get(self, path: str) -> Any:
        return await asyncio.to_thread(TestClient(self.bot.web).get, path)

    async def passes(self, span: timedelta) -> None:
        """Let time pass, with a tick at least every six hours."""
        while span > timedelta(0):
            self.machine.passes(min(span, timedelta(hours=6)))
            span -= timedelta(hours=6)
            await self.bot.scheduler.tick()


@pytest.fixture
async def house(migrated_sqlite_url: str) -> AsyncIterator[House]:
    machine = Machine()
    guard = TimeGuard(machine, machine.elapsed)
    settings = Settings.model_construct(
        sipbot_database_url=migrated_sqlite_url, sipbot_secret_keys=(SecretStr(fresh_key()),), sipbot_replica="one"
    )
    bot = build(settings, guard)
    found = House(bot, machine, guard)
    await found.write(lambda tx: tx.replace_directory(demo_directory(texts("sv")), "test"))
    await found.write(lambda tx: add(bot.services, tx, summoned(CODE, tx.now, ("bup",))))
    await found.write(lambda tx: tx.posts.put(Post(f"told:{CODE}:1:bup", "", "", "", 1, tx.now)))
    await bot.scheduler.tick()
    try:
        yield found
    finally:
        await bot.stop()


@pytest.mark.parametrize("wrong_by", WRONG)
async def test_under_a_wrong_clock_nothing_falls_due_and_no_reminder_is_lost(house: House, wrong_by: timedelta) -> None:
    house.machine.wall += wrong_by
    for _ in range(3):
        house.machine.passes(timedelta(seconds=5))
        assert await house.bot.scheduler.tick() == 0
    assert await house.sent() == []
    house.machine.wall -= wrong_by
    await house.passes(timedelta(days=14))
    sent = await house.sent()
    assert {row.entry.action for row in sent} == {"reminder.sent"}
    assert len(sent) > 2
    assert max(row.at for row in sent) <= house.machine.wall


async def test_it_is_said_while_it_lasts_and_not_after(house: House) -> None:
    house.machine.wall += YEAR
    await house.bot.scheduler.tick()
    ready = await house.get("/readyz")
    assert (ready.status_code, ready.json()["clock"]) == (503, "jumped")
    assert "sipbot_clock_doubted 1.0" in (await house.get("/metrics")).text.splitlines()
    house.machine.wall -= YEAR
    await house.bot.scheduler.tick()
    ready = await house.get("/readyz")
    assert (ready.status_code, ready.json()["clock"]) == (200, "ok")
    assert "sipbot_clock_doubted 0.0" in (await house.get("/metrics")).text.splitlines()


async def test_nothing_is_cleaned_away_under_a_wrong_clock(house: House) -> None:
    assert await house.write(lambda tx: tx.inbox.first("a press"))
    house.machine.wall += INBOX_KEPT * 2
    await house.bot.scheduler.keep_house()
    assert not await house.write(lambda tx: tx.inbox.first("a press"))


async def test_what_cannot_be_cleaned_keeps_nothing_else_from_it(
    house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taking back the messages of one case failed each night, so dead tokens stayed, and the file grew."""

    def fall(*_: object, **__: object) -> str | None:
        raise KeyError("unforeseen")

    monkeypatch.setattr(scheduler, "take_back_ended", fall)
    object.__setattr__(house.bot.services, "messages_kept", timedelta(days=30))
    await house.write(lambda tx: tx.tokens.keep(CODE, ["token"], tx.now + timedelta(days=1)))
    house.machine.passes(timedelta(days=2))
    await house.bot.scheduler.keep_house()
    assert await house.write(lambda tx: tx.tokens.forget()) == 0, "it is gone already"
    assert [record.__dict__["step"] for record in caplog.records if "step" in record.__dict__] == ["messages"]


@pytest.mark.parametrize("others", [1, 25])
async def test_cases_that_are_refused_do_not_silence_the_others(house: House, others: int) -> None:
    """Whoever writes the database without the keys may set one case back; all others are still reminded of."""
    refused = [make_code(number) for number in range(100, 100 + others)]
    for code in refused:
        await house.write(partial(_added, house.bot.services, code))
        await house.write(partial(_set_back, code))
    # Theirs fall due before the one that is whole.
    await house.passes(timedelta(days=14))
    assert {row.entry.action for row in await house.sent()} == {"reminder.sent"}
    assert len(await house.sent()) > 2
    for code in refused:
        assert await house.read(partial(_rows, code)) == 1


def _added(services: Services, code: str, tx: Transaction) -> None:
    add(services, tx, summoned(code, tx.now - timedelta(hours=1), ("bup",)))
    tx.journal.write(code, "case.shown", "slack:T0/U0ANNA")


def _set_back(code: str, tx: Transaction) -> None:
    link: Link = vars(tx)["_link"]
    link.run(_OTHER_VERSION, code=code)


def _rows(code: str, reader: Reader) -> int:
    return len(reader.journal.read(code))


_OTHER_VERSION = Statement(
    update(case_).values(version=case_.c.version + 1).where(case_.c.code == bindparam("code", type_=case_.c.code.type))
)


async def test_what_people_do_meanwhile_bears_the_right_time(house: House) -> None:
    house.machine.wall += YEAR
    house.machine.passes(timedelta(minutes=1))
    await house.write(lambda tx: tx.journal.write(CODE, "case.shown", "slack:T0/U0ANNA"))
    rows = await house.read(lambda reader: reader.journal.read(CODE))
    assert rows[-1].at == NOON + timedelta(minutes=1)


async def test_a_withdrawal_is_told_under_a_wrong_clock_too(house: House) -> None:
    """R77: it bears no time, so it need not wait until the clock is right."""
    house.machine.wall += timedelta(hours=26)
    await house.write(
        lambda tx: tx.outbox.put_many(
            [
                Letter("recall", "nowhere:C0BUP", "ending", rank=Rank.URGENT),
                Letter("list", "nowhere:C0SOC", "reminders", rank=Rank.REMINDER),
            ]
        )
    )
    assert await house.bot.courier.deliver_due() == 1
    counts = await house.read(lambda reader: reader.outbox.counts())
    assert (counts.waiting, counts.dead) == (1, 1)


async def test_a_start_with_a_wrong_clock_is_over_as_soon_as_the_platform_proves_another(
    migrated_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is known at the start but what the journal and the platform say."""
    machine = Machine()
    machine.wall += YEAR
    guard = TimeGuard(machine, machine.elapsed)
    settings = Settings.model_construct(
        sipbot_database_url=migrated_sqlite_url, sipbot_secret_keys=(SecretStr(fresh_key()),), sipbot_replica="one"
    )
    bot = build(settings, guard)

    async def answers() -> Any:
        guard.dated(format_datetime(NOON, usegmt=True))

    monkeypatch.setattr(bot.scheduler, "_prove", answers)
    try:
        await bot.scheduler.prove_the_time()
        assert guard.doubt == "not the platform's"
        written: datetime = await asyncio.wrap_future(bot.database.write(lambda tx: tx.now))
        assert written == NOON
    finally:
        await bot.stop()


async def test_what_keeps_the_database_from_being_written_is_said_until_it_is_over(
    house: House, migrated_sqlite_url: str
) -> None:
    path = path_of(migrated_sqlite_url)
    assert path is not None
    aside = path.with_name("aside.db")
    path.rename(aside)
    with pytest.raises(Unavailable):
        await house.write(lambda tx: tx.inbox.first("a press"))
    ready = await house.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (503, "the file was swapped")
    aside.rename(path)
    ready = await house.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (200, "ok")


@pytest.mark.postgres
@pytest.mark.parametrize("ahead", [timedelta(minutes=1), timedelta(minutes=4)])
async def test_a_letter_under_way_is_not_taken_by_a_process_whose_clock_is_ahead(
    migrated_postgres_url: str, ahead: timedelta
) -> None:
    """Each clock may be believed, and the lease is far shorter than what they differ by."""
    secret, lease = SecretStr(fresh_key()), timedelta(seconds=12)
    bots = [await _process(migrated_postgres_url, secret, off) for off in (-ahead / 2, timedelta(0), ahead / 2)]
    try:
        letters = [Letter(f"k{number}", f"chat:{number}", "word") for number in range(3)]
        await asyncio.wrap_future(bots[0].database.write(lambda tx: tx.outbox.put_many(letters)))
        held = [await asyncio.wrap_future(bot.database.write(partial(_claim, lease))) for bot in bots]
        assert [len(claims) for claims in held] == [3, 0, 0]
    finally:
        for bot in bots:
            await bot.stop()


async def _process(url: str, secret: SecretStr, off: timedelta) -> Bot:
    """Start one of several processes on one database, its clock off by so much."""
    settings = Settings.model_construct(sipbot_database_url=url, sipbot_secret_keys=(secret,))
    bot = build(settings, TimeGuard(_Off(off), seconds_since_boot))
    await bot.start("web")
    return bot


class _Off:
    """The machine's clock, off by so much."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by


def _claim(lease: timedelta, tx: Transaction) -> tuple[Claim, ...]:
    return tx.outbox.claim(tx.now, 10, "one of them", lease)
