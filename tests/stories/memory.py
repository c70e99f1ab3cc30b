"""The world of stories in memory: no network, no platform's own language (`demo.memory`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from demo.memory.chat import Posted, buttons_of, direct_room, words_of
from demo.memory.filling import fields_of
from demo.memory.person import Person
from demo.memory.world import World as Memory
from domain.address import Address, Kind
from domain.directory import Directory
from domain.text.free_text import find_forbidden
from handlers.ui.responses import Mend, Response, Say
from tests.handlers import town
from tests.handlers.story import MONDAY
from tests.stories.world import Message, Told, World


def identity_of(name: str) -> str:
    return f"memory:t0/{name}"


def directory() -> Directory:
    """Return the same agencies and staff as on every platform, with rooms and identities of this one."""
    known = town.directory()
    names = {someone.id: someone.name for someone in town.STAFF}
    agencies = {
        agency.id: replace(
            agency,
            addresses=tuple(Address("memory", Kind.ROOM, agency.id) for _ in agency.addresses),
            manager=identity_of(names[agency.manager]) if agency.manager in names else "",
        )
        for agency in known.agencies.values()
    }
    staff = {
        identity_of(someone.name): replace(
            known.staff[someone.id], id=identity_of(someone.name), identities=(identity_of(someone.name),)
        )
        for someone in town.STAFF
    }
    return Directory(agencies, staff)


class MemoryActor:
    """Somebody in the chat in memory."""

    def __init__(self, world: MemoryWorld, person: Person) -> None:
        self.name = person.name
        self.person = person
        self._world = world

    async def types(self, words: str) -> Told:
        self.person.closes()
        return await self._told(self.person.types(words))

    async def presses(self, action: str, *, room: str = "") -> Told:
        on: Posted | None = None
        if room:
            seen = self.person.sees(self._world.place(room))
            shown = [m for m in seen if m.shown and action in _actions(m)]
            assert shown, f"no button {action} in the room of {room}"
            on = shown[-1]
        return await self._told(self.person.presses(action, on=on))

    async def fills(self, form: str, answers: Mapping[str, Any], *, checked: bool = True) -> Told:
        return await self._told(self.person.fills(form, answers, checked=checked))

    async def repeats(self) -> Told:
        return await self._told(self.person.repeats())

    async def _told(self, act: Awaitable[Response]) -> Told:
        before = len(self.person.told())
        answer = await act
        await self._world.settle()
        words = [words_of(answer.card)] if isinstance(answer, Say) else []
        words += [words_of(card) for card in self.person.told()[before:]]
        form = self.person.form
        return Told(
            "\n".join(words),
            form.name if form is not None else "",
            tuple(field.name for field in fields_of(form)) if form is not None else (),
            dict(answer.errors) if isinstance(answer, Mend) else {},
        )


class MemoryWorld(World):
    """The chat in memory as the stories see it."""

    platform = "memory"

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.database = memory.database
        self.actors = {name: MemoryActor(self, person) for name, person in memory.people.items()}
        self._together = False

    async def settle(self) -> None:
        if not self._together:
            await self.memory.settle()

    async def until(self, moment: str) -> None:
        await self.memory.until(datetime.fromisoformat(moment))

    async def at_once(self, *acts: Callable[[], Awaitable[Told]]) -> list[Told]:
        self._together = True
        try:
            told = await asyncio.gather(*(act() for act in acts))
        finally:
            self._together = False
        await self.settle()
        return told

    def messages(self, where: str) -> list[Message]:
        return [Message(words_of(m.card), _actions(m)) for m in self.memory.chat.messages(self.place(where)) if m.shown]

    def place(self, where: str) -> str:
        """Return the room of an agency, or the one in which a person is written to alone."""
        return where if where in self.memory.chat.rooms else direct_room(identity_of(where))

    def invites(self, name: str) -> list[str]:
        sent = self.memory.mailbox.invites(town.BY_NAME[name].email)
        return [f"{invite.method} {invite.sequence}" for invite in sent]

    def mails(self, address: str) -> list[str]:
        return [mail.content.subject for mail in self.memory.mailbox.to(address)]

    async def calendar_answers(self, name: str, kind: str) -> None:
        await self.memory.calendar_answers(town.BY_NAME[name].email, kind)
        await self.settle()

    def loses_room(self, agency: str) -> None:
        self.memory.chat.rooms[agency].gone = True

    def speaks(self, name: str, locale: str) -> None:
        self.memory.person(name).locale = locale

    def identity(self, name: str) -> str:
        return identity_of(name)


def _actions(message: Posted) -> tuple[str, ...]:
    return tuple(button.action for button in buttons_of(message.card))


@asynccontextmanager
async def in_memory(database: Path) -> AsyncIterator[MemoryWorld]:
    """Tell a story in memory. At its end no card was more than the neutral language allows (law 4D.2)."""
    memory = Memory(f"sqlite:///{database}", directory(), MONDAY, [identity_of("ove")])
    await memory.open()
    try:
        yield MemoryWorld(memory)
        assert memory.breaches == []
        for message in memory.chat.everything():
            for card in message.shown:
                assert not find_forbidden(words_of(card)), card.title
    finally:
        await memory.close()
