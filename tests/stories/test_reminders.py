"""What is due is said once, done with one press, put off with a reason; what cannot be said is told to a person."""

from __future__ import annotations

from tests.stories import acts
from tests.stories.acts import accepted
from tests.stories.world import World


async def test_what_is_done_goes_from_the_list(world: World) -> None:
    """R191."""
    await acts.summoned(world)
    await world.until("2026-11-25 09:00")
    assert world.buttons("bup").count("nag.done") == 1
    await world.julia.presses("nag.done", room="bup")
    assert "nag.done" not in world.buttons("bup")
    assert (await world.actions()).count("summons.received") == 1


async def test_the_list_in_somebodys_own_room_leads_to_the_form_of_the_step(world: World) -> None:
    accepted(await acts.opens(world.anna))
    await world.until("2026-11-30 12:00")
    opened = await world.anna.presses("nag.done", room="anna")
    assert opened.form == "consent.record"


async def test_what_is_put_off_comes_again_on_its_day(world: World) -> None:
    await acts.consented(world)
    accepted(await acts.summons(world, world.anna, agencies=["bup"]))
    await world.until("2026-11-25 12:00")
    opened = await world.julia.presses("nag.snooze", room="bup")
    assert opened.form == "nag.snooze"
    refused = await world.julia.fills("nag.snooze", {"until": "2026-11-20", "reason": "absent"})
    assert set(refused.errors) == {"until"}
    accepted(await world.julia.fills("nag.snooze", {"until": "2026-11-30", "reason": "absent"}))
    assert "nag.done" not in world.buttons("bup")
    assert "reminder.snoozed" in await world.actions()
    await world.until("2026-11-29 23:00")
    assert "nag.done" not in world.buttons("bup")
    await world.until("2026-11-30 12:00")
    assert "nag.done" in world.buttons("bup")


async def test_a_room_that_is_gone_is_told_to_the_coordinator(world: World) -> None:
    """What cannot be delivered is never silence."""
    world.loses_room("bup")
    await acts.summoned(world)
    words = world.words(
        "note.undeliverable.text",
        code=await world.code(),
        agency="Barn- och ungdomspsykiatrin",
        own=False,
        letter=world.words("letter.summons"),
    )
    assert len([message for message in world.messages("anna") if words in message.words]) == 1
    assert (await world.actions()).count("letter.dead") == 1
    assert [len(world.messages(agency)) for agency in ("skola", "fk")] == [1, 1]


async def test_an_agency_that_stays_silent_is_mailed_and_its_manager_told(world: World) -> None:
    await acts.consented(world)
    accepted(await acts.summons(world, world.anna, agencies=["bup"]))
    await world.until("2026-12-01 12:00")
    assert len(world.mails("bup.brevlada@exempel.invalid")) == 1
    assert "nag.done" in world.buttons("birgit")
