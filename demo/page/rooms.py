"""What one person sees on Matrix, as the page draws it: rooms, the messages in one with their threads, and signs."""

from __future__ import annotations

from datetime import datetime

from demo.matrix.held import Room
from demo.matrix.homeserver import BOT
from demo.matrix.person import Message, Person
from demo.page.around import around
from demo.slack.state.records import Json
from demo.world.people import AGENCIES, CODE, PEOPLE
from demo.world.world import World

_NAMES = {user: (name, real_name) for user, name, real_name, _ in PEOPLE}


class Rooms:
    """Draws a person's screen as JSON, in the same shape as a screen of Slack."""

    def __init__(self, world: World, person: Person) -> None:
        self._world = world
        self._person = person

    def drawn(self, place: str) -> Json:
        """Return the whole screen with one room open."""
        rooms = {room.id: room for room in self._person.rooms()}
        opened = rooms.get(place)
        return around(self._world, self._person) | {
            "look": "matrix",
            "places": [self._place(room) for room in rooms.values()],
            "place": None if opened is None else self._place(opened) | {"members": self._members(opened)},
            "messages": [] if opened is None else self._messages(opened),
            "pinned": [] if opened is None else self._pinned(opened),
            "home": None,
            "view": None,
            "codes": self._codes(),
        }

    def _place(self, room: Room) -> Json:
        return {
            "id": room.id,
            "kind": "room" if room.name else "direct",
            "name": room.name,
            "server": room.id.partition(":")[2],
            "with_bot": BOT in room.members,
            "unread": self._person.unread(room.id),
            "read": str(self._person.mark(room.id)),
        }

    def _members(self, room: Room) -> list[str]:
        return [_NAMES[member][1] for member in room.members if member in _NAMES]

    def _codes(self) -> list[str]:
        """Return the case codes that this person has before their eyes, the newest first."""
        seen = (message.text for room in self._person.rooms() for message in reversed(self._person.timeline(room.id)))
        return list(dict.fromkeys(code for text in seen for code in CODE.findall(text)))

    def _messages(self, room: Room) -> list[Json]:
        return [self._message(message) for message in self._person.timeline(room.id)]

    def _pinned(self, room: Room) -> list[Json]:
        return [self._message(held) for held in self._person.timeline(room.id) if held.event.id in room.pinned]

    def _message(self, message: Message) -> Json:
        """Return a message; `ts` counts up through everything that has happened, and is what it is known by."""
        event = message.event
        signs = [self._sign(sign, by) for sign, by in message.signs.items()]
        return {
            "ts": str(event.number),
            "event": event.id,
            "channel": event.room,
            "at": self._wall(event.at),
            "edited": self._wall(message.edited_at) if message.edited_at else None,
            "version": f"{event.number}/{message.edited_at}/{[(s['count'], s['mine']) for s in signs]}",
            "author": self._author(event.sender),
            "text": message.text,
            "html": message.html,
            "quiet": message.content.get("msgtype") == "m.notice",
            "signs": signs,
            "private": False,
            "files": self._files(message),
            "picture": _picture(message),
            "replies": [self._message(reply) for reply in message.replies],
        }

    def _sign(self, sign: str, by: list[str]) -> Json:
        return {"sign": sign, "count": len(by), "mine": self._person.user.id in by}

    def _author(self, sender: str) -> Json:
        if sender == BOT:
            return {"name": self._world.words("bot.name"), "bot": True, "agency": "bot", "id": sender}
        name, real_name = _NAMES.get(sender, ("", sender))
        return {"name": real_name, "bot": False, "agency": AGENCIES.get(name) or "none", "id": sender}

    def _files(self, message: Message) -> list[Json]:
        if message.content.get("msgtype") != "m.file":
            return []
        name, size = str(message.content["filename"]), len(self._world.matrix.held.files[_file(message)])
        return [{"id": _file(message), "name": name, "title": name, "size": size, "url": _address(message)}]

    def _wall(self, at: float) -> str:
        return datetime.fromtimestamp(at, self._world.zone).isoformat()


def _picture(message: Message) -> Json | None:
    """Return a picture by its address and size; its words are those of the message."""
    if message.content.get("msgtype") != "m.image":
        return None
    info = message.content["info"]
    return {"url": _address(message), "width": info["w"], "height": info["h"]}


def _file(message: Message) -> str:
    return str(message.content["file"]["url"]).rpartition("/")[2]


def _address(message: Message) -> str:
    return f"/media/{_file(message)}/{message.content['filename']}"
