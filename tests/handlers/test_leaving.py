"""Who leaves the directory or their unit is invited no longer, is not believed any more, and reads nothing."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from domain.directory import Directory
from domain.summons import Standing
from handlers.calendar_replies import CalendarMail, receive
from handlers.directory_change import replace_directory
from storage.schema.tables import case_
from storage.sql.statement import Statement
from tests.handlers import town
from tests.handlers.story import Story, plain


async def leaves(story: Story, name: str) -> None:
    known = town.directory()
    staff = {key: who for key, who in known.staff.items() if key != town.BY_NAME[name].id}
    await story.writing(
        lambda tx: replace_directory(story.bot.services, tx, Directory(known.agencies, staff), "operator")
    )
    await story.settle()


async def moves(story: Story, name: str, agency: str) -> None:
    known = town.directory()
    who = town.BY_NAME[name].id
    staff = {key: replace(one, agency=agency) if key == who else one for key, one in known.staff.items()}
    await story.writing(
        lambda tx: replace_directory(story.bot.services, tx, Directory(known.agencies, staff), "operator")
    )
    await story.settle()


async def standing(story: Story, agency: str) -> Standing | None:
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    return meeting.standing_of(agency)


async def test_4d_9_the_invite_of_who_leaves_is_cancelled_and_the_agency_owes_names_again(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    assert await standing(story, "bup") is Standing.NAMED
    await leaves(story, "julia")
    assert [word.partition(" ")[0] for word in story.methods_to("julia")] == ["REQUEST", "CANCEL"]
    assert await standing(story, "bup") is Standing.RECEIVED
    title = story.says("note.attendee_left.title", code=story.code, agency="Barn- och ungdomspsykiatrin", target="")
    assert [title in plain(m.blocks) for m in story.messages("anna")].count(True) == 1
    assert [row.entry.agency for row in await story.journal("attendee.left")] == ["bup"]


async def test_4d_9_who_moves_to_another_unit_likewise_and_colleagues_still_come(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    await moves(story, "sven", "vc")
    assert [word.partition(" ")[0] for word in story.methods_to("sven")] == ["REQUEST", "CANCEL"]
    assert [word.partition(" ")[0] for word in story.methods_to("julia")] == ["REQUEST"]
    assert await standing(story, "bup") is Standing.NAMED


async def test_a_change_of_title_takes_nobody_off(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    known = town.directory()
    staff = {key: replace(who, title="Annan titel") for key, who in known.staff.items()}
    await story.writing(
        lambda tx: replace_directory(story.bot.services, tx, Directory(known.agencies, staff), "operator")
    )
    await story.settle()
    assert len(story.methods_to("julia")) == 1
    assert await story.journal("attendee.left") == []


async def test_4d_9_a_yes_from_the_calendar_of_who_has_left_counts_for_nothing(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    ((_, attendee),) = meeting.attendees()
    left = {key: who for key, who in town.directory().staff.items() if key != town.BY_NAME["julia"].id}
    await story.writing(lambda tx: tx.replace_directory(Directory(town.directory().agencies, left), "operator"))
    before = await story.case()
    mail = CalendarMail("m1", attendee.token, "accepted", meeting.uid, 9, story.clock.now(), attendee.email, _proven)
    word = await story.writing(lambda tx: receive(story.bot.services, tx, mail))
    assert word == "left"
    assert await story.case() == before


def _proven(_address: str) -> str:
    return "proven"


async def test_4d_9_a_feed_ends_with_its_owners_place_and_does_not_come_back(story: Story) -> None:
    julia = town.BY_NAME["julia"].id
    await story.writing(lambda tx: tx.feeds.give(julia, "an invented secret"))
    await leaves(story, "julia")
    await story.writing(lambda tx: replace_directory(story.bot.services, tx, town.directory(), "operator"))
    assert await story.reading(lambda reader: reader.feeds.owner_of("an invented secret")) is None


async def test_a_case_that_somebody_set_back_keeps_nobody_in_the_directory(story: Story) -> None:
    """What one case holds cannot be believed; that somebody has left must be heeded all the same (R40)."""
    await story.summoned()
    await story.names(story.julia, "julia")
    set_back = Statement(update(case_).values(version=case_.c.version - 1))
    story.lapses_planted = True
    await story.writing(lambda tx: vars(tx)["_link"].run(set_back))
    story.codes.clear()  # what it holds cannot be read any more
    for name in ("julia", "anna"):
        await leaves(story, name)
        directory = await story.reading(lambda reader: reader.directory)
        assert town.BY_NAME[name].id not in directory.staff
