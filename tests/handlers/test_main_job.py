"""The main job from end to end: a case is opened, agencies summoned, a meeting held, a plan sent, the case closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.case import State
from domain.matters.closure import Ground
from tests.handlers.people import disclosure
from tests.handlers.story import Story, buttons, telling


@pytest.fixture(autouse=True)
def _database_at_hand() -> None:
    """Here the database works on its own threads, as in the program."""


async def test_a_case_from_the_first_notice_to_its_end(story: Story) -> None:
    await tell(story)


@pytest.mark.postgres
async def test_the_same_on_postgresql(folder: Path, migrated_postgres_url: str) -> None:
    async with telling(folder, migrated_postgres_url) as story:
        await tell(story)
        disclosure.check(story, [await story.case()])


async def test_the_same_in_english(folder: Path, empty_database: Path) -> None:
    async with telling(folder, empty_database, over_http=True, sipbot_language="en") as story:
        await tell(story)


async def tell(story: Story) -> None:
    """Go through the whole job, and see the case in each of its states."""
    await story.opens()
    assert (await story.case()).state is State.ASSESSED

    await story.records_consent()
    assert (await story.case()).state is State.PREPARING

    await story.summons()
    assert (await story.case()).state is State.SUMMONED

    for person in (story.julia, story.omar):
        await story.press(person, "summons.received")
        await story.names(person, person.user.name)
    assert (await story.case()).state is State.READY
    assert story.methods_to("julia") == ["REQUEST 0"]

    await story.until("2026-12-08 14:30")
    await story.reports()
    assert (await story.case()).state is State.PLAN_DRAFT
    assert (await story.case()).responsible == "slack:T0/U0JULIA"

    await story.sends_plan()
    assert (await story.case()).state is State.ACTIVE
    await story.press(story.julia, "plan.received")

    await story.until("2027-01-27 09:00")
    await story.summons(story.julia, date="2027-02-10", agencies=["bup", "skola"], chair="julia")
    await story.names(story.omar, "omar")
    await story.names(story.julia, "julia")
    assert (await story.case()).state is State.FOLLOWUP_READY

    await story.until("2027-02-10 14:30")
    await story.reports(story.julia, need_remains="no", lead=None, follow_up_on=None, attended=["bup", "skola"])
    assert (await story.case()).state is State.CLOSING

    await story.closes()
    case = await story.case()
    assert case.state is State.CLOSED
    assert case.closure is not None
    assert case.closure.ground is Ground.GOALS_MET
    for person, agency in (
        (story.julia, "bup"),
        (story.omar, "skola"),
        (story.leif, "fk"),
        (story.anna, "soc"),  # opened it, and has handed it over
    ):
        assert "closing.confirm" in buttons(story.messages(agency)[-1].blocks)
        await story.press(person, "closing.confirm")
    confirmed = (await story.case()).closure
    assert confirmed is not None
    assert all(notice.confirmed is not None for notice in confirmed.notices)
