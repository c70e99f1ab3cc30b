"""What a story is told in: people who act in the domain's terms, and what then stands before them, on any platform.

A story knows neither cards nor blocks, neither rooms nor channels: only words, buttons, forms and errors at fields.
Each platform has a world of its own (`memory.py`, `slack.py`), and a story that is told in two of them must leave the
same journal in both.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import templates
from domain.case import Case
from domain.summons import Standing
from storage.engine.database import Database
from storage.journal import OPENED, SYSTEM
from storage.transaction import Reader

T = TypeVar("T")


@dataclass(frozen=True)
class Message:
    """A message as it stands: all its words, and the contract names of its buttons."""

    words: str
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """What came of an act for the one who acted: words for them alone, a form, or errors at fields (by field)."""

    words: str = ""
    form: str = ""
    fields: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)


class Actor(Protocol):
    """Somebody in the chat. Each act lets everything happen that follows from it."""

    name: str

    async def types(self, words: str) -> Told:
        """Type a command, without the command's own name: "kalla SIP-7K3QD-M"."""
        ...

    async def presses(self, action: str, *, room: str = "") -> Told:
        """Press the newest button of this contract name that they see, or in an agency's room or their own."""
        ...

    async def fills(self, form: str, answers: Mapping[str, Any], *, checked: bool = True) -> Told:
        """Fill in the form that is open and send it; its client checks it first, unless it is not `checked`."""
        ...

    async def repeats(self) -> Told:
        """Have the platform bring the last act once more."""
        ...


class World(ABC):
    """One platform with the bot and its people, at nine on Monday 23 November 2026."""

    platform: str
    database: Database

    def __getattr__(self, name: str) -> Actor:
        """Return somebody by name: `world.anna`."""
        if name.startswith("_") or name not in self.__dict__.get("actors", {}):
            raise AttributeError(name)
        actor: Actor = self.__dict__["actors"][name]
        return actor

    # ---- each platform in its own way ------------------------------------------------------------------------

    @abstractmethod
    async def until(self, moment: str) -> None:
        """Let time pass until a moment on the wall ("2026-12-01 08:00")."""

    @abstractmethod
    async def at_once(self, *acts: Callable[[], Awaitable[Told]]) -> list[Told]:
        """Let several people act at the same moment; what follows happens when all have acted."""

    @abstractmethod
    def messages(self, where: str) -> list[Message]:
        """Return what stands in an agency's room or in somebody's direct messages, for all who are there."""

    @abstractmethod
    def invites(self, name: str) -> list[str]:
        """Return the METHOD and SEQUENCE of each calendar mail to a member of staff, oldest first."""

    @abstractmethod
    def mails(self, address: str) -> list[str]:
        """Return the subjects of the mails to an address, oldest first."""

    @abstractmethod
    async def calendar_answers(self, name: str, kind: str) -> None:
        """Let somebody's calendar answer its newest invite: "accepted", "tentative" or "declined"."""

    @abstractmethod
    def loses_room(self, agency: str) -> None:
        """Let an agency's room be gone."""

    @abstractmethod
    def speaks(self, name: str, locale: str) -> None:
        """Let somebody have chosen a language in the chat ("en-GB")."""

    @abstractmethod
    def identity(self, name: str) -> str:
        """Return somebody's identity on this platform."""

    # ---- the same everywhere ---------------------------------------------------------------------------------

    async def reading(self, work: Callable[[Reader], T]) -> T:
        return await asyncio.wrap_future(self.database.read(work))

    async def codes(self) -> list[str]:
        """Return the codes of all cases, in the order of their opening."""
        rows = await self.reading(lambda reader: reader.journal.read(SYSTEM))
        return [row.entry.after for row in rows if row.entry.action == OPENED]

    async def code(self) -> str:
        """Return the code of the newest case."""
        return (await self.codes())[-1]

    async def case(self) -> Case:
        """Return the newest case as it stands."""
        code = await self.code()
        return await self.reading(lambda reader: reader.cases.get(code))

    async def responsible(self) -> str:
        """Return the name of the one who is responsible for the newest case."""
        case = await self.case()
        names: list[str] = list(self.__dict__["actors"])
        return next(name for name in names if self.identity(name) == case.responsible)

    async def standings(self) -> dict[str, Standing]:
        """Return how each agency's summons stands."""
        meeting = (await self.case()).meeting
        assert meeting is not None
        return {summons.agency: summons.standing(meeting.round) for summons in meeting.summonses}

    async def journal(self) -> list[str]:
        """Return the journals of all cases: of each line the action, the agency and the state that it led to."""
        lines = []
        for code in await self.codes():
            rows = await self.reading(lambda reader, code=code: reader.journal.read(code))  # type: ignore[misc]
            lines += [f"{row.entry.action} {row.entry.agency} {row.entry.after}" for row in rows]
        return lines

    async def actions(self) -> list[str]:
        """Return the actions in the newest case's journal."""
        code = await self.code()
        return [row.entry.action for row in await self.reading(lambda reader: reader.journal.read(code))]

    def words(self, key: str, language: str = "sv", **params: Any) -> str:
        """Return the bot's words under a key."""
        return str(templates.load(language, zone="Europe/Stockholm")(key, **params)).strip()

    def buttons(self, where: str) -> list[str]:
        """Return the buttons of all messages in a place, the newest message's last."""
        return [button for message in self.messages(where) for button in message.buttons]

    def reads(self, where: str) -> str:
        """Return all that is read in a place."""
        return "\n".join(message.words for message in self.messages(where))
