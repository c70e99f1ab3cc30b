"""The world of stories over Slack: the real edge with the stand-in behind it, told by the driver of tests/handlers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.slack.platform import SlackPlatform
from demo.slack.people.inputs import interactive
from demo.slack.people.outcome import Outcome
from demo.slack.people.person import Person
from tests.handlers import town
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.people import disclosure
from tests.handlers.story import buttons, plain
from tests.stories.world import Message, Told, World

# Seconds that what the edge does after its answer may take, such as the opening of a form.
_AFTERWARDS = 5.0


class SlackActor:
    """Somebody in the stand-in."""

    def __init__(self, world: SlackWorld, person: Person) -> None:
        self.name = person.user.name
        self.person = person
        self._world = world
        self._last: Outcome | None = None

    async def types(self, words: str) -> Told:
        while self.person.view is not None:
            await self.person.cancel()
        return await self._told(self.person.type(f"/sip {words}"))

    async def presses(self, action: str, *, room: str = "") -> Told:
        source = None
        if room:
            shown = [m for m in self._world.story.messages(room) if action in buttons(m.blocks)]
            assert shown, f"no button {action} in the room of {room}"
            source = shown[-1]
        # Two buttons of one name on a message differ by what follows the hash.
        names = [c.action_id for c in self.person.controls(source) if c.action_id.partition("#")[0] == action]
        assert names, f"{self.name} sees no button {action}"
        return await self._told(self.person.press(names[0], source=source))

    async def fills(self, form: str, answers: Mapping[str, Any], *, checked: bool = True) -> Told:
        view = self.person.view
        assert view is not None
        assert view.payload["callback_id"] == form
        return await self._told(self.person.submit(dict(answers), checked=checked), sent=True)

    async def repeats(self) -> Told:
        assert self._last is not None
        return await self._told(self.person.retry(self._last))

    async def _told(self, act: Awaitable[Outcome], *, sent: bool = False) -> Told:
        before = len(self.person.only_visible_to_me())
        outcome = self._last = await act
        assert outcome.shown is None, outcome.shown
        await self._world.settle()
        words = [plain(m.blocks) for m in self.person.only_visible_to_me()[before:]]
        view = self.person.view
        if sent and view is not None and not outcome.errors:
            words.append(plain(view.blocks))
            await self.person.cancel()
            view = self.person.view
        fields = tuple(str(block["block_id"]) for block, _ in interactive(view.blocks)) if view is not None else ()
        name = str(view.payload["callback_id"]) if view is not None else ""
        return Told("\n".join(words), name, fields, outcome.errors)


class SlackWorld(World):
    """The stand-in as the stories see it."""

    platform = "slack"

    def __init__(self, calendars: Calendars) -> None:
        self.calendars = calendars
        self.story = calendars.story
        self.database = self.story.bot.database
        self.actors = {name: SlackActor(self, person) for name, person in self.story.slack.people.items()}
        self._together = False

    async def settle(self) -> None:
        if self._together:
            return
        (slack,) = [platform for platform in self.story.bot.platforms if isinstance(platform, SlackPlatform)]
        await slack._background.finish(_AFTERWARDS)  # noqa: SLF001 - nothing else tells that a form will not open
        await self.story.settle()

    async def until(self, moment: str) -> None:
        self.story.codes = await self.codes()
        await self.story.until(moment)

    async def at_once(self, *acts: Callable[[], Awaitable[Told]]) -> list[Told]:
        self._together = True
        try:
            told = await asyncio.gather(*(act() for act in acts))
        finally:
            self._together = False
        await self.settle()
        return told

    def messages(self, where: str) -> list[Message]:
        return [Message(plain(m.blocks), tuple(buttons(m.blocks))) for m in self.story.messages(where)]

    def invites(self, name: str) -> list[str]:
        return self.story.methods_to(name)

    def mails(self, address: str) -> list[str]:
        return [str(mail["Subject"]) for mail in self.story.mails(address)]

    async def calendar_answers(self, name: str, kind: str) -> None:
        await self.calendars.answers(name, kind.upper())

    def loses_room(self, agency: str) -> None:
        self.story.slack.remove_channel(next(c for c, unit in town.CHANNELS.items() if unit == agency))

    def speaks(self, name: str, locale: str) -> None:
        users = self.story.slack.directory.users
        user = self.story.slack.people[name].user.id
        users[user] = replace(users[user], locale=locale)

    def identity(self, name: str) -> str:
        user = self.story.slack.people[name].user
        return f"slack:{user.team}/{user.id}"


@asynccontextmanager
async def over_slack(folder: Path, empty_database: Path) -> AsyncIterator[SlackWorld]:
    """Tell a story over Slack. At its end nothing was told that may not stand where it was told (law 4D)."""
    async with answering(folder, empty_database) as calendars:
        world = SlackWorld(calendars)
        yield world
        codes = calendars.story.codes = await world.codes()
        disclosure.check(calendars.story, [await calendars.story.case(code) for code in codes])
