"""The agencies' answers to a summons (R114-R117, R122, R125-R128). Everybody can change an answer until the meeting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.attendee import Attendee, Naming
from domain.calendar.invites import InviteStep, next_sequence
from domain.case import Case
from domain.directory import Directory
from domain.errors import NotFound, WrongState
from domain.meeting import Meeting
from domain.problem import Problem
from domain.profile import Profile
from domain.responsibility import works_at
from domain.stamp import Stamp
from domain.summons import UNHEARD, Decline, Forward, Proposal, Standing, Summons

_NOT_ANSWERED = frozenset({*UNHEARD, Standing.RECEIVED, Standing.HELD_BACK})

CLOSED_STANDINGS = frozenset({Standing.RECALLED, Standing.FORWARDED, Standing.HELD_BACK})


@dataclass(frozen=True, slots=True)
class Asked:
    """The summons that an answer is about."""

    case: Case
    meeting: Meeting
    summons: Summons


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A summons that has gone on from one agency to another, which has not answered yet."""

    case: Case
    meeting: Meeting
    source: Summons
    target: Summons


def find_summons(case: Case, number: int, agency: str, now: datetime) -> Asked:
    """Return the open summons of an agency, or raise an error that says why it can no longer be answered."""
    meeting = case.coming_meeting
    if case.closure is not None or meeting is None or meeting.number != number:
        raise WrongState("answer.over", {"code": case.code})
    if meeting.start <= now:
        raise WrongState("answer.too_late", {"code": case.code})
    summons = meeting.summons_of(agency)
    if summons is None:
        raise NotFound("answer.no_summons")
    standing = summons.standing(meeting.round)
    if standing in CLOSED_STANDINGS:
        raise WrongState(f"answer.{standing.value}", {"code": case.code})
    return Asked(case, meeting, summons)


def _answered(asked: Asked, stamp: Stamp, summons: Summons) -> Case:
    kept = replace(
        summons,
        received=asked.summons.received or stamp,
        answered=stamp,
        answer_round=asked.meeting.round,
        revision=asked.summons.revision + 1,
        relay=None,
    )
    return asked.case.with_meeting(asked.meeting.with_summons(kept))


def receive(asked: Asked, stamp: Stamp) -> Case:
    """The agency confirms that the summons has come (R125). Names given for an earlier time wait for a new yes."""
    return _answered(asked, stamp, replace(asked.summons, received=stamp))


def name_attendees(asked: Asked, naming: Naming, stamp: Stamp) -> Case:
    """The agency tells who comes (R128); those no longer named are un-invited, those who stay keep their invites.

    The newest word counts: who is named after a no in the calendar, or after having been taken off, is asked anew.
    """
    before = () if asked.summons.naming is None or asked.summons.decline is not None else asked.summons.naming.attendees
    kept = {attendee.key for attendee in naming.attendees}
    gone = tuple(attendee for attendee in before if attendee.key not in kept)
    hosts = tuple(host.who for host in asked.meeting.hosts)
    known = {attendee.key: attendee for attendee in (*hosts, *before) if not attendee.stays_away}
    meeting = _without(asked.meeting, gone)
    meeting = _with(meeting, kept & {a.key for a in (*before, *asked.meeting.uninvited) if a.key not in known})
    people = tuple(_named(who, known.get(who.key), meeting.sequence, stamp) for who in naming.attendees)
    named = replace(naming, attendees=people, round=asked.meeting.round)
    summons = replace(asked.summons, naming=named, decline=None, proposal=None, forward=None)
    return _answered(replace(asked, meeting=meeting), stamp, summons)


def propose(asked: Asked, proposal: Proposal, stamp: Stamp) -> Case:
    """The agency proposes another time; the coordinator decides."""
    return _answered(asked, stamp, replace(asked.summons, proposal=proposal, decline=None, forward=None))


def keep_time(asked: Asked) -> Case:
    """The coordinator says no to a proposed time: the booked one stands, and the agency tells who comes to it."""
    summons = replace(asked.summons, proposal=None, revision=asked.summons.revision + 1)
    return asked.case.with_meeting(asked.meeting.with_summons(summons))


def decline(asked: Asked, refusal: Decline, stamp: Stamp) -> Case:
    """The agency says no. An invited one is done; an obliged one stays open and its manager is told (R114, R116)."""
    people = () if asked.summons.naming is None or asked.summons.decline is not None else asked.summons.naming.attendees
    summons = replace(asked.summons, decline=refusal, proposal=None, naming=None, forward=None)
    return _answered(replace(asked, meeting=_without(asked.meeting, people)), stamp, summons)


def problems_of_forward(asked: Asked, target: str, directory: Directory) -> tuple[Problem, ...]:
    """A summons can go on to a known agency that has none yet."""
    if target not in directory.agencies or target == asked.summons.agency:
        return (Problem("agency", "forward.unknown"),)
    there = asked.meeting.summons_of(target)
    if there is not None and there.standing(asked.meeting.round) is not Standing.RECALLED:
        return (Problem("agency", "forward.asked_already"),)
    return ()


