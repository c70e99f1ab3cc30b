"""What everybody has seen of a case, held against what they may see: an own reading of the rules (R62, law 4D).

It knows the case and the directory, and nothing of how the bot decides whom to tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from demo.memory.chat import direct_room, words_of
from demo.memory.world import World as Memory
from domain.case import Case
from domain.consent import Decision, Part
from domain.directory import Directory, Staff
from handlers.ui.outgoing import InviteMail


@dataclass(frozen=True)
class Moment:
    """The case and the directory as they stood at a moment, and its local day."""

    case: Case
    directory: Directory
    day: date

    def covered(self, agency: str) -> bool:
        """The consent is given, has not run out, and names the agency (R61, R62, R64)."""
        consent = self.case.consent
        if consent is None or consent.decision is not Decision.GIVEN or Part.EXCHANGE not in consent.parts:
            return False
        return agency in consent.agencies and (consent.valid_until is None or self.day <= consent.valid_until)

    def acts(self, agency: str) -> bool:
        """The unit answers for the case, or owes the plan of its last meeting (R35, R194)."""
        case = self.case
        held = case.last_held
        owes = held is not None and case.closure is None and case.plan_of(held) is None
        return agency == case.responsible_agency or (owes and held is not None and agency == case.unit_of(held))

    def may_hear(self, agency: str) -> bool:
        return self.covered(agency) or self.acts(agency)

    def named(self, staff: str) -> bool:
        """Somebody is named in the case by role: responsible, chair, secretary, summoned or coming (law 4D.4)."""
        case = self.case
        roles = {case.responsible, case.coordinator, case.lead}
        for meeting in case.meetings:
            roles |= {meeting.chair, meeting.secretary}
            roles |= {who.staff for _, who in meeting.invitees()}
            roles |= {summons.recipient for summons in meeting.summonses}
        return staff in roles or self._stands_in(staff) or any(self._is_deputy(staff, who) for who in roles)

    def _is_deputy(self, staff: str, who: str) -> bool:
        """The directory names them in the place of one who is away, or of that one's deputy who is away too."""
        seen: set[str] = set()
        person = self.directory.staff.get(who)
        while person is not None and person.away_until is not None and person.id not in seen:
            seen.add(person.id)
            deputy = self.directory.by_identity(person.deputy)
            person = deputy if deputy is not None and deputy.agency == person.agency else None
        return bool(seen) and person is not None and person.id == staff

    def _stands_in(self, staff: str) -> bool:
        """Where nobody was chosen at an agency that is summoned, its first coordinator is the one person there."""
        unit = self.directory.staff[staff].agency if staff in self.directory.staff else ""
        if not any(meeting.summons_of(unit) for meeting in self.case.meetings):
            return False
        return next((s.id for s in self.directory.staff_of(unit) if s.coordinator), "") == staff


