"""The main job on PostgreSQL: the same stories that the handlers' tests tell on SQLite."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.slack import transport
from tests.handlers import test_main_job
from tests.handlers.letters import test_twice
from tests.handlers.people import disclosure
from tests.handlers.steps import test_withdrawal
from tests.handlers.story import NAMED, Story
from tests.whole.lives import Life, living

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
async def life(migrated_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Life]:
    monkeypatch.setattr(transport, "_RATE", 1_000_000.0)
    async with living(tmp_path, migrated_postgres_url) as lived:
        yield lived


STORIES: tuple[Callable[[Story], Awaitable[None]], ...] = (
    test_main_job.test_a_case_from_the_first_notice_to_its_end,
    test_twice.test_a_double_click_is_one_receipt,
    test_twice.test_the_same_form_sent_twice_at_once_opens_one_case,
    test_withdrawal.test_every_concerned_agency_is_told_now_also_at_night,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
async def test_the_same_story(story: Callable[[Story], Awaitable[None]], life: Life) -> None:
    await story(life)
    await life.calm()
    disclosure.check(life, [await life.case(code) for code in life.codes])


async def test_of_answers_at_the_very_same_moment_one_stands_and_the_other_is_told(life: Life) -> None:
    """Here two transactions run at once, which they never do on SQLite."""
    await life.summoned()
    pairs = {"bup": (life.julia, life.sven), "skola": (life.omar, life.rikard)}
    for agency, pair in pairs.items():
        summons = life.shown(agency)
        for person in pair:
            await person.press("summons.name", source=summons)
            await life.form(person)
    answers = await asyncio.gather(
        *(person.submit({**NAMED, "attendees": [person.user.name]}) for pair in pairs.values() for person in pair)
    )
    meeting = (await life.case()).meetings[0]
    for (agency, pair), outcomes in zip(pairs.items(), (answers[:2], answers[2:]), strict=True):
        (refused,) = [outcome for outcome in outcomes if outcome.errors]
        (taken,) = [person for person, outcome in zip(pair, outcomes, strict=True) if not outcome.errors]
        (named,) = [who.name for named_by, who in meeting.attendees() if named_by == agency]
        assert named == taken.user.real_name
        assert named in " ".join(refused.errors.values())
    assert len(await life.journal("summons.named")) == 2
