"""One case over two platforms: the coordinator on Slack, an agency in its encrypted Matrix room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.matrix import platform
from bot.matrix.server.store import MatrixStore
from bot.matrix.talk.plan import Plan
from domain.summons import Standing
from tests.matrix.both import Both
from tests.matrix.client import current
from tests.synapse import Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]


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
    await both.lets_in()
    await both.outsider.react(both.room, event, "✅")
    await both.outsider.say(both.room, "ja", thread=event)
    await both.outsider.say(both.room, "1", thread=event)
    await both.puts_out()
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


async def test_a_bare_command_pins_ones_list_which_is_changed_in_place_after_each_act(
    both: Both, homeserver: Synapse
) -> None:
    """Where there is no home page, that is the list of one's cases."""
    summons = await both.summons()
    await both.julia.say(both.room, "!sip")
    direct = await both.julia.join_next()
    await both.julia.wait_for("!sip", room=direct)
    shown = await _after_settling(both, lambda e: "Listan visar hur det var" in current(e))
    path = f"/_matrix/client/v3/rooms/{direct}/state/m.room.pinned_events"
    assert homeserver.call("GET", path, both.julia.session.settings.token) == {"pinned": [shown["event_id"]]}
    await both.julia.say(both.room, "1", thread=summons)
    await both.becomes(Standing.RECEIVED)
    edit = await _after_settling(both, lambda e: _about(e) == shown["event_id"])
    assert edit["content"]["m.new_content"]["m.mentions"] == {}


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
    await both.platform.stop()
    await both.julia.say(both.room, "10/12 14.00", thread=event)
    await both.platform.start()
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


async def _after_settling(both: Both, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    for _ in range(20):
        await both.settle()
        await both.julia.sync(0.5)
        found = next((event for event in both.julia.seen if wanted(event)), None)
        if found is not None:
            return found
    raise AssertionError("did not come")


def _about(event: dict[str, Any]) -> str:
    return str(event["content"].get("m.relates_to", {}).get("event_id", ""))
