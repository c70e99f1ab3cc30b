"""The device's keys in the file: a key that is known to be its maker's stays so, whoever else sends it."""

from __future__ import annotations

import logging
from typing import Any

from bot.matrix.crypto.backend import install

install()

from mautrix.crypto import PgCryptoStore  # noqa: E402 - after libolm's name is taken

_logger = logging.getLogger(__name__)

_KNOWN = (
    "SELECT room_id, sender_key, forwarding_chains FROM crypto_megolm_inbound_session "
    "WHERE session_id = $1 AND account_id = $2 AND session IS NOT NULL"
)


class KeyStore(PgCryptoStore):
    """Where the library keeps keys."""

    async def put_group_session(self, room_id: Any, sender_key: Any, session_id: Any, session: Any) -> None:
        """Keep a key with which somebody speaks in a room, unless a better one is known.

        All who are in the room have that key, and each could send it as their own, or for another room: its maker
        would not be believed any more. A key that was only passed on yields to its maker's, and one that begins later
        to one that begins sooner.
        """
        row = await self.db.fetchrow(_KNOWN, session_id, self.account_id)
        if row is not None and not row["forwarding_chains"]:
            if session.forwarding_chain or (row["room_id"], row["sender_key"]) != (room_id, sender_key):
                _logger.warning("a key that is known was sent by somebody else")
                return
            known = await self.get_group_session(room_id, session_id)
            if known is not None and known.first_known_index < session.first_known_index:
                return
        await super().put_group_session(room_id, sender_key, session_id, session)
