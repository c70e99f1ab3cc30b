"""Meetings and the summonses to them (R114-R131): who is asked, what they answered, who comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.consent import Topic


class Mode(StrEnum):
    """How people meet."""

    IN_PERSON = "in_person"
    DIGITAL = "digital"
    PHONE = "phone"


class Wish(StrEnum):
    """Whether the agency could meet the person's wish on who comes (R122, R127)."""

    MET = "met"
    NOT_MET = "not_met"


class DeclineReason(StrEnum):
    """Why an agency says no; categories, since free text would be about the person."""

    NOT_CONCERNED = "not_concerned"
    NO_CONTACT = "no_contact"
    NO_STAFF = "no_staff"
    TIME = "time"
    OTHER = "other"


# An obliged agency attends also where the person is not known to it, so these are no grounds of its own (R114, R116).
ONLY_INVITED = frozenset({DeclineReason.NOT_CONCERNED, DeclineReason.NO_CONTACT})


def reasons_to_decline(*, obliged: bool) -> tuple[DeclineReason, ...]:
    """Return what an agency may say no with."""
    return tuple(reason for reason in DeclineReason if not (obliged and reason in ONLY_INVITED))


class Standing(StrEnum):
    """Where one agency's summons stands (process 7B)."""

    HELD_BACK = "held_back"  # waits for a widened consent, nothing has been told
    SENT = "sent"
    RECEIVED = "received"
    NAMED = "named"
    PROPOSED = "proposed"
    DECLINED = "declined"
    FORWARDED = "forwarded"
    RECALLED = "recalled"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who did something (staff id) and when (UTC)."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CalendarResponse:
    """What an attendee answered from a calendar.

    Its kind, the SEQUENCE it was about, its DTSTAMP, when it came, how far it is trusted, and whether it is about a
    time that no longer holds.
    """

    kind: str
    sequence: int
    stamp: datetime
    at: datetime
    trust: str = "unproven"
    old_time: bool = False

    @property
    def is_no(self) -> bool:
        """Say whether it says no to the present time; who sends somebody else does not come either."""
        return self.kind in {"declined", "delegated"} and not self.old_time


@dataclass(frozen=True, slots=True)
class Attendee:
    """One named member of staff (R128).

    `key` is random and stays with the person through changes; `token` is the secret part of the calendar answer
    address, `bounce` that of the address to which reports of failed deliveries come, which no mail shows (empty for
    those named in version 0.1, whose one token serves for both); `asked` is the SEQUENCE of the invite that last asked
    this person anew; `staff` is the directory's id, empty for those named by a line of text. `confirmed_at` is when the
    agency last said anew that this person comes. `mandate` is whether they can decide for it, as far as the agency has
    said (R51).
    """

    key: str
    token: str
    name: str
    title: str
    email: str
    staff: str = ""
    undelivered: bool = False
    response: CalendarResponse | None = None
    asked: int = 0
    confirmed_at: datetime | None = None
    bounce: str = ""
    mandate: bool | None = None

    @property
    def stays_away(self) -> bool:
        """Say whether the last word about this person is a no from the calendar."""
        return self.response is not None and self.response.is_no


