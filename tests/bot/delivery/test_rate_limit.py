"""How fast a workspace is spoken to: bursts are allowed, and there is always room for an answer."""

from __future__ import annotations

from bot.delivery.rate_limit import Bucket
from storage.outbox.letter import Rank


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += max(seconds, 1e-6)


def bucket(time: Time, rate: float = 5.0, burst: int = 40) -> Bucket:
    return Bucket(rate, burst, now=time, sleep=time.sleep)


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    time = Time()
    full = bucket(time)
    for _ in range(40):
        await full.take(Rank.ANSWER)
    assert time.now == 0.0
    for _ in range(50):
        await full.take(Rank.ANSWER)
    assert 9.9 < time.now < 10.1


async def test_nags_leave_room_for_answers() -> None:
    time = Time()
    full = bucket(time)
    for _ in range(100):
        await full.take(Rank.REMINDER)
    before = time.now
    for _ in range(10):
        await full.take(Rank.ANSWER)
    assert time.now == before


async def test_after_too_much_there_is_a_breath() -> None:
    time = Time()
    full = bucket(time)
    full.empty()
    await full.take(Rank.URGENT)
    assert time.now > 0.1


async def test_a_platform_that_wants_a_pause_is_spoken_to_at_its_pace_and_answers_still_go_first() -> None:
    time = Time()
    full = bucket(time)
    full.slow_down(5.0)
    for _ in range(20):
        await full.take(Rank.REMINDER)
    assert 100 <= time.now <= 105
    before = time.now
    await full.take(Rank.ANSWER)
    assert time.now - before <= 5.0


async def test_after_a_quarter_of_an_hour_the_usual_pace_is_tried_again() -> None:
    time = Time()
    full = bucket(time)
    full.slow_down(5.0)
    time.now += 1000.0
    before = time.now
    for _ in range(30):
        await full.take(Rank.ANSWER)
    assert time.now - before < 10.0
