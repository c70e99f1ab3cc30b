"""A consent is withdrawn: at once, from any state, at any hour, on every platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.case import State
from domain.matters.closure import Ground
from tests.stories import acts
from tests.stories.world import World


async def _ready(world: World) -> None:
    await acts.consented(world)
    acts.accepted(await acts.summons(world, world.anna, agencies=["bup"]))
    acts.accepted(await acts.names(world.julia, "bup", "julia"))


@pytest.mark.parametrize(
    "reach, state",
    [
        (acts.consented, State.PREPARING),
        (acts.summoned, State.SUMMONED),
        (_ready, State.READY),
        (acts.held, State.PLAN_DRAFT),
        (acts.active, State.ACTIVE),
        (acts.closing, State.CLOSING),
    ],
)
async def test_it_closes_the_case_from_any_state(
    world: World, reach: Callable[[World], Awaitable[None]], state: State
) -> None:
    """R76, R77, R78, R176: it waits for no meeting, nor for the morning; that it is withdrawn is told, never why."""
    await reach(world)
    case = await world.case()
    assert case.state is state
    last = max(
        [case.opened_at.date(), *(meeting.day for meeting in case.meetings if meeting.report is not None)],
    )
    night = f"{last + timedelta(days=1)} 02:30"
    await world.until(night)
    acts.accepted(await acts.withdraws(world, world.anna))
    case = await world.case()
    assert case.state is State.CLOSED
    assert case.closure is not None
    assert case.closure.ground is Ground.WITHDRAWN
    heard = {notice.agency for notice in case.closure.notices if notice.delivered_at is not None}
    assert heard == {notice.agency for notice in case.closure.notices}
    for agency in heard:
        newest = world.messages(agency)[-1]
        assert newest.buttons == ("closing.confirm",)
        assert world.words("ending.withdrawn.title", code=case.code) in newest.words
        assert "muntlig" not in newest.words.lower()


async def test_before_any_consent_there_is_none_to_withdraw(world: World) -> None:
    """R76: the record claims no consent that never was."""
    acts.accepted(await acts.opens(world.anna))
    told = await world.anna.types(f"återta {await world.code()}")
    assert told.form == ""
    assert (await world.case()).state is State.ASSESSED


async def test_open_summonses_are_recalled_and_calendars_cleared(world: World) -> None:
    """R77."""
    await acts.summoned(world)
    acts.accepted(await acts.names(world.julia, "bup", "julia"))
    acts.accepted(await acts.withdraws(world, world.anna))
    assert world.messages("bup")[0].buttons == ()
    assert world.invites("julia") == ["REQUEST 0", "CANCEL 1"]
