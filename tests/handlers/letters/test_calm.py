"""Calm: one line a case, one list a day, what rests after enough, and what a manager does about it."""

from __future__ import annotations

from datetime import date
from functools import partial
from itertools import pairwise

from storage.reminders import Reminder
from storage.transaction import Reader
from tests.handlers.story import Story, buttons, elements, plain


def posts(story: Story, where: str) -> list[str]:
    """Return the days on which a list of reminders was posted somewhere."""
    return sorted({reminder.at[:10] for reminder in story.reminders(where=where)})


async def test_a_case_is_one_line_however_much_is_open_in_it(story: Story) -> None:
    """Nobody has told of the meeting, and the consent ends soon: the line asks how the meeting went."""
    await story.opens(noticed_on="2026-11-20")
    await story.records_consent(valid_until="2026-12-14")
    await story.summons()
    await story.until("2026-12-12 12:00")
    kinds = {row.kind for row in await story.reading(lambda r: r.reminders.of_case(story.code)) if not row.done_at}
    assert kinds >= {"report_meeting", "consent_expiry"}
    (key,) = story.open_reminders("anna")
    assert key.startswith("report_meeting")


async def test_when_the_one_thing_is_done_the_next_takes_its_place(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-12-14")
    await story.summons()
    await story.names(story.julia, "julia")
    await story.until("2026-12-12 12:00")
    await story.reports(lead="anna")
    (key,) = story.open_reminders("anna")
    assert key.startswith("consent_expiry")


async def test_a_list_is_posted_once_a_day(story: Story) -> None:
    """What falls due at four in the afternoon waits for the next morning where the list of the day has gone out."""
    await story.summoned()
    await story.until("2026-12-07 12:00")
    first = story.code
    await story.opens(noticed_on="2026-11-28")
    assert posts(story, "anna")[-1:] != ["2026-12-08"]
    await story.until("2026-12-08 12:00")
    mornings = [r.at for r in story.reminders(where="anna") if r.at.startswith("2026-12-08")]
    await story.until("2026-12-08 20:00")
    evenings = [r.at for r in story.reminders(where="anna") if r.at.startswith("2026-12-08")]
    assert mornings, "the second case is asked about its consent"
    assert evenings == mornings
    await story.until("2026-12-09 12:00")
    assert any(r.key.startswith("report_meeting") for r in story.reminders(where="anna") if first)


async def test_what_is_new_stands_first_under_a_heading(story: Story) -> None:
    old = await story.opens()
    await story.until("2026-11-25 07:00")
    new = await story.opens(noticed_on="2026-11-21")
    await story.until("2026-12-01 12:00")
    shown = story.shown("anna", "nag.done")
    text = plain(shown.blocks)
    assert text.index(story.says("reminders.new")) < text.index(new) < text.index(story.says("reminders.before"))
    assert text.index(new) < text.index(old)


async def test_what_was_put_five_times_rests_and_is_only_counted(story: Story) -> None:
    """The manager has been told by then: it is their question."""
    await story.opens()
    await story.until("2027-04-30 12:00")
    overdue = [r for r in story.reminders("first_meeting", where="anna") if ":over-" in r.key]
    assert len(overdue) == 5
    assert ":over-" in story.reminders("first_meeting", where="maria")[0].key


async def test_a_manager_hears_once_a_week_and_sooner_only_of_what_would_come_too_late(story: Story) -> None:
    for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
        await story.until(f"{day} 12:00")
        await story.opens(noticed_on=day)
    await story.until("2027-01-31 12:00")
    days = [date.fromisoformat(day) for day in posts(story, "maria")]
    assert len(days) > 1
    assert all((later - sooner).days >= 7 for sooner, later in pairwise(days))


async def test_who_comes_is_told_to_the_manager_before_the_meeting_whatever_the_week(story: Story) -> None:
    """R128: the list of the week would come after the meeting."""
    await story.summoned(agencies=["bup"])
    await story.until("2026-12-04 12:00")
    assert posts(story, "birgit") == ["2026-12-01", "2026-12-04"]


async def test_a_manager_who_knows_is_left_alone_for_four_weeks(story: Story) -> None:
    await story.opens()
    await story.until("2026-12-21 12:00")
    await story.press(story.maria, "nag.done", source=story.shown("maria", "nag.done"))
    assert story.open_reminders("maria") == []
    assert [row.entry.actor for row in await story.journal("reminder.known")] == ["slack:T0/U0MARIA"]
    await story.until("2027-01-17 12:00")
    assert posts(story, "maria") == ["2026-12-21"]
    await story.until("2027-01-19 12:00")
    assert posts(story, "maria") == ["2026-12-21", "2027-01-18"]


async def test_a_manager_who_takes_it_lets_the_coordinator_rest_and_is_asked_again(story: Story) -> None:
    await story.opens()
    await story.until("2026-12-21 12:00")
    await story.press(story.maria, "nag.take", source=story.shown("maria", "nag.take"))
    assert story.open_reminders("maria") == story.open_reminders("anna") == []
    assert story.says("note.taken.title", name="Maria Testfalk", code=story.code) in [
        message.text.split(". ")[0] for message in story.messages("anna")
    ]
    assert [row.entry.actor for row in await story.journal("reminder.taken")] == ["slack:T0/U0MARIA"]
    await story.until("2027-01-03 12:00")
    assert posts(story, "anna")[-1] == "2026-12-21"
    await story.until("2027-01-05 12:00")
    assert posts(story, "maria")[-1] == posts(story, "anna")[-1] == "2027-01-04"


async def test_a_manager_is_offered_both_answers_at_each_line(story: Story) -> None:
    await story.opens()
    await story.until("2026-12-21 12:00")
    shown = story.shown("maria", "nag.take")
    assert buttons(shown.blocks) == ["nag.take", "nag.done"]
    assert {e["text"]["text"] for e in elements(shown.blocks)} == {
        story.says("reminders.take.do"),
        story.says("reminders.known.do"),
    }


async def test_a_word_that_can_wait_waits_for_the_morning(story: Story) -> None:
    """Somebody works late and declines: the coordinator hears of it when work begins (days 5B.6)."""
    await story.summoned()
    await story.until("2026-11-24 21:00")
    await story.press(story.leif, "summons.decline", {"reason": "no_contact"})
    before = len(story.messages("anna"))
    await story.until("2026-11-25 07:30")
    assert len(story.messages("anna")) == before
    await story.until("2026-11-25 08:30")
    assert len(story.messages("anna")) > before


async def test_a_summons_cannot_be_answered_once_the_meeting_has_begun_and_looks_so(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-12-08 12:59")
    assert "summons.name" in buttons(story.messages("bup")[0].blocks)
    await story.until("2026-12-08 13:01")
    assert "summons.name" not in buttons(story.messages("bup")[0].blocks)


async def test_once_the_meeting_is_told_of_its_summonses_say_that_they_are_over(story: Story) -> None:
    await story.held()
    assert story.says("summons.over.held.title", code=story.code) in plain(story.messages("fk")[0].blocks)


async def test_who_has_phoned_about_the_end_writes_it_down_from_the_reminder(story: Story) -> None:
    """R174, T16: it comes back until somebody has."""
    await story.closing()
    await story.closes()
    await story.until("2027-02-17 12:00")
    before = await story.case()
    assert before.closure is not None
    waiting = [notice.agency for notice in before.closure.notices if notice.confirmed is None]
    await story.press(story.julia, "nag.done", source=story.shown("julia", "nag.done"))
    after = await story.case()
    assert after.closure is not None
    assert len([notice for notice in after.closure.notices if notice.confirmed is None]) == len(waiting) - 1
    assert await story.journal("closing.phoned")


async def test_what_stood_behind_another_thing_is_put_to_somebody_once_that_is_done(story: Story) -> None:
    """T5 fell due behind "phone them": it has stood in no post, so that it is news the next morning, and only then."""
    await story.summoned(agencies=["bup"])
    await story.until("2026-12-01 12:00")
    assert [r.reminder for r in story.reminders(where="anna") if r.at > "2026-12-01"] == ["confirm_receipt"]
    await story.names(story.julia, "julia")
    (key,) = story.open_reminders("anna")
    assert key.startswith("ready_meeting"), "it has taken the other's place"
    await story.until("2026-12-03 12:00")
    assert [(r.at[:10], r.reminder) for r in story.reminders(where="anna") if r.at > "2026-12-01 12"] == [
        ("2026-12-02", "ready_meeting")
    ]


async def test_a_list_of_cases_that_wait_for_several_agencies_each_still_fits_into_a_message(story: Story) -> None:
    """A message holds fifty blocks. What stood behind them was cut, and counted as put to somebody who never saw it."""
    for _ in range(10):
        await story.summoned()
    await story.until("2026-12-03 12:00")
    shown = story.shown("anna", "nag.done")
    kept = [row for code in story.codes for row in await story.reading(partial(reminders_of, code))]
    put = sum(row.posted for row in kept if row.address.endswith("U0ANNA"))
    assert put == len(story.reminders(where="anna"))
    left = 10 - sum(code in plain(shown.blocks) for code in story.codes)
    assert left
    assert plain(shown.blocks).endswith(story.says("reminders.more", count=left))


def reminders_of(code: str, reader: Reader) -> tuple[Reminder, ...]:
    return tuple(reader.reminders.of_case(code))
