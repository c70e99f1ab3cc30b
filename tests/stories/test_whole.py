"""A case from its opening to its end, on every platform."""

from __future__ import annotations

from domain.case import State
from domain.matters.closure import Ground
from tests.stories import acts
from tests.stories.acts import accepted
from tests.stories.world import World


async def test_a_case_from_the_first_notice_to_its_end(world: World) -> None:
    """R25, R61-R66, R122, R125, R128, R161, R166, R174, R175."""
    accepted(await acts.opens(world.anna))
    assert (await world.case()).state is State.ASSESSED
    accepted(await acts.records_consent(world, world.anna))
    assert (await world.case()).state is State.PREPARING
    accepted(await acts.summons(world, world.anna))
    assert (await world.case()).state is State.SUMMONED

    for person, agency in ((world.julia, "bup"), (world.omar, "skola")):
        await person.presses("summons.received", room=agency)
        accepted(await acts.names(person, agency, person.name))
    assert (await world.case()).state is State.READY
    assert world.invites("julia") == ["REQUEST 0"]

    await world.until("2026-12-08 14:30")
    accepted(await acts.reports(world, world.anna))
    assert (await world.case()).state is State.PLAN_DRAFT
    assert await world.responsible() == "julia"

    accepted(await acts.sends_plan(world, world.anna, sent_on="2026-12-08"))
    assert (await world.case()).state is State.ACTIVE
    await world.julia.presses("plan.received", room="bup")

    await world.until("2027-01-27 09:00")
    accepted(await acts.summons(world, world.julia, **acts.FOLLOW_UP))
    accepted(await acts.names(world.omar, "skola", "omar"))
    accepted(await acts.names(world.julia, "bup", "julia"))
    assert (await world.case()).state is State.FOLLOWUP_READY

    await world.until("2027-02-10 14:30")
    accepted(
        await acts.reports(
            world, world.julia, need_remains="no", lead=None, follow_up_on=None, attended=["bup", "skola"]
        )
    )
    assert (await world.case()).state is State.CLOSING

    accepted(await acts.closes(world, world.julia))
    for person, agency in ((world.anna, "soc"), (world.julia, "bup"), (world.omar, "skola"), (world.leif, "fk")):
        await person.presses("closing.confirm", room=agency)
    case = await world.case()
    assert case.state is State.CLOSED
    assert case.closure is not None
    assert case.closure.ground is Ground.GOALS_MET
    assert all(notice.confirmed is not None for notice in case.closure.notices)


async def test_a_need_that_remains_makes_a_second_plan_and_a_next_date(world: World) -> None:
    """R170, R171, R158."""
    await acts.followed_up(world, lead=None, follow_up_on="2027-05-12")
    assert (await world.case()).state is State.PLAN_DRAFT
    await world.until("2027-02-11 09:00")
    accepted(await acts.sends_plan(world, world.julia, sent_on="2027-02-11", recipients=["person", "bup", "skola"]))
    case = await world.case()
    assert [plan.version for plan in case.plans] == [1, 2]
    assert case.state is State.ACTIVE
    assert case.last_held is not None
    assert case.last_held.report is not None
    assert str(case.last_held.report.follow_up_on) == "2027-05-12"


async def test_a_meeting_is_evaluated_and_the_figures_of_its_quarter_tell_no_small_number(world: World) -> None:
    """R147, R207: one case is too few to be told of, and says so."""
    await acts.held(world)
    assert (await world.sven.types(f"utvärdera {await world.code()}")).form == "evaluation.staff"
    accepted(await world.sven.fills("evaluation.staff", {"divided": "4"}))
    (kept,) = (await world.case()).evaluations
    assert len(kept.by) == 1
    await world.until("2027-02-01 09:00")
    told = (await world.anna.types("statistik")).words
    assert world.words("figures.part.plan") in told
    assert world.words("figures.hidden") in told
