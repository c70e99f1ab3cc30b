"""The coming meeting gets another time or place, and those concerned are asked again (R118, R131)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from domain.attendee import Attendee
from domain.calendar.invites import MeetingFacts, significant_change
from domain.case import Case
from domain.directory import Directory
from domain.errors import WrongState
from domain.meeting import Meeting
from domain.profile import Profile
from domain.stamp import Stamp
from domain.steps.appointment import Appointment
from domain.summons import Standing, Summons


def require_movable(case: Case, now: datetime, today: date) -> Meeting:
    """Return the coming meeting, or raise `WrongState` when there is none to move.

    A consent that has run out is renewed first, since the agencies could not be told of the new time (R64).
    """
    meeting = case.coming_meeting
    if meeting is None:
        raise WrongState("move.no_meeting", {"code": case.code})
    if meeting.start <= now:
        raise WrongState("summon.report_first", {"code": case.code})
    if case.consent is None or not case.consent.allows_planning(today):
        raise WrongState("summon.renew_consent", {"code": case.code})
    return meeting


def facts_of(meeting: Meeting) -> MeetingFacts:
    """Return what the calendar's rules compare between two versions of a meeting."""
    return MeetingFacts(
        start=meeting.start,
        length=meeting.length,
        mode=meeting.mode.value,
        place=meeting.place,
        link=meeting.link,
        cancelled=False,
    )


def with_duties(meeting: Meeting, profile: Profile, directory: Directory) -> Meeting:
    """Return the meeting with each agency obliged or invited as profile and directory have it today (R114, R117).

    Who was only invited, and has said no, owes an answer once it is obliged.
    """
    summonses = tuple(
        replace(each, obliged=profile.obliges(directory.agencies[each.agency].kind, each.agency))
        if each.is_live and each.agency in directory.agencies
        else each
        for each in meeting.summonses
    )
    return replace(meeting, summonses=summonses)


def move_meeting(meeting: Meeting, appointment: Appointment, *, stamp: Stamp) -> Meeting:
    """Return the meeting at its new time and place.

    A significant change raises SEQUENCE and asks everybody again (RFC 5546 2.1.4).
    """
    moved = replace(
        meeting,
        day=appointment.day,
        clock=appointment.clock,
        start=appointment.start,
        length=appointment.length,
        mode=appointment.mode,
        place=appointment.place,
        link=appointment.link,
    )
    if not significant_change(facts_of(meeting), facts_of(moved)):
        return moved
    return replace(
        moved,
        round=meeting.round + 1,
        ticks=(),
        sequence=meeting.sequence + 1,
        moved=stamp,
        hosts=tuple(replace(h, who=_anew(h.who, meeting.sequence + 1)) for h in meeting.hosts),
        summonses=tuple(_asked_again(s, meeting.round, meeting.sequence + 1, stamp.at) for s in meeting.summonses),
    )


def _asked_again(summons: Summons, meeting_round: int, sequence: int, at: datetime) -> Summons:
    """Ask again about the new time; an invited agency that has declined is left in peace."""
    standing = summons.standing(meeting_round)
    if standing in {Standing.RECALLED, Standing.FORWARDED, Standing.HELD_BACK}:
        return summons
    if standing is Standing.DECLINED and not summons.obliged:
        return replace(summons, answer_round=meeting_round + 1)
    naming = summons.naming
    if naming is not None:
        naming = replace(naming, attendees=tuple(_anew(who, sequence) for who in naming.attendees))
    return replace(
        summons,
        sent_at=at,
        received=None,
        naming=naming,
        decline=None,
        proposal=None,
        revision=summons.revision + 1,
    )


def _anew(attendee: Attendee, sequence: int) -> Attendee:
    """Ask somebody anew. The new mail may arrive where the one before did not."""
    return replace(attendee, response=None, undelivered=False, asked=sequence)
