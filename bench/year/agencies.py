"""What agencies do about a case: they answer a summons, sooner or later or never, and confirm what they are sent."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from bench.year.diary import Act
from bench.year.region import name_of
from bench.year.scene import Scene
from domain.case import Case
from handlers.ui.actions import Action

_CONTACT: Final = "no_contact"


class Agencies:
    """Everybody who is summoned."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    async def answer_all(self, case: Case, *, at_once: bool = False) -> None:
        """Let the agencies that have not answered do so some day, as quickly as such agencies do."""
        meeting = case.coming_meeting
        for summons in meeting.missing() if meeting is not None else ():
            ready = self._scene.region.readiness[summons.agency]
            if at_once or self._scene.chance.random() < ready:
                self.answers_later(summons.agency, case.code, Action.SUMMONS_NAME, at_once=at_once)

    def answers_later(self, agency: str, code: str, action: str, *, at_once: bool = False) -> None:
        """Let somebody of an agency press a button about a case some days from now, or today."""
        staff = [person.id for person in self._scene.staff_of(agency)]
        if not staff:
            return
        who = self._scene.chance.choice(staff)
        days = 0 if at_once else self._scene.chance.expovariate(1 / 3)

        async def act() -> None:
            case = await self._scene.case(code)
            if case is None or who not in self._scene.directory.staff:
                return
            if action == Action.SUMMONS_NAME:
                await self.answer(who, case)
            elif self._scene.chance.random() < 0.85:
                await self._scene.actors.presses(who, action, code)

        self._scene.diary.later(who, days, act)

    async def answer(self, who: str, case: Case) -> None:
        """An agency answers a summons, in one of the ways in which agencies do; or confirms that the case has ended."""
        chance, code = self._scene.chance, case.code
        if case.closure is not None:
            await self._scene.actors.presses(who, Action.CLOSING_CONFIRM, code)
            return
        meeting, dice = case.coming_meeting, chance.random()
        if meeting is None:
            return
        if dice < 0.15:
            await self._scene.actors.presses(who, Action.SUMMONS_RECEIVED, code)
            self._scene.diary.later(who, 3, self._naming(who, code))
        elif dice < 0.21 and meeting.day > self._scene.world.now().date() + timedelta(5):
            day = self._scene.calendar.on_or_after(meeting.day + timedelta(chance.choice((-2, 1, 2))))
            await self._scene.actors.presses(
                who, Action.SUMMONS_PROPOSE, code, {"date": day.isoformat(), "start": "10:00"}
            )
            self._scene.diary.later(case.responsible, 1, self._moving(case.responsible, code, day))
        elif dice < 0.24:
            await self._scene.actors.presses(who, Action.SUMMONS_DECLINE, code, {"reason": _CONTACT})
        else:
            await self._naming(who, code)()

    def _naming(self, who: str, code: str) -> Act:
        async def act() -> None:
            await self._scene.actors.presses(
                who, Action.SUMMONS_NAME, code, {"attendees": [name_of(who)], "mandate": ["yes"]}
            )

        return act

    def _moving(self, who: str, code: str, day: date) -> Act:
        async def act() -> None:
            answers = {"date": day.isoformat(), "start": "10:00", "minutes": "60", "consulted": ["yes"]}
            case = await self._scene.case(code)
            if case is not None and await self._scene.actors.does(who, f"flytta {code}", answers):
                moved = await self._scene.case(code)
                if moved is not None:
                    await self.answer_all(moved)

        return act
