"""The servers as one: rooms with people of several servers in them, and everything that happens there in one order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from demo.matrix.held import Event, Held, Kind, Room

#: The bot's own account, on its region's server.
BOT = "@sip:exempel.invalid"
_SERVER = "exempel.invalid"


class NotThere(Exception):
    """Somebody acts on what they cannot see."""


class Homeserver:
    """Keeps what happens in rooms. `clock` gives seconds since 1970; `changed` is called after each change."""

    def __init__(self, clock: Callable[[], float], held: Held | None = None) -> None:
        self.held = held or Held()
        self.changed: Callable[[], None] = lambda: None
        self._clock = clock

    def open(self, room: str, name: str, members: Iterable[str]) -> Room:
        """Make a room, or return the one that is there already."""
        made = self.held.rooms.get(room)
        if made is None:
            made = self.held.rooms[room] = Room(room, name, list(members))
            self.changed()
        return made

    def alias(self, alias: str, members: Iterable[str]) -> Room:
        """Make a room of the bot's own, which is known by an alias."""
        return self.open(f"!{alias}:{_SERVER}", "", members)

    def room(self, room: str, user: str) -> Room:
        """Return a room as somebody in it; raises NotThere for who is not."""
        found = self.held.rooms.get(room)
        if found is None or user not in found.members:
            raise NotThere(room)
        return found

    def rooms_of(self, user: str) -> list[Room]:
        """Return the rooms that somebody is in, those with one other person first."""
        return sorted((room for room in self.held.rooms.values() if user in room.members), key=lambda r: bool(r.name))

    def post(self, room: str, sender: str, kind: Kind, content: Mapping[str, Any]) -> Event:
        """Keep what somebody does in a room they are in; raises NotThere."""
        self.room(room, sender)
        number = len(self.held.events) + 1
        event = Event(f"$e{number:05}", number, room, sender, self._clock(), kind, dict(content))
        self.held.events[event.id] = event
        if kind == "m.room.redaction":
            self.held.events[content["redacts"]].redacted = True
        self.changed()
        return event

    def keep(self, content: bytes) -> str:
        """Keep a file and return its address."""
        name = f"f{len(self.held.files) + 1}"
        self.held.files[name] = content
        return f"mxc://{_SERVER}/{name}"

    def pin(self, room: str, event: str) -> None:
        """Pin a message."""
        pinned = self.held.rooms[room].pinned
        if event not in pinned:
            pinned.append(event)
            self.changed()

    def event(self, event: str) -> Event:
        """Return an event that stands; raises NotThere."""
        found = self.held.events.get(event)
        if found is None or found.redacted:
            raise NotThere(event)
        return found

    def in_room(self, room: str) -> Iterator[Event]:
        """Yield what stands in a room, the oldest first."""
        return (event for event in self.held.events.values() if event.room == room and not event.redacted)


def relation(event: Event) -> Mapping[str, Any]:
    """Return what an event says of its relation to another."""
    found = event.content.get("m.relates_to")
    return found if isinstance(found, Mapping) else {}
