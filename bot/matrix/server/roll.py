"""Who is gone from Matrix: accounts that were closed (R40)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.delivery.outcome import Never
from bot.matrix.server.direct import Remembered, user_of
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.session import MatrixSession

# isort: split
from mautrix.api import Path as Route

# Seconds between two questions.
_PACE = 0.2


async def gone(
    session: MatrixSession, remembered: Remembered, identities: Sequence[str], pace: float = _PACE
) -> frozenset[str]:
    """Return those who were here, and of whom no device and no place in their own room is left.

    A server takes both from an account that is closed; its profile may stay. Who has only left the room has devices,
    and who has only logged out is in the room. Of somebody whom the bot never had a room with nothing can be said.
    When the server cannot be asked any more, those found until then.
    """
    found = set()
    for identity in identities:
        room = await remembered.recall(identity)
        if room is None:
            continue
        try:
            if not await _is_there(session, await session.newest(room), user_of(identity)):
                found.add(identity)
        except MatrixFailed as failed:
            if not isinstance(failed.failure, Never):
                break
        await asyncio.sleep(pace)
    return frozenset(found)


async def _is_there(session: MatrixSession, room: str, user: str) -> bool:
    answer = await session.call("POST", Route.v3.keys.query, {"device_keys": {user: []}})
    devices = answer.get("device_keys", {}).get(user)
    if answer.get("failures") or devices:
        return True  # another server that does not answer proves nothing
    joined = await session.call("GET", Route.v3.rooms[room].joined_members)
    return user in joined.get("joined", {})
