"""How reminders behave: one message a morning, the new one for the old, gone when done, never twice, never at night."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.app import build
from demo.memory.chat import buttons_of
from domain.reminders.due import Due, ReminderKind, To
from handlers.screens.reminder_card import Line, list_card
from handlers.ui.cards import Card
from handlers.view import View
from storage.reminders import Reminder
from storage.transaction import Reader
from tests.handlers import town
from tests.handlers.story import Story, buttons, elements, plain, texts


def posts(story: Story, where: str, day: str) -> list[str]:
    """Return the moments at which a list of reminders was posted somewhere on a day."""
    return sorted({r.at for r in story.reminders(where=where) if r.at.startswith(day)})


async def test_what_is_due_in_one_morning_is_one_message(story: Story) -> None:
    for _ in range(3):
        await story.opens()
    await story.until("2026-11-30 12:00")
    assert len(posts(story, "anna", "2026-11-30")) == 1
    reminder = story.shown("anna", "nag.done")
    assert len(story.reminder_keys(reminder.blocks)) == 3
    for code in story.codes:
        assert code in plain(reminder.blocks)


async def test_a_channel_gets_one_message_for_all_its_cases(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    assert len(posts(story, "bup", "2026-11-25")) == 1
    assert len(story.open_reminders("bup")) == 2


async def test_a_new_reminder_takes_the_place_of_the_old_one(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    old = story.shown("bup", "nag.done")
    await story.until("2026-11-26 12:00")
    new = story.shown("bup", "nag.done")
    assert new.ts != old.ts
    assert old.deleted


async def test_done_means_gone(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    await story.press(story.julia, "summons.received", source=story.messages("bup")[0])
    assert story.open_reminders("bup") == []


async def test_of_several_only_what_is_done_goes(story: Story) -> None:
    first = await story.summoned(agencies=["bup"])
    second = await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    await story.press(story.julia, "summons.received", source=story.messages("bup")[0])
    left = plain(story.shown("bup", "nag.done").blocks)
    assert second in left
    assert first not in left


async def test_the_done_button_takes_the_step_that_it_asks_for(story: Story) -> None:
    await story.opens()
    await story.until("2026-11-30 12:00")
    await story.anna.press("nag.done")
    assert (await story.form(story.anna)).callback_id == "consent.record"


@pytest.mark.parametrize(
    "days, form",
    [
        ("2026-12-08 16:30", "meeting.held"),  # T7
        ("2026-12-10 12:00", "plan.send"),  # T8
        ("2027-01-26 12:00", "meeting.summon"),  # T10
    ],
)
async def test_each_reminder_leads_to_its_own_form(story: Story, days: str, form: str) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    if form != "meeting.held":
        await story.until("2026-12-08 15:00")
        await story.reports(lead="anna")
    if form == "meeting.summon":
        await story.sends_plan()
    await story.until(days)
    await story.anna.press("nag.done", source=story.shown("anna", "nag.done"))
    assert (await story.form(story.anna)).callback_id == form


# ---- putting off -------------------------------------------------------------------------------------------------


async def test_a_reminder_is_put_off_with_a_reason_that_stands_in_the_journal(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    await story.press(story.julia, "nag.snooze", {"until": "2026-11-30", "reason": "absent"})
    (row,) = await story.journal("reminder.snoozed")
    assert (row.entry.actor, row.entry.details["reason"], row.entry.details["until"]) == (
        "slack:T0/U0JULIA", "absent", "2026-11-30",
    )  # fmt: skip
    assert story.open_reminders("bup") == []

    await story.until("2026-11-29 23:00")
    assert [at for at, _ in story.reminded("confirm_receipt")] == ["2026-11-25 08:00"]
    await story.until("2026-11-30 12:00")
    assert [at for at, where in story.reminded("confirm_receipt") if where == "bup"] == [
        "2026-11-25 08:00",
        "2026-11-30 08:00",
    ]


async def test_the_reminders_of_one_case_stand_together_and_are_put_off_together(story: Story) -> None:
    """Seven reminders of one case with fourteen buttons are a wall: a head for the case, and one button for all."""
    await story.summoned(agencies=["bup", "skola", "vc"], secretary="karin")
    await story.until("2026-12-03 12:00")
    message = story.shown("anna", "nag.done")
    words, pressed = texts(message.blocks), elements(message.blocks)
    assert len([word for word in words if "SIP-" in word]) == 1
    heard = [button["accessibility_label"] for button in pressed]
    assert len(heard) == len(set(heard)), "heard one after the other, they are told apart"
    assert len(story.open_reminders("anna")) == 3
    assert buttons(message.blocks).count("nag.snooze") == 1
    await story.press(story.anna, "nag.snooze", {"until": "2026-12-07", "reason": "waiting"}, source=message)
    assert len(await story.journal("reminder.snoozed")) == 3
    assert story.open_reminders("anna") == []


async def test_what_was_put_off_together_comes_back_together_with_everything_else_in_the_list(story: Story) -> None:
    """Four reminders that had been put off once made a list of which no letter could be composed."""
    other = await story.opens()
    await story.summoned(agencies=["bup", "skola", "vc", "fk"])
    await story.until("2026-12-02 12:00")
    for until in ("2026-12-03", "2026-12-04"):
        message = story.shown("anna", "nag.done")
        assert other in plain(message.blocks)
        assert len([key for key in story.open_reminders("anna") if key.startswith("confirm_receipt:")]) == 4
        put_off = story.says("reminders.snooze_all.do")
        await story.press(story.anna, put_off, {"until": until, "reason": "waiting"}, source=message)
        await story.until(f"{until} 12:00")


@pytest.mark.parametrize("units, buttons_for_all", [(12, 1), (40, 0)])
async def test_however_many_units_are_waited_for_the_list_is_drawn(
    units: int, buttons_for_all: int, story: Story
) -> None:
    """What one button has no room for is put off one by one."""
    code = await story.summoned(agencies=["bup"])
    ids = [f"{number:02}-{'e' * 37}" for number in range(units)]  # as long as an id may be
    dues = [
        Due(ReminderKind.CONFIRM_RECEIPT, f"confirm_receipt:1.1:{unit}:0:person", "snoozed-2026-12-04", To.PERSON,
            story.now(), "reminder.confirm_receipt.phone", who="slack:T0/U0ANNA", agency=unit)
        for unit in ids
    ]  # fmt: skip

    def card(reader: Reader) -> Card:
        case = reader.cases.get(code)
        view = View(story.bot.services, story.bot.services.speak("sv"), reader.directory, reader.now)
        kept = [Reminder(due.key, code, "", due.who, due.kind, due.step, due.key, due.at) for due in dues]
        line = Line(case, tuple(zip(kept, dues, strict=True)))
        return list_card(view, [line], [line], frozenset())

    labels = [button.label for button in buttons_of(await story.reading(card))]
    assert labels.count(story.says("reminders.snooze_all.do")) == buttons_for_all
    assert labels.count(story.says("reminders.snooze.do")) == (0 if buttons_for_all else units)


async def test_putting_off_stops_no_escalation(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    await story.press(story.julia, "nag.snooze", {"until": "2026-12-04", "reason": "waiting"})
    await story.until("2026-12-01 12:00")
    assert ("2026-12-01 08:00", "birgit") in story.reminded("confirm_receipt")
    assert len(story.mails("bup.brevlada@exempel.invalid")) == 1


@pytest.mark.parametrize(
    "values, field",
    [
        ({"until": "2026-11-25", "reason": "waiting"}, "until"),
        ({"until": "2026-11-20", "reason": "waiting"}, "until"),
        ({"until": "2027-01-25", "reason": "waiting"}, "until"),
        ({"until": "2026-11-27"}, "reason"),
    ],
)
async def test_how_long_and_why_are_asked(story: Story, values: dict[str, Any], field: str) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    await story.julia.press("nag.snooze")
    await story.form(story.julia)
    outcome = await story.submit(story.julia, values, checked=False)
    assert set(outcome.errors) == {field}
    assert story.open_reminders("bup") != []


async def test_an_escalation_cannot_be_put_off(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.press(story.julia, "summons.received")
    await story.until("2026-12-04 12:00")
    reminder = story.shown("birgit", "nag.done")
    assert "nag.snooze" not in buttons(reminder.blocks)
    await story.press(story.birgit, "nag.done", source=reminder, tampered={"action_id": "nag.snooze"})
    assert story.birgit.view is None
    assert story.says("reminders.not_to_be_put_off", code=story.code).strip() in story.whispered(story.birgit)


async def test_what_one_has_seen_the_others_still_have(story: Story) -> None:
    """T6 goes to each one named."""
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    await story.until("2026-12-07 12:00")
    await story.press(story.julia, "nag.done", source=story.shown("julia", "nag.done"))
    assert story.open_reminders("julia") == []
    assert len(story.open_reminders("sven")) == 1


async def test_a_reminder_is_only_for_those_it_concerns(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    story.slack.directory.channels["C0BUP"].members.append("U0OMAR")
    await story.press(story.omar, "nag.done", source=story.shown("bup", "nag.done"))
    assert story.says("right.reminder").strip() in story.whispered(story.omar)
    assert await story.journal("summons.received") == []


# ---- when --------------------------------------------------------------------------------------------------------


async def test_reminders_come_on_working_days_within_working_hours(story: Story) -> None:
    """Days 5B.6: over Christmas and New Year too."""
    await story.opens()
    await story.records_consent(valid_until="2026-12-31")
    await story.until("2027-01-12 12:00")
    calendar, profile = story.bot.services.rules.calendar, story.bot.services.rules.profile
    assert len(story.reminders()) > 8
    for call in story.slack.calls:
        if call.method == "chat.postMessage" and story.reminder_keys(call.args.get("blocks") or []):
            at = datetime.fromtimestamp(call.at, UTC)
            assert calendar.within_hours(at, profile.opens, profile.closes), at


async def test_what_fell_due_while_the_bot_was_down_waits_for_the_morning(story: Story) -> None:
    """It comes up again at night, and wakes nobody."""
    await story.summoned(agencies=["bup"])
    await story.days_pass_unseen("2026-11-26 02:00")
    await story.settle()
    assert story.reminders() == []
    await story.until("2026-11-26 12:00")
    assert posts(story, "bup", "2026-11-26") == ["2026-11-26 08:00"]
    assert len(story.open_reminders("bup")) == 1


async def test_what_is_long_past_is_marked_missed_instead_of_sent_late(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.days_pass_unseen("2026-12-04 10:00")
    await story.settle()
    await story.until("2026-12-04 12:00")
    # Of each ladder the newest step goes out; those before it stand in the journal.
    missed = [str(row.entry.details["reminder"]) for row in await story.journal("reminder.missed")]
    assert [key for key in missed if "confirm_receipt" in key and "unit" in key] == ["confirm_receipt:1.1:bup:0:unit:2"]
    assert [key for key in missed if "name_attendees" in key and "unit" in key] == [
        "name_attendees:1.1:bup:unit:-5",
        "name_attendees:1.1:bup:unit:-3",
    ]
    assert len(posts(story, "bup", "2026-12-04")) == 1


async def test_reminders_of_a_meeting_that_is_over_are_missed(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.days_pass_unseen("2026-12-09 10:00")
    await story.settle()
    await story.until("2026-12-09 12:00")
    assert story.reminders("confirm_receipt") == story.reminders("name_attendees") == []
    assert [at for at, _ in story.reminded("report_meeting")] == ["2026-12-09 10:00"]


async def test_no_reminder_is_sent_twice(story: Story) -> None:
    """However often the clock strikes, and whatever else happens to the case."""
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 09:00")
    before = story.reminders()
    for _ in range(5):
        await story.bot.scheduler.tick()
        await story.settle()
    await story.records_consent(valid_until="2027-04-30")
    assert story.reminders() == before


async def test_a_restart_sends_nothing_again(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 09:00")
    before = story.reminders()
    again = build(story.bot.settings, story.clock)
    await again.scheduler.tick()
    await again.courier.deliver_due()
    await again.stop()
    assert story.reminders() == before


async def test_a_reminder_holds_nothing_but_code_agency_and_days(story: Story) -> None:
    """Process 7D: texts never hold personal data; place and names stand in the summons."""
    await story.summoned(agencies=["bup"])
    await story.names(story.julia, "julia")
    await story.until("2026-12-10 12:00")
    for call in story.slack.calls:
        blocks = call.args.get("blocks") or []
        if call.method == "chat.postMessage" and story.reminder_keys(blocks):
            for word in ("Sammanträdesrum", *(someone.real_name for someone in town.STAFF)):
                assert word not in plain(blocks)


async def test_a_long_list_is_cut_and_counted(story: Story) -> None:
    for _ in range(14):
        await story.opens()
    await story.until("2026-11-30 12:00")
    reminder = story.shown("anna", "nag.done")
    assert len(story.reminder_keys(reminder.blocks)) == 12
    assert story.says("reminders.more", count=2) in plain(reminder.blocks)
    assert len(elements(reminder.blocks)) == 24


async def test_a_new_reminder_is_noticed_though_the_list_changes_at_the_same_moment(story: Story) -> None:
    """A change in place rings no bell, so it must not take the new reminder in before it is posted."""
    first = await story.summoned(agencies=["bup"])
    await story.until("2026-11-24 09:00")
    second = await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 12:00")
    assert first in plain(story.shown("bup", "nag.done").blocks)
    await story.until("2026-11-26 07:59")
    await story.days_pass_unseen("2026-11-26 08:00")
    await story.bot.scheduler.tick()
    old = story.messages("bup")[0]
    await story.press(story.julia, "summons.received", source=old)
    await story.until("2026-11-26 08:01")
    assert posts(story, "bup", "2026-11-26") == ["2026-11-26 08:00"]
    left = plain(story.shown("bup", "nag.done").blocks)
    assert second in left
    assert first not in left


async def test_agencies_stand_in_the_same_order_in_each_case_of_a_list(story: Story) -> None:
    """They came as the database held them: who looked for one agency down the list had to read every line."""
    for _ in range(5):
        await story.summoned(agencies=["bup", "skola"])
    await story.until("2026-12-02 12:00")
    shown = story.shown("anna", "nag.done")
    told = [line for line in plain(shown.blocks).splitlines() if line.startswith(("Barn- och", "Påhittskolan"))]
    assert len(told) == 10
    assert [line.startswith("Barn- och") for line in told] == [True, False] * 5
