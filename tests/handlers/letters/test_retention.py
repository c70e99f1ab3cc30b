"""What stands in chat about a case has an end (law 4D.7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import bindparam, update

from storage.schema.tables import case_
from storage.sql.statement import Statement
from tests.handlers.story import Story, telling


@pytest.fixture
async def story(folder: Path, empty_database: Path) -> AsyncIterator[Story]:
    async with telling(folder, empty_database, sipbot_messages_kept_days=30) as told:
        yield told


async def keep_house(story: Story, moment: str) -> None:
    await story.until(moment)
    await story.bot.scheduler.keep_house()
    await story.settle()


async def test_law_4d_7_messages_are_taken_back_so_many_days_after_the_end(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    other = story.code
    await story.opens()
    story.code = other
    await story.withdraws()
    await story.press(story.julia, "closing.confirm")
    await keep_house(story, "2026-12-22 12:00")
    assert len(story.messages("bup")) == 2, "the summons and the notice of the end"
    await keep_house(story, "2026-12-24 12:00")
    assert story.messages("bup") == []
    assert [row.entry.details for row in await story.journal("messages.taken_back")] == [{"messages": 3}]
    assert all(story.code not in message.text for message in story.messages("anna") if "board" in message.text)
    await keep_house(story, "2026-12-28 12:00")
    assert len(await story.journal("messages.taken_back")) == 1


async def test_law_4d_7_a_case_that_is_refused_keeps_no_other_from_being_taken_back(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    refused = story.code
    await story.withdraws()
    await story.press(story.julia, "closing.confirm")
    await story.summoned(agencies=["bup"])
    await story.withdraws()
    await story.press(story.julia, "closing.confirm")
    story.lapses_planted = True
    story.codes.clear()  # what it holds cannot be read any more
    set_back = Statement(update(case_).values(version=case_.c.version - 1).where(case_.c.code == bindparam("which")))
    await story.writing(lambda tx: tx.cases._link.run(set_back, which=refused))  # noqa: SLF001
    await keep_house(story, "2026-12-24 12:00")
    assert len(await story.journal("messages.taken_back")) == 1


async def test_law_4d_7_nothing_is_taken_back_while_the_end_is_not_confirmed(story: Story) -> None:
    """R174: who has not confirmed is still reminded, by the message that is there."""
    await story.summoned(agencies=["bup"])
    await story.withdraws()
    await keep_house(story, "2027-01-15 12:00")
    assert len(story.messages("bup")) >= 2


async def test_law_4d_7_a_case_that_runs_keeps_its_messages(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    before = len(story.messages("bup"))
    story.clock.move_to(story.clock.now().replace(year=2027))
    await story.bot.scheduler.keep_house()
    assert len(story.messages("bup")) == before