def forward(asked: Asked, target: str, *, directory: Directory, profile: Profile, covered: bool, stamp: Stamp) -> Case:
    """Send the summons on to the right unit; outside the consent it is held back until that is widened (R75)."""
    people = () if asked.summons.naming is None else asked.summons.naming.attendees
    source = replace(asked.summons, forward=Forward(target), naming=None)
    case = _answered(replace(asked, meeting=_without(asked.meeting, people)), stamp, source)
    meeting = case.meetings[-1]
    there = meeting.summons_of(target)
    onward = Summons(
        agency=target,
        obliged=profile.obliges(directory.agencies[target].kind, target),
        sent_at=stamp.at,
        answer_round=meeting.round,
        held_back=not covered,
        forwarded_from=asked.summons.agency,
        revision=0 if there is None else there.revision + 1,
        told_before=there is not None and there.told,
    )
    return case.with_meeting(meeting.with_summons(onward))


def wrong_unit(asked: Asked, stamp: Stamp) -> Case:
    """The agency is the wrong unit and does not know the right one: whoever summoned finds out (R126)."""
    people = () if asked.summons.naming is None else asked.summons.naming.attendees
    summons = replace(asked.summons, forward=Forward(""), naming=None, decline=None, proposal=None)
    return _answered(replace(asked, meeting=_without(asked.meeting, people)), stamp, summons)


def forwarded_summons(case: Case, number: int, agency: str, now: datetime) -> Forwarded:
    """Return the forwarding that may still be taken back, or raise an error that says why it may not.

    It may until the agency that it went on to has answered: from then on the answer is theirs.
    """
    meeting = case.coming_meeting
    if case.closure is not None or meeting is None or meeting.number != number:
        raise WrongState("answer.over", {"code": case.code})
    source = meeting.summons_of(agency)
    if meeting.start <= now:
        raise WrongState("answer.too_late", {"code": case.code})
    if source is None or source.standing(meeting.round) is not Standing.FORWARDED or source.forward is None:
        raise WrongState("forward.not_forwarded")
    target = meeting.summons_of(source.forward.agency)
    if target is None or target.forwarded_from != agency or target.standing(meeting.round) not in _NOT_ANSWERED:
        raise WrongState("forward.answered")
    return Forwarded(case, meeting, source, target)


def take_back_forwarding(found: Forwarded, stamp: Stamp) -> Case:
    """The agency keeps its summons after all: the one it went on to is asked no longer, and it owes an answer itself.

    Who had been named before it went on was un-invited then, and is named anew.
    """
    target = replace(found.target, recalled=True, naming=None, revision=found.target.revision + 1)
    meeting = found.meeting.with_summons(target)
    asked = Asked(found.case, meeting, replace(found.source, forward=None))
    return _answered(asked, stamp, asked.summons)


def without_leavers(case: Case, directory: Directory) -> tuple[Case, frozenset[str]]:
    """Take those off the coming meeting who work no longer at the agency that named them, or for which they ran it.

    Their invites are cancelled, and an agency of which nobody is left owes names again (law 4D.9). The agencies that
    had named them are returned too.
    """
    meeting, without = case.coming_meeting, set()
    for summons in () if meeting is None else meeting.live():
        gone = tuple(who for who in summons.named() if who.staff and not works_at(who.staff, summons.agency, directory))
        if meeting is None or not gone or summons.naming is None or summons.decline is not None:
            continue
        left = tuple(who for who in summons.naming.attendees if who not in gone)
        naming = replace(summons.naming, attendees=left) if left else None
        changed = replace(summons, naming=naming, revision=summons.revision + 1)
        meeting = _without(meeting, gone).with_summons(changed)
        without.add(summons.agency)
    meeting = None if meeting is None else _without_hosts(meeting, directory)
    if meeting is None or meeting == case.coming_meeting:
        return case, frozenset()
    return case.with_meeting(meeting), frozenset(without)


def _without_hosts(meeting: Meeting, directory: Directory) -> Meeting:
    stay = tuple(host for host in meeting.hosts if works_at(host.who.staff, host.agency, directory))
    if stay == meeting.hosts:
        return meeting
    known = {who.key for _, who in (*meeting.attendees(), *((host.agency, host.who) for host in stay))}
    known |= {who.key for who in meeting.uninvited}
    gone = tuple(host.who for host in meeting.hosts if host not in stay and host.who.key not in known)
    return _without(replace(meeting, hosts=stay), gone)


def _named(attendee: Attendee, before: Attendee | None, sequence: int, stamp: Stamp) -> Attendee:
    """Return somebody as named now: asked anew, or coming as `before`, and then only a yes from the calendar agrees."""
    if before is None:
        return replace(attendee, response=None, undelivered=False, asked=sequence)
    said = before.response
    agrees = said is not None and said.kind == "accepted" and not said.old_time
    return replace(
        attendee,
        response=said if agrees else None,
        undelivered=before.undelivered,
        asked=before.asked,
        confirmed_at=stamp.at,
    )


def _without(meeting: Meeting, people: tuple[Attendee, ...]) -> Meeting:
    """Un-invite people: each CANCEL takes a SEQUENCE of its own (RFC 5546 2.1.4)."""
    if not people:
        return meeting
    sequence = next_sequence(meeting.sequence, InviteStep.UNINVITE)
    return replace(meeting, uninvited=(*meeting.uninvited, *people), sequence=sequence)


def _with(meeting: Meeting, keys: set[str]) -> Meeting:
    """Ask people after all: their REQUEST must be newer than what their calendars have (RFC 5546 2.1.5)."""
    if not keys:
        return meeting
    still = tuple(attendee for attendee in meeting.uninvited if attendee.key not in keys)
    return replace(meeting, uninvited=still, sequence=next_sequence(meeting.sequence, InviteStep.REINVITE))
