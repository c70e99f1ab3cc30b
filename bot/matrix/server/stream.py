"""Reading the stream: one answer of the server after the other, each written whole before the next is asked for."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from bot.error_log import report
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.machine import is_passing
from bot.matrix.server.session import MatrixSession
from bot.matrix.talk.arrivals import Arrived, Kind, about, mapping, name, read
from domain.text.outside import writable

# isort: split
from mautrix.api import Path as Route
from mautrix.errors import DecryptionError, SessionNotFound
from mautrix.types import (
    DeviceLists,
    DeviceOTKCount,
    EncryptedEvent,
    EventType,
    RoomID,
    SessionID,
    StateEvent,
    SyncToken,
    ToDeviceEvent,
    TrustState,
)

_logger = logging.getLogger(__name__)

#: Seconds for which keys are waited for before a person is told that their message could not be read.
PATIENCE = 60.0
#: Pages of a hundred events, of which the protocol lets each have 65 536 bytes; what is older is not read.
_PAGES = 50
#: Milliseconds: what was written before that is no longer waited for.
_LATELY_MS = 86_400_000
#: Keys that are asked for after one answer of the server: each is a call, and anybody in a room can have them made.
_ASKED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Missing:
    """A key that did not come: the room, who wrote with it on which device ("*": any), and that device's own key."""

    room: str
    sender: str
    device: str
    key: str


