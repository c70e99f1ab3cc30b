"""Whoever was responsible has left: the unit's manager is told until somebody is named (R40, T13; law 4D.9)."""

from __future__ import annotations

from dataclasses import replace

from domain.directory import Directory
from handlers.directory_change import replace_directory
from tests.handlers import town
from tests.handlers.story import Story, plain


async def moves(story: Story, name: str, agency: str) -> None:
    """Let somebody go over to another agency, or come back, by an import of the directory."""
    who = town.BY_NAME[name].id

    def change(known: Directory) -> Directory:
        return Directory(known.agencies, {**known.staff, who: replace(known.staff[who], agency=agency)})

    await story.writing(lambda tx: replace_directory(story.bot.services, tx, change(tx.directory), "operator"))
    await story.settle()


async def vacant(story: Story) -> None:
    await story.active(lead="julia")
    await moves(story, "julia", "vc")


async def test_t13_tells_the_units_manager_at_once_every_day_and_then_the_whole_unit(story: Story) -> None:
    """R40."""
    await vacant(story)
    await story.until("2026-12-11 12:00")
    told = story.reminded("vacancy")
    assert [when for when, where in told if where == "birgit"] == [
        "2026-12-08 15:00",
        "2026-12-09 08:00",
        "2026-12-10 08:00",
        "2026-12-11 08:00",
    ]
    assert [when for when, where in told if where == "bup"] == ["2026-12-11 08:00"]


async def test_who_has_gone_elsewhere_no_longer_acts_and_the_board_says_that_nobody_does(story: Story) -> None:
    """R38, R40; law 4D.9."""
    await vacant(story)
    await story.command(story.julia, f"uppföljning {story.code}")
    assert story.julia.view is None
    assert any(story.says("fact.vacant") in plain(m.blocks) for m in story.messages("birgit"))
    assert [row.entry.agency for row in await story.journal("case.vacant")] == ["bup"]


async def test_somebody_who_takes_over_ends_it(story: Story) -> None:
    """R40."""
    await vacant(story)
    await story.until("2026-12-08 15:30")
    await story.fill(story.birgit, "lämna", {"to": "sven"}, {})
    case = await story.case()
    assert (case.lead, case.vacant_since) == ("slack:T0/U0SVEN", None)
    await story.until("2026-12-11 12:00")
    assert [when for when, _ in story.reminded("vacancy")] == ["2026-12-08 15:00"]


async def test_who_comes_back_has_the_case_again(story: Story) -> None:
    await vacant(story)
    await moves(story, "julia", "bup")
    assert (await story.case()).vacant_since is None
    assert any(story.code in plain(m.blocks) for m in story.messages("julia"))


async def test_an_open_case_of_nobody_else_is_touched(story: Story) -> None:
    await story.active(lead="anna")
    await moves(story, "julia", "vc")
    assert (await story.case()).vacant_since is None


async def test_4d_9_who_has_gone_elsewhere_is_asked_for_no_plan_and_hears_nothing_of_who_has_the_case_now(
    story: Story,
) -> None:
    """R194, R40: the unit sends it then, and whoever reports the meeting reads so."""
    await story.summoned()
    await story.names(story.julia, "julia")
    await moves(story, "anna", "vc")
    await story.until("2026-12-08 15:00")
    await story.reports(story.karin)
    assert "Socialtjänsten" in story.answered.partition(story.says("fact.plan_sender"))[2]
    told = "\n".join(plain(m.blocks) for m in story.messages("anna"))
    assert story.says("board.left") in told
    assert "Julia Påhittlind" not in told
    assert story.says("board.handed.plan") not in told


async def test_t13_the_case_names_whom_it_reminds_and_not_who_has_left(story: Story) -> None:
    await vacant(story)
    await story.command(story.sven, f"visa {story.code}")
    await story.command(story.birgit, f"visa {story.code}")
    coming = (
        story.whispered(story.birgit).partition(story.says("show.coming"))[2].partition(story.says("show.timeline"))[0]
    )
    assert story.says("to.manager") in coming
    assert "Julia Påhittlind" not in coming


async def test_r55_whoever_takes_over_leads_the_meeting_that_a_leaver_was_to_lead(story: Story) -> None:
    await story.summoned()
    await moves(story, "anna", "vc")
    await story.fill(story.maria, "lämna", {"to": "karin"}, {})
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    assert meeting.chair == "slack:T0/U0KARIN"
    card = plain(story.shown("skola", "summons.name").blocks)
    assert "Karin Provdal, Enhet A" in card
    assert "Anna Exempelberg" not in card
