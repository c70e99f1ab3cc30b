"""What the bot asks of a chat platform: a new one is a folder that keeps this, and one entry in `bot.platforms`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from starlette.routing import BaseRoute

from bot.delivery.transport import Transport
from bot.findings import Line
from bot.gateway import Gateway
from bot.metrics import Metrics
from bot.settings import Settings
from domain.calendar.invites import Invite
from domain.clock import Clock
from handlers.services import Services
from storage.engine.database import Database


class Capability(StrEnum):
    """What a platform can do beside posting a message with choices that can be answered, as `doctor` names it."""

    EDITS = "changes a message in place"
    PRIVATE = "answers one person in a room where others do not see it"
    FORMS = "opens forms"
    HOME = "has a page of its own for each person"
    FILES = "takes a calendar file beside a message"
    THREADS = "keeps what belongs to a message beside it"
    SEALED = "keeps what is said from its own server"


def abilities(of: frozenset[Capability]) -> str:
    """Return in words what a platform can do and what it cannot, where the bot does otherwise."""
    can, cannot = ([str(one) for one in Capability if (one in of) is there] for there in (True, False))
    return "; ".join(can) + (f". Not: {'; '.join(cannot)}" if cannot else "")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a platform is made from.

    `secret` derives key bytes for a purpose of the platform's own; `calendar_file` writes the neutral file of a
    meeting for a channel, with no attendees in it (law 4D.2).
    """

    settings: Settings
    gateway: Gateway
    services: Services
    database: Database
    metrics: Metrics
    clock: Clock
    secret: Callable[[str], bytes]
    calendar_file: Callable[[Invite], bytes]


class Platform(Protocol):
    """One chat platform, running.

    `name` is how its addresses and identities begin. `transport` carries letters there, None where the bot only
    listens. `routes` are its ways in over the bot's own web server, empty where it connects by itself.
    """

    @property
    def name(self) -> str:
        """How its addresses and identities begin."""
        ...

    @property
    def transport(self) -> Transport | None:
        """What carries letters there."""
        ...

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Its ways in over the web server."""
        ...

    async def start(self) -> None:
        """Connect, where the bot is the one who connects. Must not wait for the other side to be there."""
        ...

    async def stop(self) -> None:
        """Finish what was promised and close the line."""
        ...


class PlatformKind(Protocol):
    """A platform that the bot could be on: its entry in the list. Nothing is reached before `build` and `start`."""

    @property
    def name(self) -> str:
        """How its addresses and identities begin."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""
        ...

    def is_set_up(self, settings: Settings) -> bool:
        """Say whether the settings ask for it."""
        ...

    def build(self, around: Surroundings) -> Platform:
        """Make it; nothing runs yet."""
        ...

    def checks(self, settings: Settings) -> AsyncIterator[Line]:
        """Find what `doctor` tells of it, also when it is not set up; each fault with its mend."""
        ...

    def way_in(self, settings: Settings) -> str:
        """Say in a few words how what people do there reaches the bot, where it is set up."""
        ...

    def is_own(self, settings: Settings, identity: str) -> bool:
        """Say whether somebody's account is where the operator answers for it, or trusts who does."""
        ...

    def missing(self, settings: Settings) -> Iterable[str]:
        """Name what is not set, where it is set up, and without which nothing reaches the bot."""
        ...
