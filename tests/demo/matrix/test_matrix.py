"""The demo's second look: one case over both platforms, with the bot's own side of Matrix over a server in memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from demo.matrix.answering import Answering
from demo.matrix.homeserver import BOT, Homeserver, NotThere
from demo.matrix.person import Message, Person, User
from demo.page.others import let_others_answer
from demo.slack.people.person import Person as SlackPerson
from demo.world.clockwork import codes_of_all
from demo.world.examples import example, work_through
from demo.world.world import World, open_world
from domain.summons import Standing
from storage.transaction import Reader
from tests.conftest import ROOT

T = TypeVar("T")

ROOM, ALONE = "!fk:fk.exempel.invalid", "!leif:fk.exempel.invalid"
DECLINE, NAME = "❌", "👥"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as opened:
        await _call(opened)
        yield opened


async def _call(world: World) -> None:
    """Have Anna, on Slack, open a case and call three agencies, one of which is on Matrix."""
    anna, words = world.slack.person("anna"), world.words
    await anna.type(words("play.open"))
    await _fill_in(world, anna, "case.open")
    code = (await read(world, codes_of_all))[0]
    for line, form in (("play.consent", "consent.record"), ("play.summon", "meeting.summon")):
        await anna.type(words(line, code=code))
        await _fill_in(world, anna, form)


async def _fill_in(world: World, person: SlackPerson, form: str) -> None:
    await world.slack.until(lambda: person.view is not None and person.view.callback_id == form)
    today, calendar, words = world.now().date(), world.calendar, world.words
    await person.submit(await work_through(person, lambda view: example(view, person.user.id, today, calendar, words)))
    if person.view is not None:
        await person.cancel()
    await world.settle()


async def read(world: World, question: Callable[[Reader], T]) -> T:
    return await asyncio.wrap_future(world.bot.database.read(question))


async def standing(world: World) -> Standing:
    """Return how Försäkringskassan's summons stands."""
    case = await read(world, lambda reader: reader.cases.get(codes_of_all(reader)[0]))
    meeting = case.coming_meeting
    assert meeting is not None
    return next(held for held in meeting.summonses if held.agency == "fk").standing(meeting.round)


def leif(world: World) -> Person:
    found = world.person("leif")
    assert isinstance(found, Person)
    return found


def summons(world: World) -> Message:
    return leif(world).timeline(ROOM)[0]


def board(world: World) -> str:
    """Return the words of Anna's board, which is in Slack."""
    anna = world.slack.person("anna")
    return str(anna.messages(anna.channel().id)[0].blocks)


async def test_a_case_called_in_slack_is_answered_on_matrix_and_the_board_in_slack_shows_it(world: World) -> None:
    person, message = leif(world), summons(world)
    assert set(message.signs) >= {DECLINE, NAME}
    before = board(world)
    await person.reacts(message.event.id, DECLINE)
    assert await standing(world) is Standing.SENT  # a sign travels in clear, and is no answer
    await person.says("ja", ROOM, message.event.id)
    assert await standing(world) is Standing.SENT  # the question why is open
    await person.says("tiden", ROOM, message.event.id)
    await person.says("ja", ROOM, message.event.id)
    await world.settle()
    assert await standing(world) is Standing.DECLINED
    assert summons(world).edited_at
    assert board(world) != before


async def test_a_form_is_asked_in_the_thread_one_thing_at_a_time_with_a_way_back_and_out(world: World) -> None:
    person, root = leif(world), summons(world).event.id
    await person.reacts(root, NAME)
    for line in ("ja", "1", "tillbaka"):
        await person.says(line, ROOM, root)
    questions = [reply.text for reply in summons(world).replies if "1/" in reply.text]
    assert len(questions) == 2
    assert questions[1].count("Leif Strand") == 2  # among those who can be named, and as what was said before
    overview = next(reply for reply in summons(world).replies if reply.edited_at)
    assert "Leif Strand" in overview.text
    await person.says("avbryt", ROOM, root)
    await person.says("1", ROOM, root)  # a number is a way to answer the summons again: 1 was to confirm it
    await world.settle()
    assert await standing(world) is Standing.RECEIVED


async def test_who_has_left_an_answer_half_given_still_answers_when_the_others_are_let_answer(world: World) -> None:
    root = summons(world).event.id
    await leif(world).reacts(root, DECLINE)
    assert await let_others_answer(world) == 3
    assert await standing(world) is Standing.DECLINED
    assert leif(world).user.id in summons(world).signs[DECLINE]


async def test_a_sign_that_is_taken_back_before_the_word_closes_the_question(world: World) -> None:
    person, root = leif(world), summons(world).event.id
    await person.reacts(root, DECLINE)
    assert len(summons(world).signs[DECLINE]) == 2  # the bot's, which shows the way, and theirs
    await person.reacts(root, DECLINE)
    assert summons(world).signs[DECLINE] == [BOT]
    await person.says("ja", ROOM, root)
    assert await standing(world) is Standing.SENT


async def test_commands_are_typed_alone_with_the_bot_and_the_own_list_is_pinned_there(world: World) -> None:
    person = leif(world)
    await person.says("!sip", ALONE)
    await world.settle()
    (room,) = [room for room in person.rooms() if room.id == ALONE]
    (pinned,) = [held for held in person.timeline(ALONE) if held.event.id in room.pinned]
    code = (await read(world, codes_of_all))[0]
    assert code in pinned.text
    assert person.unread(ALONE) >= 1
    person.read(ALONE)
    assert person.unread(ALONE) == 0


async def test_a_kept_world_goes_on_in_the_middle_of_a_conversation(tmp_path: Path) -> None:
    async with open_world(tmp_path) as first:
        await _call(first)
        await leif(first).reacts(summons(first).event.id, DECLINE)
        await leif(first).says("ja", ROOM, summons(first).event.id)
        said = [reply.text for reply in summons(first).replies]
    async with open_world(tmp_path) as second:
        assert [reply.text for reply in summons(second).replies] == said
        await Answering(leif(second), second.matrix).fill_in({"reason": "time"})
        assert await standing(second) is Standing.DECLINED


async def test_nobody_reads_or_writes_in_a_room_they_are_not_in() -> None:
    async def nobody_hears(_event: object) -> None:
        raise AssertionError("the bot heard of it")

    server = Homeserver(lambda: 0.0)
    server.open(ROOM, "fk", [BOT])
    said = server.post(ROOM, BOT, "m.room.message", {"body": "x"})
    stranger = Person(User("@eva:annan.invalid", "eva", "Eva Lund", ""), server, nobody_hears)
    assert stranger.rooms() == []
    for work in (stranger.says("!sip", ROOM), stranger.reacts(said.id, DECLINE)):
        with pytest.raises(NotThere):
            await work
    with pytest.raises(NotThere):
        stranger.timeline(ROOM)


PROGRAM = """
import sys
from importlib.abc import MetaPathFinder
class Missing(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {"mautrix", "vodozemac", "aiosqlite", "asyncpg"}:
            raise ImportError(name)
sys.meta_path.insert(0, Missing())
import demo.command
print("ready")
"""


def test_the_demo_starts_without_the_packages_for_matrix() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert ran.stdout.strip() == "ready"
