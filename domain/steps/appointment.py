"""The time and place of a meeting as somebody gives it: what stops it and what is only warned of (R109, R118-R120)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from domain.case import Case, Flag
from domain.days import WorkCalendar
from domain.meeting import Meeting, Mode
from domain.problem import Problem
from domain.profile import Profile
from domain.rules import meeting_deadline
from domain.text.place import Suspicion, suspicions


@dataclass(frozen=True, slots=True)
class Appointment:
    """When and where: local date, local wall time ("13:00"), its instant, length in minutes, mode, place, link."""

    day: date
    clock: str
    start: datetime
    length: int
    mode: Mode
    place: str = ""
    link: str = ""


def appointment_of(meeting: Meeting) -> Appointment:
    """Return the time and place that a meeting has."""
    return Appointment(
        meeting.day, meeting.clock, meeting.start, meeting.length, meeting.mode, meeting.place, meeting.link
    )


def problems_of_appointment(case: Case, appointment: Appointment, *, consulted: bool, now: datetime) -> list[Problem]:
    """Check time and place.

    It is in the future, a protected case has no place or link (R109, R131), and the person was asked first (R118).
    """
    found = []
    if appointment.start <= now:
        found.append(Problem("date", "field.past_time"))
    if case.protected:
        found += [Problem(f, "summon.protected_place") for f in ("place", "link") if getattr(appointment, f)]
    elif appointment.mode is Mode.IN_PERSON and not appointment.place:
        found.append(Problem("place", "summon.place_needed"))
    if not consulted:
        found.append(Problem("consulted", "summon.consult_first"))
    return found


WARNED_OF = (Suspicion.STREET, Suspicion.NAME)


def warnings_of_place(place: str) -> tuple[Suspicion, ...]:
    """Return what is warned of in a place: that it looks like somebody's address, or holds a name (law 4D.2)."""
    return tuple(found for found in suspicions(place) if found in WARNED_OF)


def warnings_of(
    case: Case, appointment: Appointment | Meeting, profile: Profile, calendar: WorkCalendar, today: date
) -> tuple[str, ...]:
    """Return the keys of warnings that do not block, once somebody has said that it is meant so.

    A day off, an hour outside office hours, past the last day of the first meeting (R90), past the consent's last day
    (R64), short notice (R120, R192).
    """
    found, day, wall = [], appointment.day, time.fromisoformat(appointment.clock)
    if calendar.on_or_after(day) != day:
        found.append("summon.warn_day_off")
    if not profile.opens <= wall < profile.closes:
        found.append("summon.warn_hours")
    if case.last_held is None and day > meeting_deadline(case, profile, calendar):
        found.append("summon.warn_deadline")
    if case.consent is not None and case.consent.valid_until is not None and day > case.consent.valid_until:
        found.append("summon.warn_consent")
    short = calendar.working_days_between(today, day) < profile.notice_working_days.value
    coming = case.coming_meeting
    # To move it later shortens nobody's notice.
    later = isinstance(appointment, Appointment) and coming is not None and appointment.start >= coming.start
    if short and not later and Flag.ACUTE not in case.flags:
        found.append("summon.warn_notice")
    return tuple(found)
