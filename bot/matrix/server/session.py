"""The bot's session on a Matrix server: sends, encrypted or not at all, and reads the stream of events.

Sending and reading stand on mautrix; what this module adds is order: everything that one answer of the server brings
is written in one transaction, and only then does the place in the stream move.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import aiohttp

from bot.matrix.server.store import MatrixStore, quiet_logger  # takes libolm's name, so it comes first

# isort: split
from mautrix.api import Method
from mautrix.api import Path as Route
from mautrix.client import Client
from mautrix.crypto import OlmAccount
from mautrix.crypto.attachments import encrypt_attachment
from mautrix.errors import MatrixError
from mautrix.types import JSON, DeviceID, EventType, Membership, RoomID, TrustState, UserID

from bot.delivery.outcome import Never, NotSent
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.lookup import by_mark
from bot.matrix.server.machine import Machine
from bot.matrix.server.refusals import TOO_MANY, failed
from bot.matrix.server.rooms import private_room, with_direct
from storage.encryption.cipher import Keyring

_CALL = 30.0  # seconds that one call may take; a long poll has its own
_SOON = 5.0  # seconds until what is being opened or joined is looked for again


@dataclass(frozen=True, slots=True)
class MatrixSettings:
    """How the server is reached.

    `store` is the bot's own file for keys; `only_signed`: keys are given to devices alone that their owner has signed.
    `trusted` are the servers that are believed when they say that one of their people reacted.
    """

    homeserver: str
    user: str
    token: str = field(repr=False)
    recovery_key: str = field(default="", repr=False)
    store: Path = Path("data/matrix.db")
    only_signed: bool = True
    trusted: frozenset[str] = frozenset()


class MatrixSession:
    """One device of the bot's account. Only one process may use its file at a time.

    `dated` is given the Date header of every answer (RFC 9110 section 6.6.1).
    """

    def __init__(self, settings: MatrixSettings, keyring: Keyring, dated: Callable[[str], None] | None = None) -> None:
        self._dated = dated
        self.settings = settings
        self.store = MatrixStore(settings.store, settings.user, keyring)
        self._retry_after: float | None = None
        self.has_read = False  # the stream, since the process began: before, what the bot is asked into is not known
        self._is_open = False
        self._web: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the file, ask the server which device this token belongs to, and publish its keys once."""
        await self.store.open()
        try:
            self._connect()
            await self._take_up()
        except BaseException as error:
            # Also when the bot is ended meanwhile: a file that stays open would keep the process alive.
            await self.close()
            if isinstance(error, MatrixFailed) or not isinstance(error, Exception):
                raise
            raise failed(error, self._retry_after) from error
        self._is_open = True

    def _connect(self) -> None:
        settings = self.settings
        tracing = aiohttp.TraceConfig()
        tracing.on_request_end.append(self._note_head)
        web = self._web = aiohttp.ClientSession(trace_configs=[tracing], timeout=aiohttp.ClientTimeout(total=_CALL * 2))
        self.client = Client(
            mxid=UserID(settings.user),
            base_url=settings.homeserver,
            token=settings.token,
            client_session=web,
            state_store=self.store.state,
            sync_store=self.store.crypto,
            log=quiet_logger("client"),
            crypto_log=quiet_logger("client.crypto"),
        )
        self.client.api.log = quiet_logger("http")

    async def _take_up(self) -> None:
        who = await self.client.whoami()
        if who.user_id != self.settings.user:
            raise MatrixFailed(Never("token_of_another"))
        device = who.device_id or DeviceID("")
        known = await self.store.crypto.get_device_id()
        if known and known != device:
            # Keys belong to a device: with a token of another one, all is begun anew.
            await self.store.crypto.delete()
        self.store.crypto._device_id = device  # noqa: SLF001 - the library sets it only with its own login
        self.client.device_id = device
        self.machine = Machine(self.client, self.store.crypto, self.store.state, quiet_logger("crypto"))
        if self.settings.only_signed:
            self.machine.send_keys_min_trust = TrustState.CROSS_SIGNED_UNTRUSTED
        self.client.crypto = self.machine
        await self.machine.load()
        await self.store.crypto.put_device_id(device)
        if not self.account.shared:
            await self._must_be_new(device)
            await self.machine.share_keys(0)
        # If the file was put back to an older one, what comes next would be encrypted as something else was before.
        await self.store.forget_speaking()
        if self.settings.recovery_key:
            await self.machine.verify_with_recovery_key(self.settings.recovery_key)

    async def _must_be_new(self, device: str) -> None:
        """Return when the server has no other keys of this device; raises MatrixFailed.

        With new keys under the old name people's programs refuse it, rightly: nobody would read what it says.
        """
        me, route = self.settings.user, Route.v3.keys.query
        answer: Any = await self.client.api.request(Method.POST, route, {"device_keys": {me: [device]}})
        known = answer.get("device_keys", {}).get(me, {}).get(device, {}).get("keys", {})
        if known.get(f"ed25519:{device}", self.account.signing_key) != self.account.signing_key:
            raise MatrixFailed(Never("device_keys_lost"))

    @property
    def account(self) -> OlmAccount:
        """The device's own keys."""
        if self.machine.account is None:
            raise RuntimeError("the session is not open")
        return self.machine.account

    async def reopen(self) -> None:
        """Forget what is in memory and begin anew from the file."""
        await self.end()
        await self.open()

    async def end(self) -> None:
        """Close what is open."""
        if self._is_open:
            await self.close()

    async def join(self, room: str, server: str = "") -> None:
        """Accept an invitation, by way of a server that is in the room; raises MatrixFailed."""
        await self.call("POST", Route.v3.join[room], {}, {"server_name": server} if server else None)

    async def newest(self, room: str) -> str:
        """Return the room that stands in the place of another today; raises MatrixFailed before the file is open."""
        self._must_be_open()
        (found,) = await self.store.newest([room])
        return found

    async def close(self) -> None:
        """Close the line and the file."""
        self._is_open = False
        web, self._web = self._web, None
        try:
            if web is not None:
                await web.close()
        finally:
            # A file that stays open would keep the process alive.
            await self.store.close()

    def hidden(self, key: str) -> str:
        """Return a key as the server may see it; raises MatrixFailed before the file is open."""
        self._must_be_open()
        return self.store.hidden(key)

    async def send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        """Send a message and return its event id; the same transaction id never sends a second one.

        Raises:
            MatrixFailed: also `not_encrypted`, for a room in which it would be read by all servers.
        """
        try:
            return await self._send(room, content, transaction)
        except MatrixFailed as refused:
            raise await self._explained(room, refused) from refused

    async def state(self, room: str) -> list[Any]:
        """Ask the server for all that makes a room what it is, its members too; raises MatrixFailed."""
        try:
            answer: Any = await self._asked("GET", Route.v3.rooms[room].state)
        except MatrixFailed as refused:
            raise await self._explained(room, refused) from refused
        return answer if isinstance(answer, list) else []

    async def _explained(self, room: str, refused: MatrixFailed) -> MatrixFailed:
        """Return what it means that something could not be done in a room."""
        if refused.code != "M_FORBIDDEN" or room in await self.rooms():
            return refused
        if not self.has_read or room in await self.store.invites():
            return MatrixFailed(NotSent("not_joined_yet", _SOON))
        # It left or was put out: only people can mend that, so they are told.
        return MatrixFailed(Never("not_in_room"))

    async def rooms(self) -> list[str]:
        """Return the rooms that the bot is in; raises MatrixFailed."""
        return [str(room) for room in (await self.call("GET", Route.v3.joined_rooms)).get("joined_rooms", [])]

    async def _send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        await self._make_sure(room)
        try:
            sent = await self.client.send_message_event(
                RoomID(room), EventType.ROOM_MESSAGE, cast("Any", dict(content)), txn_id=transaction
            )
        except (MatrixError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise failed(error, self._retry_after) from error
        return str(sent)

    async def react(self, room: str, event: str, sign: str, transaction: str) -> str:
        """Put a sign under a message and return its event; "" when it stands there already, which is as well."""
        content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": sign}}
        try:
            return await self.client.send_message_event(
                RoomID(room), EventType.REACTION, cast("Any", content), txn_id=transaction
            )
        except (MatrixError, aiohttp.ClientError, OSError, TimeoutError) as error:
            if getattr(error, "errcode", "") != "M_DUPLICATE_ANNOTATION":
                raise failed(error, self._retry_after) from error
            return ""

    async def redact(self, room: str, event: str, transaction: str) -> None:
        """Take a message of ours away."""
        await self.call("PUT", Route.v3.rooms[room].redact[event][transaction], {})

    async def find(self, room: str, mark: str, since: datetime) -> str:
        """Return the message of ours that bears a mark and was sent since then, or ""; raises MatrixFailed."""
        return await by_mark(self, room, mark, since)

    async def invite(self, room: str, user: str) -> None:
        """Ask somebody into a room; raises MatrixFailed."""
        await self.call("POST", Route.v3.rooms[room].invite, {"user_id": user})

    async def mark_direct(self, user: str, room: str) -> None:
        """Have programs list a room under people, for whoever looks into the bot's account; raises MatrixFailed."""
        route = Route.v3.user[self.settings.user].account_data["m.direct"]
        try:
            known = await self.call("GET", route)
        except MatrixFailed as refused:
            if refused.code != "M_NOT_FOUND":
                raise
            known = {}
        if room not in known.get(user, []):
            await self.call("PUT", route, with_direct(known, user, room))

    async def pin(self, room: str, event: str) -> None:
        """Pin a message in a room, beside what others have pinned there; raises MatrixFailed."""
        route = Route.v3.rooms[room].state["m.room.pinned_events"]
        try:
            known = (await self.call("GET", route)).get("pinned", [])
        except MatrixFailed as refused:
            if refused.code != "M_NOT_FOUND":
                raise
            known = []
        if event not in known:
            await self.call("PUT", route, {"pinned": [*known, event]})

    async def call(
        self,
        method: str,
        route: Any,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call the server and return its answer; raises MatrixFailed."""
        answer = await self._asked(method, route, body, query)
        return answer if isinstance(answer, dict) else {}

    async def _asked(
        self,
        method: str,
        route: Any,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> JSON:
        self._must_be_open()
        try:
            content = cast("Any", dict(body)) if body is not None else None
            return await self.client.api.request(Method(method), route, content, query_params=dict(query or {}))
        except (MatrixError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise failed(error, self._retry_after) from error

    async def sync(self, since: str | None, timeout_ms: int) -> dict[str, Any]:
        """Return what happened since then, waiting for it up to a time; raises MatrixFailed."""
        query = {"timeout": str(timeout_ms)} | ({"since": since} if since else {})
        return await self.call("GET", Route.v3.sync, query=query)

    async def ask_for_key(self, room: str, key: str, session: str, sender: str, device: str) -> None:
        """Ask somebody's device for the key of messages that it wrote; it may be silent. Raises MatrixFailed."""
        wanted = {
            "action": "request",
            "requesting_device_id": str(self.client.device_id),
            "request_id": self.store.hidden(f"key {session}"),
            "body": {
                "algorithm": "m.megolm.v1.aes-sha2",
                "room_id": room,
                "session_id": session,
                "sender_key": key,
            },
        }
        route = Route.v3.sendToDevice["m.room_key_request"][self.store.hidden(f"ask {session} {time.time()}")]
        await self.call("PUT", route, {"messages": {sender: {device: wanted}}})

    async def alive(self) -> bool:
        """Say whether the server answers. Raises nothing."""
        try:
            await self.call("GET", Route.v3.account.whoami)
        except MatrixFailed as refused:
            return bool(refused.code)  # a refusal in the server's own words is an answer too
        return True

    async def create_room(self, alias: str, *invite: str) -> str:
        """Make an encrypted room for people, or return the one that bears the alias already."""
        try:
            made = await self.call("POST", Route.v3.createRoom, private_room(alias, invite))
        except MatrixFailed as refused:
            if refused.code != "M_ROOM_IN_USE":
                raise
            server = self.settings.user.partition(":")[2]
            made = await self.call("GET", Route.v3.directory.room[f"#{alias}:{server}"])
        return str(made["room_id"])

    async def upload(self, content: bytes) -> dict[str, Any]:
        """Keep a file on the server, encrypted, and return what a message needs to name it; raises MatrixFailed."""
        sealed, named = encrypt_attachment(content)
        try:
            named.url = await self.client.upload_media(sealed, mime_type="application/octet-stream", filename="file")
        except (MatrixError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise failed(error, self._retry_after) from error
        return cast("dict[str, Any]", named.serialize())

    async def members(self, room: str) -> list[str]:
        """Return who is in a room or invited to it, the bot too."""
        await self._make_sure(room)
        found = await self.store.state.get_members(RoomID(room), (Membership.JOIN, Membership.INVITE))
        return [str(user) for user in found or []]

    async def member_name(self, room: str, user: str) -> str:
        """Return the name that somebody bears in a room, or ""."""
        member = await self.store.state.get_member(RoomID(room), UserID(user))
        return str(member.displayname or "") if member else ""

    async def _make_sure(self, room: str) -> None:
        """See to it that the room is encrypted and all who are to read are known, those invited too."""
        self._must_be_open()
        try:
            if not await self.store.state.has_full_member_list(RoomID(room)):
                await self.client.get_state(RoomID(room))
                await self.client.get_members(RoomID(room))
        except (MatrixError, aiohttp.ClientError, OSError, TimeoutError) as error:
            raise failed(error, self._retry_after) from error
        if not await self.store.state.is_encrypted(RoomID(room)):
            raise MatrixFailed(Never("not_encrypted"))

    def _must_be_open(self) -> None:
        if not self._is_open:
            raise MatrixFailed(NotSent("not_connected", _SOON))

    async def _note_head(self, _session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        """Pass on what time the server has, and keep how long it wants us to wait: the library's error does not say."""
        if self._dated is not None:
            self._dated(params.response.headers.get("Date", ""))
        if params.response.status == TOO_MANY:
            told = params.response.headers.get("Retry-After", "")
            self._retry_after = float(told) if told.isdigit() else None
