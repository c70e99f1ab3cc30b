"""After the meeting: those who were there, and the person, say how it was (R19, R146, R147)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from domain.case import Case
from domain.directory import Directory, Staff
from domain.errors import WrongState
from domain.figures.counting import track_of
from domain.figures.quarter import SETTLING, Quarter
from domain.figures.sums import Key, Sum
from domain.matters.closure import Ground
from domain.matters.evaluation import Answer, Evaluation, Felt
from domain.meeting import Meeting
from domain.responsibility import may_see, may_send_plan, may_steer, stands_in
from domain.stamp import Stamp

# Later nobody remembers, and of a meeting on the last day of a quarter the figures have settled.
LAST_DAY: Final = SETTLING


def meeting_to_evaluate(case: Case, today: date) -> Meeting:
    """Return the last meeting that was held, while it can be evaluated: for thirty days, and not after a withdrawal.

    Raises:
        WrongState: there is none (`evaluate.too_early`), or it is too late (`evaluate.too_late`).
    """
    meeting = case.last_held
    if meeting is None:
        raise WrongState("evaluate.too_early", {"code": case.code})
    withdrawn = case.closure is not None and case.closure.ground is Ground.WITHDRAWN
    if withdrawn or not is_remembered(meeting, today):
        raise WrongState("evaluate.too_late", {"code": case.code})
    return meeting


def is_remembered(meeting: Meeting, today: date) -> bool:
    """Say whether a meeting is not too long ago to be evaluated."""
    return today <= meeting.day + LAST_DAY


def evaluation_of(case: Case, meeting: Meeting) -> Evaluation:
    """Return what is kept of a meeting's evaluation."""
    return next((one for one in case.evaluations if one.meeting == meeting.number), Evaluation(meeting.number))


def took_part(case: Case, meeting: Meeting, staff: Staff, directory: Directory) -> bool:
    """Say whether somebody is of a unit that was at the meeting, or called it, and may still see the case."""
    units = {case.unit_of(meeting)} | (meeting.report.attended if meeting.report is not None else frozenset())
    return staff.agency in units and may_see(case, staff, directory)


def may_speak_for_person(case: Case, meeting: Meeting, staff: Staff, directory: Directory) -> bool:
    """Say whether somebody may write down what the person said: who answers for the case or plan, and the chair."""
    if may_steer(case, staff, directory) or may_send_plan(case, staff, directory):
        return True
    if meeting.chair != staff.id and not stands_in(case, staff, meeting.chair, directory):
        return False
    return took_part(case, meeting, staff, directory)


def require_part(case: Case, meeting: Meeting, staff: Staff, directory: Directory) -> None:
    """Raise `WrongState` for somebody whose unit was not there."""
    if not took_part(case, meeting, staff, directory):
        raise WrongState("evaluate.not_there")


def evaluated(case: Case, meeting: Meeting, staff: str) -> Case:
    """Return the case, in which it stands that a member of staff has answered; not what."""
    known = evaluation_of(case, meeting)
    return _with(case, replace(known, by=known.by | {staff}))


def evaluated_for_person(case: Case, meeting: Meeting, felt: Felt | None, stamp: Stamp) -> Case:
    """Return the case with how the person felt about taking part, and that their view was asked for (R19, R146)."""
    return _with(case, replace(evaluation_of(case, meeting), felt=felt, person=stamp))


def sums_of(case: Case, meeting: Meeting, answers: Mapping[str, Answer]) -> dict[Key, Sum]:
    """Return what answers add to the figures of the unit that called the meeting."""
    quarter, unit = str(Quarter.of(meeting.day)), case.unit_of(meeting) or case.agency
    track = track_of(case).value
    return {Key(quarter, unit, track, name): Sum(1, answer.points) for name, answer in answers.items()}


def _with(case: Case, changed: Evaluation) -> Case:
    others = tuple(one for one in case.evaluations if one.meeting != changed.meeting)
    return replace(case, evaluations=(*others, changed))
