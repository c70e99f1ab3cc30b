"""Working days, calendar-day deadlines and the local clock they are read on (days 5A, days 5B).

A *working day* (arbetsdag) is Monday to Friday, neither a public holiday (lag 1989:253) nor Midsummer Eve,
Christmas Eve or New Year's Eve, nor a local non-working day of the profile. Half-days, such as Maundy
Thursday, are working days.

Dates are local dates of the calendar's zone. Instants are aware datetimes and are given back in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

Roll = Literal["none", "next", "previous"]

# Lag (2017:612) 4:3: the summons is sent within three days of the notice of readiness for discharge.
LOS_SUMMONS_DAYS = 3

_DAY = timedelta(days=1)
_SATURDAY = 5
_LAST_SECOND = time(23, 59, 59)
_NOON = time(12)
_REMEMBERED: Final = 4096  # instants whose date is remembered: one case asks for the same few dozen again and again


# The span of days a case can be about, well inside the years for which holidays are known.
_FIRST_YEAR: Final = 2005
_LAST_YEAR: Final = 2090


def may_concern_a_case(day: date) -> bool:
    """Say whether a day that somebody wrote can be meant: between 2005, since which holidays are as now, and 2090."""
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked, and what the clock on the wall says.

    `is_holiday` knows the public holidays and the three eves (Midsummer, Christmas, New Year); it need not
    know weekends. `extra_non_working` holds local bridge days from the profile: they count as non-working,
    but they move no statutory deadline.
    """

    is_holiday: Callable[[date], bool]
    zone: ZoneInfo
    extra_non_working: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is a working day (days 5B.1)."""
        return not self.is_statutory_day_off(day) and day not in self.extra_non_working

    def is_statutory_day_off(self, day: date) -> bool:
        """Whether `day` is a weekend, a holiday or one of the three eves: the days of lag 1930:173 § 2."""
        return day.weekday() >= _SATURDAY or self.is_holiday(day)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`: day 0, which is never counted. `count` is at least 1."""
        return self._step(day, count, _DAY)

    def subtract_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day before `day`, which itself is never counted. `count` is at least 1."""
        return self._step(day, count, -_DAY)

    def _step(self, day: date, count: int, step: timedelta) -> date:
        if count < 1:
            raise ValueError("the number of working days must be at least 1")
        while count:
            day += step
            if self.is_working_day(day):
                count -= 1
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first`, up to and including `last`; negative if `last` is first.

        So `working_days_between(d, add_working_days(d, n)) == n`.
        """
        if last < first:
            return -self.working_days_between(last, first)
        span = (last - first).days
        return sum(self.is_working_day(first + timedelta(days=n)) for n in range(1, span + 1))

    def on_or_before(self, day: date) -> date:
        """`day` itself if it is a working day, else the last one before it."""
        return day if self.is_working_day(day) else self.subtract_working_days(day, 1)

    def on_or_after(self, day: date) -> date:
        """`day` itself if it is a working day, else the first one after it."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after `day`."""
        return self.add_working_days(day, 1)

    def at(self, day: date, wall: time) -> datetime:
        """The UTC instant at which the local clock shows `wall` on `day`.

        When the clocks go forward, a time that does not exist moves forward by the hour that is skipped
        (02:30 becomes 03:30); when they go back, the first of two equal times is meant. `wall.fold` is
        ignored.
        """
        if wall.tzinfo is not None:
            raise ValueError("a wall time carries no zone")
        # With fold=0 the offset before the change is used, for the gap and the overlap alike (PEP 495).
        return datetime.combine(day, wall.replace(fold=0), self.zone).astimezone(UTC)

    def local(self, instant: datetime) -> datetime:
        """`instant` on the local clock, as an aware datetime."""
        return _local(instant, self.zone)

    def local_date(self, instant: datetime) -> date:
        """The local date at `instant`."""
        return _date_at(instant, self.zone)

    def end_of(self, day: date) -> datetime:
        """23:59:59 local time on `day`, as a UTC instant: what is due that day is in time until then."""
        return self.at(day, _LAST_SECOND)

    def within_hours(self, instant: datetime, start: time, end: time) -> bool:
        """Whether `instant` falls on a working day at or after `start` and before `end`, local time."""
        if not start < end:
            raise ValueError("the working hours must start before they end")
        day = self.local_date(instant)
        return self.is_working_day(day) and self.at(day, start) <= instant < self.at(day, end)

    def next_opening(self, instant: datetime, start: time, end: time) -> datetime:
        """`instant` itself inside working hours, else when they next start; in UTC."""
        if self.within_hours(instant, start, end):
            return instant.astimezone(UTC)
        day = self.local_date(instant)
        if self.is_working_day(day) and instant < self.at(day, start):
            return self.at(day, start)
        return self.at(self.next_working_day(day), start)


def plan_due(meeting_day: date, working_days: int, calendar: WorkCalendar) -> date:
    """The last day for sending the plan to all who attended (R34, R48, R161).

    That is the n-th working day after the meeting's local date, which is day 0 even if it is no working day
    (R193).
    """
    return calendar.add_working_days(meeting_day, working_days)


def meeting_due(noticed_on: date, days: int, roll: Roll, calendar: WorkCalendar) -> date:
    """The last day for holding the meeting (R90): `days` calendar days after the need was noticed.

    A local steering rule and no statute, so nothing moves it by itself: `roll` says what happens when the day
    is not a working day (the profile's `thirty_days_roll`).
    """
    due = noticed_on + timedelta(days=days)
    if roll == "next":
        return calendar.on_or_after(due)
    if roll == "previous":
        return calendar.on_or_before(due)
    return due


def last_working_day_on_or_before(day: date, calendar: WorkCalendar) -> date:
    """The working day to plan against when a calendar-day deadline falls on `day` (days 5B.3)."""
    return calendar.on_or_before(day)


def statutory_roll(day: date, calendar: WorkCalendar) -> date:
    """`day`, or the next weekday when a statutory last day falls on a day off (lag 1930:173 § 2).

    The profile's local non-working days do not count here: the act knows only its own days off.
    """
    while calendar.is_statutory_day_off(day):
        day += _DAY
    return day


def los_payment_from(notice_at: datetime, calendar: WorkCalendar) -> date:
    """The day on which the municipality's liability to pay begins: three days after the notice, four after noon.

    Lag (2017:612) 5:4, unless otherwise agreed. It is the start of a liability and no act to be done, so it does not
    move from a day off.
    """
    local = calendar.local(notice_at)
    days = LOS_SUMMONS_DAYS + (1 if local.time() > _NOON else 0)
    return local.date() + timedelta(days=days)


def los_summons_due(notice_on: date, calendar: WorkCalendar) -> date:
    """The last day for summoning after a notice, on that local date, of readiness for discharge.

    Lag (2017:612) 4:3 with lag 1930:173 § 2. The payment liability (5:4) is another clock and does not roll.
    """
    return statutory_roll(notice_on + timedelta(days=LOS_SUMMONS_DAYS), calendar)


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError("an instant must carry its offset from UTC")
    return instant.astimezone(zone)


@lru_cache(_REMEMBERED)
def _date_at(instant: datetime, zone: ZoneInfo) -> date:
    return _local(instant, zone).date()
