"""What the bot asks of its homeserver to speak and to listen: kept by the session, and by whatever stands in for one.

Nothing here loads the library or the encryption: what is said is decided without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol

from bot.matrix.talk.arrivals import Shown
from bot.matrix.talk.conversation import Talk
from bot.matrix.talk.plan import Plan, Waiting


class Account(Protocol):
    """Who the bot is there: its full user id, and the servers whose people's reactions are answers by themselves."""

    @property
    def user(self) -> str:
        """Return the bot's full id."""
        ...

    @property
    def trusted(self) -> frozenset[str]:
        """Return the servers that are believed when they say that one of their people reacted."""
        ...


class Kept(Protocol):
    """What outlives the process: arrivals, what they are answered with, ways to answer, conversations, pinned lists."""

    def whole(self) -> AbstractAsyncContextManager[None]:
        """All of what is written inside, or nothing."""
        ...

    async def next(self) -> Waiting | None:
        """Return the oldest arrival that waits; note that it is begun now."""
        ...

    async def plan(self, event: str, plan: Plan) -> None:
        """Keep what is to be said about an arrival."""
        ...

    async def done(self, event: str) -> None:
        """Keep only the name of what is answered, so that it is known when it comes again."""
        ...

    async def show(self, shown: Shown) -> None:
        """Keep the ways to answer a message beside it."""
        ...

    async def shown(self, event: str) -> Shown | None:
        """Return how a message can be answered, if it is one of ours."""
        ...

    async def last_shown(self, room: str) -> Shown | None:
        """Return the newest message in a room that can be answered."""
        ...

    async def talk(self, key: str) -> Talk | None:
        """Return a conversation that is under way."""
        ...

    async def keep_talk(self, key: str, talk: Talk | None) -> None:
        """Keep where a conversation stands; None: it is over."""
        ...

    async def newest(self, rooms: Iterable[str]) -> set[str]:
        """Return the rooms that stand in the place of these today."""
        ...

    async def pin(self, identity: str, room: str, event: str) -> None:
        """Note which message of a room is somebody's pinned list."""
        ...

    async def pinned(self, identity: str) -> tuple[str, str] | None:
        """Return the room and the message of somebody's pinned list, if there is one."""
        ...


class Session(Protocol):
    """The bot's account on its server. What cannot be done raises MatrixFailed, except where it says otherwise."""

    @property
    def settings(self) -> Account:
        """Return who the bot is."""
        ...

    @property
    def store(self) -> Kept:
        """Return what outlives the process."""
        ...

    def hidden(self, key: str) -> str:
        """Return a key as the server may see it."""
        ...

    async def send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        """Send a message and return its event id; the same transaction id never sends a second one."""
        ...

    async def react(self, room: str, event: str, sign: str, transaction: str) -> str:
        """Put a sign under a message and return its event; "" when it stands there already."""
        ...

    async def redact(self, room: str, event: str, transaction: str) -> None:
        """Take a message of ours away."""
        ...

    async def pin(self, room: str, event: str) -> None:
        """Pin a message in a room, beside what others have pinned there."""
        ...

    async def find(self, room: str, mark: str, since: datetime) -> str:
        """Return the message of ours that bears a mark and was sent since then, or ""."""
        ...

    async def upload(self, content: bytes) -> dict[str, Any]:
        """Keep a file on the server, encrypted, and return what a message needs to name it."""
        ...

    async def alive(self) -> bool:
        """Say whether the server answers. Raises nothing."""
        ...

    async def newest(self, room: str) -> str:
        """Return the room that stands in the place of another today."""
        ...

    async def state(self, room: str) -> list[Any]:
        """Ask the server for all that makes a room what it is, its members too."""
        ...

    async def members(self, room: str) -> list[str]:
        """Return who is in a room or invited to it, the bot too."""
        ...

    async def create_room(self, alias: str, *invite: str) -> str:
        """Make an encrypted room for people, or return the one that bears the alias already."""
        ...

    async def invite(self, room: str, user: str) -> None:
        """Ask somebody into a room."""
        ...

    async def mark_direct(self, user: str, room: str) -> None:
        """Have programs list a room under people, for whoever looks into the bot's account."""
        ...
