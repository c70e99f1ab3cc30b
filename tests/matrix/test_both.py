"""One case over two platforms: the coordinator on Slack, an agency in its encrypted Matrix room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.matrix import platform
from bot.matrix.login import log_in
from bot.matrix.plan import Plan
from bot.matrix.session import MatrixSettings
from bot.matrix.store import MatrixStore
from domain.address import Address, Kind
from domain.directory import Directory
from domain.summons import Standing
from storage.encryption.cipher import Keyring, fresh_key
from storage.migrate import migrate
from tests.handlers import town
from tests.handlers.story import Story, telling
from tests.matrix.client import Person, current
from tests.synapse import PASSWORD, Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

NewPerson = Callable[[str], Awaitable[Person]]


@dataclass
class Both:
    """A story on Slack, with BUP in a Matrix room: its Julia there is the one of the directory."""

    story: Story
    julia: Person
    outsider: Person
    room: str

    async def settle(self) -> None:
        """Let letters go out; a minute passes where one has to wait."""
        await self.story.settle()

    async def standing(self) -> Standing:
        meeting = (await self.story.case()).meetings[-1]
        summons = meeting.summons_of("bup")
        assert summons is not None
        return summons.standing(meeting.round)

    async def summons(self) -> str:
        """Summon, and return the event of the summons in the room."""
        await self.story.summoned()
        await self.settle()
        return str((await self.julia.wait_for(self.story.code, room=self.room))["event_id"])

    async def becomes(self, standing: Standing) -> None:
        for _ in range(100):
            if await self.standing() is standing:
                return
            await self.julia.sync(0.1)
        raise AssertionError(f"is {await self.standing()}")


@pytest.fixture
async def both(homeserver: Synapse, person: NewPerson, tmp_path: Path) -> AsyncIterator[Both]:
    name = f"sip{tmp_path.name}".replace("_", "").lower()[:40]
    homeserver.register(name)
    keys = fresh_key()
    julia, outsider = await person("julia"), await person("outsider")
    reach = MatrixSettings(homeserver.url, f"@{name}:{homeserver.name}", "", store=tmp_path / "matrix.db")
    kept = await log_in(reach, PASSWORD, Keyring([keys]))
    empty = tmp_path / "empty.db"
    migrate(f"sqlite:///{empty}")
    folder = tmp_path / "story"
    folder.mkdir()
    async with telling(
        folder,
        empty,
        sipbot_secret_keys=(SecretStr(keys),),
        matrix_homeserver=homeserver.url,
        matrix_user=kept.user,
        matrix_token=SecretStr(kept.token),
        matrix_recovery_key=SecretStr(kept.recovery_key),
        matrix_store=str(reach.store),
    ) as story:
        room = await julia.room_with(outsider.user)
        await outsider.join_next()
        directory = _moved(town.directory(), room, julia.user)
        await story.writing(lambda tx: tx.replace_directory(directory, "operator"))
        await julia.session.client.invite_user(room, kept.user)  # type: ignore[arg-type]
        await julia.sync()
        made = Both(story, julia, outsider, room)
        await _joined(julia, room, kept.user)
        yield made


async def _joined(julia: Person, room: str, user: str) -> None:
    for _ in range(150):
        await julia.sync(0.2)
        members = await julia.session.client.get_joined_members(room)  # type: ignore[arg-type]
        if user in members:
            return
    raise AssertionError("the bot does not come")


def _moved(directory: Directory, room: str, user: str) -> Directory:
    """Return the town with BUP in a Matrix room, where Julia has another account."""
    agencies = dict(directory.agencies)
    agencies["bup"] = replace(agencies["bup"], addresses=(Address("matrix", Kind.ROOM, room),))
    staff = dict(directory.staff)
    julia = staff["slack:T0/U0JULIA"]
    staff[julia.id] = replace(julia, identities=(f"matrix:{user}", *julia.identities))
    return Directory(agencies, staff)


async def test_a_summons_goes_to_the_room_and_its_receipt_comes_back_to_slack(both: Both) -> None:
    event = await both.summons()
    seen = await both.julia.wait_for(both.story.code)
    assert seen["encrypted"]
    assert "1 ✅" in current(seen)
    await both.julia.say(both.room, "1", thread=event)
    await both.becomes(Standing.RECEIVED)
    await both.settle()
    changed = await both.julia.wait(lambda e: e["content"].get("m.relates_to", {}).get("rel_type") == "m.replace")
    assert changed["content"]["m.relates_to"]["event_id"] == event


async def test_another_time_is_proposed_in_a_conversation_in_the_thread(both: Both) -> None:
    event = await both.summons()
    await both.julia.say(both.room, "3", thread=event)
    await both.julia.wait_for("1/2")
    await both.julia.say(both.room, "torsdag 10/12 14.00", thread=event)
    await both.julia.wait_for("Stämmer allt?")
    echoed = await both.julia.wait_for("torsdag 10 december 2026")
    assert "14.00" in current(echoed)
    assert await both.standing() is Standing.SENT
    await both.julia.say(both.room, "ja", thread=event)
    await both.becomes(Standing.PROPOSED)


async def test_names_are_given_by_number_out_of_the_rooms_staff(both: Both) -> None:
    event = await both.summons()
    await both.julia.say(both.room, "2", thread=event)
    await both.julia.wait_for("1 Julia")
    for line in ("1", "-", "ja", "-", "-"):
        await both.julia.say(both.room, line, thread=event)
    await both.julia.wait_for("Stämmer allt?")
    await both.julia.say(both.room, "ja", thread=event)
    await both.becomes(Standing.NAMED)
    await both.settle()
    file = await both.julia.wait(lambda e: e["content"].get("msgtype") == "m.file")
    assert file["content"]["m.relates_to"]["event_id"] == event
    assert file["content"]["file"]["url"].startswith("mxc://")


async def test_a_reaction_opens_the_question_and_the_word_binds(both: Both) -> None:
    event = await both.summons()
    await both.julia.react(both.room, event, "✅")
    await both.julia.wait_for("räknas inte som svar")
    assert await both.standing() is Standing.SENT
    await both.julia.say(both.room, "ja", thread=event)
    await both.becomes(Standing.RECEIVED)


async def test_who_is_not_in_the_directory_answers_nothing(both: Both) -> None:
    event = await both.summons()
    await both.outsider.wait_for(both.story.code)
    await both.outsider.react(both.room, event, "✅")
    await both.outsider.say(both.room, "ja", thread=event)
    await both.outsider.say(both.room, "1", thread=event)
    await both.julia.say(both.room, "4", thread=event)
    await both.julia.wait_for("1/1")
    assert await both.standing() is Standing.SENT


async def test_a_command_is_answered_in_a_direct_room(both: Both) -> None:
    await both.summons()
    await both.julia.say(both.room, f"!sip visa {both.story.code}")
    direct = await both.julia.join_next()
    answer = await both.julia.wait_for(both.story.code, room=direct)
    assert answer["encrypted"]
    await both.julia.say(direct, "hjälp")
    await both.julia.wait_for("!sip ny", room=direct)


async def test_nothing_that_was_said_stands_in_clear_on_the_server(both: Both, homeserver: Synapse) -> None:
    await both.summons()
    path = f"/_matrix/client/v3/rooms/{both.room}/messages?dir=b&limit=100"
    chunk = homeserver.call("GET", path, both.julia.session.settings.token)["chunk"]
    assert {raw["type"] for raw in chunk if "state_key" not in raw} <= {"m.room.encrypted", "m.reaction"}
    assert both.story.code not in str(chunk)


async def test_hostile_events_stop_nothing(both: Both, homeserver: Synapse) -> None:
    event = await both.summons()
    token = both.julia.session.settings.token
    hostile: tuple[tuple[str, dict[str, Any]], ...] = (
        ("m.room.message", {"body": {"a": 1}, "msgtype": 7}),
        ("m.room.message", {"msgtype": "m.text", "body": "1", "m.relates_to": {"rel_type": "m.thread", "event_id": 3}}),
        ("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "x", "session_id": "y"}),
        ("m.room.encrypted", {"algorithm": 7}),
        ("m.room.encrypted", {}),
        ("m.reaction", {"m.relates_to": {"rel_type": "m.annotation", "event_id": event, "key": "x" * 200}}),
        ("m.room.message", {"msgtype": "m.text", "body": "x" * 50_000}),
    )
    for number, (kind, content) in enumerate(hostile):
        path = f"/_matrix/client/v3/rooms/{both.room}/send/{kind}/hostile{number}"
        homeserver.call("PUT", path, token, content)
    # In clear it does not count, whoever says it.
    relation = {"rel_type": "m.thread", "event_id": event}
    clear = {"msgtype": "m.text", "body": "1", "m.relates_to": relation}
    homeserver.call("PUT", f"/_matrix/client/v3/rooms/{both.room}/send/m.room.message/clear", token, clear)
    await both.julia.wait_for("okrypterat")
    assert await both.standing() is Standing.SENT
    await both.julia.say(both.room, "1", thread=event)
    await both.becomes(Standing.RECEIVED)


async def test_an_edit_of_an_answer_is_no_second_answer(both: Both) -> None:
    event = await both.summons()
    said = await both.julia.say(both.room, "4", thread=event)
    await both.julia.wait_for("1/1")
    await both.julia.say(both.room, "avbryt", thread=event)
    await both.julia.wait_for("Avbrutet")
    relation = {"rel_type": "m.replace", "event_id": said}
    new = {"msgtype": "m.text", "body": "1"}
    await both.julia.session.send(both.room, {**new, "m.new_content": new, "m.relates_to": relation}, "edit")
    await both.julia.say(both.room, "3", thread=event)
    await both.julia.wait_for("1/2")
    assert await both.standing() is Standing.SENT


async def test_a_bot_that_ends_in_the_middle_goes_on_where_it_stood(both: Both) -> None:
    """The conversation, the ways to answer and the place in the stream outlive the process."""
    event = await both.summons()
    await both.julia.say(both.room, "3", thread=event)
    await both.julia.wait_for("1/2")
    (platform,) = (one for one in both.story.bot.platforms if one.name == "matrix")
    await platform.stop()
    await both.julia.say(both.room, "10/12 14.00", thread=event)
    await platform.start()
    await both.julia.wait_for("Stämmer allt?")
    await both.julia.say(both.room, "ja", thread=event)
    await both.becomes(Standing.PROPOSED)
    questions = [e for e in both.julia.seen if current(e).startswith("1/2") or "\n1/2" in current(e)]
    assert len(questions) == 1


async def test_a_bot_that_dies_after_taking_an_answer_takes_it_once_and_says_so(
    both: Both, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = await both.summons()
    monkeypatch.setattr(platform, "_AGAIN", 0.1)
    plan = MatrixStore.plan
    died: list[str] = []

    async def dying(self: MatrixStore, name: str, kept: Plan) -> None:
        if not died:
            died.append(name)
            raise RuntimeError("invented")
        await plan(self, name, kept)

    monkeypatch.setattr(MatrixStore, "plan", dying)
    await both.julia.say(both.room, "1", thread=event)
    await both.julia.wait_for("startades om")
    assert died
    assert await both.standing() is Standing.RECEIVED
    assert len(await both.story.journal("summons.received")) == 1