@dataclass(frozen=True, slots=True)
class Naming:
    """Who comes, said by the agency itself (R122, R128), with mandate (R51), for the meeting's time of that round."""

    attendees: tuple[Attendee, ...]
    wish: Wish | None = None
    round: int = 1

    @property
    def deserted_at(self) -> datetime | None:
        """The instant since which nobody of those named comes, by their calendars; none while somebody does."""
        noes = [who.response.at for who in self.attendees if who.response is not None and who.response.is_no]
        return max(noes) if noes and len(noes) == len(self.attendees) else None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another time that suits the agency better: local date and wall time."""

    day: date
    start: str


@dataclass(frozen=True, slots=True)
class Decline:
    """A no. For an obliged agency it leaves the summons open (R114, R116)."""

    reason: DeclineReason


@dataclass(frozen=True, slots=True)
class Forward:
    """Wrong unit: the summons goes on to another agency."""

    agency: str


class Way(StrEnum):
    """How an agency gave an answer that somebody else wrote down."""

    PHONE = "phone"
    MAIL = "mail"
    POST = "post"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class Relay:
    """An answer that did not come through the bot (R121, R125, R128): how it came, on which day.

    Who wrote it down stands in `Summons.answered`.
    """

    how: Way
    on: date


@dataclass(frozen=True, slots=True)
class Summons:
    """One agency's summons (kallelse) or invitation (inbjudan).

    `answer_round` is the meeting's round that the answer was given for; an answer to an earlier time asks again.
    `revision` rises with every answer, so that two people answering at once are told about each other. `told_before`:
    the agency heard of an earlier summons to this meeting, which this one replaces. `relay` tells how the answer came,
    when the agency did not give it here itself. `recipient` is the staff id of the one who gets the summons of a
    protected case, in place of the agency's channel (law 4D.4).
    """

    agency: str
    obliged: bool
    sent_at: datetime
    received: Stamp | None = None
    naming: Naming | None = None
    proposal: Proposal | None = None
    decline: Decline | None = None
    forward: Forward | None = None
    answered: Stamp | None = None
    answer_round: int = 0
    recalled: bool = False
    held_back: bool = False
    forwarded_from: str = ""
    revision: int = 0
    told_before: bool = False
    relay: Relay | None = None
    recipient: str = ""

    @property
    def told(self) -> bool:
        """Say whether the agency has heard of it. A summons that was held back and then recalled was never told."""
        return self.told_before or not self.held_back

    @property
    def is_live(self) -> bool:
        """Say whether it still concerns somebody: neither recalled nor forwarded nor held back."""
        return not self.recalled and self.forward is None and not self.held_back

    def relayed(self, meeting_round: int) -> Relay | None:
        """Return how the answer for the present time came, when the agency did not give it here itself."""
        return self.relay if self.answer_round == meeting_round else None

    def named(self) -> tuple[Attendee, ...]:
        """Return everybody named in it, whatever became of it afterwards."""
        return () if self.naming is None else self.naming.attendees

    def standing(self, meeting_round: int) -> Standing:
        """Return where it stands for the meeting's present time."""
        if self.recalled:
            return Standing.RECALLED
        if self.forward is not None:
            return Standing.FORWARDED
        if self.held_back:
            return Standing.HELD_BACK
        return Standing.SENT if self.answer_round != meeting_round else self._answer(meeting_round)

    def _answer(self, meeting_round: int) -> Standing:
        if self.decline is not None:
            return Standing.DECLINED
        if self.proposal is not None:
            return Standing.PROPOSED
        naming = self.naming
        # Once everybody named has said no in the calendar, the agency owes names again.
        if naming is not None and naming.round == meeting_round and naming.deserted_at is None:
            return Standing.NAMED
        return Standing.SENT if self.received is None else Standing.RECEIVED


class Outcome(StrEnum):
    """Whether the meeting took place."""

    HELD = "held"
    NOT_HELD = "not_held"


class NoLead(StrEnum):
    """Why no huvudansvarig was named at the meeting (R140)."""

    PERSON_UNDECIDED = "person_undecided"
    AGENCIES_DISAGREE = "agencies_disagree"
    NOT_PRESENT = "not_present"


class NoFollowUp(StrEnum):
    """Why no follow-up date was set at the meeting (R142)."""

    PERSON_UNDECIDED = "person_undecided"
    WAITING_FOR_DECISION = "waiting_for_decision"
    CALENDARS = "calendars"


