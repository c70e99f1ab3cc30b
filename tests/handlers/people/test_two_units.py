"""Somebody who works in two units: the directory knows them at one, and at the other colleagues write them down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.people import disclosure
from tests.handlers.story import plain

AS_COLLEAGUE = "Sven Exempelsjö, Skolpsykolog, sven@exempel.invalid"


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    """A story in which Sven, who is of bup in the directory, also works at the school."""
    async with answering(folder, empty_database) as found:
        story = found.story
        await story.summoned(agencies=["bup", "skola"])
        yield found
        disclosure.check(story, [await story.case(code) for code in story.codes])


async def named_by_both(calendars: Calendars, *, school_first: bool = False) -> None:
    story = calendars.story
    if school_first:
        assert not (await story.names(story.omar, others=AS_COLLEAGUE)).errors
    assert not (await story.names(story.julia, "sven", "julia")).errors
    if not school_first:
        assert not (await story.names(story.omar, others=AS_COLLEAGUE)).errors


async def test_at_the_other_unit_they_are_written_down_as_the_refusal_says(calendars: Calendars) -> None:
    story = calendars.story
    refused = await story.names(story.omar, "sven")
    assert story.says("summons.name.others") in refused.errors["attendees"]
    await named_by_both(calendars)
    card = plain(story.shown("skola", "summons.name").blocks)
    assert "Sven Exempelsjö och Julia Påhittlind (Enhet B)" in card
    assert "Sven Exempelsjö (Påhittskolan)" in card


async def test_one_no_from_their_calendar_is_one_for_both_units(calendars: Calendars) -> None:
    """There is one meeting in it: the unit that was asked first would have waited for them."""
    await named_by_both(calendars)
    await calendars.answers("sven", "DECLINED")
    meeting = (await calendars.story.case()).meeting
    assert meeting is not None
    assert [who.stays_away for _, who in meeting.attendees() if who.name.startswith("Sven")] == [True, True]
    card = plain(calendars.story.shown("bup", "summons.name").blocks)
    assert "Sven Exempelsjö" not in card.partition("Kommer till mötet")[2]


@pytest.mark.parametrize("school_first", [True, False])
async def test_who_is_no_longer_named_by_one_keeps_the_meeting_for_the_other(
    calendars: Calendars, *, school_first: bool
) -> None:
    """And is heard, though the mail that was there last was of the unit that has named others since."""
    await named_by_both(calendars, school_first=school_first)
    story = calendars.story
    assert not (await story.names(story.julia, "julia")).errors
    await story.settle()
    assert calendars.newest("sven").method == "REQUEST"
    await calendars.answers("sven", "ACCEPTED")
    meeting = (await story.case()).meeting
    assert meeting is not None
    (still,) = (who for _, who in meeting.attendees() if who.name.startswith("Sven"))
    assert still.response is not None
    assert still.response.kind == "accepted"


async def test_who_is_named_by_nobody_any_more_is_taken_off(calendars: Calendars) -> None:
    await named_by_both(calendars)
    story = calendars.story
    assert not (await story.names(story.julia, "julia")).errors
    assert not (await story.names(story.omar, "omar", others="")).errors
    await story.settle()
    assert calendars.newest("sven").method == "CANCEL"
