"""A reminder whose row somebody changed stands in no list; put right, it does again, for what is still to be done."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bot.admin.damaged_posts import lines, put_right
from storage.schema.tables import reminder
from storage.sql.statement import Statement
from storage.transaction import Transaction
from tests.handlers.story import Story

THURSDAY = "2026-11-26 12:00"
SECOND = "confirm_receipt:1.1:bup:0:unit:3"


def damage(tx: Transaction, agency: str = "bup") -> None:
    change = update(reminder).values(person="x").where(reminder.c.subject.contains(f":{agency}:"))
    vars(tx)["_link"].run(Statement(change))


async def reminded_twice(story: Story, *agencies: str) -> None:
    """Have an agency reminded of its receipt on Wednesday and on Thursday."""
    await story.summoned(agencies=list(agencies))
    await story.until(THURSDAY)


async def mended(story: Story) -> list[str]:
    """Do what `sipbot damaged-posts --replace` does, by the story's clock."""
    return await story.writing(lambda tx: put_right(story.bot.services, tx))


async def standing(story: Story, agency: str = "bup") -> list[str]:
    rows = await story.reading(lambda reader: reader.reminders.of_case(story.code))
    return [row.subject for row in rows if row.address == f"slack:channel:C0{agency.upper()}" and row.done_at is None]


@pytest.mark.parametrize("shown", [True, False])
async def test_what_is_still_to_be_done_is_put_back(story: Story, *, shown: bool) -> None:
    """Where it was posted the list stays where it is; one that nobody has seen is posted the next morning."""
    await reminded_twice(story, "bup")
    posted = story.reminders(where="bup")
    await story.writing(damage)
    if not shown:
        await story.writing(lambda tx: vars(tx)["_link"].run(Statement(update(reminder).values(posted=0))))
    assert await standing(story) == []
    told = await mended(story)
    assert f"{story.code}  reminder:{SECOND}" in told
    assert await standing(story) == [SECOND], "of a ladder the newest step"
    assert await story.reading(lines) == []
    await story.until("2026-11-27 09:00")
    assert story.open_reminders("bup") == [SECOND]
    fresh = [(one.at, one.key) for one in story.reminders(where="bup")[len(posted) :]]
    assert fresh == ([] if shown else [("2026-11-27 08:00", SECOND)])
    (row,) = await story.journal("reminders.replaced")
    assert row.entry.actor == "operator"


async def test_it_can_be_done_again_from_its_button(story: Story) -> None:
    await reminded_twice(story, "bup")
    await story.writing(damage)
    await mended(story)
    await story.settle()
    await story.press(story.julia, "summons.received")
    assert await standing(story) == []
    assert story.open_reminders("bup") == []


async def test_what_is_settled_is_not_reminded_of_again(story: Story) -> None:
    await reminded_twice(story, "bup")
    await story.writing(damage)
    await story.press(story.julia, "summons.received")
    await mended(story)
    assert await standing(story) == []


async def test_whole_reminders_are_left_alone(story: Story) -> None:
    await reminded_twice(story, "bup", "skola")
    before = await standing(story, "skola")
    await story.writing(damage)
    told = await mended(story)
    assert all(":bup:" in line for line in told)
    assert await standing(story, "skola") == before
