"""A person with a Matrix program that encrypts: signed device, threads, reactions, edits."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.matrix.server.session import MatrixSession, MatrixSettings

# isort: split
from mautrix.types import DeviceLists, DeviceOTKCount, EncryptedEvent, StateEvent, ToDeviceEvent

from storage.encryption.cipher import Keyring, fresh_key
from tests.synapse import Login

PATIENCE = 60.0
#: A server leaves out all but the last ten words of a room, unless it is asked for more.
_ALL = json.dumps({"room": {"timeline": {"limit": 1000}}})


class Person:
    """Somebody at their own program. `seen` holds the readable events of all rooms in order."""

    def __init__(self, url: str, login: Login, folder: Path) -> None:
        self.user = login.user
        settings = MatrixSettings(url, login.user, login.token, store=folder / f"{login.device}.db")
        self.session = MatrixSession(settings, Keyring([fresh_key()]))
        self.seen: list[dict[str, Any]] = []
        self.unreadable: list[dict[str, Any]] = []
        self.invited: list[str] = []
        self._since: str | None = None
        self._numbers = itertools.count()
        self._one = asyncio.Lock()

    async def open(self, *, signed: bool = True) -> None:
        """Start the program; `signed`: make an identity that signs its device."""
        self._one = asyncio.Lock()
        await self.session.open()
        if signed:
            await self.session.machine.generate_recovery_key()
        await self.sync()

    async def close(self) -> None:
        await self.session.close()

    async def signs(self) -> None:
        """Say of all other devices of this account that they are one's own."""
        mine, machine = self.session.client.device_id, self.session.machine
        found = await machine._fetch_keys([self.user], include_untracked=True)  # noqa: SLF001 - with those not known yet
        for device in found[self.user].values():
            if device.device_id != mine:
                await machine.sign_own_device(device)

    def forget(self) -> None:
        """Let nothing be in sight of what was read before."""
        self.seen.clear()
        self.unreadable.clear()

    async def sync(self, wait: float = 0.0) -> None:
        """Take what has happened; one answer of the server after the other, as programs do."""
        async with self._one:
            await self._sync(wait)

    async def _sync(self, wait: float) -> None:
        session, machine = self.session, self.session.machine
        answer: Any = await session.client.sync(since=self._since, timeout=int(wait * 1000), filter_id=_ALL)  # type: ignore[arg-type]
        changed = answer.get("device_lists", {}).get("changed", [])
        if changed:
            await machine.handle_device_lists(DeviceLists(changed=changed, left=[]))
        for raw in answer.get("to_device", {}).get("events", []):
            if raw["type"] == "m.room.encrypted":
                with suppress(
                    AttributeError
                ):  # a word that only begins a session anew, which the library cannot pass on
                    await machine.handle_to_device_event(ToDeviceEvent.deserialize(raw))
        for room, part in answer.get("rooms", {}).get("join", {}).items():
            for raw in part["state"]["events"] + part["timeline"]["events"]:
                await self._take(raw | {"room_id": room})
        self.invited += answer.get("rooms", {}).get("invite", {})
        left = answer.get("device_one_time_keys_count", {}).get("signed_curve25519", 0)
        await machine.handle_otk_count(DeviceOTKCount(curve25519=0, signed_curve25519=left))
        self._since = answer["next_batch"]

    async def _take(self, raw: Any) -> None:
        if "state_key" in raw:
            event = StateEvent.deserialize(raw)
            await self.session.store.state.update_state(event)
            if raw["type"] == "m.room.member":
                await self.session.machine.handle_member_event(event)
        elif raw["type"] != "m.room.encrypted":
            self.seen.append(raw | {"encrypted": False})
        else:
            try:
                opened = await self.session.machine.decrypt_megolm_event(EncryptedEvent.deserialize(raw))
            except Exception as error:  # noqa: BLE001 - a test asks what could not be read
                raw["why"] = repr(error)
                self.unreadable.append(raw)
                return
            content: Any = opened.content
            plain = content.serialize() if hasattr(content, "serialize") else content
            self.seen.append(raw | {"type": str(opened.type), "content": plain, "encrypted": True})

    async def wait(self, wanted: Callable[[dict[str, Any]], bool], patience: float = PATIENCE) -> dict[str, Any]:
        """Return the first event that is wanted, once it has come."""
        until = time.monotonic() + patience
        while True:
            found = next((event for event in self.seen if wanted(event)), None)
            if found is not None:
                return found
            if time.monotonic() > until:
                bodies = [event["content"].get("body") for event in self.seen]
                unreadable = [raw["why"] for raw in self.unreadable]
                raise AssertionError(f"did not come; seen {bodies}, unreadable {unreadable}")
            await self.sync(1.0)

    async def wait_for(self, text: str, *, room: str = "", patience: float = PATIENCE) -> dict[str, Any]:
        """Return the first message that holds a text."""
        return await self.wait(lambda e: text in current(e) and room in {"", e["room_id"]}, patience)

    async def join_next(self) -> str:
        """Accept the next invitation, and return the room."""
        until = time.monotonic() + PATIENCE
        while not self.invited:
            assert time.monotonic() < until, "nobody invites"
            await self.sync(1.0)
        room = self.invited.pop(0)
        await self.session.client.join_room_by_id(room)  # type: ignore[arg-type]
        await self.sync()
        return room

    async def room_with(self, *others: str) -> str:
        """Make an encrypted room and invite others."""
        name = self.user[1:].partition(":")[0]
        room = await self.session.create_room(f"room-{next(self._numbers)}-{name}", *others[:1])
        for other in others[1:]:
            await self.session.client.invite_user(room, other)  # type: ignore[arg-type]
        await self.sync()
        return room

    async def say(self, room: str, text: str, *, thread: str = "", **more: Any) -> str:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, **more}
        if thread:
            content["m.relates_to"] = {
                "rel_type": "m.thread",
                "event_id": thread,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": thread},
            }
        return await self.session.send(room, content, f"p{next(self._numbers)}")

    async def react(self, room: str, event: str, sign: str) -> str:
        return await self.session.react(room, event, sign, f"p{next(self._numbers)}")


def current(event: dict[str, Any]) -> str:
    """Return what a message says."""
    return str(event["content"].get("body", ""))


async def until(happens: Callable[[], Any], patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + patience
    while not happens():
        assert time.monotonic() < end, "it did not happen"
        await asyncio.sleep(0.05)
