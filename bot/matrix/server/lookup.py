"""Looking for a message of ours in a room, by the mark that stands inside its encryption."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from bot.matrix.names import MARK
from bot.matrix.server.machine import Machine
from bot.matrix.talk.arrivals import name

# isort: split
from mautrix.api import Path as Route
from mautrix.errors import DecryptionError
from mautrix.types import EncryptedEvent

#: Clocks of servers differ.
_SLACK = timedelta(minutes=5)
_PAGES = 30


class Reading(Protocol):
    """A session, as far as its rooms are read backwards. `client` knows the bot's own id."""

    client: Any
    machine: Machine

    async def call(
        self, method: str, route: Any, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Call the server and return its answer; raises MatrixFailed."""
        ...


async def by_mark(session: Reading, room: str, mark: str, since: datetime) -> str:
    """Return the message that bears the mark and was sent since then, or ""; raises MatrixFailed."""
    oldest = int((since - _SLACK).timestamp() * 1000)
    start, me = "", str(session.client.mxid)
    for _ in range(_PAGES):
        query = {"dir": "b", "limit": "100"} | ({"from": start} if start else {})
        page = await session.call("GET", Route.v3.rooms[room].messages, query=query)
        for raw in page.get("chunk", []):
            if raw.get("origin_server_ts", 0) < oldest:
                return ""
            if raw.get("sender") == me and await _bears(session, room, raw, mark):
                return name(raw.get("event_id"))
        start = page.get("end", "")
        if not start:
            break
    return ""


async def _bears(session: Reading, room: str, raw: dict[str, Any], mark: str) -> bool:
    if raw.get("type") != "m.room.encrypted" or "ciphertext" not in raw.get("content", {}):
        return False
    try:
        event = EncryptedEvent.deserialize(cast("Any", {**raw, "room_id": room}))
        content: Any = (await session.machine.decrypt_megolm_event(event)).content
    except DecryptionError:
        return False  # said by an earlier device of ours
    plain = content.serialize() if hasattr(content, "serialize") else content
    return bool(plain.get(MARK) == mark)
