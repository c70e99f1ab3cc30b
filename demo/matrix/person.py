"""A person at a Matrix program: reads rooms and threads, writes, and puts signs under messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.matrix.talk.arrivals import plain_sign
from demo.matrix.held import Event, Room
from demo.matrix.homeserver import Homeserver, NotThere, relation

_HTML = "org.matrix.custom.html"


@dataclass(frozen=True, slots=True)
class User:
    """Whose account it is: full id, short name, name, and address for mail."""

    id: str
    name: str
    real_name: str
    email: str


@dataclass(slots=True)
class Message:
    """A message as a program shows it: its newest version, the signs under it, and what was said in its thread.

    `signs` holds who has put each sign, by the sign as it was written first.
    """

    event: Event
    content: Mapping[str, Any]
    edited_at: float = 0.0
    signs: dict[str, list[str]] = field(default_factory=dict)
    replies: list[Message] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return what it says as plain text."""
        return str(self.content.get("body", ""))

    @property
    def html(self) -> str:
        """Return what it says with its markup, or nothing."""
        return str(self.content.get("formatted_body", "")) if self.content.get("format") == _HTML else ""


class Person:
    """One of the people. `hears` is told of everything they do, as their server would tell the bot's."""

    def __init__(self, user: User, server: Homeserver, hears: Callable[[Event], Awaitable[None]]) -> None:
        self.user = user
        self._server = server
        self._hears = hears

    def rooms(self) -> list[Room]:
        """Return the rooms they are in."""
        return self._server.rooms_of(self.user.id)

    def timeline(self, room: str) -> list[Message]:
        """Return what stands in a room, oldest first, each with its thread; raises NotThere."""
        self._server.room(room, self.user.id)
        known: dict[str, Message] = {}
        top: list[Message] = []
        for event in self._server.in_room(room):
            about, kind = relation(event), relation(event).get("rel_type")
            target = known.get(str(about.get("event_id", "")))
            if event.kind == "m.reaction" and target is not None:
                _sign(target, str(about["key"]), event.sender)
            elif event.kind == "m.room.message" and kind == "m.replace":
                if target is not None and target.event.sender == event.sender:
                    target.content, target.edited_at = event.content["m.new_content"], event.at
            elif event.kind == "m.room.message":
                made = known[event.id] = Message(event, event.content)
                (target.replies if kind == "m.thread" and target is not None else top).append(made)
        return top

    def unread(self, room: str) -> int:
        """Count what others have said in a room since it was looked at."""
        mark = self.mark(room)
        return sum(
            event.number > mark and event.sender != self.user.id and _is_said(event)
            for event in self._server.in_room(room)
        )

    def mark(self, room: str) -> int:
        """Return the number of the last event that they have read in a room."""
        return self._server.held.marks.get(self.user.id, {}).get(room, 0)

    def read(self, room: str) -> None:
        """Look at a room; raises NotThere."""
        self._server.room(room, self.user.id)
        self._server.held.marks.setdefault(self.user.id, {})[room] = len(self._server.held.events)
        self._server.changed()

    async def says(self, text: str, room: str, root: str = "") -> None:
        """Write a line, in the thread of a message if one is given; raises NotThere."""
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        if root:
            self._seen(room, root)
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": root,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": root},
            }
        await self._hears(self._server.post(room, self.user.id, "m.room.message", content))

    async def reacts(self, event: str, sign: str) -> None:
        """Put a sign under a message, or take it back if it is there already; raises NotThere."""
        about = self._seen(self._server.event(event).room, event)
        own = next(
            (held for held in self._signs(about) if held.sender == self.user.id and _key(held) == plain_sign(sign)),
            None,
        )
        if own is None:
            relates = {"rel_type": "m.annotation", "event_id": event, "key": sign}
            done = self._server.post(about.room, self.user.id, "m.reaction", {"m.relates_to": relates})
        else:
            done = self._server.post(about.room, self.user.id, "m.room.redaction", {"redacts": own.id})
        await self._hears(done)

    def _signs(self, about: Event) -> list[Event]:
        there = (event for event in self._server.in_room(about.room) if event.kind == "m.reaction")
        return [event for event in there if relation(event).get("event_id") == about.id]

    def _seen(self, room: str, event: str) -> Event:
        self._server.room(room, self.user.id)
        found = self._server.event(event)
        if found.room != room:
            raise NotThere(event)
        return found


def _is_said(event: Event) -> bool:
    return event.kind == "m.room.message" and relation(event).get("rel_type") != "m.replace"


def _key(reaction: Event) -> str:
    return plain_sign(str(relation(reaction)["key"]))


def _sign(message: Message, sign: str, sender: str) -> None:
    """Put a sign under a message; with or without the mark that asks for colour it is the same sign."""
    known = next((held for held in message.signs if plain_sign(held) == plain_sign(sign)), sign)
    message.signs.setdefault(known, []).append(sender)
