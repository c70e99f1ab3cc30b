"""Somebody is away: a deputy stands in, sees whom for, and everything goes back by itself (R40; law 4D.9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from demo.slack.state.records import Message
from domain.directory import Directory
from handlers.directory_change import replace_directory
from tests.handlers import town
from tests.handlers.story import Story, plain

ANNA, MARIA = town.BY_NAME["anna"].id, town.BY_NAME["maria"].id
FOR_ANNA = "Du går in för Anna Exempelberg"


async def deputised(story: Story) -> None:
    """Enter deputies: Maria, who is no coordinator, for Anna."""

    def change(known: Directory) -> Directory:
        anna = replace(known.staff[ANNA], deputy=MARIA)
        return Directory(known.agencies, {**known.staff, ANNA: anna})

    await story.writing(lambda tx: replace_directory(story.bot.services, tx, change(tx.directory), "operator"))


def last(story: Story, name: str) -> str:
    return plain(story.messages(name)[-1].blocks)


def board(story: Story, name: str) -> Message:
    """Return the message that is, or was, the case's board with somebody."""
    return next(m for m in story.messages(name) if m.text.startswith(story.code))


async def absences(story: Story) -> list[tuple[str, str]]:
    """Return what the journal says of who was away and who set it."""
    rows = await story.reading(lambda reader: reader.journal.read(""))
    return [(row.entry.action, row.entry.actor) for row in rows if row.entry.action.startswith("staff.")]


async def test_reminders_and_boards_go_to_the_deputy_and_back_on_the_day(story: Story) -> None:
    """R40: who stands in is told for whom, may act, and the journal names who did."""
    await deputised(story)
    await story.summoned()
    await story.command(story.anna, "borta 2026-12-03")
    assert story.says("absence.set.title") in story.whispered(story.anna)
    assert FOR_ANNA in last(story, "maria")
    assert story.says("board.passed_on.text", name="Maria Testfalk") in last(story, "anna")
    outcome = await story.moves(story.maria)
    assert not outcome.errors
    (row,) = await story.journal("meeting.moved")
    assert row.entry.actor == MARIA
    assert FOR_ANNA in last(story, "maria")
    await story.until("2026-12-03 09:00")
    assert "kallelse" in last(story, "anna").lower() or story.code in last(story, "anna")
    assert story.says("board.passed_on.text", name="Anna Exempelberg") in plain(board(story, "maria").blocks)
    assert await absences(story) == [("staff.away", ANNA), ("staff.back", "clock")]


async def test_a_manager_sets_somebody_who_is_ill_away_and_what_stood_open_moves(story: Story) -> None:
    """R40: without a deputy it is the manager, and nobody but them may say so for another."""
    await story.opens()
    await story.until("2026-12-04 12:00")
    stood = story.open_reminders("anna")
    assert stood
    await story.ask(story.karin, "borta")
    refused = await story.submit(story.karin, {"until": "2026-12-10", "who": "anna"})
    assert set(refused.errors) == {"who"}
    await story.ask(story.maria, "borta")
    accepted = await story.submit(story.maria, {"until": "2026-12-10", "who": "anna"})
    assert not accepted.errors
    await story.until("2026-12-07 09:00")
    assert story.open_reminders("anna") == []
    assert set(stood) <= set(story.open_reminders("maria"))
    await story.command(story.anna, "tillbaka")
    await story.until("2026-12-08 09:00")
    assert story.open_reminders("maria") == []
    assert set(stood) <= set(story.open_reminders("anna"))
    assert await absences(story) == [("staff.away", MARIA), ("staff.back", ANNA)]


@pytest.mark.parametrize("text, key", [("borta snart", "absence.no_day"), ("borta 2026-11-01", "absence.day")])
async def test_a_day_that_is_none_or_has_passed_changes_nothing(story: Story, text: str, key: str) -> None:
    await story.command(story.anna, text)
    assert story.says(key) in story.whispered(story.anna)
    assert await absences(story) == []


async def test_r30_r55_who_stands_in_for_the_chair_gets_their_card_and_gives_it_back(story: Story) -> None:
    """A seat at a meeting passes on like a case: told for whom, with the right to tell how it went; and back."""
    julia, sven = town.BY_NAME["julia"].id, town.BY_NAME["sven"].id

    def change(known: Directory) -> Directory:
        return Directory(known.agencies, {**known.staff, julia: replace(known.staff[julia], deputy=sven)})

    await story.writing(lambda tx: replace_directory(story.bot.services, tx, change(tx.directory), "operator"))
    await story.summoned(chair="julia")
    title = story.says("role.chair.title", code=story.code)
    assert title in last(story, "julia")
    await story.command(story.julia, "borta 2026-12-08")
    assert title in last(story, "sven")
    assert "Du går in för Julia" in last(story, "sven")
    assert story.says("role.over.text") in last(story, "julia")
    await story.command(story.julia, "tillbaka")
    assert title in last(story, "julia")
    assert story.says("role.over.text") in last(story, "sven")


async def test_4d_4_a_manager_who_sets_somebody_away_gets_no_protected_case_to_see(story: Story) -> None:
    """R40, law 4D.4, law 4D.9: it waits for its coordinator, unless a deputy is named, which is said."""
    await story.opens(flags=["protected"])
    before = len(story.messages("maria"))
    await story.ask(story.maria, "borta")
    await story.submit(story.maria, {"until": "2026-12-10", "who": "anna"})
    assert story.says("absence.protected") in story.answered
    await story.until("2026-12-04 12:00")
    assert len(story.messages("maria")) == before
    await story.command(story.maria, f"visa {story.code}")
    assert story.says("case.unknown", code=story.code) in story.whispered(story.maria)
    await deputised(story)
    await story.settle()
    assert FOR_ANNA in last(story, "maria")
