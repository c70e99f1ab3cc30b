"""The year itself: cases are opened, people do what such people do, and the clock goes on."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final, TypeAlias

from bench.year.acting import Actors, direct, lines_of
from bench.year.ledger import Ledger, Observer
from bench.year.region import Region, SeededIds, name_of, region, without
from demo.memory.chat import Posted, words_of
from demo.memory.world import World
from demo.world.clockwork import codes_of_all
from domain.case import Case, State
from handlers.directory_change import replace_directory
from handlers.ui.actions import Action
from storage.migrate import migrate
from storage.transaction import Reader

Act: TypeAlias = Callable[[], Awaitable[object]]

# When the bot's clock is looked at on a working day; the last reminders of a day are at four.
_TICKS: Final = (time(8, 0, 1), time(8, 0, 20), time(15, 0, 1), time(15, 0, 20), time(16, 0, 1), time(16, 0, 20))
_FIRST_DAY: Final = date(2026, 1, 7)
# Share of the cases in which the person withdraws the consent some day.
_WITHDRAWALS: Final = 0.06
# Share of those who see to a line of a list on the morning when it is posted.
_SEES_TO: Final = 0.6
_CONTACT: Final = "no_contact"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the year is: days, cases opened in them, and how many people leave."""

    days: int = 365
    cases: int = 460
    leavers: int = 3


@dataclass(slots=True)
class Played:
    """What a year was: its ledger, how much was done, and what is kept of it.

    `bytes_kept` is by how much the database has grown since the directory was in it and no case.
    """

    size: Size
    ledger: Ledger
    acts: int
    refused: dict[str, int]
    cases: int
    bytes_kept: int
    rows: dict[str, int]
    states: dict[str, int]
    breaches: list[str]
    seconds: float = 0.0


@dataclass(order=True, slots=True)
class _Event:
    at: datetime
    number: int
    act: Act = field(compare=False)


