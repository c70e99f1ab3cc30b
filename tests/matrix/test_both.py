"""One case over two platforms: the coordinator on Slack, an agency in its encrypted Matrix room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.matrix.login import log_in
from bot.matrix.session import MatrixSettings
from domain.address import Address, Kind
from domain.directory import Directory
from domain.meeting import Standing
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
    for line in ("1", "-", "ja", "-"):
        await both.julia.say(both.room, line, thread=event)
    await both.julia.wait_for("Stämmer allt?")
    await both.julia.say(both.room, "ja", thread=event)
    await both.becomes(Standing.NAMED)


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
    await both.julia.wait_for("/sip", room=direct)


async def test_nothing_that_was_said_stands_in_clear_on_the_server(both: Both, homeserver: Synapse) -> None:
    await both.summons()
    path = f"/_matrix/client/v3/rooms/{both.room}/messages?dir=b&limit=100"
    chunk = homeserver.call("GET", path, both.julia.session.settings.token)["chunk"]
    assert {raw["type"] for raw in chunk if "state_key" not in raw} <= {"m.room.encrypted", "m.reaction"}
    assert both.story.code not in str(chunk)
