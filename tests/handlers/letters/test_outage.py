"""What leaves is judged when it leaves, and an outage of days loses nothing, doubles nothing and blames nobody."""

from __future__ import annotations

import pytest

from storage.outbox.letter import LetterState
from tests.handlers.story import Story

FRIDAY_AFTERNOON = "2026-11-27 15:10"
MONDAY_MORNING = "2026-11-30 07:20"


def posted(story: Story, where: str) -> list[str]:
    """Return when a list of reminders was posted in a place, by the local clock."""
    return sorted({reminder.at for reminder in story.reminders(where=where)})


async def dead(story: Story) -> list[str]:
    letters = await story.reading(lambda reader: reader.outbox.of_case(story.code))
    return [kept.letter.what for kept in letters if kept.state is LetterState.DEAD]


async def test_a_summons_outlives_a_weekend_without_chat(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    await story.until(FRIDAY_AFTERNOON)
    arrives_again = story.nothing_arrives()
    await story.summons(date="2026-12-18")
    await story.until(MONDAY_MORNING)
    assert await dead(story) == []
    arrives_again()
    await story.until("2026-11-30 07:23")
    assert [len(story.messages(place)) for place in ("bup", "skola", "fk")] == [1, 1, 1]


async def test_nobody_is_reminded_of_a_summons_that_was_never_shown(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    arrives_again = story.nothing_arrives()
    await story.summons()
    await story.until("2026-11-27 15:00")
    mails = len(story.postbox.mails)
    assert [r for r in story.reminders() if r.where != "anna"] == []
    arrives_again()
    await story.until("2026-11-27 16:00")
    assert [r for r in story.reminders() if r.where != "anna"] == []
    assert len(story.postbox.mails) == mails
    await story.until("2026-12-04 12:00")
    assert story.reminders(where="bup")


@pytest.mark.parametrize(
    "again, morning",
    [("2026-11-25 17:30", "2026-11-26 08:00"), ("2026-11-28 11:00", "2026-11-30 08:00")],
    ids=["in the evening", "on a Saturday"],
)
async def test_what_fell_due_while_slack_was_away_waits_for_opening(story: Story, again: str, morning: str) -> None:
    """Days 5B.6: the moment of sending decides, not the one at which it fell due."""
    await story.summoned(agencies=["bup", "skola", "fk"])
    await story.until("2026-11-25 07:30")
    arrives_again = story.nothing_arrives()
    await story.until(again)
    arrives_again()
    before = {place: len(posted(story, place)) for place in ("bup", "skola", "fk")}
    await story.until(f"{morning[:10]} 07:50")
    assert {place: len(posted(story, place)) for place in before} == before
    await story.until(f"{morning[:10]} 12:00")
    for place, count in before.items():
        (at,) = posted(story, place)[count:]
        assert f"{morning[:10]} 08:00" <= at < f"{morning[:10]} 08:10"
