"""The Matrix side's own file: device keys, where the sync stands, and what has arrived but is not answered yet.

All of it moves in one transaction: a key that is used up, the message it opened and the place in the stream. It is
a file of its own because the library reads it through a driver of its own. What people wrote, tokens and forms stand
in it encrypted under SIPBOT_SECRET_KEYS, as do the device's keys; losing the file loses no answer that was given
(`sipbot matrix login` takes up again with the recovery key).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.matrix.crypto.backend import install

install()

from mautrix.crypto import PgCryptoStateStore  # noqa: E402 - after libolm's name is taken
from mautrix.util.async_db import Database, UpgradeTable  # noqa: E402
from mautrix.util.logging import TraceLogger  # noqa: E402

from bot.error_log import report  # noqa: E402
from bot.matrix.server.keys import KeyStore  # noqa: E402
from bot.matrix.talk.arrivals import Arrived, Shown  # noqa: E402
from bot.matrix.talk.conversation import Talk  # noqa: E402
from bot.matrix.talk.plan import Plan, Waiting  # noqa: E402
from storage.encryption.cipher import Keyring  # noqa: E402
from storage.errors import Undecipherable  # noqa: E402

T = TypeVar("T")

_logger = logging.getLogger(__name__)

# A message whose key was used up must not be read again after a power cut; and a second process on the same file would
# use keys up that this one counts on, so it is refused.
_MANNERS = ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")


def quiet_logger(name: str) -> TraceLogger:
    """Return a logger for the library that says nothing: it would log what people write.

    It has to be of the library's own kind, which knows levels that the standard library does not.
    """
    logger = TraceLogger(f"bot.matrix.sdk.{name}")
    logger.disabled = True
    return logger


def _newest(room: str, moves: Mapping[str, str]) -> str:
    seen = {room}
    while (successor := moves.get(room)) is not None and successor not in seen:
        room = successor
        seen.add(room)
    return room


OURS = UpgradeTable(version_table_name="sipbot_version", log=quiet_logger("upgrade"))

#: Seconds for which a way to answer is remembered: a summons may stand for half a year.
_KEEP_WAYS = 400 * 86_400


async def _first(connection: Any) -> None:
    await connection.execute(
        "CREATE TABLE sipbot_arrived (seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, "
        "at REAL NOT NULL, state TEXT NOT NULL, sealed BLOB NOT NULL)"
    )
    await connection.execute(
        "CREATE TABLE sipbot_shown (event_id TEXT PRIMARY KEY, room TEXT NOT NULL, at REAL NOT NULL, "
        "sealed BLOB NOT NULL)"
    )
    await connection.execute("CREATE INDEX sipbot_shown_room ON sipbot_shown (room, at)")
    await connection.execute("CREATE TABLE sipbot_secret (name TEXT PRIMARY KEY, sealed BLOB NOT NULL)")
    await connection.execute("CREATE TABLE sipbot_talk (key TEXT PRIMARY KEY, at REAL NOT NULL, sealed BLOB NOT NULL)")


async def _second(connection: Any) -> None:
    await connection.execute("CREATE TABLE sipbot_moved (room TEXT PRIMARY KEY, successor TEXT NOT NULL)")


async def _third(connection: Any) -> None:
    await connection.execute("CREATE TABLE sipbot_invited (room TEXT PRIMARY KEY, inviter TEXT NOT NULL)")


async def _fourth(connection: Any) -> None:
    await connection.execute(
        "CREATE TABLE sipbot_pinned (identity TEXT PRIMARY KEY, room TEXT NOT NULL, event_id TEXT NOT NULL)"
    )


_register: Any = OURS.register  # the library's own type for it fits its decorator alone
_register(_first, description="What arrived, what is shown, who is being asked")
_register(_second, description="Which rooms were replaced by which")
_register(_third, description="Where the bot is asked to come")
_register(_fourth, description="Whose list of cases is pinned where")


class _Alone(sqlite3.Connection):
    """A connection that has the file to itself from its first moment.

    One that was refused after it was made would be known to nobody, and its thread would keep the process from ending.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        try:
            for manner in _MANNERS:
                self.execute(manner).fetchall()
        except sqlite3.Error:
            self.close()
            raise


