"""What strangers, other members and other servers do to keys, on a real server: nobody is made silent by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.matrix.server.failures import MatrixFailed
from bot.matrix.talk.arrivals import Arrived, Kind
from tests.matrix.bare import Bot, room_of
from tests.matrix.client import Person
from tests.synapse import Synapse

# isort: split
from mautrix.errors import MatrixConnectionError
from mautrix.types import EventType, RoomKeyEventContent

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

NewPerson = Callable[[str], Awaitable[Person]]


async def heard(bot: Bot) -> list[Arrived]:
    await bot.stream.step(500)
    found = []
    while (waiting := await bot.session.store.next()) is not None:
        assert waiting.arrived is not None
        found.append(waiting.arrived)
        await bot.session.store.done(waiting.event)
    return found


async def test_whoever_takes_all_one_time_keys_makes_nobody_unreadable(
    bot: Bot, person: NewPerson, homeserver: Synapse
) -> None:
    """Anybody on any server may claim them, as many as there are."""
    anna, eve = await person("anna"), await person("eve")
    user, device = bot.session.settings.user, str(bot.session.client.device_id)
    room = await room_of(bot, anna)
    claim = {"one_time_keys": {user: {device: "signed_curve25519"}}}
    for _ in range(60):
        path = "/_matrix/client/v3/keys/claim"
        answer = homeserver.call("POST", path, eve.session.settings.token, claim)
        (key,) = answer["one_time_keys"][user][device].values()
    assert key["fallback"] is True
    await anna.say(room, "read all the same")
    assert [arrived.text for arrived in await heard(bot)] == ["read all the same"]
    again = homeserver.call("POST", path, eve.session.settings.token, claim)
    assert again["one_time_keys"][user][device].values() != key, "one that was used is replaced"


async def test_another_member_cannot_take_somebodys_key_for_their_own(bot: Bot, person: NewPerson) -> None:
    """All in a room have the key that one of them speaks with. Sent on as one's own, it made its maker a stranger."""
    anna, eve = await person("anna"), await person("eve")
    room = await room_of(bot, anna)
    await anna.session.client.invite_user(room, eve.user)  # type: ignore[arg-type]
    assert await eve.join_next() == room
    await bot.stream.step(0)
    await anna.sync()
    await anna.say(room, "first")
    assert [(one.text, one.sure) for one in await heard(bot)] == [("first", True)]
    out: Any = await anna.session.store.crypto.get_outbound_group_session(room)  # type: ignore[arg-type]
    for place in (room, "!other:hs.example"):
        stolen = RoomKeyEventContent(
            algorithm=out.share_content.algorithm,
            room_id=place,  # type: ignore[arg-type]
            session_id=out.id,
            session_key=out.session_key,
        )
        found: Any = await eve.session.machine._fetch_keys([bot.session.settings.user], include_untracked=True)  # noqa: SLF001 - a hostile program
        (device,) = found[bot.session.settings.user].values()
        await eve.session.machine.send_encrypted_to_device(device, EventType.ROOM_KEY, stolen)
    await bot.stream.step(500)
    await anna.say(room, "second")
    assert [(one.text, one.sure) for one in await heard(bot)] == [("second", True)]


async def test_a_word_that_is_told_again_under_another_name_or_from_another_counts_once(
    bot: Bot, person: NewPerson, homeserver: Synapse
) -> None:
    """A server can hand over the same ciphertext as a new event, as another person's, or in another room."""
    anna, eve = await person("anna"), await person("eve")
    room = await room_of(bot, anna)
    await anna.sync()
    event = await anna.say(room, "1")
    token = anna.session.settings.token
    raw = homeserver.call("GET", f"/_matrix/client/v3/rooms/{room}/event/{event}", token)
    assert [one.text for one in await heard(bot)] == ["1"]
    stream = bot.stream
    for told, place in (
        (raw | {"event_id": "$again"}, room),
        (raw | {"event_id": "$hers", "sender": eve.user}, room),
        (raw | {"event_id": "$there"}, "!other:hs.example"),
    ):
        found = await stream._read(told, place)  # noqa: SLF001 - what a server hands over
        assert found is not None
        assert (found.kind, found.text) == (Kind.UNREADABLE, "")


