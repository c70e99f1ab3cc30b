"""The six questions of a follow-up, measure by measure, and what they lead to (R166, R169, R170)."""

from __future__ import annotations

from typing import Any

from domain.matters.measure import Progress
from domain.matters.review import Extent
from tests.handlers.story import Story

ANSWERS: dict[str, Any] = {"goals_met": "partly", "order": "yes", "needs_changed": "no", "measure_1": "not_given"}


async def planned(story: Story) -> None:
    await story.held(lead="anna")
    await story.fill(story.anna, "åtgärd", {"who": "bup", "sort": "contact"}, {})
    outcome = await story.sends_plan()
    assert not outcome.errors


async def test_what_was_found_changes_how_far_each_measure_has_come(story: Story) -> None:
    """R166, R169: goals, given, way and order, adjust, effect, needs."""
    await planned(story)
    outcome = await story.fill(story.anna, "följ", ANSWERS, {})
    assert not outcome.errors
    case = await story.case()
    assert case.measures[0].progress is Progress.NOT_DONE
    (review,) = case.reviews
    assert (review.goals_met, review.order, review.needs_changed) == (Extent.PARTLY, Extent.YES, False)


async def test_a_measure_that_is_not_given_is_suggested_as_a_deviation(story: Story) -> None:
    """R182."""
    await planned(story)
    await story.fill(story.anna, "följ", ANSWERS, {})
    assert story.says("fault.not_carried_out") in story.answered


async def test_answered_again_the_later_answer_holds(story: Story) -> None:
    await planned(story)
    await story.fill(story.anna, "följ", ANSWERS, {})
    await story.fill(story.anna, "följ", ANSWERS, {"measure_1": "done", "goals_met": "yes"})
    case = await story.case()
    assert case.measures[0].progress is Progress.DONE
    assert [review.goals_met for review in case.reviews] == [Extent.YES]


async def test_without_a_plan_there_is_nothing_to_follow_up(story: Story) -> None:
    await story.summoned()
    await story.command(story.anna, f"följ {story.code}")
    assert story.says("review.too_early", code=story.code) in story.whispered(story.anna)