@dataclass(frozen=True, slots=True)
class Report:
    """What was settled at the meeting (R135, R140-R142).

    `recorded` is who first told of it and when; `completed` who later added what had been left open.
    """

    outcome: Outcome
    recorded: Stamp
    attended: frozenset[str] = frozenset()
    lead: str = ""
    no_lead: NoLead | None = None
    follow_up_on: date | None = None
    follow_up_place: str = ""
    no_follow_up: NoFollowUp | None = None
    need_remains: bool = True
    completed: Stamp | None = None

    @property
    def settled_at(self) -> datetime:
        """The instant at which it came to say what it says now."""
        return self.recorded.at if self.completed is None else self.completed.at


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting: number 1 makes the plan, later ones follow it up.

    `start` is an instant (UTC); `day` and `clock` are the agreed local date and wall time, which stay what they are
    over a change of daylight saving. `round` rises when the time changes so that everybody must answer again, and
    `moved` tells who last did that; `sequence` is the calendar's SEQUENCE (RFC 5546 2.1.4); `uid` is random and fixed.
    `uninvited` keeps those whose invite was cancelled. `unit` answered for the process when it was called, "" where
    that was not noted.
    """

    number: int
    uid: str
    day: date
    clock: str
    start: datetime
    length: int
    mode: Mode
    purpose: tuple[Topic, ...]
    chair: str
    called: Stamp
    called_on: date
    place: str = ""
    link: str = ""
    secretary: str = ""
    summonses: tuple[Summons, ...] = ()
    round: int = 1
    sequence: int = 0
    uninvited: tuple[Attendee, ...] = ()
    report: Report | None = None
    moved: Stamp | None = None
    unit: str = ""

    @property
    def set_at(self) -> datetime:
        """The instant at which the present time was set: when the meeting was called, or last moved."""
        return self.called.at if self.moved is None else self.moved.at

    @property
    def end(self) -> datetime:
        """The instant at which it is expected to end."""
        return self.start + timedelta(minutes=self.length)

    @property
    def is_open(self) -> bool:
        """Say whether nobody has told yet how it went."""
        return self.report is None

    @property
    def was_held(self) -> bool:
        """Say whether it took place."""
        return self.report is not None and self.report.outcome is Outcome.HELD

    def summons_of(self, agency: str) -> Summons | None:
        """Return the agency's summons, if it has one."""
        return next((summons for summons in self.summonses if summons.agency == agency), None)

    def standing_of(self, agency: str) -> Standing | None:
        """Return where the agency's summons stands for the present time."""
        summons = self.summons_of(agency)
        return None if summons is None else summons.standing(self.round)

    def live(self) -> tuple[Summons, ...]:
        """Return the summonses that still concern somebody: neither recalled nor forwarded nor held back."""
        return tuple(s for s in self.summonses if s.is_live)

    def attendees(self) -> tuple[tuple[str, Attendee], ...]:
        """Return (agency, attendee) for everybody named by an agency that still comes.

        People named for an earlier time stay named while they are asked again.
        """
        return tuple(
            (summons.agency, attendee)
            for summons in self.live()
            if summons.naming is not None and summons.decline is None
            for attendee in summons.naming.attendees
        )

    def expected(self) -> tuple[tuple[str, Attendee], ...]:
        """Return (agency, attendee) for those who are named for the present time and have not said no since."""
        return tuple(
            (agency, who)
            for agency, who in self.attendees()
            if self.standing_of(agency) is Standing.NAMED and not who.stays_away
        )

    def missing(self) -> tuple[Summons, ...]:
        """Return the summonses that still owe an answer.

        That is without names; for obliged agencies a no is not enough (R114).
        """
        return tuple(s for s in self.live() if not _is_done(s, self.round))

    def with_summons(self, changed: Summons) -> Meeting:
        """Return the meeting with this agency's summons replaced, or added when it had none."""
        if self.summons_of(changed.agency) is None:
            return replace(self, summonses=(*self.summonses, changed))
        return replace(self, summonses=tuple(changed if s.agency == changed.agency else s for s in self.summonses))


def _is_done(summons: Summons, meeting_round: int) -> bool:
    standing = summons.standing(meeting_round)
    return standing is Standing.NAMED or (standing is Standing.DECLINED and not summons.obliged)
