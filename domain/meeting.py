"""Meetings (möten), with the summonses to them (R114-R131)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from domain.attendee import Attendee, Host
from domain.consent import Topic
from domain.matters.run_sheet import Point, Tick, points
from domain.report import Outcome, Report
from domain.stamp import Stamp
from domain.summons import Standing, Summons


class Mode(StrEnum):
    """How people meet."""

    IN_PERSON = "in_person"
    DIGITAL = "digital"
    PHONE = "phone"


@dataclass(frozen=True)
class Meeting:
    """One meeting: number 1 makes the plan, later ones follow it up.

    `start` is an instant (UTC); `day` and `clock` are the agreed local date and wall time, which stay what they are
    over a change of daylight saving. `round` rises when the time changes so that everybody must answer again, and
    `moved` tells who last did that; `sequence` is the calendar's SEQUENCE (RFC 5546 2.1.4); `uid` is random and fixed.
    `aim` is purpose and questions in words, "" where the region lets none stand in chat (law 4D).
    `uninvited` keeps those whose invite was cancelled. `unit` answered for the process when it was called, "" where
    that was not noted. `hosts` are those who run it. Who is still asked is derived again and again, and remembered with
    the value, which is why it has no slots.
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
    hosts: tuple[Host, ...] = ()
    ticks: tuple[Tick, ...] = ()
    aim: str = ""

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

    def points(self) -> tuple[Point, ...]:
        """Return what stands on its run sheet."""
        return points(on_screen=self.mode is Mode.DIGITAL)

    def tick_of(self, point: Point) -> Tick | None:
        """Return who ticked a point off, and when, if it is done."""
        return next((tick for tick in self.ticks if tick.point is point), None)

    def live(self) -> tuple[Summons, ...]:
        """Return the summonses that still concern somebody: neither recalled nor forwarded nor held back."""
        return self._live

    @cached_property
    def _live(self) -> tuple[Summons, ...]:
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

    def invitees(self) -> tuple[tuple[str, Attendee], ...]:
        """Return (agency, attendee) for everybody who has the meeting in the calendar: those named, and the hosts."""
        named = self.attendees()
        keys = {who.key for _, who in named}
        return (*named, *((host.agency, host.who) for host in self.hosts if host.who.key not in keys))

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
        return self._missing

    @cached_property
    def _missing(self) -> tuple[Summons, ...]:
        return tuple(s for s in self.live() if not _is_done(s, self.round) and not self._is_replaced(s))

    def _is_replaced(self, summons: Summons) -> bool:
        """Say whether another agency has been asked since this one said that it is the wrong unit (R126)."""
        said = summons.answered
        if said is None or summons.forward is None or summons.standing(self.round) is not Standing.MISDIRECTED:
            return False
        return any(s.sent_at > said.at for s in self.summonses if s.agency != summons.agency and not s.recalled)

    def misdirected(self) -> tuple[Summons, ...]:
        """Return the summonses of which nobody has said yet which unit is the right one."""
        return tuple(s for s in self.missing() if s.standing(self.round) is Standing.MISDIRECTED)

    def coming(self) -> tuple[tuple[str, Attendee], ...]:
        """Return (agency, attendee) for all who come as far as is known: the hosts first, then those expected."""
        hosts = [(host.agency, host.who) for host in self.hosts if not host.who.stays_away]
        keys = {who.key for _, who in hosts}
        return (*hosts, *((agency, who) for agency, who in self.expected() if who.key not in keys))

    def is_hosted_by(self, staff: str, agency: str) -> bool:
        """Say whether somebody runs it for the unit they are of; where no hosts were noted, their name will do."""
        return not self.hosts or any(host.who.staff == staff and host.agency == agency for host in self.hosts)

    def with_attendee(self, changed: Attendee) -> Meeting:
        """Return the meeting with the attendee of this key replaced wherever they stand, as named and as host."""
        hosts = tuple(replace(h, who=changed) if h.who.key == changed.key else h for h in self.hosts)
        return replace(self, hosts=hosts, summonses=tuple(_with_named(s, changed) for s in self.summonses))

    def with_summons(self, changed: Summons) -> Meeting:
        """Return the meeting with this agency's summons replaced, or added when it had none."""
        if self.summons_of(changed.agency) is None:
            return replace(self, summonses=(*self.summonses, changed))
        return replace(self, summonses=tuple(changed if s.agency == changed.agency else s for s in self.summonses))


def _is_done(summons: Summons, meeting_round: int) -> bool:
    standing = summons.standing(meeting_round)
    return standing is Standing.NAMED or (standing is Standing.DECLINED and not summons.obliged)


def _with_named(summons: Summons, changed: Attendee) -> Summons:
    if all(who.key != changed.key for who in summons.named()) or summons.naming is None:
        return summons
    people = tuple(changed if who.key == changed.key else who for who in summons.naming.attendees)
    return replace(summons, naming=replace(summons.naming, attendees=people))
