"""Protected identity: no place, no time in channels, no calendar, the named alone (R109, R131; law 4D.4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers import town
from tests.handlers.people import disclosure
from tests.handlers.steps.test_marking import marks, standing_in_channels
from tests.handlers.story import SUMMONS, Story, buttons, merged, plain

# How the time of the meeting, and days near it, would look in words.
TIMES = ("13.00", "13:00", "8 dec", "2026-12-08", "1 dec")


async def protected(story: Story, **changes: Any) -> None:
    """Open a protected case and summon to a meeting on 8 December at one o'clock."""
    await story.opens(flags=["protected"])
    await story.records_consent()
    outcome = await story.summons(place=None, **changes)
    assert not outcome.errors


def no_time_in_channels(story: Story) -> None:
    """Nothing at all stands in a channel, and no time in the messages to those who are named at the agencies."""
    others = {story.slack.people[name].channel().id for name in ("julia", "sven", "omar", "leif")}
    for shown in disclosure.everything_shown(story):
        assert shown.channel not in town.CHANNELS, shown.text
        if shown.channel in others:
            for word in TIMES:
                assert word not in "\n".join(shown.words), (word, shown.text)


async def test_the_form_asks_for_no_place_and_no_link(story: Story) -> None:
    await story.opens(flags=["protected"])
    await story.records_consent()
    view = await story.ask(story.anna, f"kalla {story.code}")
    assert {"place", "link"}.isdisjoint({block["block_id"] for block in view.blocks})


@pytest.mark.parametrize("field", ["place", "link"])
async def test_a_place_that_is_slipped_in_is_refused(story: Story, field: str) -> None:
    await story.opens(flags=["protected"])
    await story.records_consent()
    view = await story.ask(story.anna, f"kalla {story.code}")
    # The client would not send what the form does not have.
    story.secrets.add("https://exempel.invalid/smyg")
    view.payload["blocks"].append({
        "type": "input", "block_id": field, "label": {"type": "plain_text", "text": field}, "optional": True,
        "element": {"type": "plain_text_input", "action_id": field},
    })  # fmt: skip
    # What has the form drawn anew would take it away again.
    kept = dict.fromkeys(("date", "start", "minutes", "purpose", "chair", "place"))
    values = merged(SUMMONS, {**kept, field: "https://exempel.invalid/smyg"})
    outcome = await story.submit(story.anna, values, checked=False)
    assert outcome.action == "errors"
    assert (await story.case()).meetings == ()


async def test_whoever_summoned_is_told_to_hand_over_time_and_place(story: Story) -> None:
    """R109: nobody else tells those who come."""
    await protected(story)
    assert story.says("summon.hand_over") in story.answered


async def test_a_summons_tells_neither_time_nor_place(story: Story) -> None:
    """R109, R131."""
    await protected(story)
    card = plain(story.shown("julia").blocks)
    assert story.says("summons.protected", name="Anna Exempelberg").strip() in card
    no_time_in_channels(story)


async def test_no_calendar_mail_and_no_file(story: Story) -> None:
    await protected(story)
    await story.names(story.julia, "julia")
    await story.moves()
    await story.names(story.julia, "sven")
    await story.withdraws()
    assert story.slack.state.files.all() == []
    assert [m for m in story.postbox.mails if m.recipient.endswith("exempel.invalid")] == []


async def test_a_move_and_a_proposal_tell_no_time_in_the_channel(story: Story) -> None:
    await protected(story)
    await story.press(story.julia, "summons.propose", {"date": "2026-12-08", "start": "14:00"})
    await story.moves(date="2026-12-08", start="14:00")
    assert all("14.00" not in plain(message.blocks) for message in story.messages("julia"))
    no_time_in_channels(story)


async def test_the_form_for_another_time_does_not_show_the_time(story: Story) -> None:
    await protected(story)
    await story.julia.press("summons.propose")
    view = await story.form(story.julia)
    assert all("initial_date" not in b["element"] and "initial_time" not in b["element"]
               for b in view.blocks if b["type"] == "input")  # fmt: skip


async def test_reminders_in_channels_tell_no_time(story: Story) -> None:
    await protected(story)
    await story.until("2026-12-07 12:00")
    assert {r.reminder for r in story.reminders(where="julia")} == {"name_attendees"}
    no_time_in_channels(story)


async def test_the_reminder_of_tomorrow_tells_no_time(story: Story) -> None:
    await protected(story)
    await story.names(story.julia, "julia")
    await story.until("2026-12-07 12:00")
    (reminder,) = [
        m for m in story.messages("julia") if any(k.startswith("day_before") for k in story.reminder_keys(m.blocks))
    ]
    for word in TIMES:
        assert word not in plain(reminder.blocks)


async def test_the_agencies_are_not_told_who_else_comes(story: Story) -> None:
    await protected(story)
    await story.names(story.omar, "omar")
    await story.names(story.julia, "julia")
    assert "Omar Testholm" not in plain(story.messages("julia")[0].blocks)


async def test_it_is_seen_by_those_who_are_named_alone(story: Story) -> None:
    await protected(story)
    await story.names(story.julia, "julia")
    seen = await story.command(story.julia, f"visa {story.code}")
    assert story.says("case.unknown", code=story.code).strip() not in plain(seen.messages[-1].blocks)
    for person in (story.sven, story.rikard, story.karin, story.maria, story.leif):
        outcome = await story.command(person, f"visa {story.code}")
        assert story.says("case.unknown", code=story.code).strip() in plain(outcome.messages[-1].blocks)


async def test_no_colleague_takes_over_a_protected_case(story: Story) -> None:
    await protected(story)
    outcome = await story.command(story.karin, f"flytta {story.code}")
    assert story.karin.view is None
    assert story.says("case.unknown", code=story.code).strip() in plain(outcome.messages[-1].blocks)


