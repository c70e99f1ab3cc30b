"""What is to be said about one arrival: decided once, kept, and then said however often it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.matrix.talk.arrivals import Arrived, Ways
from bot.matrix.talk.conversation import Talk


@dataclass(frozen=True, slots=True)
class Word:
    """One message. `overview`: it becomes the one that holds all that is said in the conversation."""

    room: str
    content: dict[str, Any]
    ways: Ways = ()
    overview: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Messages in order, and where the conversation `talk_key` stands afterwards (None: it is over)."""

    words: tuple[Word, ...] = ()
    talk_key: str = ""
    talk: Talk | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An arrival that waits: as it came, or with what is to be said about it.

    `begun`: an earlier run took it up and did not get as far as a plan.
    """

    event: str
    arrived: Arrived | None = None
    plan: Plan | None = None
    begun: bool = False
