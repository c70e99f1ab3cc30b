"""What the bot's own file would keep, in memory: see `bot.matrix.server.port.Kept`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from bot.matrix.talk.arrivals import Arrived, Shown
from bot.matrix.talk.conversation import Talk
from bot.matrix.talk.plan import Plan, Waiting
from demo.matrix.held import Held


class Store:
    """Keeps arrivals and conversations; one process, so nothing is ever half written."""

    def __init__(self, held: Held) -> None:
        self._held = held

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[None]:
        """All of what is written inside."""
        yield

    def arrive(self, arrived: Arrived) -> None:
        """Keep what has arrived until it is answered."""
        self._held.waiting[arrived.event] = arrived

    async def next(self) -> Waiting | None:
        """Return the oldest arrival that waits."""
        event = next(iter(self._held.waiting), None)
        if event is None:
            return None
        return Waiting(event, self._held.waiting[event], self._held.plans.get(event))

    async def plan(self, event: str, plan: Plan) -> None:
        """Keep what is to be said about an arrival."""
        self._held.plans[event] = plan

    async def done(self, event: str) -> None:
        """Forget what is answered: each event arrives once."""
        self._held.waiting.pop(event, None)
        self._held.plans.pop(event, None)

    async def show(self, shown: Shown) -> None:
        """Keep the ways to answer a message beside it; one that is changed stays where it was."""
        self._held.shown[shown.event] = shown

    async def shown(self, event: str) -> Shown | None:
        """Return how a message can be answered, if it is the bot's."""
        return self._held.shown.get(event)

    async def last_shown(self, room: str) -> Shown | None:
        """Return the newest message in a room that can be answered."""
        newest_first = reversed(self._held.shown.values())
        return next((shown for shown in newest_first if shown.room == room and shown.ways), None)

    async def talk(self, key: str) -> Talk | None:
        """Return a conversation that is under way."""
        return self._held.talks.get(key)

    async def keep_talk(self, key: str, talk: Talk | None) -> None:
        """Keep where a conversation stands; None: it is over."""
        if talk is None:
            self._held.talks.pop(key, None)
        else:
            self._held.talks[key] = talk

    async def newest(self, rooms: Iterable[str]) -> set[str]:
        """Return the rooms themselves: none is ever replaced here."""
        return set(rooms)

    async def pin(self, identity: str, room: str, event: str) -> None:
        """Note which message of a room is somebody's pinned list."""
        self._held.pinned[identity] = (room, event)

    async def pinned(self, identity: str) -> tuple[str, str] | None:
        """Return the room and the message of somebody's pinned list, if there is one."""
        return self._held.pinned.get(identity)