@dataclass
class Eyes:
    """All that has been shown until now. `looked` counts the cards and mails that were held against the rules.

    `refused` are the rooms that have refused a change: what stands there is out of the bot's hands."""

    memory: Memory
    looked: int = 0
    refused: set[str] = field(default_factory=set)
    _shown: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _mails: int = 0
    _knows: set[tuple[str, str]] = field(default_factory=set)
    _invited: set[tuple[str, str]] = field(default_factory=set)

    def check(self, before: Moment, after: Moment) -> None:
        """Hold what has been shown since the last look against what might be shown before or after the act."""
        moments = (before, after)
        for room, words in self._new_cards():
            if after.case.code in words:
                self._check_card(moments, room, words)
                self._knows.add((room, after.case.code))
        self._check_mails(moments)
        self._check_standing(after)

    def _new_cards(self) -> Iterator[tuple[str, str]]:
        for message in self.memory.chat.everything():
            seen = self._shown[message.id]
            self._shown[message.id] = len(message.shown)
            if not message.only_for:
                for card in message.shown[seen:]:
                    yield message.room, words_of(card)

    def _check_card(self, moments: tuple[Moment, Moment], room: str, words: str) -> None:
        self.looked += 1
        after = moments[1]
        agencies = after.directory.agencies
        if room in agencies:
            assert not after.case.protected, ("a protected case stands in a room", room, words)
            self._check_of_agency(moments, room, room, words)
            return
        reader = next((s for s in after.directory.staff.values() if direct_room(s.id) == room), None)
        assert reader is not None, ("somebody outside was told", room, words)
        unit = {moment.directory.staff[reader.id].agency for moment in moments if reader.id in moment.directory.staff}
        unit |= {each for each in agencies if _manager(after.directory, each) == reader.id}
        if after.case.protected and not any(m.acts(u) for m in moments for u in unit):
            named = any(moment.named(reader.id) for moment in moments) or (room, after.case.code) in self._knows
            assert named, ("of a protected case one who is not named was told", room, words)
        if not any(moment.acts(u) for moment in moments for u in unit):
            heard = [each for each in sorted(unit) if any(moment.may_hear(each) for moment in moments)]
            self._check_of_agency(moments, heard[0] if heard else reader.agency, room, words)

    def _check_of_agency(self, moments: tuple[Moment, Moment], agency: str, room: str, words: str) -> None:
        after = moments[1]
        if not any(moment.may_hear(agency) for moment in moments):
            # Of a protected case one person of the agency was told, and not its room.
            knows = (room, after.case.code) in self._knows or agency in moments[0].case.told()
            assert knows, ("an agency outside was told", agency, words)
            assert not self._tells(after, agency, words), ("who may hear no more was told", agency, words)
        for other in after.directory.agencies.values():
            acts = any(moment.acts(agency) for moment in moments)
            if other.id != agency and not acts and other.name != other.alias:
                assert other.name not in words, ("a unit goes by its alias (law 4D.3)", agency, other.id, words)

    def _tells(self, moment: Moment, agency: str, words: str) -> str:
        """Return what a card tells of the meeting, to one who may hear only that it is over: "" for nothing."""
        meeting = moment.case.meeting
        if meeting is None:
            return ""
        if meeting.place and meeting.place in words:
            return meeting.place
        others = (s for s in moment.directory.staff.values() if s.agency != agency)
        coming = {who.staff for _, who in meeting.invitees()}
        return next((s.name for s in others if s.id in coming and s.name in words), "")

    def _check_mails(self, moments: tuple[Moment, Moment]) -> None:
        mails = self.memory.mailbox.mails
        fresh, self._mails = mails[self._mails :], len(mails)
        for mail in fresh:
            self.looked += 1
            after, content = moments[1], mail.content
            text = content.text if not isinstance(content, InviteMail) else f"{content.text}{content.description}"
            for agency in after.directory.agencies.values():
                if agency.name != agency.alias:
                    assert agency.name not in f"{content.subject}{text}", ("a mail names a unit", agency.id, text)
            if isinstance(content, InviteMail):
                self._check_invite(moments, mail.to, content)

    def _check_invite(self, moments: tuple[Moment, Moment], to: str, content: InviteMail) -> None:
        after, had = moments[1], (to, content.invite.uid)
        if content.invite.method == "CANCEL":
            assert had in self._invited, ("who was never invited hears of a cancellation", to)
            self._invited.discard(had)
            return
        self._invited.add(had)
        assert not after.case.protected, ("a protected case stands in a calendar", to)
        asked = [(agency, who) for m in moments for meeting in m.case.meetings for agency, who in meeting.invitees()]
        units = {agency for agency, who in asked if who.email == to}
        assert any(moment.may_hear(unit) for moment in moments for unit in units), ("an invite outside", to, units)

    def _check_standing(self, after: Moment) -> None:
        """What stands now in the room of an agency that may hear no more, or of a protected case, tells nothing."""
        consent = after.case.consent
        for agency in after.directory.agencies:
            if agency not in self.memory.chat.rooms or agency in self.refused:
                continue
            for message in self.memory.chat.messages(agency):
                words = words_of(message.card) if message.shown else ""
                if after.case.code not in words:
                    continue
                assert not after.case.protected, ("a protected case still stands in a room", agency, words)
                dropped = consent is None or agency not in consent.agencies
                if dropped and not after.acts(agency) and not message.beside:
                    assert not self._tells(after, agency, words), ("what is over still tells", agency, words)


def may_look(moment: Moment, reader: Staff) -> bool:
    """Say whether somebody may see a case at all when they type its code (R62, R77; law 4D.9)."""
    case, unit = moment.case, reader.agency
    acting = (each for each in moment.directory.agencies if moment.acts(each))
    leads_unit = reader.id in {_manager(moment.directory, each) for each in acting}
    if case.protected:
        named = moment.named(reader.id) and (_in_scope(case, unit) or case.closure is not None)
        return named or moment.acts(unit) or leads_unit
    told = unit in case.told() and (case.closure is not None or _in_scope(case, unit))
    return moment.acts(unit) or unit == case.agency or told or leads_unit


def may_steer(moment: Moment, reader: Staff) -> bool:
    """Say whether somebody answers for the case: by their unit now, or as its manager (R40; law 4D.9)."""
    acting = [each for each in moment.directory.agencies if each == moment.case.responsible_agency]
    return reader.agency in acting or reader.id in {_manager(moment.directory, each) for each in acting}


def _in_scope(case: Case, unit: str) -> bool:
    return case.consent is not None and unit in case.consent.agencies


def _manager(directory: Directory, agency: str) -> str:
    """Return who leads a unit, wherever they work themselves."""
    manager = directory.manager_of(agency)
    return "" if manager is None else manager.id
