"""The region's rules and working days as one value: every deadline is counted by it (days 5A and 5B)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from domain.case import Case
from domain.consent import Decision
from domain.days import WorkCalendar, meeting_due, plan_due
from domain.meeting import Meeting
from domain.profile import Profile, ReminderPlan

WEEK = timedelta(days=7)


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

    def opening(self, instant: datetime) -> datetime:
        """Return `instant` itself within working hours, else when they next begin (days 5B.6)."""
        return self.calendar.next_opening(instant, self.profile.opens, self.profile.closes)

    def morning(self, day: date) -> datetime:
        """Return the opening time of the working day on or after `day`."""
        return self.at(self.on_or_after(day), self.profile.opens)

    def morning_after(self, day: date, count: int) -> datetime:
        """Return the opening time of the working day `count` after `day`; before it when `count` is negative."""
        return self.at(self.working_days_after(day, count), self.profile.opens)

    def is_open_at(self, day: date, wall: time) -> bool:
        """Say whether reminders are sent at `wall` on `day` (days 5B.6)."""
        return self.profile.opens <= wall < self.profile.closes and self.on_or_after(day) == day

    def local_date(self, instant: datetime) -> date:
        """Return the local date at `instant`."""
        return self.calendar.local_date(instant)

    def meeting_basis(self, case: Case) -> str:
        """Return what the last day of the first meeting rests on: "wish", or the basis of the region's number (R91)."""
        return "wish" if case.meeting_by is not None else self.profile.days_to_meeting.basis.value

    @property
    def plan_basis(self) -> str:
        """What the last day of the plan rests on."""
        return self.profile.plan_working_days.basis.value

    def plan(self, reminder: str) -> ReminderPlan:
        """Return the profile's plan of a reminder."""
        return self.profile.reminder(reminder)

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
    return meeting_due(need_from(case, calendar), profile.days_to_meeting.value, profile.meeting_roll, calendar)


def need_from(case: Case, calendar: WorkCalendar) -> date:
    """Return the day from which the thirty days run: when the need was noticed (R90).

    After a no of the person's own it is the day on which they said yes: that is a new initiative, and that nobody met
    while they did not wish it makes no meeting late (R80, R81, R91).
    """
    refused = any(consent.decision is Decision.REFUSED for consent in case.consents)
    if not refused or case.consented_at is None:
        return case.noticed_on
    return max(case.noticed_on, calendar.local_date(case.consented_at))


def plan_deadline(meeting: Meeting, profile: Profile, calendar: WorkCalendar) -> date:
    """Return the day by which the plan is to be sent: four working days after the meeting (R161)."""
    return plan_due(meeting.day, profile.plan_working_days.value, calendar)
