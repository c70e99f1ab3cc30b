"""Two records of the directory turn out to be one person: what a case knows them by follows (R40, law 4D.9)."""

from __future__ import annotations

from dataclasses import replace

from domain.attendee import Attendee
from domain.case import Case
from domain.meeting import Meeting
from domain.summons import Summons


def known_as(case: Case, old: str, new: str) -> Case:
    """Return the case with one staff id in place of another wherever it tells who acts or comes now.

    Who did what in the past stays as it was written.
    """
    meetings = tuple(_meeting(meeting, old, new) if meeting.is_open else meeting for meeting in case.meetings)
    return replace(
        case,
        coordinator=new if case.coordinator == old else case.coordinator,
        lead=new if case.lead == old else case.lead,
        meetings=meetings,
    )


def _meeting(meeting: Meeting, old: str, new: str) -> Meeting:
    return replace(
        meeting,
        chair=new if meeting.chair == old else meeting.chair,
        secretary=new if meeting.secretary == old else meeting.secretary,
        hosts=tuple(replace(host, who=_attendee(host.who, old, new)) for host in meeting.hosts),
        uninvited=tuple(_attendee(who, old, new) for who in meeting.uninvited),
        summonses=tuple(_summons(summons, old, new) for summons in meeting.summonses),
    )


def _summons(summons: Summons, old: str, new: str) -> Summons:
    recipient, naming = new if summons.recipient == old else summons.recipient, summons.naming
    if naming is not None:
        naming = replace(naming, attendees=tuple(_attendee(who, old, new) for who in naming.attendees))
    return replace(summons, recipient=recipient, naming=naming)


def _attendee(who: Attendee, old: str, new: str) -> Attendee:
    return replace(who, staff=new) if who.staff == old else who
