"""Answers from calendars, into the same truth as the buttons in chat: the newest one counts (RFC 5546 2.1.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.attendee import Attendee, CalendarResponse
from domain.calendar.invites import InviteStanding, ReplyMark, reply_mark, standing
from domain.case import Case
from domain.meeting import Meeting
from domain.stamp import Stamp
from domain.summons import Standing as Summoned

TOKEN_LIVES = timedelta(days=30)
"""How long after its meeting a calendar address is still known: late answers and bounces are told from strangers'."""


class Answered(StrEnum):
    """What an attendee's calendar said."""

    ACCEPTED = "accepted"
    TENTATIVE = "tentative"
    DECLINED = "declined"
    DELEGATED = "delegated"


@dataclass(frozen=True, slots=True)
class Invited:
    """The attendee that a calendar answer is about, and where they stand in the case."""

    meeting: Meeting
    agency: str
    attendee: Attendee


@dataclass(frozen=True, slots=True)
class Heard:
    """A calendar answer as it arrived: `sequence` and `stamp` may be missing; `trust` is how far it is proven."""

    kind: Answered
    sequence: int | None
    stamp: datetime | None
    at: datetime
    trust: str


def find_invited(case: Case, token: str) -> Invited | None:
    """Return the attendee of an answer's token who is named for the coming meeting."""
    return _find(case, lambda attendee: attendee.token == token)


def find_undelivered(case: Case, token: str) -> Invited | None:
    """Return the attendee of a bounce address's token who is named for the coming meeting."""
    return _find(case, lambda attendee: (attendee.bounce or attendee.token) == token)


def _find(case: Case, is_meant: Callable[[Attendee], bool]) -> Invited | None:
    meeting = case.coming_meeting
    if meeting is None or case.closure is not None:
        return None
    found = ((agency, attendee) for agency, attendee in meeting.invitees() if is_meant(attendee))
    invited = next((Invited(meeting, agency, attendee) for agency, attendee in found), None)
    if invited is not None:
        return invited
    # Named by one unit no longer, and by another still: the mail that stands in the calendar may be of the first.
    before = next((who for who in meeting.uninvited if is_meant(who)), None)
    others = () if before is None else _same_person(meeting, before)
    return Invited(meeting, *others[0]) if others else None


def in_the_same_calendar(case: Case, invited: Invited) -> tuple[str, ...]:
    """Return the tokens by which the same person is found where another unit has named them too.

    Whoever works in two units has the one meeting in one calendar.
    """
    meeting = case.coming_meeting
    others = () if meeting is None else _same_person(meeting, invited.attendee)
    return tuple(who.token for _, who in others if who.key != invited.attendee.key)


def _same_person(meeting: Meeting, known: Attendee) -> tuple[tuple[str, Attendee], ...]:
    """Return where somebody is named by mailbox and name: in a function's mailbox there are several."""
    who_it_is = (known.email.casefold(), known.name.casefold())
    found = ((agency, who) for agency, who in meeting.invitees() if who.email)
    return tuple((agency, who) for agency, who in found if (who.email.casefold(), who.name.casefold()) == who_it_is)


def take_answer(case: Case, invited: Invited, heard: Heard) -> Case:
    """Return the case with the answer in it; unchanged when a newer one is there already.

    An answer about a time that no longer holds is kept and shown as such, and counts for nothing. A yes to the new time
    of a meeting that was moved is what its agency was asked for: the names it gave before hold again.
    """
    attendee = invited.attendee
    mark = mark_of(invited, heard)
    if attendee.confirmed_at is not None and mark.stamp < attendee.confirmed_at:
        return case  # the agency has said since, in chat, that this person comes
    known = attendee.response
    newest = ReplyMark(known.sequence, known.stamp) if known is not None else None
    if known is not None and mark == newest and known.kind == heard.kind.value:
        return case  # the same word once more
    where = standing(mark, asked_anew=attendee.asked, newest=newest)
    if where is InviteStanding.SUPERSEDED:
        return case
    if where is InviteStanding.OLD_TIME and known is not None and not known.old_time:
        return case
    response = CalendarResponse(
        heard.kind.value, mark.sequence, mark.stamp, heard.at, heard.trust, old_time=where is InviteStanding.OLD_TIME
    )
    # Who answers has been reached, whatever some mail server said.
    answered = with_attendee(case, invited, replace(attendee, response=response, undelivered=False))
    yes = heard.kind is Answered.ACCEPTED and where is InviteStanding.CURRENT
    return _names_hold_again(answered, invited, heard.at) if yes else answered


_UNANSWERED = frozenset({Summoned.SENT, Summoned.RECEIVED})


def _names_hold_again(case: Case, invited: Invited, at: datetime) -> Case:
    """Return the case with the agency's names for an earlier time standing for the present one.

    What the agency itself has said about the present time in chat, another time or a no, stays.
    """
    meeting = case.meetings[-1]
    summons, present = meeting.summons_of(invited.agency), meeting.round
    if summons is None or summons.naming is None or summons.naming.round == present:
        return case
    if summons.standing(present) not in _UNANSWERED:
        return case
    by = invited.attendee.staff or (summons.answered.by if summons.answered is not None else "")
    stamp = Stamp(by, at)
    changed = replace(
        summons,
        naming=replace(summons.naming, round=present),
        received=summons.received or stamp,
        answered=stamp,
        answer_round=present,
        revision=summons.revision + 1,
    )
    return case.with_meeting(meeting.with_summons(changed))


def mark_of(invited: Invited, heard: Heard) -> ReplyMark:
    """Return the ordering key of an answer."""
    return reply_mark(heard.sequence, heard.stamp, asked=invited.meeting.sequence, received=heard.at)


def is_about_old_time(invited: Invited, heard: Heard) -> bool:
    """Say whether something that came from a calendar is about a time that no longer holds."""
    return mark_of(invited, heard).sequence < invited.attendee.asked


def tokens_until(case: Case) -> dict[str, datetime]:
    """Return all tokens of the case's attendees, each with the instant at which it dies."""
    return {
        token: meeting.end + TOKEN_LIVES
        for meeting in case.meetings
        for attendee in _everybody(meeting)
        for token in (attendee.token, attendee.bounce)
        if token
    }


def with_attendee(case: Case, invited: Invited, changed: Attendee) -> Case:
    """Return the case with one attendee replaced."""
    return case.with_meeting(invited.meeting.with_attendee(changed))


def _everybody(meeting: Meeting) -> Iterator[Attendee]:
    """Yield everybody who ever had the meeting in the calendar."""
    yield from meeting.uninvited
    yield from (host.who for host in meeting.hosts)
    for summons in meeting.summonses:
        yield from summons.named()


def attendee_of(case: Case, key: object) -> Attendee | None:
    """Return the attendee that a line of the journal is about."""
    for meeting in case.meetings:
        hosts = (host.who for host in meeting.hosts)
        for who in (*meeting.uninvited, *hosts, *(named for s in meeting.summonses for named in s.named())):
            if who.key == key:
                return who
    return None
