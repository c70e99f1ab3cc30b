"""Fills a room with very many members by the server's own file: by invitations a server needs a quarter of an hour."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from tests.synapse import Synapse

#: Tables in which each event that is part of a room's present state stands, and the column for whom it is about.
_TABLES = {
    "events": "state_key",
    "event_json": "",
    "state_events": "state_key",
    "current_state_events": "state_key",
    "room_memberships": "user_id",
    "event_to_state_groups": "",
    "event_auth": "",
}
_UNSIGNED = frozenset({"signatures", "unsigned"})


def fill(server: Synapse, room: str, invited: str, users: Sequence[str]) -> None:
    """Put everybody into a room as somebody stands in it who was invited last; the server is started anew for that."""
    server.stop()
    with contextlib.closing(sqlite3.connect(server.folder / "synapse.db")) as database, database:
        database.row_factory = sqlite3.Row
        (event,) = database.execute(
            "SELECT event_id FROM current_state_events WHERE room_id = ? AND state_key = ?", (room, invited)
        ).fetchone()
        (group,) = database.execute("SELECT max(id) FROM state_groups WHERE room_id = ?", (room,)).fetchone()
        (first,) = database.execute("SELECT min(0, min(stream_ordering)) FROM events").fetchone()
        rows = {
            table: [dict(row) for row in database.execute(f"SELECT * FROM {table} WHERE event_id = ?", (event,))]  # noqa: S608 - names of ours
            for table in _TABLES
        }
        told = json.loads(rows["event_json"][0]["json"])
        assert name_of(told) == event, "the server names events otherwise than this does"
        for number, user in enumerate(users, 1):
            # What came before everything else has a number below nought: nobody's place in the stream is past it.
            _put(database, rows, told | {"state_key": user}, first - number)
            place = (group, room, "m.room.member", user, name_of(told | {"state_key": user}))
            database.execute("INSERT INTO state_groups_state VALUES (?, ?, ?, ?, ?)", place)
    server.start()


def _put(database: sqlite3.Connection, rows: dict[str, list[dict[str, Any]]], told: dict[str, Any], at: int) -> None:
    for table, column in _TABLES.items():
        for row in rows[table]:
            new = row | {"event_id": name_of(told)}
            if column:
                new[column] = told["state_key"]
            if "json" in new:
                new["json"] = json.dumps(told)
            for ordering in {"stream_ordering", "event_stream_ordering"} & set(new):
                new[ordering] = at
            marks = ", ".join("?" * len(new))
            database.execute(f"INSERT INTO {table} ({', '.join(new)}) VALUES ({marks})", tuple(new.values()))  # noqa: S608 - names of ours


def name_of(told: dict[str, Any]) -> str:
    """Return the id of somebody's membership: the hash of what a redaction leaves of it (Matrix, reference hashes)."""
    kept = {key: value for key, value in told.items() if key not in _UNSIGNED}
    kept["content"] = {"membership": told["content"]["membership"]}
    exact = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return "$" + base64.urlsafe_b64encode(hashlib.sha256(exact).digest()).decode().rstrip("=")
