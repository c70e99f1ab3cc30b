"""What people see is cards and forms in the neutral language, looked at as such; and letters survive a bad line."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from demo.memory.chat import Posted, buttons_of
from demo.memory.faults import Fault
from demo.memory.filling import REQUIRED
from demo.memory.person import NotShown
from handlers.redraw import redraw
from handlers.ui.cards import Tone
from handlers.ui.forms import Field, FieldKind
from handlers.ui.responses import Ask, Mend, Say, Silence
from tests.handlers.story import OPENING, SUMMONS
from tests.stories import acts
from tests.stories.memory import MemoryWorld, in_memory


@pytest.fixture
async def world(folder: Path, empty_database: Path) -> AsyncIterator[MemoryWorld]:
    async with in_memory(Path(shutil.copyfile(empty_database, folder / "memory.db"))) as found:
        yield found


def room(world: MemoryWorld, agency: str) -> list[Posted]:
    return world.memory.chat.messages(agency)


async def test_a_summons_is_a_card_whose_first_button_is_the_receipt(world: MemoryWorld) -> None:
    await acts.summoned(world)
    (summons,) = room(world, "bup")
    first, *others = buttons_of(summons.card)
    assert (first.action, first.tone) == ("summons.received", Tone.PRIMARY)
    assert [button.tone for button in others] == [Tone.PLAIN] * 4
    values = [fact.value for section in summons.card.sections for fact in section.facts]
    assert any("13.00" in value for value in values)
    assert "Sammanträdesrum 3" in values


async def test_a_card_is_changed_in_place_and_not_posted_again(world: MemoryWorld) -> None:
    await acts.summoned(world)
    (before,) = room(world, "bup")
    await world.julia.presses("summons.received", room="bup")
    (after,) = [message for message in room(world, "bup") if not message.only_for]
    assert after.id == before.id
    assert len(after.shown) == 2
    assert "summons.received" not in [button.action for button in buttons_of(after.card)]


async def test_the_answer_to_a_press_is_for_the_one_who_pressed_alone(world: MemoryWorld) -> None:
    await acts.summoned(world)
    await world.julia.presses("summons.received", room="bup")
    julia, sven = world.memory.person("julia"), world.memory.person("sven")
    assert len(julia.told()) == 1
    assert sven.told() == []
    assert len(julia.sees("bup")) == len(sven.sees("bup")) + 1


async def test_nobody_sees_the_room_of_another_agency(world: MemoryWorld) -> None:
    await acts.summoned(world)
    omar, (summons,) = world.memory.person("omar"), room(world, "bup")
    assert omar.sees("bup") == []
    with pytest.raises(NotShown):
        await omar.presses("summons.received", on=summons)


async def test_a_form_asks_in_fields_and_a_client_minds_what_is_required(world: MemoryWorld) -> None:
    anna = world.memory.person("anna")
    answer = await anna.types("ny")
    assert isinstance(answer, Ask)
    kinds = {part.name: part.kind for part in answer.form.parts if isinstance(part, Field)}
    assert kinds["noticed_on"] is FieldKind.DATE
    assert kinds["agencies"] is FieldKind.MULTI_SELECT
    assert await anna.fills("case.open", {"noticed_by": "staff"}) == Mend(
        dict.fromkeys(("age_band", "ongoing", "agencies"), REQUIRED)
    )
    assert await world.codes() == []
    assert isinstance(await anna.fills("case.open", OPENING), Say)
    assert len(await world.codes()) == 1


async def test_what_a_client_lets_through_the_bot_refuses_at_its_field(world: MemoryWorld) -> None:
    anna = world.memory.person("anna")
    await anna.types("ny")
    answer = await anna.fills("case.open", {}, checked=False)
    assert isinstance(answer, Mend)
    assert set(answer.errors) == {"noticed_by", "age_band", "ongoing", "agencies"}
    assert anna.form is not None


async def test_the_same_arrival_again_is_met_with_silence(world: MemoryWorld) -> None:
    await acts.summoned(world)
    julia = world.memory.person("julia")
    await julia.presses("summons.received")
    assert await julia.repeats() == Silence()


async def test_the_home_page_is_a_card_of_ones_own(world: MemoryWorld) -> None:
    await acts.summoned(world)
    anna = world.memory.person("anna")
    assert world.memory.chat.homes == {}
    await anna.opens_home()
    await world.settle()
    assert anna.home is not None
    assert await world.code() in str(anna.home)
    assert world.memory.person("julia").home is None


async def test_the_calendar_file_stands_beside_the_summons(world: MemoryWorld) -> None:
    """R123, law 4D."""
    await acts.summoned(world)
    await acts.names(world.julia, "bup", "julia")
    (summons,) = [message for message in room(world, "bup") if message.shown]
    (file,) = [message for message in room(world, "bup") if message.file is not None]
    assert file.beside == summons.id
    assert file.file is not None
    assert file.file.invite.attendee_address is None


async def test_what_stands_there_is_drawn_once_more_in_its_place(world: MemoryWorld) -> None:
    """A platform on which the bot begins from nothing knows none of its messages: they are changed, not posted anew."""
    await acts.summoned(world)
    await world.until("2026-11-25 12:00")
    before = {message.id: len(message.shown) for message in world.memory.chat.everything() if message.shown}
    assert any("nag.done" in [b.action for b in buttons_of(m.card)] for m in room(world, "bup"))
    await asyncio.wrap_future(world.database.write(lambda tx: redraw(tx, "memory", "a new device")))
    await world.settle()
    standing = {message.id: message for message in world.memory.chat.everything() if message.shown}
    assert standing.keys() == before.keys()
    kept = {post.message for post in await world.reading(lambda reader: reader.posts.at("memory:"))}
    assert {name for name, message in standing.items() if len(message.shown) == before[name] + 1} == kept
    assert {room(world, agency)[0].id for agency in ("bup", "skola", "fk")} <= kept
    await world.julia.presses("summons.received", room="bup")
    assert "summons.received" not in world.buttons("bup")


# ---- a bad line ------------------------------------------------------------------------------------------------------


async def test_a_letter_that_fails_is_tried_again_and_arrives_once(world: MemoryWorld) -> None:
    world.memory.faults.strike(Fault.FAILED, "bup", times=1)
    await acts.summoned(world)
    await world.until("2026-11-23 10:00")
    assert len(room(world, "bup")) == 1


async def test_a_letter_of_which_nobody_knows_is_looked_for_and_not_sent_twice(world: MemoryWorld) -> None:
    world.memory.faults.strike(Fault.LOST, "bup", times=1)
    await acts.summoned(world)
    await world.until("2026-11-23 10:00")
    assert len([message for message in world.memory.chat.everything() if message.room == "bup"]) == 1
    await world.julia.presses("summons.received", room="bup")
    assert "summons.received" not in world.buttons("bup")


async def test_while_the_platform_refuses_the_bot_letters_wait_and_none_dies(world: MemoryWorld) -> None:
    await acts.consented(world)
    world.memory.faults.strike(Fault.HALTED)
    await acts.summons(world, world.anna)
    await world.until("2026-11-23 12:00")
    assert room(world, "bup") == []
    world.memory.faults.clear()
    await world.until("2026-11-23 13:00")
    assert [len(room(world, agency)) for agency in ("bup", "skola", "fk")] == [1, 1, 1]
    assert "letter.dead" not in await world.actions()


async def test_a_mail_that_is_refused_is_told_to_the_coordinator(world: MemoryWorld) -> None:
    world.memory.faults.strike(Fault.REFUSED, "julia@exempel.invalid")
    await acts.summoned(world)
    await acts.names(world.julia, "bup", "julia")
    assert world.invites("julia") == []
    assert "letter.dead" in await world.actions()
    assert world.words("attendee.undelivered", name="Julia Påhittlind") in world.reads("anna")


async def test_a_case_that_a_command_does_not_name_is_picked_from_a_list(world: MemoryWorld) -> None:
    """A choice among several cases is made in a list, by the words that stand there."""
    await acts.summoned(world)
    await acts.summoned(world)
    anna, (first, second) = world.memory.person("anna"), await world.codes()
    anna.closes()
    answer = await anna.types("flytta")
    assert isinstance(answer, Say)
    picked = await anna.presses("case.pick", on=answer.card, about=second)
    assert isinstance(picked, Ask)
    assert second in str(picked.form)
    assert first not in str(picked.form)
    assert SUMMONS["date"] in str(picked.form)
