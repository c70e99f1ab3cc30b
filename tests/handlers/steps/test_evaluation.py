"""After the meeting: how it was, for those who were there and for the person; only sums remain (R19, R146, R147)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.figures.quarter import Quarter
from domain.matters.evaluation import Felt
from tests.handlers.story import Story
from tests.handlers.town import BY_NAME

FOURTH = Quarter(2026, 4)
OWN: dict[str, Any] = {"clear_purpose": "5", "divided": "2"}
PERSONS: dict[str, Any] = {"felt": "partly", "listened": "4"}


async def sums(story: Story, prefix: str) -> dict[tuple[str, str], tuple[int, int]]:
    """Return count and points of what was answered, by unit and statement."""
    found = await story.reading(lambda reader: reader.figures.of(FOURTH))
    return {(key.agency, key.name): (one.count, one.total) for key, one in found.items() if key.name.startswith(prefix)}


async def test_whoever_was_there_answers_once_and_only_sums_remain(story: Story) -> None:
    """R147: the answers of two are added up under the unit that called the meeting; the case holds none of them."""
    await story.held()
    (summons,) = [card for card in story.messages("bup") if story.says("step.evaluate.do") in str(card.blocks)]
    await story.press(story.sven, story.says("step.evaluate.do"), OWN, source=summons)
    await story.command(story.julia, f"utvärdera {story.code}")
    await story.press(story.julia, story.says("step.evaluate_own.do"), {"clear_purpose": "4"})
    assert await sums(story, "staff.") == {("soc", "staff.clear_purpose"): (2, 9), ("soc", "staff.divided"): (1, 2)}
    (kept,) = (await story.case()).evaluations
    assert kept.by == {BY_NAME["julia"].id, BY_NAME["sven"].id}
    await story.command(story.sven, f"utvärdera {story.code}")
    assert story.says("evaluate.own_already.text") in story.whispered(story.sven)


async def test_the_persons_view_is_entered_once_and_how_they_felt_stays_with_the_meeting(story: Story) -> None:
    """R19, R146: whoever answers for the case reads the questions to the person."""
    await story.held()
    await story.command(story.julia, f"utvärdera {story.code}")
    await story.press(story.julia, "case.step", PERSONS, source=story.julia.only_visible_to_me()[-1])
    (kept,) = (await story.case()).evaluations
    assert kept.felt is Felt.PARTLY
    assert await sums(story, "person.") == {("soc", "person.listened"): (1, 4)}
    await story.command(story.julia, f"visa {story.code}")
    assert story.says("fact.felt") in story.whispered(story.julia)


async def test_answers_stand_neither_in_the_case_nor_in_the_journal(story: Story) -> None:
    """R147."""
    await story.held()
    await story.fill(story.sven, "utvärdera", OWN, {})
    rows = await story.reading(lambda reader: reader.journal.read(story.code))
    (row,) = [row for row in rows if row.entry.action == "meeting.evaluated"]
    assert dict(row.entry.details) == {"meeting": 1}


@pytest.mark.parametrize("ends", [False, True])
async def test_the_card_of_a_meeting_offers_the_evaluation_no_longer_than_it_can_be_given(
    ends: bool,  # noqa: FBT001 - a parameter of the test
    story: Story,
) -> None:
    """R147: for thirty days, although nobody does anything on the last of them, and also when the case has ended."""
    await story.held(**({"need_remains": "no", "lead": None, "follow_up_on": None} if ends else {}))
    if ends:
        await story.closes(story.anna)
    asked = story.says("step.evaluate.do")
    await story.until("2027-01-07 23:00")
    assert [card for card in story.messages("bup") if asked in str(card.blocks)]
    await story.until("2027-01-08 12:00")
    assert [card for card in story.messages("bup") if asked in str(card.blocks)] == []


async def test_of_a_case_whose_messages_have_been_taken_away_nothing_is_shown_again_that_night(story: Story) -> None:
    await story.held(need_remains="no", lead=None, follow_up_on=None)
    await story.closes(story.anna)
    await story.writing(lambda tx: tx.posts.erase(story.code))
    before = {message.ts for message in story.messages("anna")}
    await story.until("2027-01-08 07:00")
    shown = [message for message in story.messages("anna") if message.ts not in before]
    assert [message for message in shown if story.says("step.show.do") in str(message.blocks)] == []


async def test_a_unit_that_was_not_there_does_not_evaluate(story: Story) -> None:
    await story.held()
    await story.command(story.omar, f"utvärdera {story.code}")
    assert story.says("evaluate.not_there") in story.whispered(story.omar)


async def test_nothing_is_evaluated_before_a_meeting_nor_a_month_after(story: Story) -> None:
    await story.summoned()
    await story.command(story.anna, f"utvärdera {story.code}")
    assert story.says("evaluate.too_early", code=story.code) in story.whispered(story.anna)


async def test_an_empty_form_is_refused_at_its_first_field(story: Story) -> None:
    await story.held()
    outcome = await story.fill(story.sven, "utvärdera", {}, {})
    assert set(outcome.errors) == {"clear_purpose"}
    assert await sums(story, "staff.") == {}
