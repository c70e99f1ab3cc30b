"""What the bot's own rooms are like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_ENCRYPTION = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}
# Who comes later reads nothing of what was before.
_HISTORY = {"type": "m.room.history_visibility", "state_key": "", "content": {"history_visibility": "invited"}}


def private_room(alias: str, invite: Sequence[str]) -> dict[str, Any]:
    """Return what makes an encrypted room for people, under an alias by which it is found again."""
    return {
        "preset": "trusted_private_chat",
        "is_direct": True,
        "invite": list(invite),
        "room_alias_name": alias,
        "initial_state": [_ENCRYPTION, _HISTORY],
    }


def with_direct(known: Mapping[str, Any], user: str, room: str) -> dict[str, Any]:
    """Return the list of rooms with one person (`m.direct`) with one more in it."""
    return {**known, user: [*known.get(user, []), room]}