class MatrixStore:
    """The file, open. `crypto` and `state` are what the library is given."""

    def __init__(self, path: Path, user: str, keyring: Keyring) -> None:
        self._path = path
        self._user = user
        self._keyring = keyring

    async def open(self) -> None:
        """Open the file, with nothing left in memory of an earlier opening, and bring its tables up to date."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.database = Database.create(
            f"sqlite:///{self._path.absolute()}",
            upgrade_table=KeyStore.upgrade_table,
            db_args={"factory": _Alone, "init_commands": list(_MANNERS)},
            log=quiet_logger("database"),
        )
        self.state = PgCryptoStateStore(self.database)
        try:
            await self._start()
            await PgCryptoStateStore.upgrade_table.upgrade(self.database)
            await OURS.upgrade(self.database)
            self.secret = await self._own_secret()
        except BaseException:
            await self.close()
            raise
        self.crypto = KeyStore(self._user, self.secret.hex(), self.database)

    async def _start(self) -> None:
        """Open the file whole, also for who is cancelled meanwhile: half open, nothing could close it."""
        starting = asyncio.create_task(self.database.start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            raise

    async def _own_secret(self) -> bytes:
        """Return the file's own random key, kept under SIPBOT_SECRET_KEYS and sealed anew when those are changed."""
        sealed = await self.database.fetchval("SELECT sealed FROM sipbot_secret WHERE name = 'file'")
        secret = os.urandom(32) if sealed is None else self._keyring.open(sealed, "matrix|file")
        if sealed is None or self._keyring.needs_rotation(sealed):
            await self.database.execute(
                "INSERT INTO sipbot_secret (name, sealed) VALUES ('file', $1) "
                "ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed",
                self._keyring.seal(secret, "matrix|file"),
            )
        return secret

    def hidden(self, key: str) -> str:
        """Return a key as the server may see it: it may hold a case's code or somebody's id."""
        return hmac.new(self.secret, key.encode(), hashlib.sha256).hexdigest()[:40]

    async def forget_speaking(self) -> None:
        """Forget the keys with which the bot speaks in rooms: the next word in each begins with a new one."""
        await self.database.execute("DELETE FROM crypto_megolm_outbound_session")

    async def forget_sessions(self) -> None:
        """Forget all that goes on counting from one message to the next: with devices, and in rooms."""
        await self.database.execute("DELETE FROM crypto_olm_session")
        self.crypto._olm_cache.clear()  # noqa: SLF001 - the library forgets them only together with all else
        await self.forget_speaking()

    async def close(self) -> None:
        """Close the file; the process would hang otherwise."""
        await self.database.stop()

    @asynccontextmanager
    async def whole(self) -> AsyncIterator[None]:
        """All of what is written inside, or nothing."""
        acquired: Any = self.database.acquire()
        async with acquired as connection, connection.transaction():
            yield

    async def arrive(self, arrived: Arrived, *, locked: bool = False) -> None:
        """Keep what has arrived until it is answered; what is known already stays as it is."""
        await self.database.execute(
            "INSERT INTO sipbot_arrived (event_id, at, state, sealed) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (event_id) DO NOTHING",
            *(arrived.event, time.time(), "locked" if locked else "waiting", self._seal(arrived, arrived.event)),
        )

    async def next(self) -> Waiting | None:
        """Return the oldest arrival that waits; note that it is begun now."""
        while True:
            row = await self.database.fetchrow(
                "SELECT event_id, state, sealed FROM sipbot_arrived WHERE state IN ('waiting', 'begun', 'planned') "
                "ORDER BY seq LIMIT 1"
            )
            if row is None:
                return None
            event, state = row["event_id"], row["state"]
            if state == "planned":
                plan = await self._whole(row, Plan)
                if plan is not None:
                    return Waiting(event, plan=plan)
                continue
            kept = await self._whole(row, Arrived)
            if kept is not None:
                await self.database.execute("UPDATE sipbot_arrived SET state = 'begun' WHERE event_id = $1", event)
                return Waiting(event, kept, begun=state == "begun")

    async def _whole(self, row: Any, kind: type[T]) -> T | None:
        """Return what is kept of an arrival; one that was damaged is let go, or it would stand before all others.

        One whose key is not among those of this start waits, with all others: the key may be put back.
        """
        try:
            return self._open(row["sealed"], row["event_id"], kind)
        except (Undecipherable, msgspec.MsgspecError) as error:
            if isinstance(error, Undecipherable) and error.key == "keys.unknown":
                raise
            report(_logger, "what arrived from Matrix was damaged in the file, and is not answered", error)
            await self.done(row["event_id"])
            return None

    async def plan(self, event: str, plan: Plan) -> None:
        """Keep what is to be said about an arrival, in its place: from now on only that is left to do."""
        await self.database.execute(
            "UPDATE sipbot_arrived SET state = 'planned', sealed = $2 WHERE event_id = $1",
            *(event, self._seal(plan, event)),
        )

    async def locked(self) -> list[tuple[Arrived, float]]:
        """Return what could not be read yet, and for how many seconds each has waited."""
        rows = await self.database.fetch(
            "SELECT event_id, at, sealed FROM sipbot_arrived WHERE state = 'locked' ORDER BY seq LIMIT 50"
        )
        now = time.time()
        found = [(await self._whole(row, Arrived), now - row["at"]) for row in rows]
        return [(arrived, waited) for arrived, waited in found if arrived is not None]

    async def unlock(self, arrived: Arrived) -> None:
        """Put what can be read now, or is given up, where it is answered."""
        await self.database.execute(
            "UPDATE sipbot_arrived SET state = 'waiting', sealed = $2 WHERE event_id = $1 AND state = 'locked'",
            *(arrived.event, self._seal(arrived, arrived.event)),
        )

    async def done(self, event: str) -> None:
        """Keep only the name of what is answered, so that it is known when it comes again."""
        await self.database.execute("UPDATE sipbot_arrived SET state = 'done', sealed = '' WHERE event_id = $1", event)

    async def show(self, shown: Shown) -> None:
        """Keep the ways to answer a message beside it."""
        await self.database.execute(
            "INSERT INTO sipbot_shown (event_id, room, at, sealed) VALUES ($1, $2, $3, $4) "
            "ON CONFLICT (event_id) DO UPDATE SET sealed = excluded.sealed",
            *(shown.event, shown.room, time.time(), self._seal(shown, shown.event)),
        )

    async def shown(self, event: str) -> Shown | None:
        """Return how a message can be answered, if it is one of ours."""
        row = await self.database.fetchrow("SELECT event_id, room, sealed FROM sipbot_shown WHERE event_id = $1", event)
        return None if row is None else self._shown(row)

    async def last_shown(self, room: str) -> Shown | None:
        """Return the newest message in a room that can be answered."""
        rows = await self.database.fetch(
            "SELECT event_id, room, sealed FROM sipbot_shown WHERE room = $1 ORDER BY at DESC LIMIT 5", room
        )
        found = (self._shown(row) for row in rows)
        return next((shown for shown in found if shown.ways), None)

    async def talk(self, key: str) -> Talk | None:
        """Return a conversation that is under way."""
        row = await self.database.fetchrow("SELECT sealed FROM sipbot_talk WHERE key = $1", key)
        return None if row is None else self._open(row["sealed"], key, Talk)

    async def keep_talk(self, key: str, talk: Talk | None) -> None:
        """Keep where a conversation stands; None: it is over."""
        if talk is None:
            await self.database.execute("DELETE FROM sipbot_talk WHERE key = $1", key)
            return
        await self.database.execute(
            "INSERT INTO sipbot_talk (key, at, sealed) VALUES ($1, $2, $3) "
            "ON CONFLICT (key) DO UPDATE SET at = excluded.at, sealed = excluded.sealed",
            *(key, time.time(), self._seal(talk, key)),
        )

    async def invite(self, room: str, inviter: str) -> None:
        """Note that the bot is asked into a room: the server says so once."""
        await self.database.execute(
            "INSERT INTO sipbot_invited (room, inviter) VALUES ($1, $2) "
            "ON CONFLICT (room) DO UPDATE SET inviter = excluded.inviter",
            *(room, inviter),
        )

    async def invites(self) -> dict[str, str]:
        """Return the rooms that the bot is asked into, oldest first, and by whom."""
        rows = await self.database.fetch("SELECT room, inviter FROM sipbot_invited ORDER BY rowid")
        return {row["room"]: row["inviter"] for row in rows}

    async def uninvite(self, room: str) -> None:
        """Forget an invitation: the bot has come, or is not to."""
        await self.database.execute("DELETE FROM sipbot_invited WHERE room = $1", room)

    async def pin(self, identity: str, room: str, event: str) -> None:
        """Note which message of a room is somebody's pinned list."""
        await self.database.execute(
            "INSERT INTO sipbot_pinned (identity, room, event_id) VALUES ($1, $2, $3) "
            "ON CONFLICT (identity) DO UPDATE SET room = excluded.room, event_id = excluded.event_id",
            *(identity, room, event),
        )

    async def pinned(self, identity: str) -> tuple[str, str] | None:
        """Return the room and the message of somebody's pinned list, if there is one."""
        row = await self.database.fetchrow("SELECT room, event_id FROM sipbot_pinned WHERE identity = $1", identity)
        return None if row is None else (row["room"], row["event_id"])

    async def move(self, room: str, successor: str) -> None:
        """Note that a room was replaced by another."""
        await self.database.execute(
            "INSERT INTO sipbot_moved (room, successor) VALUES ($1, $2) "
            "ON CONFLICT (room) DO UPDATE SET successor = excluded.successor",
            *(room, successor),
        )

    async def newest(self, rooms: Iterable[str]) -> set[str]:
        """Return the rooms that stand in the place of these today: each itself, while it was not replaced."""
        rows = await self.database.fetch("SELECT room, successor FROM sipbot_moved")
        moves = {row["room"]: row["successor"] for row in rows}
        return {_newest(room, moves) for room in rooms}

    async def tidy(self, now: float) -> None:
        """Forget what nobody will ask for any more."""
        await self.database.execute("DELETE FROM sipbot_arrived WHERE state = 'done' AND at < $1", now - 30 * 86_400)
        await self.database.execute("DELETE FROM sipbot_shown WHERE at < $1", now - _KEEP_WAYS)
        await self.database.execute("DELETE FROM sipbot_talk WHERE at < $1", now - 2 * 86_400)

    def _shown(self, row: Any) -> Shown:
        return self._open(row["sealed"], row["event_id"], Shown)

    def _seal(self, value: object, place: str) -> bytes:
        return self._keyring.seal(msgspec.json.encode(value), f"matrix|{place}")

    def _open(self, sealed: bytes, place: str, kind: type[T]) -> T:
        return msgspec.json.decode(self._keyring.open(sealed, f"matrix|{place}"), type=kind)
