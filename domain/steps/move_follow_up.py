"""The day of the follow-up is changed: put off, or brought forward when the needs change (R167, R168)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

from domain.case import Case
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.problem import Problem
from domain.stamp import Stamp


class MoveReason(StrEnum):
    """Why the follow-up is on another day; categories, since free text would be about the person."""

    CHANGED_NEEDS = "changed_needs"
    PERSON_WISH = "person_wish"
    PRACTICAL = "practical"


def require_movable_follow_up(case: Case) -> Meeting:
    """Return the held meeting whose follow-up has a day that can be changed.

    Raises:
        WrongState: the case has ended, no day is set, or the follow-up is called already and is moved as a meeting.
    """
    held = case.last_held
    if not case.is_open or held is None or held.report is None or not held.report.need_remains:
        raise WrongState("follow_up.none", {"code": case.code})
    if case.coming_meeting is not None:
        raise WrongState("follow_up.called", {"code": case.code})
    return held


def problems_of_day(meeting: Meeting, on: date, today: date) -> tuple[Problem, ...]:
    """Say whether the follow-up can be on this day."""
    report = meeting.report
    if on < today or on <= meeting.day:
        return (Problem("date", "held.follow_up_past"),)
    if report is not None and report.follow_up_on == on:
        return (Problem("date", "follow_up.same"),)
    return ()


def move_follow_up(case: Case, meeting: Meeting, on: date, stamp: Stamp) -> Case:
    """Return the case with the follow-up on another day."""
    if meeting.report is None:
        return case
    report = replace(meeting.report, follow_up_on=on, no_follow_up=None, completed=stamp)
    return case.with_meeting(replace(meeting, report=report))
