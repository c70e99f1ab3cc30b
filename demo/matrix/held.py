"""What the stand-in holds: all of it can be written down and taken up again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from bot.matrix.talk.arrivals import Arrived, Shown
from bot.matrix.talk.conversation import Talk
from bot.matrix.talk.plan import Plan

Kind: TypeAlias = Literal["m.room.message", "m.reaction", "m.room.redaction"]


@dataclass(slots=True)
class Room:
    """One room: who is in it, and which messages are pinned. A room with one person has no name."""

    id: str
    name: str
    members: list[str]
    pinned: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Event:
    """Something that happened in a room, as its server keeps it. `number` counts up through all rooms."""

    id: str
    number: int
    room: str
    sender: str
    at: float
    kind: Kind
    content: dict[str, Any]
    redacted: bool = False


@dataclass(slots=True)
class Held:
    """The servers' rooms, events and files, and what the bot's own file would keep beside them.

    `marks` are the numbers of the last events that somebody has read, by user and room. `waiting` are arrivals that
    are not answered yet, with what is to be said about each once that is decided.
    """

    rooms: dict[str, Room] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)  # event by transaction id
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    waiting: dict[str, Arrived] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    talks: dict[str, Talk] = field(default_factory=dict)
    pinned: dict[str, tuple[str, str]] = field(default_factory=dict)
