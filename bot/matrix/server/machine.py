"""The library's encryption, as the bot uses it: what it swallows and a letter would be lost by is said here."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Collection, Iterable
from contextvars import ContextVar
from typing import Any

from bot.matrix.crypto.backend import install

install()

from mautrix.api import Method  # noqa: E402 - after libolm's name is taken
from mautrix.api import Path as Route  # noqa: E402
from mautrix.crypto import OlmMachine  # noqa: E402
from mautrix.crypto.signature import sign_olm  # noqa: E402
from mautrix.errors import MatrixRequestError  # noqa: E402
from mautrix.types import KeyID  # noqa: E402

from bot.matrix.server.refusals import LINE, TOO_MANY, TROUBLE  # noqa: E402

_logger = logging.getLogger(__name__)

_TOKEN = 401  # the token is not known now (RFC 9110)
#: Seconds for which a message waits for a device's server that does not answer; then the others read it alone.
_WAITS = 900.0
#: Sessions that are made anew after one answer of the server: anybody can send what breaks one.
_MENDED_AT_ONCE = 20

_CURVE = "signed_curve25519"

_unreached: ContextVar[list[Exception] | None] = ContextVar("unreached", default=None)


def is_passing(error: Exception) -> bool:
    """Say whether the same would go well on another day: the server, the way to it or the file failed."""
    if isinstance(error, MatrixRequestError):
        return error.http_status in {_TOKEN, TOO_MANY} or error.http_status >= TROUBLE
    return isinstance(error, (*LINE, sqlite3.Error))


class Machine(OlmMachine):
    """The library's encryption, with the mending of broken sessions put off until what was read is written."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.broken: dict[Any, Any] = {}
        self._waiting_since: dict[str, float] = {}

    async def _unwedge_session(self, sender: Any, sender_key: Any) -> None:
        self.broken[sender_key] = sender

    async def mend(self) -> None:
        """Make anew some of the sessions that were found broken; others are found so again by what comes next."""
        for sender_key in list(self.broken)[:_MENDED_AT_ONCE]:
            await super()._unwedge_session(self.broken.pop(sender_key), sender_key)
        self.broken.clear()

    async def keep_fallback(self, unused: Collection[str]) -> None:
        """Leave a key at the server for those who find all one-time keys used up, which anybody can do to us.

        `unused` are the kinds of such keys that it still has. Kept before it is handed over: what is said with it must
        be readable.
        """
        if _CURVE in unused:
            return
        account: Any = self.account
        if not account.fallback_key:
            account.generate_fallback_key()
            await self.crypto_store.put_account(account)
        ((identifier, key),) = account.fallback_key.items()
        told: dict[str, Any] = {"key": key, "fallback": True}
        device = str(KeyID.ed25519(self.client.device_id))
        told["signatures"] = {self.client.mxid: {device: sign_olm(told, account)}}
        body = {"fallback_keys": {f"{_CURVE}:{identifier}": told}}
        await self.client.api.request(Method.POST, Route.v3.keys.upload, body)
        account.mark_keys_as_published()
        await self.crypto_store.put_account(account)

    async def _fetch_keys(self, users: Iterable[Any], *more: Any, **named: Any) -> Any:
        """Ask for people's devices. What one of their servers says amiss keeps nobody else's from us."""
        users = list(users)
        try:
            return await super()._fetch_keys(users, *more, **named)
        except Exception as error:
            if is_passing(error):
                raise
            if len(users) == 1:
                _logger.warning("somebody's devices cannot be read", extra={"why": type(error).__name__})
                return {}
        found: dict[Any, Any] = {}
        for user in users:
            found |= await self._fetch_keys([user], *more, **named)
        return found

    async def _create_outbound_sessions(self, users: Any, *more: Any, **named: Any) -> None:
        try:
            await super()._create_outbound_sessions(users, *more, **named)
        except Exception as error:
            if is_passing(error) and (noted := _unreached.get()) is not None:
                noted.append(error)
            raise

    async def _share_group_session(self, room_id: Any, users: Any) -> None:
        """Give a room's new key to all who are to read.

        When no session could be made with some of them because a server was away, the library would go on, and they
        would never read what is said: it is not said, and tried again, for a while.
        """
        noted: list[Exception] = []
        token = _unreached.set(noted)
        try:
            await super()._share_group_session(room_id, users)
        finally:
            _unreached.reset(token)
        if not noted:
            self._waiting_since.pop(room_id, None)
        elif time.monotonic() - self._waiting_since.setdefault(room_id, time.monotonic()) < _WAITS:
            await self.crypto_store.remove_outbound_group_session(room_id)
            raise noted[0]