class Year:
    """One year in one folder; the same `seed` plays the same year."""

    def __init__(self, folder: Path, size: Size, seed: int = 1) -> None:
        self.size = size
        self._file = folder / "year.db"
        url = f"sqlite:///{self._file}"
        migrate(url)
        self._chance = Random(seed)
        self._region: Region = region()
        self._directory = self._region.directory
        start = datetime.combine(_FIRST_DAY, time(7), UTC)
        self._world = World(url, self._directory, start, ids=SeededIds(Random(seed + 1)))
        self._actors = Actors(self._world)
        self._observer = Observer(self._world)
        self._events: list[_Event] = []
        self._numbers = itertools.count()
        self._codes: list[str] = []
        self._away: dict[str, tuple[date, date]] = {}
        self._calendar = self._world.services.rules.calendar

    async def play(self) -> Played:
        """Play it to the end."""
        await self._world.open()
        empty = await self._measured()
        last = _FIRST_DAY + timedelta(self.size.days)
        self._plan_the_year()
        day = _FIRST_DAY
        while day < last:
            await self._day(day)
            day += timedelta(1)
        return await self._told(empty)

    def _plan_the_year(self) -> None:
        chance, days = self._chance, [_FIRST_DAY + timedelta(n) for n in range(self.size.days)]
        working = [day for day in days if self._calendar.is_working_day(day)]
        # In July hardly anything is begun.
        weights = [0.25 if day.month == 7 else 1.0 for day in working]
        for day in chance.choices(working, weights, k=self.size.cases):
            coordinator = chance.choice(self._region.coordinators)
            self._at(day, chance.uniform(8.5, 15.5), self._opening(coordinator))
        for staff in self._directory.staff:
            begins = date(_FIRST_DAY.year, 7, 1) + timedelta(chance.randrange(14))
            self._away[staff] = (begins, begins + timedelta(28))
        # Of each unit the first coordinator, so that somebody is left to take over.
        for leaver in chance.sample(self._region.coordinators[::2], self.size.leavers):
            self._at(chance.choice(working[len(working) // 4 :]), 12.0, self._leaving(leaver))

    def _at(self, day: date, hour: float, act: Act) -> None:
        instant = self._calendar.at(day, time(0)) + timedelta(hours=hour)
        heapq.heappush(self._events, _Event(instant, next(self._numbers), act))

    def _later(self, who: str, days: float, act: Act) -> None:
        """Do something so many days from now, at work: not on a day off and not on leave."""
        day = self._world.now().date() + timedelta(max(0, round(days)))
        begins, ends = self._away.get(who, (date.max, date.max))
        if begins <= day < ends:
            day = ends
        day = self._calendar.on_or_after(day)
        hour = self._chance.uniform(8.5, 16.0)
        if day == self._world.now().date():
            hour = max(hour, self._world.now().hour + 1.0)
        self._at(day, hour, act)

    # ---- days ------------------------------------------------------------------------------------------------

    async def _day(self, day: date) -> None:
        works = self._calendar.is_working_day(day)
        ticks = _TICKS if works else (time(12),)
        for tick in ticks:
            await self._until(self._calendar.at(day, tick))
            await self._pulse()
            if tick == _TICKS[1]:
                self._react()
        if works and day.weekday() == 0:
            await self._until(self._calendar.at(day, time(12)))
            await asyncio.wrap_future(self._world.database.read(self._look))
        await self._until(self._calendar.at(day, time(23, 59)))
        await self._world.keep_house()
        await self._pulse()

    async def _until(self, instant: datetime) -> None:
        while self._events and self._events[0].at <= instant:
            event = heapq.heappop(self._events)
            self._move_to(event.at)
            await event.act()
            await self._pulse()
        self._move_to(instant)

    def _move_to(self, instant: datetime) -> None:
        if instant > self._world.clock.now():
            self._world.clock.move_to(instant)

    async def _pulse(self) -> None:
        await self._world.pulse()

    def _look(self, reader: Reader) -> None:
        self._codes = list(codes_of_all(reader))
        self._observer.look_at(reader, self._codes)

    # ---- what people do about reminders ------------------------------------------------------------------------

    def _react(self) -> None:
        """Let those whose list was posted this morning see to some of it in the course of the day."""
        # Letters that go out at the same time arrive in any order; the dice fall in one.
        for message in sorted(self._observer.fresh_lists, key=lambda message: (message.room, words_of(message.card))):
            who = self._reader_of(message)
            for line in lines_of(message.card) if who else ():
                actions = {button.action for button in line.buttons}
                code = str(self._world.services.seal.open(line.buttons[0].token)["c"])
                self._later(who, 0, self._seeing_to(who, code, actions, message.room))
        self._observer.fresh_lists.clear()

    def _reader_of(self, message: Posted) -> str:
        """Return who reads a list today: the one whose it is, or somebody of the agency; "" when they are away."""
        today = self._world.now().date()
        staff = [direct_id for direct_id in self._directory.staff if direct(direct_id) == message.room]
        if not staff and message.room in self._directory.agencies:
            staff = [person.id for person in self._directory.staff_of(message.room)]
        here = [who for who in staff if not self._is_away(who, today)]
        return self._chance.choice(here) if here else ""

    def _is_away(self, who: str, day: date) -> bool:
        begins, ends = self._away.get(who, (date.max, date.max))
        return begins <= day < ends

    def _seeing_to(self, who: str, code: str, actions: set[str], room: str) -> Act:
        async def act() -> None:
            dice = self._chance.random()
            if Action.REMINDER_TAKE in actions:
                if dice < 0.4:
                    await self._actors.presses(who, Action.REMINDER_TAKE, code)
                    self._later(who, 2, self._catching_up(code))
                elif dice < 0.8:
                    await self._actors.presses(who, Action.REMINDER_DONE, code)
                return
            readiness = self._region.readiness.get(room, _SEES_TO)
            if dice < readiness:
                await self._step(who, code, by_reminder=True)
            elif dice < readiness + 0.05 and Action.REMINDER_SNOOZE in actions:
                until = self._world.now().date() + timedelta(5)
                await self._actors.presses(
                    who, Action.REMINDER_SNOOZE, code, {"until": until.isoformat(), "reason": "waiting"}
                )

        return act

    def _catching_up(self, code: str) -> Act:
        """What a manager has taken is done: the next step of the case, and what agencies owe in it."""

        async def act() -> None:
            case = await self._case(code)
            if case is None:
                return
            await self._step(case.responsible, code)
            await self._agencies_answer(case, at_once=True)

        return act

    # ---- the case, step by step ------------------------------------------------------------------------------

    async def _case(self, code: str) -> Case | None:
        found = await asyncio.wrap_future(self._world.database.read(lambda reader: _case(reader, code)))
        return found if found is not None and found.denial is None else None

    def _opening(self, coordinator: str) -> Act:
        async def act() -> None:
            chance, today = self._chance, self._world.now().date()
            who = self._colleague(coordinator)
            own = self._directory.staff[who].agency
            others = [agency for agency in self._directory.agencies if agency != own]
            obliged = [a for a in others if self._region.directory.agencies[a].kind.value != "other"]
            agencies = chance.sample(obliged, chance.choice((1, 2, 2, 3)))
            if chance.random() < 0.3:
                agencies.append(chance.choice([a for a in others if a not in obliged]))
            before = await self._all_codes()
            taken = await self._actors.does(
                who,
                "ny",
                {
                    "noticed_on": (today - timedelta(chance.randrange(8))).isoformat(),
                    "noticed_by": "staff",
                    "age_band": chance.choice(("child", "adult", "older")),
                    "ongoing": "yes",
                    "agencies": agencies,
                    "decision": "start",
                    "fossam": "contacted",
                },
            )
            code = next(iter(set(await self._all_codes()) - set(before)), "")
            if taken and code:
                self._carry_on(who, code, chance.expovariate(1 / 5))
                if chance.random() < _WITHDRAWALS:
                    self._later("", chance.uniform(20, 200), self._withdrawing(code))

        return act

    async def _all_codes(self) -> tuple[str, ...]:
        return await asyncio.wrap_future(self._world.database.read(codes_of_all))

    def _colleague(self, who: str) -> str:
        """Return somebody, or a coordinator of the same unit when they have left."""
        if who in self._directory.staff:
            return who
        unit = self._region.directory.staff[who].agency
        return next(person.id for person in self._directory.staff_of(unit) if person.coordinator)

    def _carry_on(self, who: str, code: str, days: float) -> None:
        """Take the next step some days from now, or forget it until a reminder comes."""
        if self._chance.random() > 0.12:
            self._later(who, days, self._stepping(code))

    def _stepping(self, code: str) -> Act:
        async def act() -> None:
            case = await self._case(code)
            if case is not None:
                await self._step(case.responsible, code)

        return act

    async def _step(self, who: str, code: str, *, by_reminder: bool = False) -> None:
        """Do what comes next in a case, as the one who is asked for it."""
        case = await self._case(code)
        if case is None or who not in self._directory.staff:
            return
        agency = self._directory.staff[who].agency
        meeting = case.coming_meeting
        owes = meeting is not None and any(s.agency == agency for s in meeting.missing())
        if by_reminder and (owes or case.closure is not None):
            await self._answer(who, case)
            return
        await self._lead_step(who, case)

    async def _lead_step(self, who: str, case: Case) -> None:
        chance, code = self._chance, case.code
        match case.state:
            case State.ASSESSED:
                await self._consents(who, case)
            case State.PREPARING | State.ACTIVE:
                await self._summons(who, case)
            case State.SUMMONED | State.READY | State.FOLLOWUP_SUMMONED | State.FOLLOWUP_READY:
                meeting = case.coming_meeting
                if meeting is not None and meeting.end <= self._world.clock.now():
                    await self._reports(who, case)
                elif meeting is not None and chance.random() < 0.3:
                    await self._rings(who, case)
            case State.PLAN_DRAFT:
                await self._sends_plan(who, case)
            case State.CLOSING:
                if await self._actors.does(who, f"avsluta {code}", {"ground": "goals_met", "agreed": ["yes"]}):
                    for agency in case.parties():
                        self._agency_later(agency, code, Action.CLOSING_CONFIRM)

    async def _sends_plan(self, who: str, case: Case) -> None:
        chance, today, code = self._chance, self._world.now().date(), case.code
        recipients = ["person", *[a for a in case.parties() if a in self._directory.agencies]]
        answers = {"approved": ["yes"], "responsible": "region", "recipients": recipients,
                   "channel": "secure_mail", "sent_on": today.isoformat()}  # fmt: skip
        if not await self._actors.does(who, f"plan {code}", answers):
            return
        for agency in case.parties():
            self._agency_later(agency, code, Action.PLAN_RECEIVED)
        held = case.last_held
        day = None if held is None or held.report is None else held.report.follow_up_on
        if day is not None:
            self._carry_on(case.responsible, code, (day - today).days - chance.uniform(14, 25))

    async def _consents(self, who: str, case: Case) -> None:
        chance, today = self._chance, self._world.now().date()
        refuses = chance.random() < 0.07
        givers = ["guardian_1", "guardian_2"] if case.age_band.value == "child" else ["person"]
        answers: dict[str, object] = {"decision": "refused", "given_by": givers, "form": "oral"}
        if not refuses:
            answers |= {
                "decision": "given",
                "parts": ["exchange", "plan"],
                "agencies": list(case.agencies),
                "topics": ["responsibility"],
                "valid_until": (today + timedelta(chance.choice((180, 180, 365)))).isoformat(),
            }
        if await self._actors.does(who, f"samtycke {case.code}", answers) and not refuses:
            self._carry_on(who, case.code, chance.expovariate(1 / 4))

    async def _summons(self, who: str, case: Case) -> None:
        chance, today = self._chance, self._world.now().date()
        consent = case.consent
        if consent is not None and consent.valid_until is not None and consent.valid_until < today + timedelta(35):
            await self._renews(who, case)
        day = self._calendar.on_or_after(today + timedelta(chance.randrange(12, 30)))
        agencies = [a for a in case.agencies if a in self._directory.agencies]
        answers = {"date": day.isoformat(), "start": f"{chance.randrange(9, 16):02}:00", "minutes": "60",
                   "mode": "in_person", "place": "Rum 3", "agencies": agencies, "purpose": ["responsibility"],
                   "chair": name_of(who), "consulted": ["yes"]}  # fmt: skip
        if not await self._actors.does(who, f"kalla {case.code}", answers):
            return
        called = await self._case(case.code)
        if called is None or called.coming_meeting is None:
            return
        await self._agencies_answer(called)
        if chance.random() < 0.85:
            self._later(who, (day - today).days + chance.choice((0, 0, 1, 1, 3)), self._stepping(case.code))

    async def _renews(self, who: str, case: Case) -> None:
        until = (self._world.now().date() + timedelta(180)).isoformat()
        givers = ["guardian_1", "guardian_2"] if case.age_band.value == "child" else ["person"]
        await self._actors.does(
            who,
            f"samtycke {case.code}",
            {"decision": "given", "given_by": givers, "form": "oral", "parts": ["exchange", "plan"],
             "agencies": list(case.agencies), "topics": ["responsibility"], "valid_until": until},
        )  # fmt: skip

    async def _reports(self, who: str, case: Case) -> None:
        chance, today, meeting = self._chance, self._world.now().date(), case.coming_meeting
        if meeting is None:
            return
        if chance.random() < 0.06:
            if await self._actors.does(who, f"hållet {case.code}", {"outcome": "not_held"}):
                self._carry_on(case.responsible, case.code, 2)
            return
        came = [s.agency for s in meeting.live() if chance.random() < 0.9]
        unit = case.unit_of(meeting)
        remains = case.last_held is None or chance.random() < 0.5
        lead = case.responsible if chance.random() < 0.6 else self._of_agency(came)
        answers: dict[str, object] = {"outcome": "held", "consent_confirmed": ["yes"], "attended": [unit, *came]}
        if remains:
            follow_up = self._calendar.on_or_after(today + timedelta(chance.randrange(60, 120)))
            answers |= {
                "need_remains": "yes",
                "lead": name_of(self._colleague(lead)),
                "follow_up_on": follow_up.isoformat(),
            }
            if chance.random() < 0.08:
                answers |= {"follow_up_on": None, "no_follow_up": "later"}
        else:
            answers |= {"need_remains": "no"}
        if await self._actors.does(who, f"hållet {case.code}", answers):
            self._carry_on(who, case.code, chance.choice((0, 1, 2, 3, 4, 6)))

    def _of_agency(self, agencies: Sequence[str]) -> str:
        staff = [person.id for agency in agencies for person in self._directory.staff_of(agency)]
        return self._chance.choice(staff or list(self._region.coordinators))

    async def _rings(self, who: str, case: Case) -> None:
        """Ring an agency that has not answered, and write down what it said (R121)."""
        meeting, today = case.coming_meeting, self._world.now().date()
        missing = () if meeting is None else meeting.missing()
        if missing:
            answers = {"agency": missing[0].agency, "answer": "received", "how": "phone", "on": today.isoformat()}
            await self._actors.does(who, f"svar {case.code}", answers)

    # ---- agencies --------------------------------------------------------------------------------------------

    async def _agencies_answer(self, case: Case, *, at_once: bool = False) -> None:
        meeting = case.coming_meeting
        for summons in meeting.missing() if meeting is not None else ():
            ready = self._region.readiness[summons.agency]
            if at_once or self._chance.random() < ready:
                self._agency_later(summons.agency, case.code, Action.SUMMONS_NAME, at_once=at_once)

    def _agency_later(self, agency: str, code: str, action: str, *, at_once: bool = False) -> None:
        staff = [person.id for person in self._directory.staff_of(agency)] if agency in self._directory.agencies else []
        if not staff:
            return
        who = self._chance.choice(staff)
        days = 0 if at_once else self._chance.expovariate(1 / 3)

        async def act() -> None:
            case = await self._case(code)
            if case is None or who not in self._directory.staff:
                return
            if action == Action.SUMMONS_NAME:
                await self._answer(who, case)
            elif self._chance.random() < 0.85:
                await self._actors.presses(who, action, code)

        self._later(who, days, act)

    async def _answer(self, who: str, case: Case) -> None:
        """An agency answers a summons, in one of the ways in which agencies do; or confirms that the case has ended."""
        chance, code = self._chance, case.code
        if case.closure is not None:
            await self._actors.presses(who, Action.CLOSING_CONFIRM, code)
            return
        meeting, dice = case.coming_meeting, chance.random()
        if meeting is None:
            return
        if dice < 0.15:
            await self._actors.presses(who, Action.SUMMONS_RECEIVED, code)
            self._later(who, 3, self._naming(who, code))
        elif dice < 0.21 and meeting.day > self._world.now().date() + timedelta(5):
            day = self._calendar.on_or_after(meeting.day + timedelta(chance.choice((-2, 1, 2))))
            await self._actors.presses(who, Action.SUMMONS_PROPOSE, code, {"date": day.isoformat(), "start": "10:00"})
            self._later(case.responsible, 1, self._moving(case.responsible, code, day))
        elif dice < 0.24:
            await self._actors.presses(who, Action.SUMMONS_DECLINE, code, {"reason": _CONTACT})
        else:
            await self._naming(who, code)()

    def _naming(self, who: str, code: str) -> Act:
        async def act() -> None:
            await self._actors.presses(
                who, Action.SUMMONS_NAME, code, {"attendees": [name_of(who)], "mandate": ["yes"]}
            )

        return act

    def _moving(self, who: str, code: str, day: date) -> Act:
        async def act() -> None:
            answers = {"date": day.isoformat(), "start": "10:00", "minutes": "60", "consulted": ["yes"]}
            case = await self._case(code)
            if case is not None and await self._actors.does(who, f"flytta {code}", answers):
                moved = await self._case(code)
                if moved is not None:
                    await self._agencies_answer(moved)

        return act

    # ---- what befalls a case -----------------------------------------------------------------------------------

    def _withdrawing(self, code: str) -> Act:
        async def act() -> None:
            case = await self._case(code)
            if case is not None and case.is_open and case.consent is not None:
                who = self._colleague(case.responsible)
                await self._actors.does(who, f"återta {code}", {"form": "oral", "sure": ["yes"]})

        return act

    def _leaving(self, leaver: str) -> Act:
        async def act() -> None:
            if leaver not in self._directory.staff:
                return
            self._observer.left.append(self._directory.staff[leaver].name)
            self._directory, heir = without(self._directory, leaver)
            services, directory = self._world.services, self._directory
            write = self._world.database.write(lambda tx: replace_directory(services, tx, directory, "operator"))
            await asyncio.wrap_future(write)
            self._later(heir, 6, self._taking_over(leaver, heir))

        return act

    def _taking_over(self, leaver: str, heir: str) -> Act:
        async def act() -> None:
            owned = await asyncio.wrap_future(self._world.database.read(lambda reader: _cases_of(reader, leaver)))
            if owned:
                await self._actors.does(heir, f"lämna {owned[0]}", {"to": name_of(heir), "all": ["yes"]})
            for code in owned:
                self._carry_on(heir, code, self._chance.uniform(0, 5))

        return act

    # ---- the end ---------------------------------------------------------------------------------------------

    async def _measured(self) -> int:
        """Return how large the database is, with all that waits in its log."""
        await asyncio.wrap_future(self._world.database.tidy())
        return self._file.stat().st_size

    async def _told(self, empty: int) -> Played:
        codes, rows, states = await asyncio.wrap_future(self._world.database.read(_summed))
        breaches, kept = self._world.breaches, await self._measured()
        await self._world.close()
        return Played(
            self.size,
            self._observer.ledger,
            self._actors.acts,
            self._actors.refused,
            len(codes),
            kept - empty,
            rows,
            states,
            breaches,
        )


def _case(reader: Reader, code: str) -> Case | None:
    return reader.cases.get(code) if reader.cases.exists(code) else None


def _cases_of(reader: Reader, staff: str) -> list[str]:
    cases = [reader.cases.get(code) for code in codes_of_all(reader)]
    return [case.code for case in cases if case.is_open and case.responsible == staff]


def _summed(reader: Reader) -> tuple[tuple[str, ...], dict[str, int], dict[str, int]]:
    codes = codes_of_all(reader)
    rows = dict.fromkeys(("journal", "reminders", "posts", "letters"), 0)
    states: dict[str, int] = {}
    for code in codes:
        rows["journal"] += len(reader.journal.read(code))
        rows["reminders"] += len(reader.reminders.of_case(code))
        rows["posts"] += len(reader.posts.of_case(code))
        rows["letters"] += len(reader.outbox.of_case(code))
        state = reader.cases.get(code).state.value
        states[state] = states.get(state, 0) + 1
    return codes, rows, states
