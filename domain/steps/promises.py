"""What could not be decided at the meeting: promised, followed, answered (R145)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from domain.audience import in_scope
from domain.case import Case
from domain.errors import NotFound, WrongState
from domain.matters.promise import Awaited, Meanwhile, Promise
from domain.meeting import Meeting
from domain.problem import Problem
from domain.stamp import Stamp

MOST_PROMISES = 20


def meeting_of_promises(case: Case) -> Meeting:
    """Return the meeting at which something was left to be decided: the last one that was held.

    Raises:
        WrongState: none was held, the case has ended, or it has more promises than anybody follows.
    """
    held = case.last_held
    if held is None or not case.is_open:
        raise WrongState("promise.too_early", {"code": case.code})
    if len(case.promises) >= MOST_PROMISES:
        raise WrongState("promise.too_many", {"code": case.code})
    return held


def may_promise(case: Case, meeting: Meeting) -> tuple[str, ...]:
    """Return the agencies that may have promised something: those who attended, within the consent (R62)."""
    attended = meeting.report.attended if meeting.report is not None else frozenset()
    home = case.unit_of(meeting)
    return tuple(sorted(agency for agency in attended | {home} if agency == home or in_scope(case, agency)))


def problems_of_promise(case: Case, agency: str, awaits: Awaited, by: date, today: date) -> tuple[Problem, ...]:
    """Say whether an answer can be promised by this day, and has not been already."""
    if by < today:
        return (Problem("by", "field.past_date"),)
    same = ((p.agency, p.awaits, p.by, p.answered) for p in case.promises)
    return (Problem("by", "promise.noted_already"),) if (agency, awaits, by, None) in same else ()


def promise(case: Case, meeting: Meeting, agency: str, wait: tuple[Awaited, Meanwhile, date], stamp: Stamp) -> Case:
    """Return the case with a promised answer: what it waits for, what happens meanwhile, and its day."""
    awaits, meanwhile, by = wait
    found = Promise(len(case.promises) + 1, meeting.number, agency, awaits, meanwhile, by, stamp)
    return replace(case, promises=(*case.promises, found))


def promise_of(case: Case, number: int) -> Promise:
    """Return the promise with this number.

    Raises:
        NotFound: there is none.
    """
    found = next((promise for promise in case.promises if promise.number == number), None)
    if found is None:
        raise NotFound("promise.no_such")
    return found


def answer_promise(case: Case, number: int, stamp: Stamp) -> Case:
    """Return the case with the promise kept: the person has got the answer. Twice changes nothing."""
    found = promise_of(case, number)
    if found.answered is not None:
        return case
    kept = replace(found, answered=stamp)
    return replace(case, promises=tuple(kept if p.number == number else p for p in case.promises))