async def test_what_a_person_could_not_read_is_not_said_until_they_can(
    bot: Bot, person: NewPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With whom no session could be made, because a server was away, the message would stay unreadable for ever."""
    anna = await person("anna")
    room = await room_of(bot, anna)
    await anna.sync()
    claim, away = type(bot.session.client).claim_keys, [True]

    async def claiming(*arguments: Any, **named: Any) -> Any:
        if away[0]:
            raise MatrixConnectionError("invented")
        return await claim(*arguments, **named)

    monkeypatch.setattr(type(bot.session.client), "claim_keys", claiming)
    with pytest.raises(MatrixFailed):
        await bot.session.send(room, {"msgtype": "m.text", "body": "said once she can read it"}, "one")
    away[0] = False
    await bot.session.send(room, {"msgtype": "m.text", "body": "said once she can read it"}, "one")
    await anna.wait_for("said once she can read it")
    assert anna.unreadable == []


@pytest.mark.parametrize("broken", [{"keys": 7}, {"signatures": []}])
async def test_what_one_server_says_amiss_of_its_people_keeps_nobody_else_away(
    bot: Bot, person: NewPerson, monkeypatch: pytest.MonkeyPatch, broken: dict[str, Any]
) -> None:
    anna, eve = await person("anna"), await person("eve")
    room = await room_of(bot, anna)
    await anna.session.client.invite_user(room, eve.user)  # type: ignore[arg-type]
    await eve.join_next()
    api = bot.session.client.api
    ask = api.request

    async def asking(method: Any, path: Any, *more: Any, **named: Any) -> Any:
        answer: Any = await ask(method, path, *more, **named)
        if str(path).endswith("keys/query"):
            for devices in (answer["device_keys"].get(eve.user) or {}).values():
                devices.update(broken)
        return answer

    monkeypatch.setattr(api, "request", asking)
    await bot.stream.step(500)
    await bot.session.send(room, {"msgtype": "m.text", "body": "for whom can be read"}, "one")
    await anna.wait_for("for whom can be read")
    await anna.say(room, "and back")
    assert [one.text for one in await heard(bot)] == ["and back"]


async def test_a_bot_whose_file_is_gone_does_not_pass_itself_off_as_the_device_that_it_was(
    bot: Bot, person: NewPerson
) -> None:
    """Under the same name with other keys, people's programs rightly refuse it: nobody would read what it says."""
    await bot.session.close()
    for file in bot.session.settings.store.parent.glob("matrix.db*"):
        file.rename(file.with_name("kept-" + file.name))
    with pytest.raises(MatrixFailed, match="device_keys_lost"):
        await bot.open()
    for file in bot.session.settings.store.parent.glob("matrix.db*"):
        file.unlink()
    for file in bot.session.settings.store.parent.glob("kept-*"):
        file.rename(file.with_name(file.name.removeprefix("kept-")))
    await bot.open()


async def test_a_bot_whose_file_was_put_back_to_an_older_one_is_read_and_reads(bot: Bot, person: NewPerson) -> None:
    """Its keys would be used twice, which is dangerous and which people's programs refuse."""
    anna = await person("anna")
    room = await room_of(bot, anna)
    await anna.sync()
    await bot.session.send(room, {"msgtype": "m.text", "body": "before"}, "one")
    await anna.say(room, "hers before")
    assert [one.text for one in await heard(bot)] == ["hers before"]
    await bot.session.close()
    kept = {file: file.read_bytes() for file in bot.session.settings.store.parent.glob("matrix.db*")}
    await bot.open()
    for number in range(3):
        await bot.session.send(room, {"msgtype": "m.text", "body": f"later {number}"}, f"later{number}")
    await anna.wait_for("later 2")
    await bot.stream.step(500)
    await bot.session.close()
    for file, content in kept.items():
        file.write_bytes(content)
    await bot.open()
    await bot.stream.step(500)
    await bot.session.send(room, {"msgtype": "m.text", "body": "after all"}, "after")
    await anna.wait_for("after all", patience=10)
    assert anna.unreadable == []
    await anna.say(room, "hers after")
    assert [one.text for one in await heard(bot)] == ["hers after"]
