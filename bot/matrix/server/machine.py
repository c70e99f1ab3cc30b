"""The library's encryption, as the bot uses it."""

from __future__ import annotations

from typing import Any

from bot.matrix.crypto.backend import install

install()

from mautrix.crypto import OlmMachine  # noqa: E402 - after libolm's name is taken


class Machine(OlmMachine):
    """The library's encryption, with the mending of broken sessions put off until what was read is written."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.broken: list[tuple[Any, Any]] = []

    async def _unwedge_session(self, sender: Any, sender_key: Any) -> None:
        self.broken.append((sender, sender_key))

    async def mend(self) -> None:
        """Make anew the sessions that were found broken."""
        broken, self.broken = self.broken, []
        for sender, sender_key in broken:
            await super()._unwedge_session(sender, sender_key)
