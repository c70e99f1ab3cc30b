"""The marks of a case and the person's own last day, set and lifted at any time (R89, R91, R105, R109, R198)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from domain.calendar.invites import InviteStep, next_sequence
from domain.case import Case, Flag
from domain.errors import WrongState
from domain.matters.need import WishReason
from domain.meeting import Meeting
from domain.problem import Problem
from domain.stamp import Stamp


@dataclass(frozen=True, slots=True)
class Marking:
    """What somebody has told. `certain`: the protection has ended, and who decides it has said so."""

    flags: frozenset[Flag]
    meeting_by: date | None = None
    reason: WishReason | None = None
    certain: bool = False


def require_markable(case: Case) -> None:
    """Raise `WrongState` for a case that has ended."""
    if not case.is_open:
        raise WrongState("mark.ended", {"code": case.code})


def problems_of_marking(case: Case, marking: Marking, today: date) -> tuple[Problem, ...]:
    """Return what is wrong: a day that has passed, a wish without its reason (R198), a protection lifted in haste."""
    found = []
    wished = marking.meeting_by
    if wished is not None and wished < today and wished != case.meeting_by:
        found.append(Problem("meeting_by", "field.past_date"))
    if wished is not None and marking.reason is None:
        found.append(Problem("reason", "mark.reason_needed"))
    if case.protected and Flag.PROTECTED not in marking.flags and not marking.certain:
        found.append(Problem("certain", "mark.certain_needed"))
    return tuple(found)


def mark_case(case: Case, marking: Marking, stamp: Stamp) -> Case:
    """Return the case with these marks.

    With protection the coming meeting loses place and link, and every calendar its entry (R109; law 4D.4); when it is
    lifted everybody is invited anew.
    """
    reason = marking.reason if marking.meeting_by is not None else None
    after = replace(case, flags=marking.flags, meeting_by=marking.meeting_by, meeting_by_reason=reason)
    meeting = case.coming_meeting
    if meeting is None or after.protected == case.protected:
        return after
    return after.with_meeting(_hidden(meeting) if after.protected else _shown_again(meeting, stamp))


def _hidden(meeting: Meeting) -> Meeting:
    return replace(meeting, place="", link="", sequence=next_sequence(meeting.sequence, InviteStep.UNINVITE))


def _shown_again(meeting: Meeting, _stamp: Stamp) -> Meeting:
    sequence = next_sequence(meeting.sequence, InviteStep.REINVITE)
    shown = replace(meeting, sequence=sequence)
    for _, who in meeting.invitees():
        shown = shown.with_attendee(replace(who, asked=sequence, response=None, undelivered=False))
    return shown
