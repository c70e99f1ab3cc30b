"""Who runs a meeting is named, told and invited: coordinator, chair, secretary (R25, R30, R55, R123)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.story import Story, plain


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    async with answering(folder, empty_database) as found:
        yield found


def methods(calendars: Calendars, name: str) -> list[str]:
    return [f"{i.method} {i.sequence}" for i in calendars.invitations(name)]


async def test_r30_coordinator_chair_and_secretary_have_the_meeting_in_the_calendar(calendars: Calendars) -> None:
    await calendars.story.summoned(chair="julia", secretary="karin")
    for name in ("anna", "julia", "karin"):
        assert methods(calendars, name) == ["REQUEST 0"], name


async def test_who_runs_the_meeting_and_is_named_for_it_has_it_once(calendars: Calendars) -> None:
    await calendars.story.summoned(chair="julia")
    await calendars.story.names(calendars.story.julia, "julia", "sven")
    assert methods(calendars, "julia") == ["REQUEST 0"]
    await calendars.story.press(calendars.story.sven, "summons.decline", {"reason": "time"})
    assert methods(calendars, "julia") == ["REQUEST 0"], "the chair still comes"
    assert methods(calendars, "sven") == ["REQUEST 0", "CANCEL 1"]


async def test_who_runs_the_meeting_hears_of_a_move_and_of_its_end(calendars: Calendars) -> None:
    await calendars.story.summoned(secretary="karin")
    await calendars.story.moves()
    assert methods(calendars, "karin") == ["REQUEST 0", "REQUEST 1"]
    await calendars.story.withdraws()
    assert methods(calendars, "karin")[2:] == ["CANCEL 2"]
    assert methods(calendars, "anna")[2:] == ["CANCEL 2"]


async def test_another_chair_takes_the_meeting_off_the_calendar_of_the_one_before(calendars: Calendars) -> None:
    await calendars.story.summoned(chair="julia", agencies=["bup", "skola"])
    await calendars.story.records_consent()
    await calendars.story.summons(chair="omar", agencies=["fk"])
    assert methods(calendars, "julia") == ["REQUEST 0", "CANCEL 1"]
    assert methods(calendars, "omar") == ["REQUEST 1"]


async def test_a_no_of_the_chair_stands_on_the_board(calendars: Calendars) -> None:
    story = calendars.story
    await story.summoned(chair="julia")
    await calendars.answers("julia", "DECLINED")
    said = "\n".join(plain(message.blocks) for message in story.messages("anna"))
    assert story.says("attendee.declined", name="Julia Påhittlind") in said
    assert story.says("note.host_declined.title", code=story.code, name="Julia Påhittlind") in said


async def test_r30_r55_chair_and_secretary_are_told_of_their_task(story: Story) -> None:
    await story.summoned(chair="julia", secretary="karin")
    assert story.says("role.chair.text") in plain(story.messages("julia")[-1].blocks)
    assert story.says("role.secretary.text") in plain(story.messages("karin")[-1].blocks)
    await story.moves()
    assert "10 dec" in plain(story.messages("karin")[-1].blocks), "the card is kept fresh"
    await story.withdraws()
    assert story.says("role.over.text") in plain(story.messages("karin")[-1].blocks)


async def test_r123_every_summons_names_coordinator_chair_and_secretary_and_all_who_come(story: Story) -> None:
    await story.summoned(chair="julia", secretary="karin")
    card = plain(story.messages("skola")[0].blocks)
    for name in ("Anna Exempelberg", "Julia Påhittlind", "Karin Provdal"):
        assert name in card
    assert story.says("fact.secretary") in card


async def test_a_protected_meeting_stands_in_nobodys_calendar(calendars: Calendars) -> None:
    """R109; law 4D.4."""
    story = calendars.story
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None, chair="julia", secretary="karin")
    assert [methods(calendars, name) for name in ("anna", "julia", "karin")] == [[], [], []]
    card = plain(story.messages("karin")[-1].blocks)
    assert story.says("summons.protected_time") in card
    assert "13.00" not in card


async def test_r43_r44_the_agencies_hear_of_another_lead(story: Story) -> None:
    await story.active()
    await story.fill(story.julia, "huvudansvarig", {"lead": "omar", "reason": "person_wish"}, {})
    for place in ("bup", "fk"):
        assert story.says("lead_changed.title", code=story.code) in plain(story.messages(place)[-1].blocks)
    assert "Omar Testholm" in plain(story.messages("bup")[-1].blocks)
