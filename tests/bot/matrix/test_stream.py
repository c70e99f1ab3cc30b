"""What a server hands over, some of it made by strangers on other servers: nothing of it stops the reading for all."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.matrix.server.session import MatrixSettings
from bot.matrix.server.store import MatrixStore
from bot.matrix.server.stream import Stream
from bot.matrix.talk.arrivals import Kind
from storage.encryption.cipher import Keyring, fresh_key
from storage.errors import Undecipherable

# isort: split
from mautrix.errors import DecryptionError, MatrixConnectionError, SessionNotFound, make_request_error
from mautrix.types import EncryptedEvent

ROOM, BOT, JULIA = "!bup:hs.example", "@sip:hs.example", "@julia:hs.example"
SOON = 10.0  # seconds in which a thread that has been told so ends


@dataclass
class Machine:
    """An encryption that can read nothing, for a reason of its own."""

    why: Exception

    async def decrypt_megolm_event(self, event: EncryptedEvent) -> Any:
        raise self.why

    async def handle_device_lists(self, lists: object) -> None:
        """Take them."""

    handle_otk_count = handle_member_event = handle_to_device_event = handle_device_lists

    async def mend(self) -> None:
        """Mend nothing."""


@dataclass
class Session:
    """A session whose server says what a test wants, one answer after the other."""

    store: MatrixStore
    settings: MatrixSettings
    machine: Machine
    answers: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    has_read: bool = False

    async def sync(self, since: str | None, timeout_ms: int) -> dict[str, Any]:
        return self.answers.pop(0)

    async def call(self, method: str, path: object, query: dict[str, str]) -> dict[str, Any]:
        return self.pages.pop(0)

    async def ask_for_key(self, room: str, key: str, session: str, sender: str, device: str) -> None:
        self.asked.append(session)


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    store = MatrixStore(tmp_path / "m.db", BOT, Keyring([fresh_key()]))
    await store.open()
    yield Session(store, MatrixSettings("", BOT, ""), Machine(DecryptionError("invented")))
    await store.close()


async def read(session: Session, **rooms: Any) -> Stream:
    """Let the server tell of rooms, after an answer that tells of none."""
    session.answers += [{"next_batch": "s1"}, {"next_batch": "s2", "rooms": rooms}]
    stream = Stream(session)  # type: ignore[arg-type]
    await stream.step(0)
    await stream.step(0)
    return stream


def joined(*events: dict[str, Any]) -> dict[str, Any]:
    told = [one | {"event_id": f"$e{number}"} for number, one in enumerate(events)]
    return {ROOM: {"timeline": {"events": told, "limited": False}}}


def word(text: str) -> dict[str, Any]:
    return {"type": "m.room.message", "sender": JULIA, "content": {"msgtype": "m.text", "body": text}}


def sealed(session: str = "key") -> dict[str, Any]:
    algorithm = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": session}
    return {"type": "m.room.encrypted", "sender": JULIA, "content": algorithm, "origin_server_ts": 1}


def member(was: str, now: str) -> dict[str, Any]:
    unsigned = {"prev_content": {"membership": was}}
    return {
        "type": "m.room.member",
        "sender": BOT,
        "state_key": BOT,
        "content": {"membership": now},
        "unsigned": unsigned,
    }


async def heard(session: Session) -> list[str]:
    texts = []
    while (waiting := await session.store.next()) is not None:
        assert waiting.arrived is not None
        texts.append(waiting.arrived.text)
        await session.store.done(waiting.event)
    return texts


@pytest.mark.parametrize(
    "part",
    [
        {"invite_state": {"events": ["x", None, 7, [], {"type": []}, {"type": "m.room.member", "state_key": BOT}]}},
        {"invite_state": {"events": "x"}},
        {"invite_state": 7},
        {},
        None,
    ],
)
async def test_what_a_stranger_s_server_tells_of_a_room_stops_nothing(session: Session, part: Any) -> None:
    """Whoever runs a server can ask the bot into a room, and say of it whatever they like."""
    good = {"type": "m.room.member", "state_key": BOT, "sender": JULIA}
    invite = {"!evil:far.example": part, ROOM: {"invite_state": {"events": [good]}}}
    await read(session, invite=invite)
    assert await session.store.invites() == {ROOM: JULIA}


@pytest.mark.parametrize("name", ["body", "\ud800"])
async def test_a_character_that_cannot_be_written_down_stops_nothing(session: Session, name: str) -> None:
    """Nothing of the server's answer was taken, again and again: one word of one member silenced the bot for all."""
    hostile = word("1")
    hostile["content"][name] = "1\ud800\x00"
    reaction = {"rel_type": "m.annotation", "event_id": "$m", "key": "\udfff"}
    sign = {"type": "m.reaction", "sender": JULIA, "content": {"m.relates_to": reaction}}
    closed = sealed()
    closed["content"]["ciphertext"] = "x\ud800"
    state = {"type": "m.room.name", "state_key": "", "sender": JULIA, "content": {"name": "\ud800"}}
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"in": deep}
    await read(session, join=joined(state, hostile, sign, closed, word("2") | {"unsigned": deep}, word("3")))
    assert [text for text in await heard(session) if text] == ["1", "2", "3"]


