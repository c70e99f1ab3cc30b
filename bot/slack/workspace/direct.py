"""Direct messages: which channel leads to a person. Opened once and remembered."""

from __future__ import annotations

from typing import Protocol

from bot.delivery.outcome import Never
from bot.slack.api import SlackApi, SlackFailed, answered


class Remembered(Protocol):
    """Keeps the direct channel and the language of each identity."""

    async def recall(self, identity: str) -> str | None:
        """Return the channel, if one is known."""
        ...

    async def remember(self, identity: str, channel: str) -> None:
        """Keep the channel."""
        ...

    async def locale(self, identity: str) -> str:
        """Return the locale that was told before, "" where there is none."""
        ...


class DirectMessages:
    """Opens direct messages with people."""

    def __init__(self, api: SlackApi, remembered: Remembered) -> None:
        self._api = api
        self._remembered = remembered
        self._open: dict[str, str] = {}

    async def channel(self, person: str) -> str:
        """Return the channel of the direct message with an identity or address; raises SlackFailed."""
        identity = identity_of(person)
        known = self._open.get(identity) or await self._remembered.recall(identity)
        if known:
            self._open[identity] = known
            return known
        return await self.open(identity)

    async def open(self, person: str) -> str:
        """Open the direct message anew, whatever was remembered; raises SlackFailed."""
        identity = identity_of(person)
        answer = await answered(self._api.client.conversations_open(users=user_of(identity)))
        channel = answer.get("channel")
        found = channel.get("id") if isinstance(channel, dict) else None
        if not isinstance(found, str) or not found:
            raise SlackFailed(Never("no_direct_channel"))
        self._open[identity] = found
        await self._remembered.remember(identity, found)
        return found


def identity_of(person: str) -> str:
    """Return the identity (`slack:T0/U0ANNA`) of a person given by it or by address (`slack:person:T0/U0ANNA`)."""
    return "slack:" + person.rpartition(":")[2]


def user_of(identity: str) -> str:
    """Return the member id at the end of an identity or address."""
    return identity.rpartition("/")[2]