class Stream:
    """Where the bot stands in what its server tells it. `changed` is given each room whose state has changed."""

    def __init__(
        self, session: MatrixSession, *, patience: float = PATIENCE, changed: Callable[[str], None] = lambda _: None
    ) -> None:
        self._session = session
        self._store = session.store
        self._patience = patience
        self._changed = changed
        self._since: SyncToken | None = None
        self._asked: set[str] = set()
        self._missing: dict[str, Missing] = {}
        self._is_older = False  # the file: it was put back to one of before something that the bot has said

    async def resume(self) -> None:
        """Go on where the last run had written that it stood."""
        self._since = await self._store.crypto.get_next_batch() or None

    @property
    def is_new(self) -> bool:
        """Say whether nothing was read yet: the device is new, or its file was lost."""
        return self._since is None

    async def step(self, timeout_ms: int = 30_000) -> int:
        """Take one answer of the server and write all of it; return how many acts of people were in it.

        Raises MatrixFailed when the server does not answer. When it raises anything else, nothing of the answer is
        written, but the keys in memory may be ahead: open the session anew.
        """
        machine, since = self._session.machine, self._since
        answer = writable(await self._session.sync(since, timeout_ms))
        changed = answer.get("device_lists", {}).get("changed", [])
        if changed:
            await machine.handle_device_lists(DeviceLists(changed=changed, left=[]))
        joined: dict[str, Any] = answer.get("rooms", {}).get("join", {})
        if since:
            for room, part in joined.items():
                await self._fill_gap(room, part, since)
        count = 0
        async with self._store.whole():
            for room, inviter in _invites(answer.get("rooms", {}).get("invite", {}), self._session.settings.user):
                await self._store.invite(room, inviter)
            keys = answer.get("to_device", {}).get("events", [])
            for raw in keys:
                await self._to_device(raw)
            if keys:
                await self._try_again()
            await self._give_up()
            for room, part in joined.items():
                count += await self._room(room, part, first=since is None)
                if since is None:
                    await self._note_unread(room, part)
            self._since = answer["next_batch"]
            await self._store.crypto.put_next_batch(answer["next_batch"])
        if self._is_older:
            self._is_older = False
            _logger.warning("the bot's file of keys was put back to an older one; its sessions are made anew")
            await self._store.forget_sessions()
        await machine.mend()
        await self._ask_for_keys()
        left = answer.get("device_one_time_keys_count", {}).get("signed_curve25519", 0)
        await machine.handle_otk_count(DeviceOTKCount(curve25519=0, signed_curve25519=left))
        if (unused := answer.get("device_unused_fallback_key_types")) is not None:
            await machine.keep_fallback(unused)
        self._session.has_read = True
        return count

    async def _fill_gap(self, room: str, part: dict[str, Any], since: str) -> None:
        """Fetch what the server left out because it was too much."""
        timeline = part.get("timeline", {})
        start = timeline.get("prev_batch")
        if not timeline.get("limited"):
            return
        earlier: list[Any] = []
        for _ in range(_PAGES):
            if not start:
                break
            query = {"dir": "b", "from": start, "to": since, "limit": "100"}
            page = writable(await self._session.call("GET", Route.v3.rooms[room].messages, query=query))
            chunk, start = page.get("chunk", []), page.get("end")
            earlier += chunk
            if not chunk:
                break
        else:
            _logger.warning("more was written in a room than is fetched at once; the oldest of it is not read")
        timeline["events"] = earlier[::-1] + timeline.get("events", [])

    async def _to_device(self, raw: dict[str, Any]) -> None:
        """Take in keys that another device sends; what cannot be read is its sender's matter."""
        machine = self._session.machine
        try:
            event = ToDeviceEvent.deserialize(cast("Any", raw))
            if event.type == EventType.TO_DEVICE_ENCRYPTED:
                await machine.handle_to_device_event(event)
            elif event.type == EventType.ROOM_KEY_REQUEST:
                await machine.handle_room_key_request(event)
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - anybody may send anything; the next one must be read
            _logger.info("a message between devices could not be read", extra={"why": type(error).__name__})

    async def _room(self, room: str, part: Mapping[str, Any], *, first: bool) -> int:
        """Write what happened in one room. What was there before the bot came is not meant for it."""
        count, me = 0, self._session.settings.user
        for section in ("state", "timeline"):
            events = part.get(section, {}).get("events", [])
            came = _came(events, me) if section == "timeline" else 0
            for number, raw in enumerate(events):
                if not isinstance(raw, dict):
                    continue
                if "state_key" in raw:
                    self._changed(room)
                    await self._state(room, raw)
                elif raw.get("sender") == me:
                    await self._recognise(room, raw)
                elif not first and number >= came:
                    arrived = await self._read(raw, room)
                    if arrived is not None:
                        await self._store.arrive(arrived, locked=arrived.kind is Kind.UNREADABLE)
                        count += 1
        return count

    async def _recognise(self, room: str, raw: Mapping[str, Any]) -> None:
        """See whether the file knows what this device has said: the key is kept before it is used."""
        content = mapping(raw.get("content"))
        if raw.get("type") != "m.room.encrypted" or content.get("device_id") != self._session.client.device_id:
            return
        if not await self._store.crypto.has_group_session(RoomID(room), SessionID(str(content.get("session_id")))):
            self._is_older = True

    async def _note_unread(self, room: str, part: Mapping[str, Any]) -> None:
        """Keep the last thing that each person wrote lately: this device, which is new, has no key to any of it."""
        last = {}
        for raw in part.get("timeline", {}).get("events", []):
            age = raw.get("unsigned", {}).get("age", 0)
            if raw.get("type") == "m.room.encrypted" and isinstance(age, int) and age < _LATELY_MS:
                last[raw.get("sender")] = raw
        for raw in last.values():
            event, sender = name(raw.get("event_id")), name(raw.get("sender"))
            if event and sender and sender != self._session.settings.user:
                await self._store.arrive(Arrived(event, room, sender, Kind.BEFORE, about=about(raw.get("content"))))

    async def _state(self, room: str, raw: dict[str, Any]) -> None:
        try:
            event = StateEvent.deserialize(cast("Any", {**raw, "room_id": room}))
            await self._store.state.update_state(event)
            if event.type == EventType.ROOM_MEMBER:
                await self._session.machine.handle_member_event(event)
            successor = name(raw.get("content", {}).get("replacement_room"))
            if event.type == EventType.ROOM_TOMBSTONE and raw.get("state_key") == "" and successor:
                # Only who may change the room can say so; the server sees to that.
                await self._store.move(room, successor)
                await self._store.invite(successor, str(raw.get("sender", "")))
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - a malformed state of one room must not stop all others
            report(_logger, "a room's state could not be read", error)

    async def _read(self, raw: dict[str, Any], room: str) -> Arrived | None:
        """Return what somebody did; an event whose keys are missing is kept until they come."""
        if raw.get("type") != "m.room.encrypted":
            return read(raw, room, encrypted=False, sure=False)
        event, sender = name(raw.get("event_id")), name(raw.get("sender"))
        if not event or not sender:
            return None
        try:
            opened = await self._session.machine.decrypt_megolm_event(
                EncryptedEvent.deserialize(cast("Any", {**raw, "room_id": room}))
            )
        except SessionNotFound as unknown:
            content = raw["content"]
            device = name(content.get("device_id")) or "*"
            self._missing[str(unknown.session_id)] = Missing(room, sender, device, name(content.get("sender_key")))
            return _unreadable(event, room, sender, raw)
        except DecryptionError:
            return _unreadable(event, room, sender, raw)
        except Exception as error:
            if is_passing(error):
                raise  # it is not the event's fault, so nothing of the server's answer is taken
            _logger.info("an encrypted event could not be read", extra={"why": type(error).__name__})
            return None
        trust = opened["mautrix"]["trust_state"]
        # A device that the server names but nobody has signed ranks above one that is only unverified.
        enough = TrustState.CROSS_SIGNED_UNTRUSTED if self._session.settings.only_signed else TrustState.UNVERIFIED
        sure = trust >= enough and trust not in {TrustState.UNKNOWN_DEVICE, TrustState.FORWARDED}
        plain = {**raw, "type": str(opened.type), "content": _content(opened)}
        return read(plain, room, encrypted=True, sure=sure)

    async def _try_again(self) -> None:
        """Read what was kept, now that keys have come."""
        for kept, _ in await self._store.locked():
            found = await self._read(kept.raw or {}, kept.room)
            if found is None:
                await self._store.done(kept.event)
            elif found.kind is not Kind.UNREADABLE:
                await self._store.unlock(found)

    async def _ask_for_keys(self) -> None:
        """Ask the senders' devices, once for each key, for what should have come with their messages.

        A key that its own maker sends again binds as the first one would have.
        """
        missing, self._missing = self._missing, {}
        new = [session for session in missing if session not in self._asked]
        for session in new[:_ASKED_AT_ONCE]:
            wanted = missing[session]
            self._asked.add(session)
            try:
                await self._session.ask_for_key(wanted.room, wanted.key, session, wanted.sender, wanted.device)
            except MatrixFailed as failed:
                _logger.info("a key could not be asked for", extra={"why": str(failed)})

    async def _give_up(self) -> None:
        for kept, waited in await self._store.locked():
            if waited > self._patience:
                await self._store.unlock(replace(kept, raw=None))


