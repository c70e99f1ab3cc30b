"""When a letter is tried again, and when it is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.backoff import given_up, wait

START = datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_the_steps_are_those_that_are_promised() -> None:
    steps = [2, 5, 15, 60, 300, 900, 1800, 3600, 3600]
    for attempts, seconds in enumerate(steps, start=1):
        assert seconds <= wait(attempts, 1, "key").total_seconds() < seconds * 1.2


@given(st.integers(0, 100), st.integers(1, 3), st.text(), st.floats(0, 7200))
def test_what_the_other_side_asked_for_is_kept(attempts: int, rank: int, key: str, asked: float) -> None:
    assert wait(attempts, rank, key, asked).total_seconds() >= asked - 1e-6


@given(st.integers(0, 1500), st.text())
def test_what_must_go_now_never_waits_more_than_a_minute(attempts: int, key: str) -> None:
    assert wait(attempts, 0, key) <= timedelta(minutes=1)


@given(st.integers(1, 8), st.text(), st.text())
def test_letters_held_up_together_come_back_apart_but_always_alike(attempts: int, one: str, two: str) -> None:
    assert wait(attempts, 2, one) == wait(attempts, 2, one)
    assert wait(attempts, 2, one) <= wait(attempts, 2, two) * 1.2


def test_a_letter_is_given_up_after_a_day_or_forty_attempts() -> None:
    day = START + timedelta(hours=24)
    assert given_up(8, 1, START, day)
    assert not given_up(39, 1, START, day - timedelta(seconds=1))
    assert given_up(40, 1, START, START)


def test_a_letter_that_waited_for_days_without_being_tried_is_not_given_up() -> None:
    """The bot was down, or its token revoked: those days are no attempts."""
    assert not given_up(1, 1, START, START + timedelta(days=3))
    assert not given_up(7, 0, START, START + timedelta(days=3))


def test_what_must_go_now_is_tried_for_the_whole_day() -> None:
    assert not given_up(1400, 0, START, START + timedelta(hours=23))
    assert given_up(1400, 0, START, START + timedelta(hours=24))
