"""Twice is once: the same click, the same form, two colleagues at once. The second is told who was first and when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.app import build
from demo.slack.people.person import Person
from domain.summons import Standing
from tests.handlers.story import (
    CLOSED,
    CONSENT,
    HELD,
    MOVED,
    NAMED,
    OPENING,
    PLAN,
    SUMMONS,
    WITHDRAWN,
    Story,
    as_asked,
    merged,
    plain,
)


@pytest.fixture(autouse=True)
def _database_at_hand() -> None:
    """Here people act at the very same moment: the database works on its own threads."""


async def standing_of(story: Story, agency: str) -> Standing | None:
    meeting = (await story.case()).meeting
    return meeting.standing_of(agency) if meeting is not None else None


async def both_open(story: Story, one: Person, other: Person, text: str) -> None:
    """Two people open the same form before either has sent it."""
    await story.ask(one, text)
    await story.ask(other, text)


def told(outcome: Any, name: str) -> None:
    """Assert that the second was told who was first, and when, and that nothing was changed."""
    assert outcome.action == "errors", outcome
    (words,) = outcome.errors.values()
    assert name in words
    assert "kl." in words


# ---- the same thing again ------------------------------------------------------------------------------------------


async def test_a_double_click_is_one_receipt(story: Story) -> None:
    await story.summoned()
    await story.julia.press_twice("summons.received")
    await story.settle()
    assert len(await story.journal("summons.received")) == 1
    assert len(story.whispers(story.julia)) == 2
    assert "Julia Påhittlind" in " ".join(story.whispers(story.julia))


async def test_the_same_press_delivered_again_is_answered_once(story: Story) -> None:
    await story.summoned()
    outcome = await story.press(story.julia, "summons.received")
    await story.julia.retry(outcome)
    await story.settle()
    assert len(await story.journal("summons.received")) == 1
    assert len(story.whispers(story.julia)) == 1


async def test_the_same_form_delivered_again_opens_one_case(story: Story) -> None:
    await story.ask(story.anna, "ny")
    outcome = await story.submit(story.anna, OPENING)
    again = await story.anna.retry(outcome)
    await story.settle()
    assert again.status == 200
    assert len(await story.writing(lambda tx: tx.cases.own("slack:T0/U0ANNA", 10))) == 1


async def test_the_same_form_sent_twice_at_once_opens_one_case(story: Story) -> None:
    view = await story.ask(story.anna, "ny")
    await story.anna.work_through(view, OPENING)
    await asyncio.gather(story.anna.submit(view=view), story.anna.submit(view=view))
    await story.settle()
    assert len(await story.writing(lambda tx: tx.cases.own("slack:T0/U0ANNA", 10))) == 1


async def test_a_form_that_was_drawn_anew_between_two_sendings_opens_one_case(story: Story) -> None:
    """Slack then names another state of the window; it is one window all the same."""
    view = await story.ask(story.anna, "ny")
    await story.anna.work_through(view, OPENING)
    drawn_anew = {"hash": "1795000000.drawnnew"}
    await asyncio.gather(story.anna.submit(view=view), story.anna.submit(view=view, altered=drawn_anew))
    await story.settle()
    assert len(await story.writing(lambda tx: tx.cases.own("slack:T0/U0ANNA", 10))) == 1


async def test_the_same_summons_sent_twice_at_once_is_one_message_each(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    view = await story.ask(story.anna, f"kalla {story.code}")
    await story.anna.work_through(view, SUMMONS)
    await asyncio.gather(story.anna.submit(SUMMONS, view), story.anna.submit(SUMMONS, view))
    await story.settle()
    assert len((await story.case()).meetings) == 1
    assert len(story.messages("bup")) == 1


async def test_a_form_that_was_mended_is_heard_when_it_comes_again(story: Story) -> None:
    """It is the same window, and yet another arrival."""
    await story.ask(story.anna, "ny")
    for _ in range(2):
        wrong = await story.submit(story.anna, merged(OPENING, {"noticed_on": "2027-01-01"}), stay=True)
        assert set(wrong.errors) == {"noticed_on"}
    mended = await story.submit(story.anna, merged(OPENING, {}))
    assert mended.action == "updated"


@pytest.mark.parametrize("action", ["plan.received", "closing.confirm"])
async def test_a_second_confirmation_tells_who_gave_the_first(story: Story, action: str) -> None:
    await story.held()
    await (story.sends_plan() if action == "plan.received" else story.withdraws())
    notice = story.shown("bup", action)
    await asyncio.gather(story.sven.press(action, source=notice), story.julia.press(action, source=notice))
    await story.settle()
    rows = [row for row in await story.journal() if row.entry.action in {"plan.received", "closing.confirmed"}]
    assert len(rows) == 1
    first = "Sven Exempelsjö" if rows[0].entry.actor.endswith("SVEN") else "Julia Påhittlind"
    second = story.julia if rows[0].entry.actor.endswith("SVEN") else story.sven
    assert first in story.whispered(second)


async def test_a_done_reminder_pressed_again_says_that_it_is_done(story: Story) -> None:
    await story.summoned()
    await story.until("2026-11-25 09:00")
    reminder = story.shown("bup", "nag.done")
    await asyncio.gather(story.julia.press("nag.done", source=reminder), story.sven.press("nag.done", source=reminder))
    await story.settle()
    assert len(await story.journal("summons.received")) == 1


# ---- two colleagues ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action, values",
    [
        ("summons.name", {"attendees": ["sven"], "mandate": ["yes"]}),
        ("summons.propose", {"date": "2026-12-11", "start": "10:00"}),
        ("summons.decline", {"reason": "time"}),
        ("summons.forward", {"agency": "vc"}),
    ],
)
async def test_of_two_answers_the_second_is_told_who_was_first(
    story: Story, action: str, values: dict[str, Any]
) -> None:
    await story.summoned()
    summons = story.shown("bup")
    await story.julia.press("summons.name", source=summons)
    await story.form(story.julia)
    await story.sven.press(action, source=summons)
    await story.form(story.sven)
    first = await story.submit(story.julia, merged(NAMED, {"attendees": ["julia"]}))
    assert not first.errors
    second = await story.submit(story.sven, values)
    told(second, "Julia Påhittlind")
    assert await standing_of(story, "bup") is Standing.NAMED


async def test_a_colleagues_receipt_stands_in_nobodys_way(story: Story) -> None:
    await story.summoned()
    summons = story.shown("bup")
    await story.julia.press("summons.name", source=summons)
    await story.form(story.julia)
    await story.press(story.sven, "summons.received", source=summons)
    outcome = await story.submit(story.julia, merged(NAMED, {"attendees": ["julia"]}))
    assert not outcome.errors
    assert await standing_of(story, "bup") is Standing.NAMED


async def test_an_answer_begun_before_the_meeting_was_moved_is_not_taken_for_the_new_time(story: Story) -> None:
    await story.summoned()
    await story.julia.press("summons.name")
    view = await story.form(story.julia)
    await story.moves()
    outcome = await story.submit(story.julia, merged(NAMED, {"attendees": ["julia"]}), view=view)
    told(outcome, "Anna Exempelberg")
    assert await standing_of(story, "bup") is Standing.SENT


async def test_of_two_consents_the_second_is_told_of_the_first(story: Story) -> None:
    await story.opens()
    await both_open(story, story.anna, story.karin, f"samtycke {story.code}")
    assert not (await story.submit(story.anna, CONSENT)).errors
    told(await story.submit(story.karin, merged(CONSENT, {"agencies": ["vc"]})), "Anna Exempelberg")
    assert len((await story.case()).consents) == 1


async def test_of_two_summonses_the_second_is_told_of_the_first(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    await both_open(story, story.anna, story.karin, f"kalla {story.code}")
    assert not (await story.submit(story.karin, SUMMONS)).errors
    told(await story.submit(story.anna, {"place": "Rum 2", "consulted": ["yes"]}), "Karin Provdal")
    assert len((await story.case()).meetings) == 1


async def test_of_two_moves_the_second_is_told_of_the_first(story: Story) -> None:
    await story.summoned()
    await both_open(story, story.anna, story.karin, f"flytta {story.code}")
    assert not (await story.submit(story.karin, MOVED)).errors
    told(await story.submit(story.anna, merged(MOVED, {"date": "2026-12-11"})), "Karin Provdal")
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.day.isoformat() == "2026-12-10"


async def test_of_two_reports_the_second_is_told_of_the_first(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.until("2026-12-08 15:00")
    await both_open(story, story.anna, story.karin, f"hållet {story.code}")
    assert not (await story.submit(story.karin, HELD)).errors
    assert story.anna.view is not None
    asked = await as_asked(story.anna, story.anna.view, merged(HELD, {"lead": "anna"}), {})
    told(await story.submit(story.anna, asked), "Karin Provdal")
    assert (await story.case()).lead == "slack:T0/U0JULIA"


async def test_a_report_that_left_something_open_is_not_completed_by_an_old_form(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.until("2026-12-08 15:00")
    await both_open(story, story.anna, story.karin, f"hållet {story.code}")
    await story.submit(story.karin, merged(HELD, {"lead": None, "no_lead": "not_present"}))
    told(await story.submit(story.anna, HELD), "Karin Provdal")
    assert (await story.case()).lead == ""


async def test_of_two_plans_the_second_is_told_of_the_first(story: Story) -> None:
    await story.held()
    sent = merged(PLAN, {"sent_on": "2026-12-08"})
    await both_open(story, story.anna, story.julia, f"plan {story.code}")
    assert not (await story.submit(story.julia, sent)).errors
    await story.submit(story.anna, sent)
    assert "Julia Påhittlind" in story.answered
    assert len((await story.case()).plans) == 1


async def test_of_two_withdrawals_the_second_is_told_of_the_first(story: Story) -> None:
    await story.summoned()
    await both_open(story, story.anna, story.karin, f"återta {story.code}")
    await story.submit(story.karin, WITHDRAWN)
    await story.submit(story.anna, WITHDRAWN)
    assert "Karin Provdal" in story.answered
    assert len(await story.journal("consent.withdrawn")) == 1
    assert len([m for m in story.messages("bup") if story.code in m.text and m.thread_ts is None]) == 2


async def test_of_two_closings_the_second_is_told_of_the_first(story: Story) -> None:
    await story.closing()
    await both_open(story, story.julia, story.birgit, f"avsluta {story.code}")
    await story.submit(story.birgit, CLOSED)
    await story.submit(story.julia, merged(CLOSED, {"ground": "no_need"}))
    assert "Birgit Provgren" in story.answered
    case = await story.case()
    assert case.closure is not None
    assert case.closure.ground == "goals_met"


async def test_an_old_form_of_the_meeting_before_is_not_taken_for_the_next(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-08 15:00")
    view = await story.ask(story.karin, f"hållet {story.code}")
    not_held = {"outcome": "not_held", "consent_confirmed": None, "attended": None, "lead": None, "follow_up_on": None}
    await story.reports(**not_held)
    await story.summons(date="2026-12-16")
    await story.until("2026-12-16 15:00")
    outcome = await story.submit(story.karin, HELD, view=view)
    told(outcome, "Anna Exempelberg")
    assert (await story.case()).coming_meeting is not None


async def test_adding_agencies_to_a_meeting_that_was_called_off_meanwhile_calls_no_new_one(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.records_consent()
    view = await story.ask(story.karin, f"kalla {story.code}")
    not_held = {"outcome": "not_held", "consent_confirmed": None, "attended": None, "lead": None, "follow_up_on": None}
    await story.reports(**not_held)
    asked = await as_asked(story.karin, view, merged(SUMMONS, {"agencies": ["skola"]}), {})
    outcome = await story.submit(story.karin, asked, view=view)
    told(outcome, "Anna Exempelberg")
    assert len((await story.case()).meetings) == 1


async def test_answers_at_the_very_same_moment_leave_one_of_them(story: Story) -> None:
    await story.summoned()
    summons = story.shown("bup")
    for person in (story.julia, story.sven):
        await person.press("summons.name", source=summons)
        await story.form(person)
    first, second = await asyncio.gather(
        story.julia.submit(merged(NAMED, {"attendees": ["julia"]})),
        story.sven.submit(merged(NAMED, {"attendees": ["sven"]})),
    )
    await story.settle()
    assert sorted(bool(outcome.errors) for outcome in (first, second)) == [False, True]
    assert len(await story.journal("summons.named")) == 1
    assert plain(story.messages("bup")[0].blocks).count("Sven Exempelsjö") <= 2


# ---- two processes ---------------------------------------------------------------------------------------------------


async def test_two_replicas_send_one(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.days_pass_unseen("2026-11-25 08:00")
    other = build(story.bot.settings, story.clock)
    await asyncio.gather(story.bot.scheduler.tick(), other.scheduler.tick())
    await story.days_pass_unseen("2026-11-25 08:01")
    await asyncio.gather(story.bot.courier.deliver_due(), other.courier.deliver_due())
    await other.stop()
    await story.settle()
    assert len(story.reminders(where="bup")) == 1
