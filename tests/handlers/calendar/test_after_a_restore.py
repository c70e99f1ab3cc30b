"""After a restore calendars hold more than the bot does: what it sends then must be newer to them (RFC 5546 2.1.4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers.set_back import went_on
from tests.handlers.calendar.calendars import Calendars, answering


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    async with answering(folder, empty_database) as found:
        yield found


def sent(calendars: Calendars) -> list[tuple[str, int]]:
    return [(one.method, one.sequence) for one in calendars.invitations("julia")]


async def test_an_invite_after_a_restore_is_newer_than_all_that_can_have_been_sent_since_the_backup(
    calendars: Calendars,
) -> None:
    """Moved forty times since the backup, which the database has forgotten and calendars have not."""
    story = calendars.story
    await story.summoned(agencies=["bup"])
    await story.names(story.julia, "julia")
    await story.writing(lambda tx: went_on(story.bot.services, tx, [story.code], "operator"))
    await story.settle()
    assert sent(calendars) == [("REQUEST", 0)], "a restore by itself mails nobody the time of before"
    await story.moves()
    await story.settle()
    (_, moved) = sent(calendars)
    assert moved[0] == "REQUEST"
    assert moved[1] > 40


async def test_an_answer_to_what_was_sent_before_the_backup_counts_as_ever(calendars: Calendars) -> None:
    story = calendars.story
    await story.summoned(agencies=["bup"])
    await story.names(story.julia, "julia")
    await story.writing(lambda tx: went_on(story.bot.services, tx, [story.code], "operator"))
    await story.settle()
    await calendars.answers("julia", "ACCEPTED")
    (row,) = await story.journal("calendar.accepted")
    assert "old_time" not in row.entry.details or not row.entry.details["old_time"]
