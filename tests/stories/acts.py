"""What people do again and again in stories, with what they usually fill in; a change to None leaves a field out."""

from __future__ import annotations

from typing import Any

from handlers.steps.summons.summon import ASIDE
from tests.handlers.story import CLOSED, CONSENT, HELD, MOVED, NAMED, OPENING, PLAN, SUMMONS, WITHDRAWN, merged
from tests.stories.world import Actor, Told, World

FOLLOW_UP = {"date": "2027-02-10", "agencies": ["bup", "skola"], "chair": "julia"}


def accepted(told: Told) -> Told:
    """Return what was told when nothing was refused."""
    assert not told.errors, told.errors
    return told


async def opens(who: Actor, **changes: Any) -> Told:
    await who.types("ny")
    return await who.fills("case.open", merged(OPENING, changes))


async def records_consent(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"samtycke {await world.code()}")
    return await who.fills("consent.record", merged(CONSENT, changes))


async def summons(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"kalla {await world.code()}")
    values = merged(SUMMONS, changes)
    more = [name for name in ASIDE if name in values]
    return await who.fills("meeting.summon", values | {"more": more})


async def moves(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"flytta {await world.code()}")
    return await who.fills("meeting.move", merged(MOVED, changes))


async def reports(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"hållet {await world.code()}")
    return await who.fills("meeting.held", merged(HELD, changes))


async def sends_plan(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"plan {await world.code()}")
    return await who.fills("plan.send", merged(PLAN, changes))


async def withdraws(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"återta {await world.code()}")
    return await who.fills("consent.withdraw", merged(WITHDRAWN, changes))


async def closes(world: World, who: Actor, **changes: Any) -> Told:
    await who.types(f"avsluta {await world.code()}")
    return await who.fills("case.close", merged(CLOSED, changes))


async def names(who: Actor, agency: str, *people: str, **changes: Any) -> Told:
    """An agency tells who comes."""
    await who.presses("summons.name", room=agency)
    return await who.fills("summons.name", merged(NAMED, {"attendees": list(people), **changes}))


# ---- whole stretches ---------------------------------------------------------------------------------------------


async def consented(world: World, **changes: Any) -> None:
    """Anna opens a case and records the consent."""
    accepted(await opens(world.anna, **changes))
    accepted(await records_consent(world, world.anna))


async def summoned(world: World, **changes: Any) -> None:
    """Go on until the agencies have been summoned to 8 December: the state in which most stories begin."""
    await consented(world)
    accepted(await summons(world, world.anna, **changes))


async def held(world: World, **changes: Any) -> None:
    """Go on until the first meeting has been reported on."""
    await summoned(world)
    accepted(await names(world.julia, "bup", "julia"))
    await world.until("2026-12-08 15:00")
    accepted(await reports(world, world.anna, **changes))


async def active(world: World, **changes: Any) -> None:
    """Go on until the plan has been sent."""
    await held(world, **changes)
    accepted(await sends_plan(world, world.anna, sent_on="2026-12-08"))


async def followed_up(world: World, **changes: Any) -> None:
    """Go on until the follow-up meeting on 10 February has been reported on."""
    await active(world)
    await world.until("2027-01-26 09:00")
    accepted(await summons(world, world.julia, **FOLLOW_UP))
    accepted(await names(world.omar, "skola", "omar"))
    await world.until("2027-02-10 14:30")
    accepted(await reports(world, world.julia, attended=["bup", "skola"], **changes))


async def closing(world: World) -> None:
    """Go on until the follow-up meeting has found that no need remains."""
    await followed_up(world, need_remains="no", lead=None, follow_up_on=None)
