"""The bot's account on the stand-in: see `bot.matrix.server.port.Session`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.delivery.outcome import Never
from bot.matrix.names import MARK
from bot.matrix.server.failures import MatrixFailed
from demo.matrix.held import Room
from demo.matrix.homeserver import BOT, Homeserver, NotThere, relation
from demo.matrix.store import Store


@dataclass(frozen=True, slots=True)
class Account:
    """Who the bot is. No server's word is taken for what its people do, as in the settings that nobody has changed."""

    user: str = BOT
    trusted: frozenset[str] = frozenset()


class Session:
    """Speaks and looks as the bot."""

    def __init__(self, server: Homeserver) -> None:
        self.settings = Account()
        self.store = Store(server.held)
        self._server = server

    def hidden(self, key: str) -> str:
        """Return a key as a server may see it."""
        return hashlib.sha256(key.encode()).hexdigest()[:40]

    async def send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        """Send a message; the same transaction id never sends a second one."""
        self._room(room)
        said = self._server.held.said
        if transaction not in said:
            said[transaction] = self._server.post(room, BOT, "m.room.message", content).id
        return said[transaction]

    async def react(self, room: str, event: str, sign: str, transaction: str) -> str:
        """Put a sign under a message, unless it stands there already."""
        self._room(room)
        if transaction in self._server.held.said:
            return ""
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": sign}}
        self._server.held.said[transaction] = self._server.post(room, BOT, "m.reaction", content).id
        return self._server.held.said[transaction]

    async def redact(self, room: str, event: str, transaction: str) -> None:  # noqa: ARG002 - twice is as well as once
        """Take a message away."""
        self._room(room)
        if event in self._server.held.events:
            self._server.post(room, BOT, "m.room.redaction", {"redacts": event})

    async def pin(self, room: str, event: str) -> None:
        """Pin a message in a room."""
        self._room(room)
        self._server.pin(room, event)

    async def find(self, room: str, mark: str, since: datetime) -> str:
        """Return the message of the bot's that bears a mark, or ""."""
        self._room(room)
        for event in self._server.in_room(room):
            is_edit = relation(event).get("rel_type") == "m.replace"
            if (
                event.sender == BOT
                and event.at >= since.timestamp()
                and event.content.get(MARK) == mark
                and not is_edit
            ):
                return event.id
        return ""

    async def upload(self, content: bytes) -> dict[str, Any]:
        """Keep a file, and return what a message needs to name it."""
        return {"url": self._server.keep(content), "v": "v2"}

    async def alive(self) -> bool:
        """Say yes: it is in this process."""
        return True

    async def newest(self, room: str) -> str:
        """Return the room itself: none is ever replaced here."""
        return room

    async def state(self, room: str) -> list[Any]:
        """Return what makes a room what it is: encrypted, by invitation, and the past for members alone."""
        members = [_state("m.room.member", {"membership": "join"}, user) for user in self._room(room).members]
        return [
            *members,
            _state("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
            _state("m.room.join_rules", {"join_rule": "invite"}),
            _state("m.room.history_visibility", {"history_visibility": "joined"}),
        ]

    async def members(self, room: str) -> list[str]:
        """Return who is in a room, the bot too."""
        return list(self._room(room).members)

    async def create_room(self, alias: str, *invite: str) -> str:
        """Make a room for people, who come at once, or return the one that bears the alias already."""
        return self._server.alias(alias, [BOT, *invite]).id

    async def invite(self, room: str, user: str) -> None:
        """Ask somebody into a room; they come at once."""
        members = self._room(room).members
        if user not in members:
            members.append(user)

    async def mark_direct(self, user: str, room: str) -> None:
        """Nothing: a room with one person is listed as one here by itself."""

    def _room(self, room: str) -> Room:
        try:
            return self._server.room(room, BOT)
        except NotThere:
            raise MatrixFailed(Never("not_in_room")) from None


def _state(kind: str, content: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    return {"type": kind, "state_key": key, "content": content}
