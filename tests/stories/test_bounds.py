"""Who may hear what: consent, protected identity, outsiders; law 4D on every platform."""

from __future__ import annotations

from domain.summons import Standing
from tests.handlers.story import CONSENT
from tests.stories import acts
from tests.stories.acts import accepted
from tests.stories.world import World


async def test_an_agency_outside_the_consent_is_summoned_only_when_it_is_widened(world: World) -> None:
    """R62, R75."""
    accepted(await acts.opens(world.anna))
    accepted(await acts.records_consent(world, world.anna, agencies=["bup"]))
    refused = await acts.summons(world, world.anna, agencies=["bup", "skola"])
    assert set(refused.errors) == {"agencies"}
    assert world.messages("skola") == []
    accepted(await acts.records_consent(world, world.anna, agencies=["bup", "skola"]))
    accepted(await acts.summons(world, world.anna, agencies=["bup", "skola"]))
    assert "summons.received" in world.buttons("skola")


async def test_an_agency_that_a_narrowed_consent_leaves_out_is_recalled(world: World) -> None:
    await acts.summoned(world)
    accepted(await acts.names(world.omar, "skola", "omar"))
    accepted(await acts.records_consent(world, world.anna, agencies=["bup", "fk"]))
    assert await world.standings() == {"bup": Standing.SENT, "skola": Standing.RECALLED, "fk": Standing.SENT}
    assert world.buttons("skola") == []
    assert world.invites("omar") == ["REQUEST 0", "CANCEL 1"]


async def test_of_two_who_record_a_consent_at_once_the_second_is_told_who_was_first(world: World) -> None:
    """R71: a decision is not overwritten by somebody who has not seen it."""
    accepted(await acts.opens(world.anna))
    code = await world.code()
    for person in (world.anna, world.karin):
        await person.types(f"samtycke {code}")
    told = await world.at_once(
        lambda: world.anna.fills("consent.record", CONSENT),
        lambda: world.karin.fills("consent.record", {**CONSENT, "agencies": ["bup"]}),
    )
    (refused,) = [answer for answer in told if answer.errors]
    (words,) = refused.errors.values()
    assert "Anna Exempelberg" in words or "Karin Provdal" in words
    assert len((await world.case()).consents) == 1


async def test_a_protected_case_tells_neither_time_nor_place(world: World) -> None:
    """R109, R131, law 4D.4."""
    accepted(await acts.opens(world.anna, flags=["protected"]))
    accepted(await acts.records_consent(world, world.anna))
    form = await world.anna.types(f"kalla {await world.code()}")
    assert {"place", "link"}.isdisjoint(form.fields)
    accepted(await acts.summons(world, world.anna, place=None))
    # One named person of each agency has the summons, and no channel.
    accepted(await acts.names(world.julia, "julia", "julia"))
    accepted(await acts.moves(world, world.anna))
    for agency in ("bup", "skola", "fk"):
        for word in ("13.00", "13:00", "09.30", "8 dec", "10 dec", "2026-12"):
            assert word not in world.reads(agency)
    assert world.invites("julia") == []


async def test_whoever_is_not_in_the_directory_is_refused(world: World) -> None:
    told = await world.ove.types("ny")
    assert world.words("right.unknown_person") in told.words
    assert told.form == ""
    assert await world.codes() == []


async def test_who_was_summoned_summons_nobody_else(world: World) -> None:
    """That the case exists is no news to who got a summons, but it is not theirs to steer."""
    await acts.summoned(world)
    told = await world.omar.types(f"kalla {await world.code()}")
    assert told.form == ""
    assert told.words
    assert (await world.actions()).count("summons.sent") == 3


async def test_each_person_is_answered_in_their_own_language(world: World) -> None:
    """The room of an agency is in the bot's language, since many read it."""
    world.speaks("julia", "en-GB")
    await world.julia.types("lista")  # some platforms tell a person's language only after the first answer
    await acts.summoned(world)
    code = await world.code()
    told = await world.julia.presses("summons.received", room="bup")
    assert world.words("answer.received.title", "en", code=code) in told.words
    told = await world.omar.presses("summons.received", room="skola")
    assert world.words("answer.received.title", "sv", code=code) in told.words
    assert world.words("summons.decline.do", "sv") in world.reads("bup")
