"""Decisions that take time: who answers, by when, what happens meanwhile, and T12 that follows them (R145)."""

from __future__ import annotations

from typing import Any

from tests.handlers.story import Story, plain

PROMISE: dict[str, Any] = {"agency": "bup", "awaits": "inquiry", "meanwhile": "contact", "by": "2026-12-22"}


async def promised(story: Story, **changes: Any) -> None:
    await story.held(lead="anna")
    outcome = await story.fill(story.anna, "besked", PROMISE, changes)
    assert not outcome.errors, outcome.errors


async def test_who_answers_by_when_and_what_happens_until_then_is_kept(story: Story) -> None:
    """R145."""
    await promised(story)
    (found,) = (await story.case()).promises
    assert (found.agency, found.awaits, found.meanwhile, f"{found.by}") == ("bup", "inquiry", "contact", "2026-12-22")
    assert story.says("meanwhile.contact") in story.answered


async def test_it_stands_on_the_board_until_the_person_has_the_answer(story: Story) -> None:
    await promised(story)
    assert story.says("board.promises") in plain(story.shown("anna", "promise.kept").blocks)
    await story.press(story.anna, "promise.kept")
    assert (await story.case()).promises[0].answered is not None
    assert not any("promise.kept" in str(m.blocks) for m in story.messages("anna"))


async def test_t12_reminds_the_agency_that_promised_and_then_the_coordinator(story: Story) -> None:
    """R145, T12: two working days before, on the day, and three working days after."""
    await promised(story)
    await story.sends_plan()
    await story.until("2026-12-31 12:00")
    assert story.reminded("promised_answer") == [
        ("2026-12-18 08:00", "bup"),
        ("2026-12-22 08:00", "bup"),
        ("2026-12-29 08:00", "anna"),
        ("2026-12-29 08:00", "bup"),
    ]


async def test_the_agencys_own_press_settles_it(story: Story) -> None:
    await promised(story)
    await story.until("2026-12-18 12:00")
    await story.press(story.julia, "nag.done")
    assert (await story.case()).promises[0].answered is not None
    await story.until("2026-12-31 12:00")
    assert story.reminded("promised_answer") == [("2026-12-18 08:00", "bup")]


async def test_only_who_attended_can_have_promised_and_not_in_the_past(story: Story) -> None:
    await story.held(lead="anna")
    view = await story.ask(story.anna, f"besked {story.code}")
    table: list[tuple[dict[str, Any], set[str]]] = [
        ({"by": "2026-12-01"}, {"by"}),
        ({"by": None}, {"by"}),
        ({"awaits": None}, {"awaits"}),
    ]
    await story.refusals(story.anna, view, PROMISE, table)
    assert "skola" not in str(view.blocks)


async def test_before_a_meeting_nothing_is_promised(story: Story) -> None:
    await story.summoned()
    await story.command(story.anna, f"besked {story.code}")
    assert story.says("promise.too_early", code=story.code) in story.whispered(story.anna)


async def test_another_agency_cannot_say_that_it_was_kept(story: Story) -> None:
    await promised(story)
    await story.command(story.julia, f"besked {story.code}")
    assert len((await story.case()).promises) == 1


async def test_the_same_promise_is_noted_once(story: Story) -> None:
    await promised(story)
    view = await story.ask(story.anna, f"besked {story.code}")
    again: list[tuple[dict[str, Any], set[str]]] = [({}, {"by"})]
    await story.refusals(story.anna, view, PROMISE, again)
    assert len((await story.case()).promises) == 1
