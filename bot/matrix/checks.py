"""What `doctor` asks of Matrix: is the token good, is the device signed, is each agency's room fit for its purpose."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from bot.clock import SystemClock
from bot.findings import Line, fail, note, ok
from bot.matrix.names import NAME, own_servers, server_of
from bot.matrix.server.guard import Look, Unsafe, is_room, users_of
from bot.settings import Settings
from domain.address import Kind
from domain.directory import Agency, Directory
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database

_SECONDS = 15.0
#: Who comes later must read nothing of what was before.
_NARROW = frozenset({"invited", "joined"})
_POWER = 50
_WORDS = {
    Unsafe.CLEAR: "the room is not encrypted; switch it on",
    Unsafe.PUBLIC: "anybody may join the room, or read it without joining; let people in by invitation only",
    Unsafe.STRANGERS: "{count} members of the room are not the agency's staff in the directory; take them out",
}


async def findings(settings: Settings) -> AsyncIterator[Line]:
    """Say in words how it stands with Matrix, each fault with its mend. Reads only; the bot may be running."""
    for name, value in (("MATRIX_HOMESERVER", settings.matrix_homeserver), ("MATRIX_USER", settings.matrix_user)):
        if not value:
            yield fail(NAME, f"{name} is missing; `sipbot matrix login` prints it")
            return
    server = _Server(settings)
    try:
        who = await server.get("account/whoami")
        if who is None or who.get("errcode"):
            why = (
                "cannot be reached"
                if who is None
                else "does not take the token; log in anew with `sipbot matrix login`"
            )
            yield fail(NAME, f"the server {why}")
            return
        if who.get("user_id") != settings.matrix_user:
            yield fail(NAME, "the token is another account's; MATRIX_USER and MATRIX_TOKEN belong together")
            return
        yield ok(NAME, f"the server knows the bot as device {who.get('device_id', '')}")
        yield await _device(server, settings.matrix_user, str(who.get("device_id", "")))
        directory = await _directory(settings)
        for agency in directory.agencies.values():
            async for line in _room(server, settings, agency, directory):
                yield line
    finally:
        await server.close()


async def _device(server: _Server, me: str, device: str) -> Line:
    """Say whether others' programs will trust the device: whether it bears its owner's signature."""
    answer = await server.post("keys/query", {"device_keys": {me: []}}) or {}
    keys = answer.get("device_keys", {}).get(me, {}).get(device, {})
    signing = answer.get("self_signing_keys", {}).get(me, {}).get("keys", {})
    signatures = keys.get("signatures", {}).get(me, {})
    if signing and set(signing) & set(signatures):
        return ok(NAME, "the bot's device is signed by its owner")
    return fail(NAME, "the bot's device is not signed, so others' programs keep keys from it; `sipbot matrix login`")


async def _room(server: _Server, settings: Settings, agency: Agency, directory: Directory) -> AsyncIterator[Line]:
    me = settings.matrix_user
    room = next((a.target for a in agency.addresses if a.platform == NAME and a.kind is Kind.ROOM), "")
    if not room:
        return
    state = await server.get(f"rooms/{room}/state")
    if not isinstance(state, list):
        yield fail(NAME, f"{agency.id}: the bot is not in the room; invite {me}")
        return
    found = {(one.get("type"), one.get("state_key")): one.get("content", {}) for one in state}
    if ("m.room.tombstone", "") in found:
        yield fail(NAME, f"{agency.id}: the room was replaced; put the new one into the directory")
    history = found.get(("m.room.history_visibility", ""), {}).get("history_visibility", "shared")
    if history not in _NARROW:
        yield fail(NAME, f"{agency.id}: who comes later reads what was before; set the history to members only")
    levels = found.get(("m.room.power_levels", ""), {})
    look, known = Look.at(state), users_of(directory, [a for a in agency.addresses if is_room(a)]) | {me}
    why = look.unsafe(known)
    if why is not None:
        # Names and ids of people are no matter for a terminal's log.
        told = _WORDS[why].format(count=look.strangers(known))
        yield fail(NAME, f"{agency.id}: {told}; until then nothing is said there")
    if levels.get("users_default", 0) >= _POWER:
        yield note(NAME, f"{agency.id}: every member may change the room; lower users_default")
    foreign = {server_of(user) for user in known} - own_servers(settings)
    if foreign and settings.sipbot_chat_policy == "text":
        servers = ", ".join(sorted(foreign))
        told = f"people of other servers ({servers}) belong here, so purpose and questions stand by category alone"
        yield note(NAME, f"{agency.id}: {told}; name the servers in MATRIX_TRUSTED_SERVERS if you trust them")
    yield ok(NAME, f"{agency.id}: looked at the room")


async def _directory(settings: Settings) -> Directory:
    """Return the directory as it is kept; an empty one where there is no database yet."""
    try:
        database = open_database(settings.sipbot_database_url, Keyring(settings.keys), SystemClock())
    except Exception:  # noqa: BLE001 - doctor has a line of its own for the database
        return Directory()
    try:
        return await asyncio.wrap_future(database.read(lambda reader: reader.directory))
    except Exception:  # noqa: BLE001 - as above
        return Directory()
    finally:
        await asyncio.to_thread(database.close)


class _Server:
    """The server's client API with the bot's token, without keys: the bot itself may be using them."""

    def __init__(self, settings: Settings) -> None:
        self._base = f"{settings.matrix_homeserver.rstrip('/')}/_matrix/client/v3/"
        headers = {"Authorization": f"Bearer {settings.matrix_token.get_secret_value()}"}
        self._web = aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=_SECONDS))

    async def get(self, path: str) -> Any:
        """Return the answer, errors of the server too, or None when it cannot be reached."""
        return await self._ask("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """Return the answer to a question that has a body."""
        return await self._ask("POST", path, body)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            async with self._web.request(method, self._base + path, json=body) as answer:
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None

    async def close(self) -> None:
        """Close the line."""
        await self._web.close()
