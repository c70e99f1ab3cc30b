"""Who leaves the directory or their unit is invited no longer, is not believed any more, and reads nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import update

from domain.address import Address, Kind
from domain.directory import Directory
from domain.summons import Standing
from handlers.calendar_replies import CalendarMail, receive
from handlers.directory_change import replace_directory
from storage.schema.tables import case_
from storage.sql.statement import Statement
from tests.handlers import town
from tests.handlers.story import Story, buttons, plain


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


async def has_another_channel(story: Story, agency: str, channel: str) -> None:
    """The agency moves to a new channel of its own."""
    known, channels = town.directory(), story.slack.directory.channels
    before = next(place.target for place in known.agencies[agency].addresses)
    channels[channel] = replace(channels[before], id=channel, name="ny")
    unit = replace(known.agencies[agency], addresses=(Address("slack", Kind.CHANNEL, channel),))
    moved = Directory({**known.agencies, agency: unit}, known.staff)
    await story.writing(lambda tx: replace_directory(story.bot.services, tx, moved, "operator"))
    await story.settle()


def standing_at(story: Story, channel: str) -> list[str]:
    """Return the words of all that stands in a channel that is not among those of the town."""
    return [plain(m.blocks) for m in story.slack.state.messages.in_channel(channel) if not m.deleted]


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


async def test_r40_what_a_calendar_says_after_the_coordinator_has_left_is_told_to_the_manager(story: Story) -> None:
    """Delivered is not read: a word to somebody who is there no longer goes to whoever stands in."""
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    attendee = next(who for _, who in meeting.attendees() if who.staff == town.BY_NAME["julia"].id)
    await leaves(story, "anna")
    mail = CalendarMail("m1", attendee.token, "declined", meeting.uid, 9, story.clock.now(), attendee.email, _proven)
    assert await story.writing(lambda tx: receive(story.bot.services, tx, mail)) == "declined"
    await story.settle()
    title = story.says("note.calendar_declined.title", code=story.code, name="Julia Påhittlind", agency="", target="")
    assert [title in plain(m.blocks) for m in story.messages("maria")].count(True) == 1


async def test_r40_a_word_that_waits_for_the_morning_reaches_the_manager_when_the_coordinator_leaves_meanwhile(
    story: Story,
) -> None:
    await story.summoned()
    await story.until("2026-11-24 19:00")
    await story.press(story.julia, "summons.propose", {"date": "2026-12-09", "start": "10:00"})
    await leaves(story, "anna")
    await story.until("2026-11-25 12:00")
    assert any("proposal.keep" in str(m.blocks) for m in story.messages("maria"))
    assert not any("proposal.keep" in str(m.blocks) for m in story.messages("anna"))


async def test_4d_9_what_waits_for_an_agency_is_said_in_the_channel_that_it_has_now(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    again = story.nothing_arrives()
    await story.summons()
    await has_another_channel(story, "bup", "C0NYA")
    again()
    await story.until("2026-11-23 12:00")
    assert story.messages("bup") == []
    assert [story.says("summons.title.obliged", code=story.code) in text for text in standing_at(story, "C0NYA")] == [
        True
    ]


async def test_4d_9_what_stands_in_an_agencys_channel_moves_with_it(story: Story) -> None:
    """Whoever has the old channel now reads nothing, and what is still open is asked in the new one."""
    await story.summoned()
    await story.until("2026-12-02 12:00")
    assert "nag.done" in buttons(story.shown("bup", "nag.done").blocks)
    await has_another_channel(story, "bup", "C0NYA")
    assert not any(story.code in plain(m.blocks) for m in story.messages("bup"))
    assert [story.code in text for text in standing_at(story, "C0NYA")] == [True, True]


async def test_4d_9_another_manager_gets_what_the_one_before_was_to_know(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-01 12:00")
    assert "nag.take" in buttons(story.shown("birgit", "nag.take").blocks)
    known = town.directory()
    units = {**known.agencies, "bup": replace(known.agencies["bup"], manager=town.BY_NAME["sven"].id)}
    changed = Directory(units, known.staff)
    await story.writing(lambda tx: replace_directory(story.bot.services, tx, changed, "operator"))
    await story.until("2026-12-01 13:00")
    assert not any(story.code in plain(m.blocks) for m in story.messages("birgit"))
    assert story.code in plain(story.shown("sven", "nag.take").blocks)


@pytest.mark.parametrize("left", [leaves, partial(moves, agency="bup")], ids=["leaves", "moves"])
async def test_4d_9_what_was_asked_of_who_has_left_is_read_by_them_no_longer_and_asked_of_the_manager(
    story: Story, left: Callable[[Story, str], Awaitable[None]]
) -> None:
    """Their list stood with its buttons for good, and nobody else was reminded until the next step of the ladder."""
    await story.opens()
    await story.until("2026-11-30 12:00")
    assert "nag.done" in buttons(story.shown("anna", "nag.done").blocks)
    await left(story, "anna")
    await story.until("2026-11-30 14:00")
    assert not any("nag.done" in buttons(m.blocks) for m in story.messages("anna"))
    assert story.open_reminders("anna") == []
    assert story.code in plain(story.shown("maria", "nag.done").blocks)


async def test_4d_9_who_was_to_run_the_meeting_and_has_left_has_neither_card_nor_invite(story: Story) -> None:
    """R55: whoever is responsible is told, so that somebody else leads it."""
    await story.summoned(chair="julia", secretary="karin")
    assert story.messages("julia")
    await leaves(story, "julia")
    assert story.messages("julia") == []
    assert story.methods_to("julia") == ["REQUEST 0", "CANCEL 1"]
    title = story.says("note.host_left.title", code=story.code, name="Julia Påhittlind")
    assert [title in plain(m.blocks) for m in story.messages("anna")].count(True) == 1


async def test_4d_9_who_moves_to_another_unit_runs_the_meeting_no_longer(story: Story) -> None:
    await story.summoned(chair="julia")
    await moves(story, "julia", "skola")
    await story.until("2026-12-08 15:00")
    await story.command(story.julia, f"hållet {story.code}")
    assert story.julia.view is None
    assert story.methods_to("julia")[-1].startswith("CANCEL")


async def test_4d_9_the_meeting_leaves_the_calendar_of_a_coordinator_who_leaves(story: Story) -> None:
    await story.summoned()
    await leaves(story, "anna")
    assert story.methods_to("anna") == ["REQUEST 0", "CANCEL 1"]


async def test_4d_4_who_leaves_is_taken_off_a_protected_meeting_too(story: Story) -> None:
    """It stands in no calendar, where the others are found."""
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None)
    await story.names(story.julia, "julia", "sven")
    await leaves(story, "julia")
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    assert [who.name for agency, who in meeting.attendees() if agency == "bup"] == ["Sven Exempelsjö"]
    assert "summons.name" in buttons(story.shown("sven", "summons.name").blocks)
    title = story.says("note.attendee_left.title", code=story.code, agency="Barn- och ungdomspsykiatrin", target="")
    assert any(title in plain(m.blocks) for m in story.messages("anna"))


async def test_r40_when_two_records_become_one_person_the_cases_of_both_are_theirs(story: Story) -> None:
    """Nobody has left: the meeting stays in the calendar, and no manager is asked to name somebody else."""
    await story.opens(story.karin)
    await story.records_consent(story.karin)
    await story.summons(story.karin, chair="karin")
    known, anna, karin = town.directory(), town.BY_NAME["anna"].id, town.BY_NAME["karin"].id
    staff = {who: one for who, one in known.staff.items() if who != karin}
    staff[anna] = replace(staff[anna], identities=(anna, karin))
    merged = Directory(known.agencies, staff)
    await story.writing(lambda tx: replace_directory(story.bot.services, tx, merged, "operator"))
    await story.settle()
    case = await story.case()
    assert (case.responsible, case.vacant_since) == (anna, None)
    assert story.messages("maria") == []
    assert story.methods_to("karin") == ["REQUEST 0"]
    outcome = await story.moves(story.karin)
    assert not outcome.errors
    assert [row.entry.details["to"] for row in await story.journal("staff.merged")] == [anna]


async def test_r62_the_consent_can_leave_out_a_unit_that_is_not_in_the_directory_any_more(story: Story) -> None:
    await story.active()
    known = town.directory()
    units = {key: unit for key, unit in known.agencies.items() if key != "skola"}
    staff = {key: who for key, who in known.staff.items() if who.agency != "skola"}
    await story.writing(
        lambda tx: replace_directory(story.bot.services, tx, Directory(units, staff), "operator"),
    )
    await story.settle()
    await story.records_consent(story.julia, agencies=["bup", "fk"])
    consent = (await story.case()).consent
    assert consent is not None
    assert "skola" not in consent.agencies


@pytest.mark.parametrize(
    "word, answers",
    [
        ("samtycke", {"given": ["yes"], "form": "oral", "valid_until": "2027-03-01"}),
        ("avvikelse", {"fault": "cooperation", "agency": "soc"}),
    ],
)
async def test_a_form_that_stood_open_does_not_speak_for_the_new_unit(
    story: Story, word: str, answers: dict[str, object]
) -> None:
    """What was written for one unit is not the word of another (law 4C): it was noted as that one's consent."""
    await story.summoned()
    await story.ask(story.julia, f"{word} {story.code}")
    await moves(story, "julia", "skola")
    outcome = await story.submit(story.julia, answers, stay=True)
    assert story.says("right.other_unit") in str(outcome)
    assert await story.journal("consent.own") == []
    assert await story.journal("deviation.reported") == []


async def test_what_somebody_answered_who_has_left_stands_without_a_name(story: Story) -> None:
    """It read "– bekräftade mottagandet"."""
    await story.summoned()
    await story.names(story.julia, "sven")
    await leaves(story, "julia")
    await story.names(story.omar, "omar")
    shown = plain(story.messages("bup")[0].blocks)
    assert "–" not in shown.replace("Barn- och", "")
    assert "Sven Exempelsjö" in shown
