"""The run sheet of a meeting: ticked off in place, by its chair, and what the report takes over from it (R135-R150)."""

from __future__ import annotations

from dataclasses import replace

from demo.slack.people.person import Person
from domain.directory import Directory
from domain.matters.run_sheet import Point
from handlers.enqueue import What
from tests.handlers import town
from tests.handlers.story import Story, elements, plain

TICK = "meeting.tick"


async def sheet(story: Story, who: Person, name: str) -> str:
    await story.command(who, f"möte {story.code}")
    return plain(story.shown(name, TICK).blocks)


async def done(story: Story) -> list[Point]:
    case = await story.case()
    return [tick.point for tick in case.meetings[-1].ticks]


async def test_it_says_what_comes_at_the_meeting_in_its_order(story: Story) -> None:
    """R73, R135, R136, R137."""
    await story.summoned()
    text = await sheet(story, story.anna, "anna")
    places = [text.index(story.says(f"point.{point}")) for point in Point if point is not Point.SCREEN]
    assert places == sorted(places)
    assert story.says("point.screen") not in text


async def test_r65_the_chair_is_reminded_that_there_are_limits_and_not_of_what_they_are(story: Story) -> None:
    await story.summoned()
    assert story.says("sheet.limits") not in await sheet(story, story.anna, "anna")
    await story.records_consent(extras=["exclusions"])
    assert story.says("sheet.limits") in await sheet(story, story.anna, "anna")


async def test_a_meeting_on_screen_has_its_checks(story: Story) -> None:
    """R148, R149, R150."""
    await story.summoned(mode="digital", place=None)
    assert story.says("point.screen") in await sheet(story, story.anna, "anna")


async def test_a_press_ticks_off_in_place_and_another_takes_it_back(story: Story) -> None:
    await story.summoned()
    await sheet(story, story.anna, "anna")
    await story.until("2026-12-08 12:55")
    await story.press(story.anna, TICK)
    assert await done(story) == [Point.CONSENT]
    shown = plain(story.shown("anna", TICK).blocks)
    assert story.says("sheet.untick.do") in shown
    await story.press(story.anna, TICK)
    assert await done(story) == []


async def test_a_chair_from_another_agency_has_it_and_others_have_not(story: Story) -> None:
    """R55."""
    await story.summoned(chair="julia")
    assert story.code in await sheet(story, story.julia, "julia")
    await story.command(story.omar, f"möte {story.code}")
    assert not any(story.says("sheet.intro") in plain(m.blocks) for m in story.messages("omar"))


async def test_without_a_meeting_there_is_nothing_to_run(story: Story) -> None:
    await story.opens()
    await story.command(story.anna, f"möte {story.code}")
    assert story.says("sheet.no_meeting", code=story.code) in story.whispered(story.anna)


async def test_what_was_confirmed_on_the_sheet_stands_in_the_report_already(story: Story) -> None:
    """R135: one press less."""
    await story.summoned()
    await sheet(story, story.anna, "anna")
    await story.until("2026-12-08 13:05")
    await story.press(story.anna, TICK)
    await story.until("2026-12-08 15:00")
    view = await story.ask(story.anna, f"hållet {story.code}")
    (box,) = [e for e in elements(view.blocks) if e["type"] == "checkboxes"]
    assert [option["value"] for option in box["initial_options"]] == ["yes"]


async def test_once_the_meeting_is_told_of_it_has_no_buttons(story: Story) -> None:
    await story.summoned()
    await sheet(story, story.anna, "anna")
    await story.until("2026-12-08 15:00")
    await story.reports()
    assert any(story.says("sheet.over") in plain(m.blocks) for m in story.messages("anna"))
    assert not any(TICK in str(m.blocks) for m in story.messages("anna"))


async def test_of_a_protected_meeting_it_tells_no_time_and_no_place(story: Story) -> None:
    """R109; law 4D.4."""
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None, recipients=["julia", "omar", "leif"])
    text = await sheet(story, story.anna, "anna")
    assert "13" not in text.replace(story.code, "")
    assert "december" not in text


async def test_nothing_is_ticked_off_before_the_meeting(story: Story) -> None:
    """R135: what is ticked off stands in the report as done."""
    await story.summoned()
    await sheet(story, story.anna, "anna")
    await story.press(story.anna, TICK)
    assert await done(story) == []
    assert story.says("sheet.too_early", code=story.code) in story.whispered(story.anna)


async def test_4d_9_who_has_changed_unit_is_shown_nothing_of_it_after_the_meeting_either(story: Story) -> None:
    await story.summoned(chair="julia")
    await sheet(story, story.anna, "anna")
    await story.until("2026-12-08 15:00")
    known, anna = town.directory(), town.BY_NAME["anna"].id
    staff = {**known.staff, anna: replace(known.staff[anna], agency="polis", coordinator=False)}
    await story.writing(lambda tx: tx.replace_directory(Directory(known.agencies, staff), "operator"))
    await story.reports(story.julia)
    sheets = [kept for kept in await story.letters(What.RUN_SHEET) if kept.letter.args or kept.why]
    assert [kept.why for kept in sheets if "U0ANNA" in kept.letter.address] == ["left"]
