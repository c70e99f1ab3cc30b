"""What the courier asks of a platform, and what a platform answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from bot.delivery.outcome import Outcome, Receipt
from handlers.ui.outgoing import Outgoing
from storage.outbox.letter import Rank
from storage.posts import Post


@dataclass(frozen=True, slots=True)
class Halted:
    """The platform refuses the bot as such (token revoked): its letters wait, and no attempt is burnt."""

    why: str


Delivery: TypeAlias = Outcome | Halted


class CannotLook(Exception):
    """Whether an earlier attempt arrived cannot be found out now; ask again after `retry_after` seconds."""

    def __init__(self, why: str, retry_after: float = 60.0) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


class Transport(Protocol):
    """Carries composed letters to the addresses that begin with `prefix` (`slack:`, `mail:`)."""

    prefix: str

    def pause(self, address: str) -> float:
        """Seconds between two letters to this address."""
        ...

    async def room(self, rank: Rank) -> None:
        """Return when the platform as a whole can take one more letter of this rank."""
        ...

    async def alive(self) -> bool:
        """Say whether the platform as a whole can be reached now. Raises nothing."""
        ...

    async def deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        """Hand one letter over.

        `post` is the shown post of the surface that the letter names (its own, or the one it stands beside).
        The same `key` marks every attempt of a letter. Raises nothing for what can go wrong on the way.
        """
        ...

    async def find(
        self, address: str, composed: Outgoing, key: str, since: datetime, post: Post | None
    ) -> Receipt | None:
        """Look whether an attempt with this key, made at `since` (UTC) or later, had arrived after all.

        None when it did not arrive, and for what may be sent twice without harm. Raises CannotLook.
        """
        ...