def _unreadable(event: str, room: str, sender: str, raw: dict[str, Any]) -> Arrived:
    """Return what is known of a message without its key: the relation stands outside the encryption."""
    return Arrived(event, room, sender, Kind.UNREADABLE, about=about(raw.get("content")), raw=raw)


def _content(event: Any) -> Any:
    content = event.content
    return content.serialize() if hasattr(content, "serialize") else content


def _came(events: Sequence[Any], me: str) -> int:
    """Return where in a room's events the bot came into it; 0 when it was there before all of them."""
    for number in range(len(events) - 1, -1, -1):
        raw = mapping(events[number])
        if (raw.get("type"), raw.get("state_key")) == ("m.room.member", me):
            # Another name or picture of the bot's is told in the same way.
            was = mapping(mapping(raw.get("unsigned")).get("prev_content")).get("membership")
            if mapping(raw.get("content")).get("membership") == "join" and was != "join":
                return number
    return 0


def _invites(rooms: Mapping[str, Any], me: str) -> list[tuple[str, str]]:
    """Return the rooms that the bot is asked into, and by whom. What is told of a room there is another server's."""
    found = []
    for room, part in rooms.items():
        events = mapping(mapping(part).get("invite_state")).get("events")
        for raw in events if isinstance(events, list) else ():
            told = mapping(raw)
            if (told.get("type"), told.get("state_key")) == ("m.room.member", me) and name(told.get("sender")):
                found.append((room, told["sender"]))
    return found
