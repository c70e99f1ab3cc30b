"""Who is told of what: one function of the case and the occasion (R44, R62, R77, R174; law 4D.3).

An agency stands in one relation to a case; each occasion has a row of the table that says which relations hear of it.
Whether the consent holds on the day is asked once more when something is told: here it counts for whom it was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.case import Case
from domain.matters.closure import Ground
from domain.meeting import Meeting
from domain.summons import Standing


class Relation(StrEnum):
    """How an agency stands to a case."""

    RESPONSIBLE = "responsible"  # answers for the process, and is not summoned itself
    OPENING = "opening"  # opened the case and has handed it over
    OBLIGED = "obliged"  # summoned to the coming meeting
    INVITED = "invited"  # invited to it
    DECLINED = "declined"  # was invited, and has said no
    EARLIER = "earlier"  # was told of the case, and is not asked to the coming meeting
    DROPPED = "dropped"  # was told of the case, and the consent no longer covers it
    STRANGER = "stranger"  # has never been told of it


class Occasion(StrEnum):
    """What there is to tell."""

    END = "end"  # the coordination has ended (R174)
    WITHDRAWAL = "withdrawal"  # the consent is withdrawn, in so many words (R77)
    NARROWING = "narrowing"  # the consent covers this agency no longer (R62, R77)
    PLAN_CHANGE = "plan_change"  # a version of the plan has been sent (R44, R161)
    MOVE = "move"  # the meeting has another time or place
    NAMES = "names"  # who else comes (R123)
    LEAD_CHANGE = "lead_change"  # somebody else is huvudansvarig (R44)


_COVERED = frozenset({Relation.OPENING, Relation.OBLIGED, Relation.INVITED, Relation.DECLINED, Relation.EARLIER})
_COMING = frozenset({Relation.OBLIGED, Relation.INVITED})

# What the responsible unit does is told to its own people by the board, and to its channel when it is summoned too.
HEAR: Final[Mapping[Occasion, frozenset[Relation]]] = {
    Occasion.END: _COVERED | {Relation.DROPPED},
    Occasion.WITHDRAWAL: _COVERED,
    Occasion.NARROWING: frozenset({Relation.DROPPED, Relation.OPENING}),
    Occasion.PLAN_CHANGE: _COVERED - {Relation.OPENING} | {Relation.RESPONSIBLE},
    Occasion.MOVE: _COMING,
    Occasion.NAMES: _COMING,
    Occasion.LEAD_CHANGE: _COVERED,
}


def relation_of(case: Case, agency: str) -> Relation:
    """Return how an agency stands to a case now."""
    told, home = agency in case.told(), case.responsible_agency
    if told and (agency == home or in_scope(case, agency)):
        return _at_the_meeting(case, agency)
    if agency == home:
        return Relation.RESPONSIBLE
    if agency == case.agency:
        return Relation.OPENING
    return Relation.DROPPED if told else Relation.STRANGER


def _at_the_meeting(case: Case, agency: str) -> Relation:
    meeting = case.coming_meeting
    summons = meeting.summons_of(agency) if meeting is not None else None
    if meeting is None or summons is None or not summons.is_live:
        return Relation.EARLIER
    if summons.obliged:
        return Relation.OBLIGED
    return Relation.DECLINED if summons.standing(meeting.round) is Standing.DECLINED else Relation.INVITED


def in_scope(case: Case, agency: str) -> bool:
    """Say whether the consent was given for this agency, whichever day it is (R62)."""
    return case.consent is not None and agency in case.consent.agencies


def hears(case: Case, occasion: Occasion, agency: str) -> bool:
    """Say whether an agency is told of this."""
    return relation_of(case, agency) in HEAR[occasion]


def audience(case: Case, occasion: Occasion) -> tuple[str, ...]:
    """Return the agencies that are told of this, in the order in which they came into the case."""
    known = dict.fromkeys((*case.told(), case.agency, case.responsible_agency))
    return tuple(agency for agency in known if hears(case, occasion, agency))


def asked_how_it_was(case: Case, meeting: Meeting) -> frozenset[str]:
    """Return the agencies that are asked how a meeting was: those at the last one held, while covered (R147)."""
    last, report = case.last_held, meeting.report
    if report is None or last is None or last.number != meeting.number:
        return frozenset()
    if case.closure is not None and case.closure.ground is Ground.WITHDRAWN:
        return frozenset()
    return frozenset(agency for agency in report.attended if in_scope(case, agency))


def newly_covered(before: Case, after: Case) -> tuple[str, ...]:
    """Return the agencies that had been told that the consent covers them no longer, and that it covers again (R75)."""
    lost = (agency for agency in before.told() if hears(before, Occasion.NARROWING, agency))
    return tuple(agency for agency in lost if in_scope(after, agency))


def newly_dropped(before: Case, after: Case) -> tuple[str, ...]:
    """Return the agencies that a new consent covers no longer, of those that had been told of the case (R62)."""
    lost = (agency for agency in before.told() if in_scope(before, agency))
    return tuple(agency for agency in lost if hears(after, Occasion.NARROWING, agency))
