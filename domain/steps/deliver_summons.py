"""Whether a summons has reached the agency: what never came is not silence (R125, R182)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.case import Case
from domain.directory import Directory
from domain.meeting import Meeting
from domain.responsibility import place_of
from domain.summons import Standing


def mark_undelivered(case: Case, number: int, agency: str, at: datetime) -> Case:
    """Return the case in which it is known since `at` that the summons did not come; one that is answered has come."""
    meeting = _coming(case, number)
    summons = meeting.summons_of(agency) if meeting is not None else None
    if meeting is None or summons is None or summons.standing(meeting.round) is not Standing.SENT:
        return case
    return case.with_meeting(meeting.with_summons(replace(summons, undelivered_at=at)))


def mark_delivered(case: Case, number: int, agency: str, at: datetime) -> Case:
    """Return the case in which the summons has come after all: the agency has been asked since `at`, and not before."""
    meeting = _coming(case, number)
    summons = meeting.summons_of(agency) if meeting is not None else None
    if meeting is None or summons is None or summons.undelivered_at is None:
        return case
    return case.with_meeting(meeting.with_summons(replace(summons, undelivered_at=None, sent_at=at)))


def without_place(case: Case, directory: Directory, at: datetime) -> Case:
    """Return the case in which summonses to agencies that have no place in chat are known not to come."""
    meeting = case.coming_meeting
    for summons in () if meeting is None else meeting.live():
        if meeting is not None and summons.undelivered_at is None and not place_of(case, summons.agency, directory):
            case = mark_undelivered(case, meeting.number, summons.agency, at)
    return case


def undelivered(case: Case) -> tuple[str, ...]:
    """Return the agencies that the summons to the coming meeting has not reached, and that are to be asked otherwise.

    The unit that answers for the process comes anyhow.
    """
    meeting = case.coming_meeting
    owing = () if meeting is None else case.owing(meeting)
    return tuple(s.agency for s in owing if meeting and s.standing(meeting.round) is Standing.UNDELIVERED)


def _coming(case: Case, number: int) -> Meeting | None:
    meeting = case.coming_meeting
    return meeting if meeting is not None and meeting.number == number else None
