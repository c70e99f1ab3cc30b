"""An answer that came by telephone, mail, post or in person is written down by the one who called (R121, R125, R128).

It counts like any other: an agency without chat is inside, and one that rang is not reminded of what it has said.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from domain.case import Case
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.problem import Problem
from domain.steps.answer_summons import CLOSED_STANDINGS
from domain.summons import UNHEARD, Relay


class Answer(StrEnum):
    """What the agency said."""

    RECEIVED = "received"
    NAMED = "named"
    PROPOSED = "proposed"
    DECLINED = "declined"


def require_answerable(case: Case, now: datetime) -> Meeting:
    """Return the coming meeting, to which somebody can still answer.

    Raises:
        WrongState: there is none, it has begun, or nobody is asked.
    """
    meeting = case.coming_meeting
    if case.closure is not None or meeting is None:
        raise WrongState("record_answer.no_meeting", {"code": case.code})
    if meeting.start <= now:
        raise WrongState("answer.too_late", {"code": case.code})
    if not answerable(case, meeting):
        raise WrongState("record_answer.nobody_asked", {"code": case.code})
    return meeting


def answerable(case: Case, meeting: Meeting) -> tuple[str, ...]:
    """Return the agencies whose answer can be written down, those that owe one first."""
    asked = [s for s in meeting.summonses if s.standing(meeting.round) not in CLOSED_STANDINGS]
    owing = {s.agency for s in case.owing(meeting)}
    return tuple(s.agency for s in sorted(asked, key=lambda s: s.agency not in owing))


def problems_of_relay(on: date, sent: date, today: date) -> tuple[Problem, ...]:
    """Say whether the answer can have come on that day: not before the agency was asked, and not later than today."""
    if on > today:
        return (Problem("on", "record_answer.in_future"),)
    return (Problem("on", "record_answer.before_summons"),) if on < sent else ()


def mark_relayed(case: Case, agency: str, relay: Relay) -> Case:
    """Return the case in which this agency's newest answer is known to have come another way."""
    meeting = case.meetings[-1]
    summons = meeting.summons_of(agency)
    if summons is None or summons.standing(meeting.round) in UNHEARD:
        return case
    return case.with_meeting(meeting.with_summons(replace(summons, relay=relay)))
