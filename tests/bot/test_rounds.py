"""Jobs keep their pace whatever the wall clock does: it may jump ahead by years, and back again."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

import bot.rounds
from bot.rounds import Job, Rounds

YEARS = timedelta(days=3287)


class Wall(datetime):
    """The machine's clock, off by so much."""

    off = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Wall:
        return super().now(tz) + cls.off


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> type[Wall]:
    monkeypatch.setattr(Wall, "off", timedelta(0))
    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Wall)
    monkeypatch.setattr(bot.rounds, "datetime", Wall)
    return Wall


@pytest.mark.parametrize("jump", [YEARS, timedelta(hours=26), timedelta(minutes=4), -timedelta(minutes=4), -YEARS])
async def test_a_job_is_done_at_its_pace_while_the_clock_is_wrong_and_when_it_is_right_again(
    wall: type[Wall], jump: timedelta
) -> None:
    """Counting the missed strikes of nine years stopped the whole program for minutes; going back, it was silent."""
    done: asyncio.Queue[int] = asyncio.Queue()

    async def work() -> None:
        done.put_nowait(1)

    rounds, pace = Rounds(look_every=0.05), timedelta(seconds=0.05)
    rounds.start(Job(work, every=pace, first=pace))
    try:
        for off in (timedelta(0), jump, timedelta(0)):
            wall.off = off
            async with asyncio.timeout(5):
                for _ in range(3):
                    await done.get()
            assert done.qsize() < 3, "what was missed is not made up for"
    finally:
        rounds.stop()


async def test_a_daily_job_that_fell_on_a_time_of_doubt_is_done_as_soon_as_that_is_over() -> None:
    """Anchors and the roll call waited for the next day."""
    done: asyncio.Queue[int] = asyncio.Queue()
    doubts = ["jumped"]

    async def work() -> None:
        done.put_nowait(1)

    rounds = Rounds(look_every=0.02)
    rounds.start(
        Job(work, every=timedelta(days=1), first=timedelta(0), hindrance=lambda: doubts[-1]),
        Job(work, every=timedelta(days=1), first=timedelta(0), hindrance=lambda: "for ever"),
    )
    try:
        await asyncio.sleep(0.1)
        assert done.empty()
        doubts.append("")
        async with asyncio.timeout(5):
            await done.get()
        await asyncio.sleep(0.1)
        assert done.empty(), "and once"
    finally:
        rounds.stop()


async def test_a_job_that_fails_is_done_again_and_nothing_is_begun_after_the_stop() -> None:
    done: asyncio.Queue[int] = asyncio.Queue()

    async def work() -> None:
        done.put_nowait(1)
        raise ValueError

    rounds, pace = Rounds(), timedelta(seconds=0.02)
    rounds.start(Job(work, every=pace, first=pace))
    async with asyncio.timeout(5):
        await done.get()
        await done.get()
    rounds.stop()
    await asyncio.sleep(0.02)
    assert not rounds.running
    left = done.qsize()
    await asyncio.sleep(0.1)
    assert done.qsize() == left
