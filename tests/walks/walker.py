"""Random acts: everybody does anything, in any order, as far as a form or a button lets them."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from demo.memory.faults import Fault
from demo.memory.filling import NotAsked, fields_of
from demo.memory.person import NotShown
from domain.address import Address
from domain.directory import Directory
from handlers.calendar_replies import bounced
from handlers.directory_change import replace_directory
from handlers.steps.summons.summon import ASIDE
from handlers.ui.forms import Form
from storage.export import export_case
from storage.outbox.letter import LetterState
from templates import load
from tests.handlers import town
from tests.handlers.steps.extracts import left_out
from tests.stories.memory import MemoryWorld, identity_of
from tests.stories.world import Told
from tests.walks.eyes import Eyes, Moment, may_look, may_steer

ROOMED = ("soc", "bup", "skola", "vc", "fk")
EVERYBODY = tuple(someone.name for someone in town.STAFF)
PROTECTED = 0.15


class Walker:
    """One walk through one case. `steps` counts the acts that the bot took, `tried` all of them."""

    def __init__(self, world: MemoryWorld, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)
        self.eyes = Eyes(world.memory)
        self.code = ""
        self.steps = self.tried = self.extracts = 0
        self.said: list[str] = []

    async def walk(self, length: int) -> None:
        """Open a case and take this many steps, looking after each at what everybody has seen."""
        await self._opens()
        for _ in range(length):
            before = await self._moment()
            act = self.random.choices(ACTS, WEIGHTS)[0]
            self.said.append(act.__name__)
            self.tried += 1
            try:
                self.steps += await act(self)
            except (NotShown, NotAsked, AssertionError):
                # The person has no such button before them, or the form is another: nothing was done.
                for actor in self.world.actors.values():
                    actor.person.closes()
            after = await self._moment()
            self.eyes.refused = await self._refused()
            self.eyes.check(before, after)
            await self._somebody_looks(after)

    # ---- what is known -------------------------------------------------------------------------------------

    async def _moment(self) -> Moment:
        case = await self.world.reading(lambda reader: reader.cases.get(self.code))
        directory = await self.world.reading(lambda reader: reader.directory)
        return Moment(case, directory, self.world.memory.now().date())

    async def _refused(self) -> set[str]:
        """Return the places at which something could not be changed or taken away: whoever answers was told to call."""
        kept = await self.world.reading(lambda reader: reader.outbox.of_case(self.code))
        return {Address.parse(each.letter.address).target for each in kept if each.state is LetterState.DEAD}

    async def _somebody_looks(self, moment: Moment) -> None:
        """Let one of them type the code and open their home page: nobody learns more than they may."""
        name = self.random.choice(EVERYBODY)
        reader = moment.directory.staff[identity_of(name)]
        told = await self.world.actors[name].types(f"visa {self.code}")
        unknown = self.world.words("case.unknown", code=self.code)
        if not may_look(moment, reader):
            assert unknown in told.words, ("history is shown to one who may not see it", name, told.words)
        await self._asks_for_extract(moment, name)
        person = self.world.actors[name].person
        await person.opens_home()
        await self.world.settle()
        if not may_look(moment, reader) and person.home is not None:
            assert self.code not in str(person.home), ("a home page lists a case of others", name)

    async def _asks_for_extract(self, moment: Moment, name: str) -> None:
        """The extract is for those who answer for the case, and holds codes alone (law 4D.8)."""
        reader = moment.directory.staff[identity_of(name)]
        told = await self.world.actors[name].types(f"registerutdrag {self.code}")
        shown = self.world.words("extract.title", code=self.code) in told.words
        self.extracts += shown
        assert not shown or may_steer(moment, reader), ("an extract is shown to one who does not answer for it", name)
        for meeting in moment.case.meetings:
            assert not meeting.place or meeting.place not in told.words, ("an extract tells the place", told.words)

    async def check_export(self) -> None:
        """What the operator gives out holds nothing by which a calendar could be answered, or an invite reported."""
        held = await self.world.reading(lambda reader: export_case(reader, self.code))
        case = (await self._moment()).case
        people = [who for meeting in case.meetings for _, who in meeting.invitees()]
        people += [who for meeting in case.meetings for who in meeting.uninvited]
        for secret in filter(None, (secret for who in people for secret in (who.token, who.bounce))):
            assert secret not in str(held), "an export opens something"
        named = {**held, "names": {"agencies": {}, "staff": {}}}
        _, missing = left_out(json.loads(json.dumps(named, default=str)), load("sv"))
        assert missing == [], "an extract on paper lacks something"

    # ---- acts ----------------------------------------------------------------------------------------------

    def _some(self, of: tuple[str, ...], least: int = 1) -> list[str]:
        return self.random.sample(of, self.random.randint(least, len(of)))

    def _anybody(self) -> str:
        return self.random.choice(EVERYBODY)

    def _day(self, most: int = 40) -> str:
        return (self.world.memory.now().date() + timedelta(days=self.random.randint(1, most))).isoformat()

    async def _opens(self) -> None:
        values: dict[str, Any] = {
            "noticed_on": self.world.memory.now().date().isoformat(),
            "noticed_by": "staff",
            "age_band": "adult",
            "ongoing": "yes",
            "agencies": self._some(ROOMED),
            "decision": "start",
            "flags": ["protected"] if self.random.random() < PROTECTED else [],
        }
        await self.world.actors["anna"].types("ny")
        await self.world.actors["anna"].fills("case.open", values)
        self.code = await self.world.code()
        for act in (self.consents, self.summons):
            before = await self._moment()
            self.steps += await act()
            self.eyes.check(before, await self._moment())

    async def _who_acts(self) -> str:
        """Return mostly whoever is responsible, and now and then anybody."""
        moment = await self._moment()
        if self.random.random() < 0.1:
            return self._anybody()
        return moment.case.responsible.rpartition("/")[2]

    async def _filled(self, who: str, command: str, form: str, values: Mapping[str, Any]) -> bool:
        actor = self.world.actors[who]
        asked = await actor.types(f"{command} {self.code}")
        if asked.form != form:
            return False
        await actor.person.changes(_as_asked(actor.person.form, values))
        told: Told = await actor.fills(form, _as_asked(actor.person.form, values), checked=False)
        actor.person.closes()
        return not told.errors

    async def consents(self) -> bool:
        """A consent is given, widened or narrowed."""
        values = {
            "decision": "given",
            "given_by": ["person"],
            "parts": self.random.choice([["exchange", "plan"]] * 5 + [["exchange"]]),
            "agencies": self._some(ROOMED),
            "topics": self._some(("responsibility", "needs", "measures")),
            "valid_until": self._day(200),
            "form": "oral",
            "extras": self._some(("premeeting", "relatives", "exclusions"), 0),
            "functions": self.random.choice([[], [], ["nurse"]]),
        }
        return await self._filled(await self._who_acts(), "samtycke", "consent.record", values)

    async def summons(self) -> bool:
        """A meeting is called, or more agencies are asked."""
        case = (await self._moment()).case
        covered = tuple(sorted(case.consent.agencies)) if case.consent is not None else ROOMED
        coming = case.coming_meeting
        values = {
            "date": coming.day.isoformat() if coming is not None else self._day(),
            "start": coming.clock if coming is not None else "13:00",
            "minutes": "60",
            "mode": "in_person",
            "place": "" if case.protected else "Sammanträdesrum 3",
            "agencies": self._some(covered or ROOMED),
            "purpose": ["responsibility"],
            "chair": self._anybody(),
            "secretary": self.random.choice([self._anybody(), ""]) or None,
            "consulted": ["yes"],
            "confirmed": ["yes"],
        }
        values["more"] = [name for name in ASIDE if values.get(name)]
        return await self._filled(await self._who_acts(), "kalla", "meeting.summon", _given(values))

    async def moves(self) -> bool:
        """The meeting has another time."""
        case = (await self._moment()).case
        place = "" if case.protected else self.random.choice(["Sammanträdesrum 3", "Biblioteket, rum 2"])
        values = {
            "date": self._day(), "start": "09:30", "minutes": "60", "mode": "in_person", "place": place,
            "consulted": ["yes"], "confirmed": ["yes"],
        }  # fmt: skip
        return await self._filled(await self._who_acts(), "flytta", "meeting.move", _given(values))

    async def answers(self) -> bool:
        """Somebody presses a button on a summons, in a room or in their own messages, and fills in what it asks."""
        name = self._anybody()
        moment = await self._moment()
        unit = moment.directory.staff[identity_of(name)].agency
        action = self.random.choice(("received", "name", "name", "name", "propose", "decline", "forward", "take_back"))
        actor = self.world.actors[name]
        room = unit if unit in self.world.memory.chat.rooms and not moment.case.protected else name
        told = await actor.presses(f"summons.{action}", room=room)
        asked: dict[str, dict[str, Any]] = {
            "name": {"attendees": [name], "mandate": ["yes"]},
            "propose": {"date": self._day(), "start": "10:00"},
            "decline": {"reason": "no_staff"},
            "forward": {"agency": self.random.choice((*ROOMED, "?"))},
        }
        if told.form:
            told = await actor.fills(told.form, asked[action], checked=False)
            actor.person.closes()
        return not told.errors

    async def marks(self) -> bool:
        """The case is marked acute or protected, or not any more."""
        flags = self.random.choice([[], ["acute"], ["protected"], ["interpreter"]])
        return await self._filled(await self._who_acts(), "märk", "case.mark", {"flags": flags, "certain": ["yes"]})

    async def prepares(self) -> bool:
        """Somebody close is noted."""
        values = {"role": self.random.choice(("related", "representative")), "does": ["attends"]}
        return await self._filled(await self._who_acts(), "närstående", "case.companion", values)

    async def notes_own(self) -> bool:
        """An agency notes its own consent."""
        values = {"given": ["yes"], "form": "oral", "valid_until": self._day(100)}
        return await self._filled(self._anybody(), "samtycke", "consent.own", values)

    async def reports(self) -> bool:
        """The meeting's day passes, and it is told how it went."""
        meeting = (await self._moment()).case.coming_meeting
        if meeting is None:
            return False
        await self.world.memory.until(meeting.end + timedelta(hours=1))
        case = (await self._moment()).case
        if case.coming_meeting is None:
            return False
        attended = [case.unit_of(meeting), *(s.agency for s in meeting.live())]
        remains = self.random.choice(("yes", "yes", "no"))
        values = {
            "outcome": "held", "consent_confirmed": ["yes"], "attended": attended, "need_remains": remains,
            "lead": self._anybody() if remains == "yes" else None,
            "follow_up_on": self._day() if remains == "yes" else None,
            "no_lead": "later",
        }  # fmt: skip
        return await self._filled(await self._who_acts(), "hållet", "meeting.held", _given(values))

    async def sends_plan(self) -> bool:
        """The plan is sent to all who attended and are covered."""
        moment = await self._moment()
        held = moment.case.last_held
        if held is None or held.report is None:
            return False
        within = [a for a in held.report.attended if moment.may_hear(a)]
        values = {
            "approved": ["yes"], "responsible": "region", "recipients": ["person", *within], "channel": "post",
            "sent_on": moment.day.isoformat(),
        }  # fmt: skip
        sender = moment.case.plan_sender_of(held).rpartition("/")[2]
        return await self._filled(sender, "plan", "plan.send", values)

    async def closes(self) -> bool:
        """The case is closed where no need remains."""
        return await self._filled(
            await self._who_acts(), "avsluta", "case.close", {"ground": "goals_met", "agreed": ["yes"]}
        )

    async def withdraws(self) -> bool:
        """Somebody records that the consent is withdrawn."""
        return await self._filled(self._anybody(), "återta", "consent.withdraw", {"form": "oral", "sure": ["yes"]})

    async def hands_over(self) -> bool:
        """The case goes on to a colleague, or another huvudansvarig is named."""
        if self.random.random() < 0.5:
            return await self._filled(await self._who_acts(), "lämna", "case.hand_over", {"to": self._anybody()})
        values = {"lead": self._anybody(), "reason": "person_wish"}
        return await self._filled(await self._who_acts(), "huvudansvarig", "lead.change", values)

    async def changes_job(self) -> bool:
        """Somebody works elsewhere from now on, by an import of the directory."""
        who, unit = identity_of(self._anybody()), self.random.choice(ROOMED)

        def change(known: Directory) -> Directory:
            return Directory(known.agencies, {**known.staff, who: replace(known.staff[who], agency=unit)})

        services = self.world.memory.services
        work = self.world.database.write(lambda tx: replace_directory(services, tx, change(tx.directory), "operator"))
        await asyncio.wrap_future(work)
        await self.world.settle()
        return True

    async def goes_away(self) -> bool:
        """Somebody is away for some days, with a colleague whom the directory names in their place or without; or back.

        Who leads a unit sets another away as often as one does so oneself.
        """
        name = self._anybody()
        actor, who = self.world.actors[name], identity_of(name)
        if self.random.random() < 0.3:
            return not (await actor.types("tillbaka")).errors
        if self.random.random() < 0.6:
            await self._names_deputy(who)
        directory = (await self._moment()).directory
        leads = directory.manager_of(directory.staff[who].agency)
        if leads is None or leads.id == who or self.random.random() < 0.5:
            return not (await actor.types(f"borta {self._day()}")).errors
        manager = self.world.actors[leads.id.rpartition("/")[2]]
        await manager.types("borta")
        told = await manager.fills("staff.away", {"until": self._day(), "who": name}, checked=False)
        manager.person.closes()
        return not told.errors

    async def _names_deputy(self, who: str) -> None:
        def change(known: Directory) -> Directory:
            person = known.staff[who]
            colleagues = [one.id for one in known.staff_of(person.agency) if one.id != who]
            deputy = self.random.choice(colleagues) if colleagues else ""
            return Directory(known.agencies, {**known.staff, who: replace(person, deputy=deputy)})

        services = self.world.memory.services
        work = self.world.database.write(lambda tx: replace_directory(services, tx, change(tx.directory), "operator"))
        await asyncio.wrap_future(work)
        await self.world.settle()

    async def calendar_speaks(self) -> bool:
        """A calendar answers its newest invite."""
        invited = [s for s in town.STAFF if self.world.memory.mailbox.invites(s.email)]
        if not invited:
            return False
        kind = self.random.choice(("accepted", "declined", "tentative"))
        await self.world.calendar_answers(self.random.choice(invited).name, kind)
        return True

    async def invite_bounces(self) -> bool:
        """A mail server reports that an invite did not arrive."""
        meeting = (await self._moment()).case.coming_meeting
        secrets = [who.bounce for _, who in meeting.invitees() if who.bounce] if meeting is not None else []
        if not secrets:
            return False
        services, secret = self.world.memory.services, self.random.choice(secrets)
        await asyncio.wrap_future(self.world.database.write(lambda tx: bounced(services, tx, secret)))
        await self.world.settle()
        return True

    async def is_refused(self) -> bool:
        """The next that is said in a room, or mailed to somebody, will never arrive."""
        mails = [someone.email for someone in town.STAFF if someone.email]
        place = self.random.choice([*ROOMED, self.random.choice(mails)])
        self.world.memory.faults.strike(Fault.REFUSED, place, times=1)
        return True

    async def sends_again(self) -> bool:
        """A summons that did not come is sent again, from the board."""
        who = await self._who_acts()
        if who not in self.world.actors:
            return False
        told = await self.world.actors[who].presses("summons.send_again", room=who)
        return not told.errors

    async def days_pass(self) -> bool:
        """Reminders fall due."""
        now: datetime = self.world.memory.now()
        await self.world.memory.until(now + timedelta(days=self.random.choice((1, 1, 2, 4))))
        return True


def _as_asked(form: Form | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of these values a form asks, once it has been answered so."""
    if form is None:
        return {}
    known = {field.name for field in fields_of(form)}
    told = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items() if name in known}
    asked = {field.name for field in fields_of(form, told)}
    return {name: value for name, value in values.items() if name in asked}


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


WEIGHTED = (
    (Walker.consents, 4), (Walker.summons, 5), (Walker.moves, 2), (Walker.answers, 8), (Walker.marks, 4),
    (Walker.prepares, 1), (Walker.notes_own, 1), (Walker.reports, 2), (Walker.sends_plan, 3), (Walker.closes, 1),
    (Walker.withdraws, 0.3), (Walker.hands_over, 1.5), (Walker.changes_job, 1), (Walker.calendar_speaks, 2),
    (Walker.goes_away, 2),
    (Walker.days_pass, 3), (Walker.invite_bounces, 1), (Walker.is_refused, 2), (Walker.sends_again, 1),
)  # fmt: skip
ACTS, WEIGHTS = zip(*WEIGHTED, strict=True)
