"""One reminder, and the region's rules and working days that reminders are counted by (process 7D, days 5B)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from sipbot.domain.case import Case
from sipbot.domain.days import WorkCalendar, meeting_due
from sipbot.domain.meeting import Meeting
from sipbot.domain.profile import NagPlan, Profile

WEEK = timedelta(days=7)


class To(StrEnum):
    """Whom a reminder is for; who that is now is looked up when it fires."""

    PERSON = "person"  # `Due.who` names the staff id
    UNIT = "unit"  # the agency's own channel
    MAILBOX = "mailbox"  # the agency's function mailbox
    MANAGER = "manager"  # the agency's manager
    ATTENDEES = "attendees"  # everybody named


class Due(NamedTuple):
    """One moment at which somebody is to hear of something that is still open.

    `key` is unique for the case, thing, time round, receiver and step, and never used for anything else. `group` joins
    the steps of one ladder: of several that are due at once only the newest goes out. `text` is the message key; `who`
    the staff id it is for or about; `agency` the agency it is about; `unit` the agency whose channel, mailbox or
    manager it goes to, for a person their own, which stands in when they have left (R40); `until` the instant after
    which it is pointless; `day` the deadline it is about.

    A tuple and no dataclass, since a case has up to a hundred of them and makes them anew at every click.
    """

    nag: str
    group: str
    step: str
    to: To
    at: datetime
    text: str
    who: str = ""
    agency: str = ""
    unit: str = ""
    until: datetime | None = None
    day: date | None = None

    @property
    def key(self) -> str:
        """The unique name of this step."""
        return f"{self.group}:{self.step}"


@dataclass(frozen=True, slots=True)
class Rules:
    """The profile and the calendar, with the few date sums that all reminders share.

    The sums are remembered: they are the same for all cases, and dearer than all else about a reminder. There are only
    so many days between the calendar's first year and its last.
    """

    profile: Profile
    calendar: WorkCalendar
    _instants: dict[tuple[date, time], datetime] = field(default_factory=dict, init=False, repr=False, compare=False)
    _following: dict[date, date] = field(default_factory=dict, init=False, repr=False, compare=False)
    _preceding: dict[date, date] = field(default_factory=dict, init=False, repr=False, compare=False)
    _counted: dict[tuple[date, int], date] = field(default_factory=dict, init=False, repr=False, compare=False)

    def at(self, day: date, wall: time) -> datetime:
        """Return the instant at which the local clock shows `wall` on `day`."""
        found = self._instants.get((day, wall))
        if found is None:
            found = self._instants[day, wall] = self.calendar.at(day, wall)
        return found

    def on_or_after(self, day: date) -> date:
        """Return `day`, or the first working day after it."""
        found = self._following.get(day)
        if found is None:
            found = self._following[day] = self.calendar.on_or_after(day)
        return found

    def on_or_before(self, day: date) -> date:
        """Return `day`, or the last working day before it."""
        found = self._preceding.get(day)
        if found is None:
            found = self._preceding[day] = self.calendar.on_or_before(day)
        return found

    def working_days_after(self, day: date, count: int) -> date:
        """Return the working day `count` after `day`; before it when `count` is negative."""
        found = self._counted.get((day, count))
        if found is None:
            sums = self.calendar.add_working_days if count > 0 else self.calendar.subtract_working_days
            found = self._counted[day, count] = sums(day, abs(count))
        return found

    def morning(self, day: date) -> datetime:
        """Return the opening time of the working day on or after `day`."""
        return self.at(self.on_or_after(day), self.profile.opens)

    def morning_after(self, day: date, count: int) -> datetime:
        """Return the opening time of the working day `count` after `day`; before it when `count` is negative."""
        return self.at(self.working_days_after(day, count), self.profile.opens)

    def at_or_opening(self, day: date, wall: time) -> datetime:
        """Return the instant of `wall` on a working day, or its opening time when that is later."""
        return self.at(day, max(wall, self.profile.opens))

    def is_open_at(self, day: date, wall: time) -> bool:
        """Say whether reminders are sent at `wall` on `day` (days 5B.6)."""
        return self.profile.opens <= wall < self.profile.closes and self.on_or_after(day) == day

    def local_date(self, instant: datetime) -> date:
        """Return the local date at `instant`."""
        return self.calendar.local_date(instant)

    def plan(self, nag: str) -> NagPlan:
        """Return the profile's plan of a reminder."""
        return self.profile.nag(nag)

    def meeting_deadline(self, case: Case) -> date:
        """Return the day by which the first meeting is to be held (R90, R91)."""
        return meeting_deadline(case, self.profile, self.calendar)

    def plan_deadline(self, meeting: Meeting) -> date:
        """Return the day by which the plan is to be sent (R161)."""
        return self.working_days_after(meeting.day, self.profile.plan_working_days.value)


def meeting_deadline(case: Case, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the day by which the first meeting is to be held.

    That is 30 days from the day the need was noticed, or the day the person wishes (R90, R91).
    """
    if case.meeting_by is not None:
        return case.meeting_by
    return meeting_due(case.noticed_on, profile.days_to_meeting.value, profile.meeting_roll, calendar)
