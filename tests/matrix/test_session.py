"""The session on a real server: everything encrypted, nothing twice, nothing lost over a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.delivery.outcome import NotSent
from bot.delivery.transport import Delivery
from bot.matrix.names import MARK
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.lookup import by_mark
from bot.matrix.server.session import MatrixSession, MatrixSettings
from bot.matrix.talk.arrivals import Kind
from bot.time_guard import TimeGuard, seconds_since_boot
from storage.encryption.cipher import Keyring, fresh_key
from tests.matrix.bare import Bot, room_of
from tests.matrix.client import Person
from tests.synapse import Synapse, running

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

NewPerson = Callable[[str], Awaitable[Person]]


async def test_what_the_bot_says_is_encrypted_and_read(bot: Bot, person: NewPerson, homeserver: Synapse) -> None:
    anna = await person("anna")
    room = await room_of(bot, anna)
    event = await bot.session.send(room, {"msgtype": "m.text", "body": "invented words"}, "one")
    assert (await anna.wait_for("invented words"))["encrypted"]
    wire = homeserver.call("GET", f"/_matrix/client/v3/rooms/{room}/event/{event}", anna.session.settings.token)
    assert wire["type"] == "m.room.encrypted"
    assert "invented words" not in str(wire)


async def test_one_transaction_id_is_one_message_over_restarts(bot: Bot, person: NewPerson) -> None:
    anna = await person("anna")
    room = await room_of(bot, anna)
    first = await bot.session.send(room, {"msgtype": "m.text", "body": "only once"}, "letter-1")
    await bot.again()
    assert await bot.session.send(room, {"msgtype": "m.text", "body": "only once"}, "letter-1") == first
    await bot.session.send(room, {"msgtype": "m.text", "body": "the end"}, "letter-2")
    await anna.wait_for("the end")
    assert [e["content"]["body"] for e in anna.seen if e["encrypted"]] == ["only once", "the end"]


async def test_a_message_is_found_by_its_mark_also_after_a_restart(bot: Bot, person: NewPerson) -> None:
    anna = await person("anna")
    room, began = await room_of(bot, anna), datetime.now(UTC)
    event = await bot.session.send(room, {"msgtype": "m.text", "body": "x", MARK: "the mark"}, "one")
    await bot.session.send(room, {"msgtype": "m.text", "body": "y", MARK: "another"}, "two")
    await bot.again()
    assert await by_mark(bot.session, room, "the mark", began) == event
    assert await by_mark(bot.session, room, "no such", began) == ""


async def test_a_server_that_is_there_is_told_from_one_that_is_not(tmp_path: Path) -> None:
    with running() as server:
        server.register("bot")
        login = server.login("bot")
        settings = MatrixSettings(server.url, login.user, login.token, store=tmp_path / "away.db")
        bot = await Bot(settings, fresh_key()).open()
        try:
            assert await bot.session.alive()
            server.stop()
            assert not await bot.session.alive()
            with pytest.raises(MatrixFailed) as told:
                await bot.stream.step(0)
            assert isinstance(told.value.failure, NotSent)
        finally:
            await bot.session.close()


async def test_an_invitation_outlives_a_process_that_ends_before_it_has_come(bot: Bot, person: NewPerson) -> None:
    """The server tells of it once."""
    anna = await person("anna")
    room = await anna.room_with(bot.session.settings.user)
    await bot.stream.step(1000)
    await bot.again()
    assert await bot.session.store.invites() == {room: anna.user}


async def test_what_time_the_server_has_is_passed_on(bot: Bot) -> None:
    """RFC 9110 section 6.6.1: with it a clock that is wrong is found out."""
    guard = TimeGuard(SystemClock(), seconds_since_boot)
    await bot.session.close()
    session = MatrixSession(bot.session.settings, Keyring([bot.key]), guard.dated)
    bot.session = session
    wanted = [guard.wants_proof]
    await session.open()
    wanted.append(guard.wants_proof)
    assert (wanted, guard.doubt) == ([True, False], "")


async def test_nothing_is_said_in_a_room_that_is_not_encrypted(bot: Bot, homeserver: Synapse) -> None:
    made = homeserver.call("POST", "/_matrix/client/v3/createRoom", bot.session.settings.token, {})
    with pytest.raises(MatrixFailed, match="not_encrypted"):
        await bot.session.send(made["room_id"], {"msgtype": "m.text", "body": "secret"}, "one")


async def test_what_people_write_arrives_once_over_restarts(bot: Bot, person: NewPerson) -> None:
    anna = await person("anna")
    room = await room_of(bot, anna)
    await anna.sync()
    for number in range(3):
        await anna.say(room, f"word {number}")
    await bot.stream.step(0)
    await bot.again()
    await bot.stream.step(0)
    texts = []
    while (waiting := await bot.session.store.next()) is not None:
        arrived = waiting.arrived
        assert arrived is not None
        assert (arrived.kind, arrived.sender, arrived.sure) == (Kind.WORD, anna.user, True)
        texts.append(arrived.text)
        await bot.session.store.done(arrived.event)
    assert texts == ["word 0", "word 1", "word 2"]


async def test_words_that_came_unencrypted_are_marked_so(bot: Bot, person: NewPerson, homeserver: Synapse) -> None:
    anna = await person("anna")
    room = await room_of(bot, anna)
    path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/t1"
    homeserver.call("PUT", path, anna.session.settings.token, {"msgtype": "m.text", "body": "in clear"})
    await bot.stream.step(1000)
    waiting = await bot.session.store.next()
    assert waiting is not None
    assert waiting.arrived is not None
    assert (waiting.arrived.encrypted, waiting.arrived.sure) == (False, False)


async def test_the_file_holds_nothing_that_was_written(bot: Bot, person: NewPerson, tmp_path: Path) -> None:
    anna = await person("anna")
    room = await room_of(bot, anna)
    await anna.sync()
    await anna.say(room, "words that nobody else may read")
    await bot.stream.step(1000)
    assert await bot.session.store.next() is not None
    assert b"words that nobody" not in _kept(tmp_path)


def _kept(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("matrix.db*"))


async def test_the_file_outlives_a_change_of_the_secret_keys(bot: Bot, person: NewPerson) -> None:
    anna = await person("anna")
    room = await room_of(bot, anna)
    first = await bot.session.send(room, {"msgtype": "m.text", "body": "before"}, bot.session.hidden("letter"))
    await bot.again(Keyring([fresh_key(), bot.key]))
    assert await bot.session.send(room, {"msgtype": "m.text", "body": "x"}, bot.session.hidden("letter")) == first


async def test_a_second_process_is_refused_the_file(bot: Bot) -> None:
    with pytest.raises(Exception, match="locked"):
        await MatrixSession(bot.session.settings, Keyring([bot.key])).store.open()


async def test_a_server_that_wants_a_pause_is_obeyed_to_the_second(tmp_path: Path) -> None:
    with running(generous=False) as server:
        server.register("bot")
        login = server.login("bot")
        settings = MatrixSettings(server.url, login.user, login.token, store=tmp_path / "slow.db")
        bot = await Bot(settings, fresh_key()).open()
        try:
            room = await bot.session.create_room("alone", "@nobody:hs.example")
            sent, failure = await _until_refused(bot, room)
            assert isinstance(failure, NotSent)
            assert failure.why == "ratelimited"
            assert failure.retry_after is not None
            await asyncio.sleep(failure.retry_after)
            # What was refused is taken with the same id, and what was taken stays one message.
            later = await bot.session.send(room, {"msgtype": "m.text", "body": "x"}, f"t{len(sent)}")
            assert later not in sent
        finally:
            await bot.session.close()


async def _until_refused(bot: Bot, room: str) -> tuple[list[str], Delivery]:
    sent: list[str] = []
    while len(sent) < 30:
        try:
            event = await bot.session.send(room, {"msgtype": "m.text", "body": "x"}, f"t{len(sent)}")
        except MatrixFailed as refused:
            return sent, refused.failure
        sent.append(event)
    raise AssertionError("the server takes everything")
