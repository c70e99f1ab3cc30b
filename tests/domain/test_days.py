"""Deadlines and the local clock, with the examples of days 5C."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.holidays import is_holiday
from domain.days import (
    Roll,
    WorkCalendar,
    last_working_day_on_or_before,
    los_payment_from,
    los_summons_due,
    meeting_due,
    plan_due,
    statutory_roll,
)

SWEDEN = WorkCalendar(is_holiday, ZoneInfo("Europe/Stockholm"))
OPENS, CLOSES = time(8), time(16, 30)
ONE_DAY = timedelta(days=1)

dates = st.dates(date(2007, 1, 1), date(2090, 12, 31))
counts = st.integers(1, 60)
# Within 2020-2037, where the European Union's rule for summer time is in force.
instants = st.datetimes(datetime(2020, 1, 5), datetime(2037, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001
clock_times = st.times().map(lambda t: t.replace(microsecond=0))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


# ---- vectors of 5C -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "meeting, due",
    [
        ("2026-01-07", "2026-01-13"),
        ("2026-03-31", "2026-04-08"),  # Good Friday, Easter Monday
        ("2026-04-02", "2026-04-10"),
        ("2026-04-29", "2026-05-06"),  # 1 May is a Friday
        ("2026-05-13", "2026-05-20"),  # Ascension Day
        ("2026-05-16", "2026-05-21"),  # a meeting on a Saturday
        ("2026-06-03", "2026-06-09"),  # 6 June is a Saturday
        ("2026-06-17", "2026-06-24"),  # Midsummer Eve
        ("2026-10-30", "2026-11-05"),  # All Saints is a Saturday
        ("2026-12-22", "2026-12-30"),
        ("2026-12-29", "2027-01-07"),  # 31 December, 1 and 6 January
        ("2027-03-24", "2027-04-01"),  # Easter 2027
    ],
)
def test_r34_r48_r161_the_plan_is_due_on_the_fourth_working_day_after_the_meeting(meeting: str, due: str) -> None:
    """R193."""
    assert plan_due(date.fromisoformat(meeting), 4, SWEDEN) == date.fromisoformat(due)


@pytest.mark.parametrize(
    "noticed, due, plan_against",
    [
        ("2026-01-31", "2026-03-02", "2026-03-02"),
        ("2026-03-04", "2026-04-03", "2026-04-02"),  # Good Friday
        ("2026-05-20", "2026-06-19", "2026-06-18"),  # Midsummer Eve
        ("2026-05-21", "2026-06-20", "2026-06-18"),
        ("2026-11-24", "2026-12-24", "2026-12-23"),
    ],
)
def test_r90_the_meeting_is_due_thirty_days_after_the_need_was_noticed(
    noticed: str, due: str, plan_against: str
) -> None:
    last_day = meeting_due(date.fromisoformat(noticed), 30, "none", SWEDEN)

    assert last_day == date.fromisoformat(due)
    assert last_working_day_on_or_before(last_day, SWEDEN) == date.fromisoformat(plan_against)


@pytest.mark.parametrize("roll, due", [("none", "2026-04-03"), ("previous", "2026-04-02"), ("next", "2026-04-07")])
def test_r90_the_profile_decides_whether_thirty_days_roll(roll: Roll, due: str) -> None:
    assert meeting_due(date(2026, 3, 4), 30, roll, SWEDEN) == date.fromisoformat(due)


@pytest.mark.parametrize("roll", ["none", "previous", "next"])
def test_r90_a_due_day_that_is_worked_stays(roll: Roll) -> None:
    assert meeting_due(date(2026, 1, 31), 30, roll, SWEDEN) == date(2026, 3, 2)


@pytest.mark.parametrize(
    "notice, third_day, due",
    [
        ("2026-04-01", "2026-04-04", "2026-04-07"),
        ("2026-06-17", "2026-06-20", "2026-06-22"),
        ("2026-12-22", "2026-12-25", "2026-12-28"),
    ],
)
def test_los_three_days_roll_to_the_next_weekday(notice: str, third_day: str, due: str) -> None:
    assert statutory_roll(date.fromisoformat(third_day), SWEDEN) == date.fromisoformat(due)
    assert los_summons_due(date.fromisoformat(notice), SWEDEN) == date.fromisoformat(due)


# ---- working days ------------------------------------------------------------------------------------------


def test_5b_1_the_three_eves_are_no_working_days() -> None:
    eves = [date(2026, 6, 19), date(2026, 12, 24), date(2026, 12, 31)]

    assert [day.weekday() for day in eves] == [4, 3, 3]
    assert not any(SWEDEN.is_working_day(day) for day in eves)


def test_5b_1_half_days_are_worked() -> None:
    half_days = [date(2026, 1, 5), date(2026, 4, 2), date(2026, 4, 30), date(2026, 10, 30)]

    assert all(SWEDEN.is_working_day(day) for day in half_days)


def test_5b_1_a_local_bridge_day_is_not_worked_but_moves_no_statutory_deadline() -> None:
    bridge = date(2026, 5, 15)  # the Friday after Ascension Day
    local = WorkCalendar(is_holiday, SWEDEN.zone, frozenset({bridge}))

    assert plan_due(date(2026, 5, 13), 4, local) == date(2026, 5, 21)
    assert local.on_or_before(bridge) == date(2026, 5, 13)
    assert statutory_roll(bridge, local) == bridge


@pytest.mark.parametrize("count", [0, -1])
def test_counting_no_working_days_is_a_mistake(count: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        SWEDEN.add_working_days(date(2026, 1, 7), count)
    with pytest.raises(ValueError, match="at least 1"):
        SWEDEN.subtract_working_days(date(2026, 1, 7), count)


@given(dates, counts)
def test_the_nth_working_day_is_a_working_day_with_n_minus_one_between(day: date, count: int) -> None:
    later, earlier = SWEDEN.add_working_days(day, count), SWEDEN.subtract_working_days(day, count)

    assert SWEDEN.is_working_day(later)
    assert SWEDEN.is_working_day(earlier)
    assert SWEDEN.working_days_between(day, later) == count
    assert SWEDEN.working_days_between(earlier, day - ONE_DAY) == count - 1
    assert earlier < day < later


@given(dates, counts)
def test_counting_back_undoes_counting_forward_from_a_working_day(day: date, count: int) -> None:
    start = SWEDEN.on_or_after(day)

    assert SWEDEN.subtract_working_days(SWEDEN.add_working_days(start, count), count) == start
    assert SWEDEN.add_working_days(SWEDEN.subtract_working_days(start, count), count) == start


@given(dates, st.integers(0, 30), counts)
def test_a_later_meeting_is_never_due_earlier(day: date, days_later: int, count: int) -> None:
    later = day + days_later * ONE_DAY

    assert plan_due(day, count, SWEDEN) <= plan_due(later, count, SWEDEN)
    assert plan_due(day, count, SWEDEN) < plan_due(day, count + 1, SWEDEN)
    assert statutory_roll(day, SWEDEN) <= statutory_roll(later, SWEDEN)


@given(dates, dates)
def test_working_days_between_counts_the_end_and_changes_sign_with_direction(one: date, other: date) -> None:
    first, last = min(one, other), min(max(one, other), min(one, other) + 200 * ONE_DAY)
    span = [first + n * ONE_DAY for n in range(1, (last - first).days + 1)]

    assert SWEDEN.working_days_between(first, last) == len([d for d in span if SWEDEN.is_working_day(d)])
    assert SWEDEN.working_days_between(last, first) == -SWEDEN.working_days_between(first, last)


@given(dates)
def test_the_nearest_working_days_enclose_a_day(day: date) -> None:
    before, after = SWEDEN.on_or_before(day), SWEDEN.on_or_after(day)

    assert before <= day <= after
    assert (before == day) == (after == day) == SWEDEN.is_working_day(day)
    assert SWEDEN.next_working_day(day) == SWEDEN.on_or_after(day + ONE_DAY)


@given(dates)
def test_a_statutory_deadline_never_ends_on_a_day_off(day: date) -> None:
    rolled = statutory_roll(day, SWEDEN)

    assert SWEDEN.is_working_day(rolled)
    # The longest row of days off is Christmas Eve on a Wednesday or Thursday with the weekend behind it.
    assert timedelta(0) <= rolled - day <= timedelta(days=5)


# ---- the local clock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day, wall, instant",
    [
        ("2026-01-07", "09:00", "2026-01-07T08:00+00:00"),
        ("2026-07-07", "09:00", "2026-07-07T07:00+00:00"),
        ("2026-03-29", "01:59", "2026-03-29T00:59+00:00"),
        ("2026-03-29", "02:30", "2026-03-29T01:30+00:00"),  # does not exist: 03:30 summer time
        ("2026-03-29", "03:00", "2026-03-29T01:00+00:00"),
        ("2026-10-25", "02:30", "2026-10-25T00:30+00:00"),  # comes twice: the first, summer time
        ("2026-10-25", "03:00", "2026-10-25T02:00+00:00"),
    ],
)
def test_5b_6_a_wall_time_has_one_instant(day: str, wall: str, instant: str) -> None:
    found = SWEDEN.at(date.fromisoformat(day), time.fromisoformat(wall))

    assert found == utc(instant)
    assert found.tzinfo is UTC


def test_5b_6_a_time_that_does_not_exist_moves_forward_by_the_hour() -> None:
    assert SWEDEN.local(SWEDEN.at(date(2026, 3, 29), time(2, 30))).time() == time(3, 30)


def test_the_fold_of_a_wall_time_changes_nothing() -> None:
    night = date(2026, 10, 25)

    assert SWEDEN.at(night, time(2, 30, fold=1)) == SWEDEN.at(night, time(2, 30))


@given(dates, clock_times)
def test_the_local_clock_shows_the_wall_time_again_except_in_the_hour_that_is_skipped(day: date, wall: time) -> None:
    shown = SWEDEN.local(SWEDEN.at(day, wall))
    skipped = shown.time() == wall.replace(hour=3) and wall.hour == 2 and day.month == 3

    assert shown.date() == day
    assert skipped or shown.time() == wall


def test_5b_2_a_day_ends_at_235959_local_time() -> None:
    assert SWEDEN.end_of(date(2026, 1, 13)) == utc("2026-01-13T22:59:59+00:00")
    assert SWEDEN.end_of(date(2026, 6, 24)) == utc("2026-06-24T21:59:59+00:00")
    assert SWEDEN.end_of(date(2026, 3, 29)) == utc("2026-03-29T21:59:59+00:00")


@pytest.mark.parametrize(
    "instant, day",
    [
        ("2026-01-07T22:59:59+00:00", "2026-01-07"),
        ("2026-01-07T23:00:00+00:00", "2026-01-08"),
        ("2026-07-07T22:00:00+00:00", "2026-07-08"),
        ("2026-07-07T20:00:00-04:00", "2026-07-08"),
    ],
)
def test_r193_the_day_of_an_instant_is_the_local_one(instant: str, day: str) -> None:
    assert SWEDEN.local_date(datetime.fromisoformat(instant)) == date.fromisoformat(day)


def test_an_instant_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        SWEDEN.local(datetime(2026, 1, 7, 9))  # noqa: DTZ001


def test_a_wall_time_with_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        SWEDEN.at(date(2026, 1, 7), time(9, tzinfo=UTC))


# ---- working hours -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now, opening",
    [
        ("2026-01-07T08:00+01:00", "2026-01-07T08:00+01:00"),  # the first moment is inside
        ("2026-01-07T12:34:56+01:00", "2026-01-07T12:34:56+01:00"),
        ("2026-01-07T16:29:59+01:00", "2026-01-07T16:29:59+01:00"),
        ("2026-01-07T16:30+01:00", "2026-01-08T08:00+01:00"),  # the last is not
        ("2026-01-07T07:59:59+01:00", "2026-01-07T08:00+01:00"),
        ("2026-01-07T00:30+01:00", "2026-01-07T08:00+01:00"),
        ("2026-04-02T18:00+02:00", "2026-04-07T08:00+02:00"),  # over Easter
        ("2026-03-27T17:00+01:00", "2026-03-30T08:00+02:00"),  # over the change to summer time
        ("2026-10-23T17:00+02:00", "2026-10-26T08:00+01:00"),
    ],
)
def test_5b_6_reminders_wait_for_working_hours(now: str, opening: str) -> None:
    found = SWEDEN.next_opening(datetime.fromisoformat(now), OPENS, CLOSES)

    assert found == utc(opening)
    assert found.tzinfo is UTC


@given(instants)
def test_the_next_opening_is_within_hours_and_nothing_before_it_is(now: datetime) -> None:
    opening = SWEDEN.next_opening(now, OPENS, CLOSES)

    assert opening >= now
    assert SWEDEN.within_hours(opening, OPENS, CLOSES)
    assert SWEDEN.next_opening(opening, OPENS, CLOSES) == opening
    if opening > now:
        middle = now + (opening - now) / 2
        assert not SWEDEN.within_hours(middle, OPENS, CLOSES)
        assert SWEDEN.next_opening(middle, OPENS, CLOSES) == opening


@given(instants, st.timedeltas(timedelta(0), timedelta(days=10)))
def test_whoever_comes_later_is_never_let_in_earlier(now: datetime, wait: timedelta) -> None:
    assert SWEDEN.next_opening(now, OPENS, CLOSES) <= SWEDEN.next_opening(now + wait, OPENS, CLOSES)


def test_working_hours_that_end_before_they_start_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="start before they end"):
        SWEDEN.within_hours(utc("2026-01-07T12:00+00:00"), CLOSES, OPENS)


@pytest.mark.parametrize(
    "notice, begins",
    [
        ("2026-04-01 11:59", "2026-04-04"),
        ("2026-04-01 12:00", "2026-04-04"),
        ("2026-04-01 12:01", "2026-04-05"),
        ("2026-12-22 15:00", "2026-12-26"),
    ],
)
def test_los_payment_begins_after_three_days_and_four_when_noon_has_passed(notice: str, begins: str) -> None:
    """LOS 5 kap. 4 §: the start of a liability is not moved from a day off."""
    at = datetime.fromisoformat(notice).replace(tzinfo=SWEDEN.zone)
    assert f"{los_payment_from(at, SWEDEN)}" == begins
