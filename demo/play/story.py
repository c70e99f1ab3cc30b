"""The main job as it is played: a case from its opening to its close, by five people, over three months."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from typing import Any

from demo.matrix.answering import Answering, NothingToAnswer
from demo.matrix.person import Person as MatrixPerson
from demo.play.transcript import Transcript
from demo.slack.people.outcome import Outcome
from demo.slack.people.person import Person
from demo.slack.state.records import View
from demo.world.clockwork import codes_of_all
from demo.world.examples import example, usual, work_through
from demo.world.people import CODE
from demo.world.texts import Language
from demo.world.world import World, open_world
from storage.transaction import Reader

_HOUR = timedelta(hours=1)
_MORNING = time(9, 0)
_MOST_DAYS = 10
_NAMED = {"julia.lind@exempel.invalid", "kim.ask@exempel.invalid"}  # Julia, and a colleague who has no account
_CALLED_BEFORE = timedelta(days=15)
_CONFIRM = "closing.confirm"
_FK = "!fk:fk.exempel.invalid"  # the room of the agency that is on Matrix


class WentWrong(Exception):
    """Something in the story did not go as it must; the message says what."""


class Story:
    """Plays the story in a world and tells it."""

    def __init__(self, world: World, tell: Callable[[str], None]) -> None:
        self._world = world
        self._told = Transcript(world, tell)

    async def play(self) -> None:
        """Play it.

        Raises:
            WentWrong: at the first thing that is not as it must be.
        """
        words = self._world.words
        code = await self._open()
        await self._step("anna", words("play.consent", code=code), "consent.record")
        await self._step("anna", words("play.summon", code=code), "meeting.summon")
        self._expect(self._summoned() == {"C0BUP", "C0SKOLA", _FK}, "each agency has one summons where it is itself")
        await self._answer("julia", "summons.name")
        mailed = {mail.recipient for mail in self._world.postbox.mails}
        self._expect(mailed >= _NAMED, "those who are named have an invite by mail")
        await self._until_reminded("C0SKOLA")
        await self._answer("omar", "summons.propose")
        await self._press("anna", "case.step", "meeting.move", agreed=True)
        await self._answers("julia", "omar")
        await self._after_the_meeting()
        await self._step("anna", words("play.held", code=code), "meeting.held")
        await self._step("omar", words("play.evaluate", code=code), "evaluation.staff")
        await self._step("anna", words("play.measure", code=code), "plan.measure")
        await self._step("anna", words("play.plan", code=code), "plan.send")
        await self._until_follow_up(code)
        await self._step("julia", words("play.summon", code=code), "meeting.summon")
        await self._answers("omar")  # Julia's own unit has the case now, and comes without being asked
        await self._after_the_meeting()
        await self._step("julia", words("play.review", code=code), "plan.review")
        await self._step("julia", words("play.held", code=code), "meeting.held", last=True)
        await self._step("julia", words("play.close", code=code), "case.close")
        self._expect(self._newest_says("C0SKOLA", code) and code in self._newest_in_room(), "everybody knows the end")
        await self._confirm("julia", "omar")
        await self._on_matrix(_CONFIRM)
        await self._look("anna", words("play.statistics"))
        self._expect(not self._world.slack.violations, f"no broken rules, but {self._world.slack.violations[:1]}")
        self._expect((await self._dead()) == 0, "every letter arrived")

    async def _open(self) -> str:
        anna = self._world.slack.person("anna")
        await self._step("anna", self._world.words("play.open"), "case.open")
        found = [code for message in anna.messages() for code in CODE.findall(str(message.blocks))]
        self._expect(bool(found), "the case has a code")
        return str(found[-1])

    async def _step(self, who: str, line: str, form: str, *, last: bool = False) -> None:
        person = self._world.slack.person(who)
        self._told.act(who, line)
        outcome = await person.type(line)
        self._expect(outcome.ok, f"{line}: {outcome.shown or outcome.text}")
        await self._fill_in(person, form, last=last)

    async def _look(self, who: str, line: str) -> None:
        """Have somebody type what is answered with a card."""
        self._told.act(who, line)
        outcome = await self._world.slack.person(who).type(line)
        self._expect(outcome.ok, f"{line}: {outcome.shown or outcome.text}")
        await self._settle()

    async def _answer(self, who: str, form: str) -> None:
        await self._press(who, form, form)

    async def _answers(self, *obliged: str) -> None:
        """Have those who must come say who comes, and the invited one say no."""
        for who in obliged:
            await self._answer(who, "summons.name")
        await self._on_matrix("summons.decline", usual("summons.decline"))

    async def _press(self, who: str, button: str, form: str, *, agreed: bool = False) -> None:
        person = self._world.slack.person(who)
        self._told.act(who, f"[{person.button(button).label}]")
        await person.press(button)
        await self._fill_in(person, form, agreed=agreed)

    async def _on_matrix(self, action: str, values: Mapping[str, Any] | None = None) -> None:
        """Have somebody answer on Matrix: a sign and the word that counts, and a line to each question that follows."""
        leif = self._world.person("leif")
        if not isinstance(leif, MatrixPerson):
            raise WentWrong("somebody is on Matrix")
        answering = Answering(leif, self._world.matrix, self._world.words("matrix.yes"))
        try:
            await answering.press(action)
            if values is not None:
                await answering.fill_in(values)
        except NothingToAnswer as nothing:
            raise WentWrong(f"{action} can be answered on Matrix") from nothing
        await self._settle()

    async def _confirm(self, *people: str) -> None:
        """Have people confirm that they know of the end, by the button of the notice."""
        for who in people:
            person = self._world.slack.person(who)
            self._told.act(who, f"[{person.button(_CONFIRM).label}]")
            await person.press(_CONFIRM)
            await self._settle()

    async def _fill_in(self, person: Person, form: str, *, last: bool = False, agreed: bool = False) -> None:
        try:
            await self._world.slack.until(lambda: person.view is not None and person.view.callback_id == form)
        except TimeoutError as late:
            raise WentWrong(f"the form {form} did not open") from late
        values = await work_through(person, lambda view: self._example(person, view, last=last, agreed=agreed))
        outcome: Outcome = await person.submit(values)
        self._expect(outcome.ok, f"{form}: {outcome.errors or outcome.shown}")
        if person.view is not None:
            await person.cancel()
        await self._settle()

    def _example(self, person: Person, view: View, *, last: bool, agreed: bool) -> Mapping[str, Any]:
        world = self._world
        today = world.now().date()
        return example(view, person.user.id, today, world.calendar, world.words, last=last, agreed=agreed)

    async def _settle(self) -> None:
        await self._world.settle()
        self._told.news()

    async def _until_reminded(self, channel: str) -> None:
        """Let working days pass until something new stands in a channel."""
        before = len(self._world.slack.state.messages.in_channel(channel))
        for _ in range(_MOST_DAYS):
            await self._morning(self._world.calendar.next_working_day(self._world.now().date()))
            if len(self._world.slack.state.messages.in_channel(channel)) > before:
                return
        raise WentWrong("nobody was reminded")

    async def _after_the_meeting(self) -> None:
        """Let time pass until an hour after the meeting ended."""
        read = self._world.bot.database.read(lambda reader: reader.cases.get(_newest_code(reader)).meetings[-1].end)
        end = await asyncio.wrap_future(read)
        await self._world.move_to(end + _HOUR)
        self._told.news()

    async def _until_follow_up(self, code: str) -> None:
        """Let time pass until the follow-up is to be called."""
        read = self._world.bot.database.read(lambda reader: reader.cases.get(code).last_held)
        held = await asyncio.wrap_future(read)
        agreed = None if held is None or held.report is None else held.report.follow_up_on
        if agreed is None:
            raise WentWrong("a follow-up is agreed on")
        await self._morning(self._world.calendar.on_or_after(agreed - _CALLED_BEFORE))

    async def _morning(self, day: date) -> None:
        await self._world.move_to(self._world.calendar.at(day, _MORNING))
        self._told.news()

    def _summoned(self) -> set[str]:
        everywhere = self._world.slack.state.messages.everywhere()
        rooms = {event.room for event in self._world.matrix.held.events.values()}
        return {message.channel for message in everywhere if message.channel[0] == "C"} | rooms

    def _newest_says(self, channel: str, code: str) -> bool:
        messages = self._world.slack.state.messages.in_channel(channel)
        return bool(messages) and code in str(messages[-1].blocks)

    def _newest_in_room(self) -> str:
        """Return what the bot has last said in the room of Matrix, below no other message."""
        leif = self._world.person("leif")
        return leif.timeline(_FK)[-1].text if isinstance(leif, MatrixPerson) else ""

    async def _dead(self) -> int:
        return await asyncio.wrap_future(self._world.bot.database.read(lambda reader: reader.outbox.counts().dead))

    def _expect(self, holds: bool, what: str) -> None:  # noqa: FBT001 - it reads as a sentence
        if not holds:
            raise WentWrong(what)


def _newest_code(reader: Reader) -> str:
    return codes_of_all(reader)[-1]


async def play(language: Language, tell: Callable[[str], None]) -> None:
    """Play the story in a world of its own.

    Raises:
        WentWrong: something was not as it must be.
    """
    async with open_world(language=language) as world:
        tell(world.words("play.title"))
        await Story(world, tell).play()
        tell("")
        tell(world.words("play.end"))
