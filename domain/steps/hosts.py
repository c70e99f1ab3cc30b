"""Who runs a meeting, and has it in the calendar: who is responsible, chair and secretary (R30, R55)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from domain.attendee import Attendee, Host
from domain.calendar.invites import InviteStep, next_sequence
from domain.case import Case
from domain.directory import Directory, Staff
from domain.meeting import Meeting
from domain.responsibility import keeps_seat


def with_hosts(case: Case, directory: Directory, fresh: Callable[[Staff], Attendee]) -> Case:
    """Return the case with the hosts of its coming meeting as they are now.

    `fresh` makes the calendar's attendee of somebody who was none. Who is no host any more is un-invited.
    A chair who has gone where nobody may hear of the case has given the seat to whoever answers for it (R55).
    """
    meeting = case.coming_meeting
    if meeting is None:
        return case
    if not keeps_seat(case, meeting.chair, directory) and keeps_seat(case, case.responsible, directory):
        meeting = replace(meeting, chair=case.responsible)
        case = case.with_meeting(meeting)
    known = {host.who.staff: host.who for host in meeting.hosts}
    known |= {who.staff: who for who in meeting.uninvited if who.staff and who.staff not in known}
    known |= {who.staff: who for _, who in meeting.attendees() if who.staff}
    wanted = dict.fromkeys((case.responsible, meeting.chair, meeting.secretary))
    staff = [directory.staff[who] for who in wanted if who in directory.staff]
    hosts = tuple(Host(person.agency, _asked(meeting, known.get(person.id) or fresh(person))) for person in staff)
    if [h.who.key for h in hosts] == [h.who.key for h in meeting.hosts]:
        return case
    return case.with_meeting(_with(meeting, hosts))


def _asked(meeting: Meeting, who: Attendee) -> Attendee:
    """Return who is asked now: one who was taken off before, or said no, is asked anew."""
    keys = {attendee.key for _, attendee in meeting.invitees()}
    return who if who.key in keys else replace(who, asked=meeting.sequence + 1, response=None, undelivered=False)


def _with(meeting: Meeting, hosts: tuple[Host, ...]) -> Meeting:
    keys = {host.who.key for host in hosts} | {who.key for _, who in meeting.attendees()}
    gone = tuple(host.who for host in meeting.hosts if host.who.key not in keys)
    back = any(who.key in keys for who in meeting.uninvited)
    stay = tuple(who for who in meeting.uninvited if who.key not in keys)
    changed = replace(meeting, hosts=hosts, uninvited=(*stay, *gone))
    if gone or back:
        return replace(changed, sequence=next_sequence(meeting.sequence, InviteStep.UNINVITE))
    first = tuple(replace(h, who=replace(h.who, asked=min(h.who.asked, meeting.sequence))) for h in hosts)
    return replace(changed, hosts=first)


def released(meeting: Meeting) -> Meeting:
    """Return the meeting without hosts, when nothing comes of it: their calendars are told like all others."""
    named = {who.key for _, who in meeting.attendees()}
    gone = tuple(host.who for host in meeting.hosts if host.who.key not in named)
    if not gone:
        return replace(meeting, hosts=())
    sequence = next_sequence(meeting.sequence, InviteStep.CALL_OFF)
    return replace(meeting, hosts=(), uninvited=(*meeting.uninvited, *gone), sequence=sequence)
