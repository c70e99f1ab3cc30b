"""What becomes of rooms: the bot is put out, a room is replaced, somebody else comes into a direct room."""

from __future__ import annotations

import asyncio

import pytest

from domain.summons import Standing
from tests.handlers.story import plain
from tests.matrix.both import Both
from tests.matrix.client import current
from tests.synapse import PASSWORD, Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]


async def test_a_room_that_the_bot_was_put_out_of_is_told_to_the_coordinator(both: Both, homeserver: Synapse) -> None:
    """As on every platform: what cannot be delivered is never silence."""
    path = f"/_matrix/client/v3/rooms/{both.room}/kick"
    bot = both.platform.session.settings.user
    homeserver.call("POST", path, both.julia.session.settings.token, {"user_id": bot})
    await both.story.summoned()
    await both.settle()
    (dead,) = await both.story.journal("letter.dead")
    assert (dead.entry.agency, dict(dead.entry.details)["why"]) == ("bup", "not_in_room")


async def test_4d_where_somebody_else_reads_nothing_is_said_until_they_have_left(both: Both) -> None:
    """Somebody comes into the agency's room while the bot believes that it is safe."""
    await both.summons()
    await both.lets_in()
    heard = len(both.outsider.seen)
    await both.story.moves()
    await both.settle()
    dead = [row.entry for row in await both.story.journal("letter.dead")]
    assert {(entry.agency, dict(entry.details)["why"]) for entry in dead} == {("bup", "room_strangers")}
    assert "summons" in {dict(entry.details)["letter"] for entry in dead}
    assert await both.standing() is Standing.UNDELIVERED
    title = both.story.says("note.unsafe_room.title", code=both.story.code, agency="Barn- och ungdomspsykiatrin")
    assert [title in plain(m.blocks) for m in both.story.messages("anna")].count(True) == 1
    await both.outsider.sync()
    assert [e for e in both.outsider.seen[heard:] if e["sender"] == both.platform.session.settings.user] == []
    await both.puts_out()
    await both.story.moves(start="10:30")
    await both.settle()
    await both.julia.wait(lambda e: "10.30" in current(e))
    assert await both.standing() is Standing.SENT


async def test_a_room_that_was_replaced_is_followed(both: Both, homeserver: Synapse) -> None:
    """The directory still names the old one; what stood there is drawn in the new one, and can be answered."""
    await both.summons()
    token = both.julia.session.settings.token
    made = homeserver.call("POST", f"/_matrix/client/v3/rooms/{both.room}/upgrade", token, {"new_version": "10"})
    new, bot = made["replacement_room"], both.platform.session.settings.user
    await both.julia.session.client.invite_user(new, bot)  # type: ignore[arg-type]
    await both.come(new)
    await both.story.moves()
    await both.settle()
    shown = await both.julia.wait_for(both.story.code, room=new)
    await both.julia.say(new, "1", thread=shown["event_id"])
    await both.becomes(Standing.RECEIVED)


async def test_a_direct_room_into_which_somebody_else_comes_is_left_to_them(both: Both) -> None:
    await both.summons()
    await both.julia.say(both.room, "!sip lista")
    first = await both.julia.join_next()
    await both.julia.wait_for("SIP", room=first)
    await both.julia.session.client.invite_user(first, both.outsider.user)  # type: ignore[arg-type]
    await both.outsider.join_next()
    await both.julia.sync()
    before = len([e for e in both.outsider.seen if e["room_id"] == first])
    await both.julia.say(both.room, f"!sip visa {both.story.code}")
    second = await both.julia.join_next()
    assert second != first
    await both.julia.wait_for(both.story.code, room=second)
    await both.outsider.sync()
    assert [current(e) for e in both.outsider.seen if e["room_id"] == first][before:] == []


async def test_a_reaction_that_is_taken_back_closes_the_question(both: Both) -> None:
    event = await both.summons()
    reaction = await both.julia.react(both.room, event, "✅")
    await both.julia.wait_for("räknas inte som svar")
    await both.julia.session.redact(both.room, reaction, "gone")
    await both.julia.wait_for("Inget svar är lämnat")
    await both.julia.say(both.room, "ja", thread=event)
    await both.julia.say(both.room, "4", thread=event)
    await both.julia.wait_for("1/1")
    assert await both.standing() is Standing.SENT


async def test_a_reaction_taken_back_after_the_answer_asks_whether_the_answer_changes(both: Both) -> None:
    event = await both.summons()
    reaction = await both.julia.react(both.room, event, "✅")
    await both.julia.wait_for("räknas inte som svar")
    await both.julia.say(both.room, "ja", thread=event)
    await both.becomes(Standing.RECEIVED)
    await both.settle()
    await both.julia.session.redact(both.room, reaction, "gone")
    asked = await both.julia.wait_for("Ska ditt svar ändras?")
    number = next(line[0] for line in current(asked).splitlines() if "tid" in line)
    await both.julia.say(both.room, number, thread=event)
    await both.julia.wait_for("1/2")
    assert await both.standing() is Standing.RECEIVED


async def test_r40_whose_account_was_closed_has_left(both: Both, homeserver: Synapse) -> None:
    """What is said to a closed account counts as delivered, and nobody reads it."""
    identity, token = f"matrix:{both.julia.user}", both.julia.session.settings.token
    nobody = "matrix:@nobody:" + both.julia.user.partition(":")[2]
    await both.julia.say(both.room, "!sip lista")
    await both.julia.join_next()
    assert await both.platform.gone([identity, nobody]) == frozenset(), "who is there, and who never was"
    auth = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": both.julia.user},
        "password": PASSWORD,
    }
    homeserver.call("POST", "/_matrix/client/v3/account/deactivate", token, {"auth": auth})
    for _ in range(50):
        # The server takes closed accounts out of their rooms behind its answer.
        if found := await both.platform.gone([nobody, identity]):
            break
        await asyncio.sleep(0.2)
    assert found == {identity}