async def test_it_stands_on_no_agencys_home_page(story: Story) -> None:
    await protected(story)
    await story.sven.open_home()
    await story.settle()
    assert story.sven.home is not None
    assert story.code not in plain(story.sven.home.blocks)


async def test_the_agency_answers_as_ever(story: Story) -> None:
    await protected(story)
    await story.press(story.julia, "summons.received")
    await story.names(story.julia, "julia")
    assert "summons.name" in buttons(story.shown("julia").blocks)
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert [attendee.name for _, attendee in meeting.attendees()] == ["Julia Påhittlind"]


async def test_the_flag_is_shown_to_the_coordinator_alone(story: Story) -> None:
    await protected(story)
    await story.names(story.julia, "julia")
    word = story.says("flag.protected").strip()
    assert any(word in plain(m.blocks) for m in story.messages("anna"))
    for place in ("julia", "omar"):
        assert word not in plain(story.messages(place)[0].blocks)


async def test_4d_4_the_summons_goes_to_one_named_person_at_each_agency(story: Story) -> None:
    """R109."""
    await protected(story, recipients=["sven", "omar", "leif"])
    for name in ("sven", "omar", "leif"):
        assert "summons.received" in buttons(story.shown(name).blocks)
    for place in (*town.CHANNELS.values(), "julia", "birgit"):
        assert story.messages(place) == []


async def test_4d_4_where_nobody_is_chosen_and_nobody_coordinates_the_coordinator_calls(story: Story) -> None:
    await protected(story)
    told = story.says("note.nobody_named.title", code=story.code, agency="Försäkringskassan", target="")
    assert any(told in plain(message.blocks) for message in story.messages("anna"))
    board = plain(story.shown("anna", "case.step").blocks)
    assert story.says("board.nobody_named", agency="Försäkringskassan") in board
    assert "kanal i chatten" not in board


async def test_4d_4_somebody_can_be_chosen_there_afterwards(story: Story) -> None:
    await protected(story)
    await story.ask(story.anna, f"kalla {story.code}")
    outcome = await story.submit(story.anna, {"agencies": ["fk"], "recipients": ["leif"]})
    assert not outcome.errors
    assert "summons.received" in buttons(story.shown("leif").blocks)
    assert story.says("standing.undelivered") not in plain(story.shown("anna", "case.step").blocks)


async def test_4d_4_no_manager_and_no_mailbox_hears_of_it(story: Story) -> None:
    await protected(story)
    await story.press(story.julia, "summons.decline", {"reason": "no_staff"})
    await story.until("2026-12-07 12:00")
    assert story.messages("birgit") == []
    assert story.messages("rikard") == []
    assert [mail for mail in story.postbox.mails if "brevlada" in mail.recipient] == []


async def test_4d_4_the_reminders_are_counted_from_the_summons_so_that_they_tell_no_day(story: Story) -> None:
    await protected(story)
    await story.press(story.julia, "summons.received")
    await story.until("2026-12-07 12:00")
    assert [at for at, where in story.reminded("name_attendees") if where == "julia"] == [
        "2026-11-25 08:00", "2026-11-26 08:00", "2026-11-30 08:00",
    ]  # fmt: skip


async def test_4d_4_a_recipient_works_at_an_agency_that_is_called(story: Story) -> None:
    await story.opens(flags=["protected"])
    await story.records_consent()
    outcome = await story.summons(place=None, recipients=["pia"])
    assert set(outcome.errors) == {"recipients"}


async def test_4d_4_what_waits_when_a_case_becomes_protected_is_shown_to_the_named_alone(story: Story) -> None:
    """Where a letter goes is asked when it leaves: Slack was away, and the summonses had been written to channels."""
    await story.opens()
    await story.records_consent()
    again = story.nothing_arrives()
    await story.summons()
    await marks(story, "protected")
    again()
    await story.until("2026-11-23 12:00")
    assert standing_in_channels(story) == []
    for name in ("julia", "omar"):
        assert "summons.name" in buttons(story.shown(name, "summons.name").blocks)


async def test_4d_4_no_manager_hears_in_the_morning_of_a_case_that_was_protected_in_the_evening(story: Story) -> None:
    await story.summoned()
    await story.until("2026-11-24 19:00")
    await story.press(story.julia, "summons.decline", {"reason": "no_staff"})
    await marks(story, "protected")
    await story.until("2026-11-25 12:00")
    assert story.messages("birgit") == []


async def test_r76_whoever_is_named_records_that_the_consent_is_withdrawn(story: Story) -> None:
    await protected(story)
    outcome = await story.withdraws(story.julia)
    assert not outcome.errors
    assert (await story.case()).closure is not None
    for name in ("anna", "omar"):
        assert any(story.says("ending.withdrawn.title", code=story.code) in plain(m.blocks)
                   or story.says("note.withdrawn.title", code=story.code) in plain(m.blocks)
                   for m in story.messages(name))  # fmt: skip


async def test_a_protection_that_is_lifted_and_set_again_posts_each_summons_anew_and_is_no_fault(story: Story) -> None:
    """The auditor tells what stands twice in one place, not what was taken away and came back (law 4D.4)."""
    await story.summoned()
    for flags in (["protected"], [], ["protected"], []):
        if flags:
            story.protected_since.setdefault(story.code, story.clock.now())
        await story.ask(story.anna, f"märk {story.code}")
        await story.submit(story.anna, {"flags": flags, **({} if flags else {"certain": ["yes"]})})
    assert "summons.received" in buttons(story.shown("skola").blocks)
    assert [lapse.subject for lapse in await story.lapses()] == []
