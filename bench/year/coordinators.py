"""What coordinators do: they open a case and lead it on, step by step, or forget it until a reminder comes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bench.year.agencies import Agencies
from bench.year.diary import Act
from bench.year.region import name_of
from bench.year.scene import Scene
from demo.world.clockwork import codes_of_all
from domain.case import Case, State
from handlers.ui.actions import Action
from storage.transaction import Reader

# Share of the cases in which the person withdraws the consent some day.
_WITHDRAWALS: Final = 0.06


class Coordinators:
    """Everybody who answers for a case."""

    def __init__(self, scene: Scene, agencies: Agencies) -> None:
        self._scene = scene
        self._agencies = agencies

    def opening(self, coordinator: str) -> Act:
        """Open a case, and go on with it."""

        async def act() -> None:
            chance, today = self._scene.chance, self._scene.world.now().date()
            who = self._scene.colleague(coordinator)
            own = self._scene.directory.staff[who].agency
            others = [agency for agency in self._scene.directory.agencies if agency != own]
            obliged = [a for a in others if self._scene.region.directory.agencies[a].kind.value != "other"]
            agencies = chance.sample(obliged, chance.choice((1, 2, 2, 3)))
            if chance.random() < 0.3:
                agencies.append(chance.choice([a for a in others if a not in obliged]))
            before = await self._scene.codes()
            taken = await self._scene.actors.does(
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
            code = next(iter(set(await self._scene.codes()) - set(before)), "")
            if taken and code:
                self.carry_on(who, code, chance.expovariate(1 / 5))
                if chance.random() < _WITHDRAWALS:
                    self._scene.diary.later("", chance.uniform(20, 200), self._withdrawing(code))

        return act

    def carry_on(self, who: str, code: str, days: float) -> None:
        """Take the next step some days from now, or forget it until a reminder comes."""
        if self._scene.chance.random() > 0.12:
            self._scene.diary.later(who, days, self._stepping(code))

    def _stepping(self, code: str) -> Act:
        async def act() -> None:
            case = await self._scene.case(code)
            if case is not None:
                await self.step(case.responsible, code)

        return act

    async def step(self, who: str, code: str, *, by_reminder: bool = False) -> None:
        """Do what comes next in a case, as the one who is asked for it."""
        case = await self._scene.case(code)
        if case is None or who not in self._scene.directory.staff:
            return
        agency = self._scene.directory.staff[who].agency
        meeting = case.coming_meeting
        owes = meeting is not None and any(s.agency == agency for s in meeting.missing())
        if by_reminder and (owes or case.closure is not None):
            await self._agencies.answer(who, case)
            return
        await self._lead_step(who, case)

    async def _lead_step(self, who: str, case: Case) -> None:
        chance, code = self._scene.chance, case.code
        match case.state:
            case State.ASSESSED:
                await self._consents(who, case)
            case State.PREPARING | State.ACTIVE:
                await self._summons(who, case)
            case State.SUMMONED | State.READY | State.FOLLOWUP_SUMMONED | State.FOLLOWUP_READY:
                meeting = case.coming_meeting
                if meeting is not None and meeting.end <= self._scene.world.clock.now():
                    await self._reports(who, case)
                elif meeting is not None and chance.random() < 0.3:
                    await self._rings(who, case)
            case State.PLAN_DRAFT:
                await self._sends_plan(who, case)
            case State.CLOSING:
                if await self._scene.actors.does(who, f"avsluta {code}", {"ground": "goals_met", "agreed": ["yes"]}):
                    for agency in case.parties():
                        self._agencies.answers_later(agency, code, Action.CLOSING_CONFIRM)

    async def _sends_plan(self, who: str, case: Case) -> None:
        chance, today, code = self._scene.chance, self._scene.world.now().date(), case.code
        # Who gets it is as the form suggests: whoever attended and is within the consent still.
        answers = {"approved": ["yes"], "responsible": "region", "channel": "secure_mail", "sent_on": today.isoformat()}
        if not await self._scene.actors.does(who, f"plan {code}", answers):
            return
        for agency in case.parties():
            self._agencies.answers_later(agency, code, Action.PLAN_RECEIVED)
        held = case.last_held
        day = None if held is None or held.report is None else held.report.follow_up_on
        if day is not None:
            self.carry_on(case.responsible, code, (day - today).days - chance.uniform(14, 25))

    async def _consents(self, who: str, case: Case) -> None:
        chance, today = self._scene.chance, self._scene.world.now().date()
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
        if await self._scene.actors.does(who, f"samtycke {case.code}", answers) and not refuses:
            self.carry_on(who, case.code, chance.expovariate(1 / 4))

    async def _summons(self, who: str, case: Case) -> None:
        chance, today = self._scene.chance, self._scene.world.now().date()
        consent = case.consent
        if consent is not None and consent.valid_until is not None and consent.valid_until < today + timedelta(35):
            await self._renews(who, case)
        day = self._scene.calendar.on_or_after(today + timedelta(chance.randrange(12, 30)))
        agencies = [a for a in case.agencies if a in self._scene.directory.agencies]
        answers = {"date": day.isoformat(), "start": f"{chance.randrange(9, 16):02}:00", "minutes": "60",
                   "mode": "in_person", "place": "Rum 3", "agencies": agencies, "purpose": ["responsibility"],
                   "chair": name_of(who), "consulted": ["yes"]}  # fmt: skip
        if not await self._scene.actors.does(who, f"kalla {case.code}", answers):
            return
        called = await self._scene.case(case.code)
        if called is None or called.coming_meeting is None:
            return
        await self._agencies.answer_all(called)
        if chance.random() < 0.85:
            self._scene.diary.later(who, (day - today).days + chance.choice((0, 0, 1, 1, 3)), self._stepping(case.code))

    async def _renews(self, who: str, case: Case) -> None:
        until = (self._scene.world.now().date() + timedelta(180)).isoformat()
        givers = ["guardian_1", "guardian_2"] if case.age_band.value == "child" else ["person"]
        await self._scene.actors.does(
            who,
            f"samtycke {case.code}",
            {"decision": "given", "given_by": givers, "form": "oral", "parts": ["exchange", "plan"],
             "agencies": list(case.agencies), "topics": ["responsibility"], "valid_until": until},
        )  # fmt: skip

    async def _reports(self, who: str, case: Case) -> None:
        chance, today, meeting = self._scene.chance, self._scene.world.now().date(), case.coming_meeting
        if meeting is None:
            return
        if chance.random() < 0.06:
            if await self._scene.actors.does(who, f"hållet {case.code}", {"outcome": "not_held"}):
                self.carry_on(case.responsible, case.code, 2)
            return
        came = [s.agency for s in meeting.live() if chance.random() < 0.9]
        unit = case.unit_of(meeting)
        remains = case.last_held is None or chance.random() < 0.5
        lead = case.responsible if chance.random() < 0.6 else self._of_agency(came)
        answers: dict[str, object] = {"outcome": "held", "consent_confirmed": ["yes"], "attended": [unit, *came]}
        if remains:
            follow_up = self._scene.calendar.on_or_after(today + timedelta(chance.randrange(60, 120)))
            answers |= {
                "need_remains": "yes",
                "lead": name_of(self._scene.colleague(lead)),
                "follow_up_on": follow_up.isoformat(),
            }
            if chance.random() < 0.08:
                answers |= {"follow_up_on": None, "no_follow_up": "later"}
        else:
            answers |= {"need_remains": "no"}
        if await self._scene.actors.does(who, f"hållet {case.code}", answers):
            self.carry_on(who, case.code, chance.choice((0, 1, 2, 3, 4, 6)))

    def _of_agency(self, agencies: Sequence[str]) -> str:
        staff = [person.id for agency in agencies for person in self._scene.directory.staff_of(agency)]
        return self._scene.chance.choice(staff or list(self._scene.region.coordinators))

    async def _rings(self, who: str, case: Case) -> None:
        """Ring an agency that has not answered, and write down what it said (R121)."""
        meeting, today = case.coming_meeting, self._scene.world.now().date()
        missing = () if meeting is None else meeting.missing()
        if missing:
            answers = {"agency": missing[0].agency, "answer": "received", "how": "phone", "on": today.isoformat()}
            await self._scene.actors.does(who, f"svar {case.code}", answers)

    def _withdrawing(self, code: str) -> Act:
        async def act() -> None:
            case = await self._scene.case(code)
            if case is not None and case.is_open and case.consent is not None:
                who = self._scene.colleague(case.responsible)
                await self._scene.actors.does(who, f"återta {code}", {"form": "oral", "sure": ["yes"]})

        return act

    def taking_over(self, leaver: str, heir: str) -> Act:
        """Take over all cases of somebody who has left."""

        async def act() -> None:
            owned = await asyncio.wrap_future(self._scene.world.database.read(lambda reader: _cases_of(reader, leaver)))
            if owned:
                await self._scene.actors.does(heir, f"lämna {owned[0]}", {"to": name_of(heir), "all": ["yes"]})
            for code in owned:
                self.carry_on(heir, code, self._scene.chance.uniform(0, 5))

        return act


def _cases_of(reader: Reader, staff: str) -> list[str]:
    cases = [reader.cases.get(code) for code in codes_of_all(reader)]
    return [case.code for case in cases if case.is_open and case.responsible == staff]
