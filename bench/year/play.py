"""The year itself: cases are opened, people do what such people do, and the clock goes on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Final

from bench.year.acting import Actors, direct, lines_of
from bench.year.agencies import Agencies
from bench.year.coordinators import Coordinators
from bench.year.diary import Act, Diary
from bench.year.ledger import Ledger, Observer
from bench.year.region import SeededIds, region, without
from bench.year.scene import Scene
from demo.memory.chat import Posted, words_of
from demo.memory.world import World
from demo.world.clockwork import codes_of_all
from handlers.directory_change import replace_directory
from handlers.ui.actions import Action
from storage.migrate import migrate
from storage.transaction import Reader

# When the bot's clock is looked at on a working day; the last reminders of a day are at four.
_TICKS: Final = (time(8, 0, 1), time(8, 0, 20), time(15, 0, 1), time(15, 0, 20), time(16, 0, 1), time(16, 0, 20))
_FIRST_DAY: Final = date(2026, 1, 7)
# Share of those who see to a line of a list on the morning when it is posted.
_SEES_TO: Final = 0.6


@dataclass(frozen=True, slots=True)
class Size:
    """How large the year is: days, cases opened in them, and how many people leave."""

    days: int = 365
    cases: int = 460
    leavers: int = 3


@dataclass(slots=True)
class Played:
    """What a year was: its ledger, how much was done, and what is kept of it.

    `bytes_kept` is by how much the database has grown since the directory was in it and no case; `wrong` what the bot
    logged as an error.
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
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0