async def test_a_row_of_the_file_that_was_damaged_keeps_no_other_from_being_answered(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    """The oldest is answered first: one that could not be opened stood before all others for good."""
    await read(session, join=joined(word("1"), word("2"), sealed(), sealed("other")))
    for event in ("$e0", "$e2"):
        await changed(session, event, lambda kept: kept[:-1] + bytes([kept[-1] ^ 1]))
    assert await heard(session) == ["2"]
    assert [kept.event for kept, _ in await session.store.locked()] == ["$e3"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert await heard(session) == []


async def changed(session: Session, event: str, change: Callable[[bytes], bytes]) -> None:
    """Change what the file holds of an arrival."""
    database = session.store.database
    row = await database.fetchrow("SELECT sealed FROM sipbot_arrived WHERE event_id = $1", event)
    assert row is not None
    await database.execute("UPDATE sipbot_arrived SET sealed = $2 WHERE event_id = $1", event, change(row["sealed"]))


@pytest.mark.waits
async def test_a_second_one_on_the_file_is_refused_and_leaves_no_thread_behind(
    session: Session, tmp_path: Path
) -> None:
    """Its thread kept the process from ending: a second bot would not have told that it was refused."""
    before = set(threading.enumerate())
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await MatrixStore(tmp_path / "m.db", BOT, Keyring([fresh_key()])).open()
    for thread in set(threading.enumerate()) - before:
        thread.join(SOON)
        assert not thread.is_alive(), thread


async def test_what_arrived_waits_for_a_key_that_was_forgotten(session: Session) -> None:
    """It was kept, so it is answered once the operator has put the key back."""
    await read(session, join=joined(word("1")))
    # Which key it was sealed with stands behind the first byte.
    for key_is_there in (False, True):
        await changed(session, "$e0", lambda kept: kept[:1] + bytes(255 - byte for byte in kept[1:5]) + kept[5:])
        if not key_is_there:
            with pytest.raises(Undecipherable):
                await heard(session)
    assert await heard(session) == ["1"]


async def test_what_was_written_before_the_bot_came_is_not_meant_for_it(session: Session) -> None:
    """A room that lets newcomers read what was before hands that over as if it were new."""
    events = (word("!sip lista"), sealed(), member("invite", "join"), word("!sip visa"))
    await read(session, join=joined(*events))
    assert await heard(session) == ["!sip visa"]


async def test_a_new_name_of_the_bot_is_no_coming(session: Session) -> None:
    await read(session, join=joined(word("1"), member("join", "join"), word("2")))
    assert await heard(session) == ["1", "2"]


@pytest.mark.parametrize(
    "why",
    [
        MatrixConnectionError("invented"),
        make_request_error(http_status=502, text="", errcode="", message=""),
        make_request_error(http_status=429, text="", errcode="M_LIMIT_EXCEEDED", message=""),
        sqlite3.OperationalError("database or disk is full"),
    ],
)
async def test_a_word_that_cannot_be_read_because_the_server_or_the_disk_failed_is_read_later(
    session: Session, why: Exception
) -> None:
    """Whose device is not known yet is asked for while a word is read: that may fail, and the word must stay."""
    session.machine.why = why
    with pytest.raises(type(why)):
        await read(session, join=joined(sealed()))
    assert await session.store.crypto.get_next_batch() == "s1"


async def test_a_word_that_nobody_could_read_on_any_day_does_not_stop_the_others(session: Session) -> None:
    session.machine.why = make_request_error(http_status=400, text="", errcode="M_INVALID_PARAM", message="")
    await read(session, join=joined(sealed(), word("1")))
    assert await heard(session) == ["1"]


async def test_of_very_many_keys_that_are_missing_some_are_asked_for(session: Session) -> None:
    """Each is a call to the server, and anybody in a room can write what names a key that does not exist."""

    class Missing(Machine):
        async def decrypt_megolm_event(self, event: EncryptedEvent) -> Any:
            raise SessionNotFound(event.content.session_id)

    session.machine = Missing(DecryptionError(""))
    await read(session, join=joined(*(sealed(f"key{number}") for number in range(500)), word("1")))
    assert 0 < len(session.asked) <= 20
    waiting = await session.store.next()
    assert waiting is not None
    assert waiting.arrived is not None
    assert (waiting.arrived.kind, waiting.arrived.text) == (Kind.WORD, "1")


def gap(session: Session, pages: int) -> dict[str, Any]:
    """A room of which the server left out so many pages of words."""
    session.pages = [{"chunk": [word(f"{n}") | {"event_id": f"$p{n}"}], "end": f"p{n}"} for n in range(pages)]
    session.pages.append({"chunk": []})
    return {ROOM: {"timeline": {"events": [], "limited": True, "prev_batch": "p"}}}


async def test_what_the_server_left_out_is_fetched_and_told_in_its_order(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    await read(session, join=gap(session, 3))
    assert await heard(session) == ["2", "1", "0"]
    assert "not read" not in caplog.text


async def test_when_more_was_left_out_than_is_fetched_the_operator_is_told(
    session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    await read(session, join=gap(session, 60))
    assert len(await heard(session)) == 50
    assert "the oldest of it is not read" in caplog.text
