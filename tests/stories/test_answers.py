"""Agencies answer a summons: together, with no, for another unit, with another time; twice is once."""

from __future__ import annotations

from domain.case import State
from domain.summons import Standing
from tests.handlers.story import NAMED
from tests.stories import acts
from tests.stories.acts import accepted
from tests.stories.world import World


async def test_of_two_who_answer_at_once_the_second_is_told_who_was_first(world: World) -> None:
    """R122, R128: one agency, one answer."""
    await acts.summoned(world)
    for person in (world.julia, world.sven):
        await person.presses("summons.name", room="bup")
    told = await world.at_once(
        lambda: world.julia.fills("summons.name", {**NAMED, "attendees": ["julia"]}),
        lambda: world.sven.fills("summons.name", {**NAMED, "attendees": ["sven"]}),
    )
    (refused,) = [answer for answer in told if answer.errors]
    (words,) = refused.errors.values()
    assert "Julia Påhittlind" in words or "Sven Exempelsjö" in words
    assert (await world.actions()).count("summons.named") == 1
    assert len([*world.invites("julia"), *world.invites("sven")]) == 1


async def test_two_receipts_at_once_are_one(world: World) -> None:
    """R125."""
    await acts.summoned(world)
    await world.at_once(
        lambda: world.julia.presses("summons.received", room="bup"),
        lambda: world.sven.presses("summons.received", room="bup"),
    )
    assert (await world.actions()).count("summons.received") == 1
    assert (await world.standings())["bup"] is Standing.RECEIVED


async def test_a_press_that_the_platform_brings_twice_counts_once(world: World) -> None:
    await acts.summoned(world)
    first = await world.julia.presses("summons.received", room="bup")
    assert first.words
    again = await world.julia.repeats()
    assert again.words == ""
    assert (await world.actions()).count("summons.received") == 1


async def test_a_form_that_the_platform_brings_twice_opens_one_case(world: World) -> None:
    accepted(await acts.opens(world.anna))
    await world.anna.repeats()
    assert len(await world.codes()) == 1


async def test_when_an_obliged_agency_declines_the_coordinator_and_its_manager_are_told(world: World) -> None:
    """R114-R117."""
    await acts.summoned(world)
    opened = await world.julia.presses("summons.decline", room="bup")
    assert opened.form == "summons.decline"
    accepted(await world.julia.fills("summons.decline", {"reason": "no_staff"}))
    assert (await world.standings())["bup"] is Standing.DECLINED
    code = await world.code()
    agency = "Barn- och ungdomspsykiatrin"
    assert world.words("note.declined_obliged.title", code=code, agency=agency) in world.reads("anna")
    assert world.words("note.manager_declined.title", code=code, agency=agency) in world.reads("birgit")
    assert "summons.name" in world.buttons("bup")


async def test_a_summons_to_the_wrong_unit_is_passed_on_within_the_consent(world: World) -> None:
    """R126."""
    await acts.consented(world)
    accepted(await acts.summons(world, world.anna, agencies=["bup"]))
    assert world.messages("skola") == []
    await world.julia.presses("summons.forward", room="bup")
    accepted(await world.julia.fills("summons.forward", {"agency": "skola"}))
    assert await world.standings() == {"bup": Standing.FORWARDED, "skola": Standing.SENT}
    assert world.buttons("bup") == ["summons.take_back"]
    assert "summons.received" in world.buttons("skola")


async def test_a_summons_passed_on_beyond_the_consent_waits_until_it_is_widened(world: World) -> None:
    """R62, R75."""
    accepted(await acts.opens(world.anna, agencies=["bup"]))
    accepted(await acts.records_consent(world, world.anna, agencies=["bup"]))
    accepted(await acts.summons(world, world.anna, agencies=["bup"]))
    await world.julia.presses("summons.forward", room="bup")
    accepted(await world.julia.fills("summons.forward", {"agency": "skola"}))
    assert (await world.standings())["skola"] is Standing.HELD_BACK
    assert world.messages("skola") == []
    accepted(await acts.records_consent(world, world.anna, agencies=["bup", "skola"]))
    assert (await world.standings())["skola"] is Standing.SENT
    assert "summons.received" in world.buttons("skola")


async def test_a_moved_meeting_asks_everybody_again(world: World) -> None:
    """RFC 5546 2.1.4: an earlier answer is about an earlier time."""
    await acts.summoned(world)
    accepted(await acts.names(world.julia, "bup", "julia"))
    await world.omar.presses("summons.received", room="skola")
    accepted(await acts.moves(world, world.anna))
    assert set((await world.standings()).values()) == {Standing.SENT}
    summons, notice, *_ = world.messages("skola")
    assert "09.30" in summons.words
    assert "summons.received" in summons.buttons
    assert notice.buttons == ()
    assert world.invites("julia") == ["REQUEST 0", "REQUEST 1"]


async def test_a_proposed_time_is_taken_up_with_one_press(world: World) -> None:
    """The coordinator decides."""
    await acts.summoned(world)
    await world.julia.presses("summons.propose", room="bup")
    accepted(await world.julia.fills("summons.propose", {"date": "2026-12-11", "start": "10:00"}))
    assert (await world.standings())["bup"] is Standing.PROPOSED
    opened = await world.anna.presses("case.step", room="anna")
    assert opened.form == "meeting.move"
    accepted(await world.anna.fills("meeting.move", {"consulted": ["yes"]}))
    meeting = (await world.case()).meeting
    assert meeting is not None
    assert (str(meeting.day), meeting.clock) == ("2026-12-11", "10:00")
    assert set((await world.standings()).values()) == {Standing.SENT}


async def test_a_yes_from_a_calendar_counts_as_an_answer_and_a_no_is_told(world: World) -> None:
    """RFC 5546 3.2.3."""
    await acts.summoned(world)
    accepted(await acts.names(world.julia, "bup", "julia", "sven"))
    accepted(await acts.names(world.omar, "skola", "omar"))
    await world.calendar_answers("julia", "accepted")
    await world.calendar_answers("omar", "declined")
    actions = await world.actions()
    assert [action for action in actions if action.startswith("calendar.")] == [
        "calendar.accepted",
        "calendar.declined",
    ]
    standings = await world.standings()
    assert (standings["bup"], standings["skola"]) == (Standing.NAMED, Standing.RECEIVED)
    assert world.words("attendee.accepted", name="Julia Påhittlind") in world.reads("anna")
    assert (await world.case()).state is State.SUMMONED
