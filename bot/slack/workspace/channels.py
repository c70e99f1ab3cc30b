"""Whether something may be said in an agency's channel: it is private, not shared, and holds the agency's people alone.

It is asked before something leaves, and the answer is believed for a few minutes: who joins later reads what stands
there anyhow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import StrEnum

from bot.delivery.outcome import Never
from bot.delivery.transport import Halted
from bot.findings import Line, fail
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.names import NAME
from domain.address import Address, Kind
from domain.directory import Directory
from storage.engine.database import Database

_BELIEVED = 300.0  # seconds
_PAGE, _PAGES = 200, 10

#: Gives the member ids of those who belong into a channel.
Belonging = Callable[[str], Awaitable[frozenset[str]]]


class Unsafe(StrEnum):
    """Why nothing is said in a channel."""

    PUBLIC = "room_public"
    SHARED = "room_shared"
    STRANGERS = "room_strangers"


class ChannelGuard:
    """Looks at channels. `belonging` says who is to be in one."""

    def __init__(self, api: SlackApi, belonging: Belonging, now: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._belonging = belonging
        self._now = now
        self._safe_until: dict[str, float] = {}
        self._me = ""

    async def require(self, channel: str) -> None:
        """Return when the channel may be used.

        Raises:
            SlackFailed: it may not (`Never`, with one of `Unsafe`), or cannot be looked at. Without the scopes that
                this takes nothing at all is sent.
        """
        if self._safe_until.get(channel, 0.0) > self._now():
            return
        try:
            why = await self.unsafe(channel)
        except SlackFailed as failed:
            if failed.code == "missing_scope":
                raise SlackFailed(Halted("missing_scope"), failed.code) from None
            raise
        if why is not None:
            raise SlackFailed(Never(why.value), why.value)
        self._safe_until[channel] = self._now() + _BELIEVED

    async def unsafe(self, channel: str) -> Unsafe | None:
        """Say why a channel may not be used; None when it may. Raises SlackFailed."""
        answer = await answered(self._api.client.conversations_info(channel=channel))
        found = answer.get("channel")
        about = found if isinstance(found, dict) else {}
        if not about.get("is_private"):
            return Unsafe.PUBLIC
        if about.get("is_ext_shared") or about.get("is_pending_ext_shared"):
            return Unsafe.SHARED
        known = await self._belonging(channel)
        async for member in self._members(channel):
            if member not in known and member != await self._own_id():
                return Unsafe.STRANGERS
        return None

    async def _members(self, channel: str) -> AsyncIterator[str]:
        cursor = ""
        for _ in range(_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = await answered(self._api.client.conversations_members(channel=channel, limit=_PAGE, **more))
            members = answer.get("members")
            for member in members if isinstance(members, list) else ():
                yield str(member)
            about = answer.get("response_metadata")
            cursor = str(about.get("next_cursor") or "") if isinstance(about, dict) else ""
            if not cursor:
                return

    async def _own_id(self) -> str:
        if not self._me:
            self._me = str((await answered(self._api.client.auth_test())).get("user_id", ""))
        return self._me


def people_of(directory: Directory, channel: str) -> frozenset[str]:
    """Return the member ids of those who belong into a channel: staff and managers of the agencies whose it is."""
    identities = directory.identities_at([Address(NAME, Kind.CHANNEL, channel)])
    return frozenset(own.rpartition("/")[2] for own in identities)


_WORDS = {
    Unsafe.PUBLIC: "is public, so everybody in the workspace can read it. Make it private",
    Unsafe.SHARED: "is shared with another organisation. Make a channel of your own",
    Unsafe.STRANGERS: "has members who are not the agency's staff in the directory. Take them out, or enter them",
}


async def channel_findings(api: SlackApi, directory: Directory) -> AsyncIterator[Line]:
    """Say which channels nothing will be said in, each with its mend."""

    async def belonging(channel: str) -> frozenset[str]:
        return people_of(directory, channel)

    guard = ChannelGuard(api, belonging)
    for unit in directory.agencies.values():
        for address in unit.addresses:
            if (address.platform, address.kind) != (NAME, Kind.CHANNEL):
                continue
            try:
                why = await guard.unsafe(address.target)
            except SlackFailed as failed:
                yield fail(NAME, f"{unit.id}: its channel cannot be looked at ({failed.failure.why}); invite the bot")
                continue
            if why is not None:
                yield fail(NAME, f"{unit.id}: its channel {_WORDS[why]}; until then nothing is said there")


def belonging_by(database: Database) -> Belonging:
    """Ask today's directory who belongs into a channel."""

    async def belonging(channel: str) -> frozenset[str]:
        directory = await asyncio.wrap_future(database.read(lambda reader: reader.directory))
        return people_of(directory, channel)

    return belonging