class Year:
    """One year in one folder; the same `seed` plays the same year."""

    def __init__(self, folder: Path, size: Size, seed: int = 1) -> None:
        self.size = size
        self._file = folder / "year.db"
        url = f"sqlite:///{self._file}"
        migrate(url)
        chance, known = Random(seed), region()
        start = datetime.combine(_FIRST_DAY, time(7), UTC)
        world = World(url, known.directory, start, ids=SeededIds(Random(seed + 1)))
        self._scene = Scene(world, known, known.directory, chance, Actors(world), Diary(world, chance))
        self._agencies = Agencies(self._scene)
        self._coordinators = Coordinators(self._scene, self._agencies)
        self._observer = Observer(world)
        self._codes: list[str] = []

    async def play(self) -> Played:
        """Play it to the end."""
        await self._scene.world.open()
        empty = await self._measured()
        last = _FIRST_DAY + timedelta(self.size.days)
        self._plan_the_year()
        day = _FIRST_DAY
        while day < last:
            await self._day(day)
            day += timedelta(1)
        return await self._told(empty)

    def _plan_the_year(self) -> None:
        chance, days = self._scene.chance, [_FIRST_DAY + timedelta(n) for n in range(self.size.days)]
        working = [day for day in days if self._scene.calendar.is_working_day(day)]
        # In July hardly anything is begun.
        weights = [0.25 if day.month == 7 else 1.0 for day in working]
        for day in chance.choices(working, weights, k=self.size.cases):
            coordinator = chance.choice(self._scene.region.coordinators)
            self._scene.diary.at(day, chance.uniform(8.5, 15.5), self._coordinators.opening(coordinator))
        for staff in self._scene.directory.staff:
            begins = date(_FIRST_DAY.year, 7, 1) + timedelta(chance.randrange(14))
            self._scene.diary.away[staff] = (begins, begins + timedelta(28))
        # Of each unit the first coordinator, so that somebody is left to take over.
        for leaver in chance.sample(self._scene.region.coordinators[::2], self.size.leavers):
            self._scene.diary.at(chance.choice(working[len(working) // 4 :]), 12.0, self._leaving(leaver))

    # ---- days ------------------------------------------------------------------------------------------------

    async def _day(self, day: date) -> None:
        works = self._scene.calendar.is_working_day(day)
        ticks = _TICKS if works else (time(12),)
        for tick in ticks:
            await self._until(self._scene.calendar.at(day, tick))
            await self._pulse()
            if tick == _TICKS[1]:
                self._react()
        if works and day.weekday() == 0:
            await self._until(self._scene.calendar.at(day, time(12)))
            await asyncio.wrap_future(self._scene.world.database.read(self._look))
        await self._until(self._scene.calendar.at(day, time(23, 59)))
        await self._scene.world.keep_house()
        await self._pulse()

    async def _until(self, instant: datetime) -> None:
        while event := self._scene.diary.next_until(instant):
            self._move_to(event.at)
            await event.act()
            await self._pulse()
        self._move_to(instant)

    def _move_to(self, instant: datetime) -> None:
        if instant > self._scene.world.clock.now():
            self._scene.world.clock.move_to(instant)

    async def _pulse(self) -> None:
        await self._scene.world.pulse()

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
                code = str(self._scene.world.services.seal.open(line.buttons[0].token)["c"])
                self._scene.diary.later(who, 0, self._seeing_to(who, code, actions, message.room))
        self._observer.fresh_lists.clear()

    def _reader_of(self, message: Posted) -> str:
        """Return who reads a list today: the one whose it is, or somebody of the agency; "" when they are away."""
        today = self._scene.world.now().date()
        staff = [direct_id for direct_id in self._scene.directory.staff if direct(direct_id) == message.room]
        if not staff and message.room in self._scene.directory.agencies:
            staff = [person.id for person in self._scene.directory.staff_of(message.room)]
        here = [who for who in staff if not self._scene.diary.is_away(who, today)]
        return self._scene.chance.choice(here) if here else ""

    def _seeing_to(self, who: str, code: str, actions: set[str], room: str) -> Act:
        async def act() -> None:
            dice = self._scene.chance.random()
            if Action.REMINDER_TAKE in actions:
                if dice < 0.4:
                    await self._scene.actors.presses(who, Action.REMINDER_TAKE, code)
                    self._scene.diary.later(who, 2, self._catching_up(code))
                elif dice < 0.8:
                    await self._scene.actors.presses(who, Action.REMINDER_DONE, code)
                return
            readiness = self._scene.region.readiness.get(room, _SEES_TO)
            if dice < readiness:
                await self._coordinators.step(who, code, by_reminder=True)
            elif dice < readiness + 0.05 and Action.REMINDER_SNOOZE in actions:
                until = self._scene.world.now().date() + timedelta(5)
                await self._scene.actors.presses(
                    who, Action.REMINDER_SNOOZE, code, {"until": until.isoformat(), "reason": "waiting"}
                )

        return act

    def _catching_up(self, code: str) -> Act:
        """What a manager has taken is done: the next step of the case, and what agencies owe in it."""

        async def act() -> None:
            case = await self._scene.case(code)
            if case is None:
                return
            await self._coordinators.step(case.responsible, code)
            await self._agencies.answer_all(case, at_once=True)

        return act

    def _leaving(self, leaver: str) -> Act:
        async def act() -> None:
            if leaver not in self._scene.directory.staff:
                return
            self._observer.left.append(self._scene.directory.staff[leaver].name)
            self._scene.directory, heir = without(self._scene.directory, leaver)
            services, directory = self._scene.world.services, self._scene.directory
            write = self._scene.world.database.write(lambda tx: replace_directory(services, tx, directory, "operator"))
            await asyncio.wrap_future(write)
            self._scene.diary.later(heir, 6, self._coordinators.taking_over(leaver, heir))

        return act

    # ---- the end ---------------------------------------------------------------------------------------------

    async def _measured(self) -> int:
        """Return how large the database is, with all that waits in its log."""
        await asyncio.wrap_future(self._scene.world.database.tidy())
        return self._file.stat().st_size

    async def _told(self, empty: int) -> Played:
        codes, rows, states = await asyncio.wrap_future(self._scene.world.database.read(_summed))
        breaches, kept = self._scene.world.breaches, await self._measured()
        await self._scene.world.close()
        return Played(
            self.size,
            self._observer.ledger,
            self._scene.actors.acts,
            self._scene.actors.refused,
            len(codes),
            kept - empty,
            rows,
            states,
            breaches,
        )


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
