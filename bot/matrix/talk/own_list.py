"""Each person's list of their cases, pinned in their room with the bot: what a home page is elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.matrix.talk.asking import Gateway
from domain.directory import Directory
from handlers.ui.cards import Card
from handlers.ui.events import Act, Change, Command, Event, HomeOpened
from handlers.ui.responses import Response, Say, Silence
from templates import Words


class Pinned(Protocol):
    """Knows whose list is pinned, and where."""

    async def pinned(self, identity: str) -> tuple[str, str] | None:
        """Return the room and the message, if there is one."""
        ...


class OwnLists:
    """A gateway that has somebody's list drawn after each of their acts, once they have asked for it with a bare !sip.

    There is no page that is opened here, so that is when it is brought up to date.
    """

    def __init__(self, gateway: Gateway, pinned: Pinned, directory: Callable[[], Awaitable[Directory]]) -> None:
        self._gateway = gateway
        self._pinned = pinned
        self._directory = directory

    async def __call__(self, incoming: Event) -> Response:
        """Return the answer, committed."""
        response = await self._gateway(incoming)
        if isinstance(incoming, Change):
            return response
        if isinstance(response, Say | Silence) and await self._is_wanted(incoming):
            await self._gateway(HomeOpened(incoming.sender, f"{incoming.key}:home"))
        return response

    async def _is_wanted(self, incoming: Act) -> bool:
        identity = incoming.sender.identity
        if isinstance(incoming, Command) and not incoming.text.strip():
            return (await self._directory()).by_identity(identity) is not None
        return await self._pinned.pinned(identity) is not None


def to_read(card: Card, words: Words, at: datetime | None) -> Card:
    """Return a list that is only read, with the instant at which it was so.

    It has no ways to answer: a number must not mean two things in one room.
    """
    sections = (replace(section, buttons=(), chooser=None) for section in card.sections)
    footer = card.footer
    if at is not None:
        footer = words("matrix.pinned", when=words.moment(at))
    return replace(card, sections=tuple(sections), buttons=(), footer=footer)
