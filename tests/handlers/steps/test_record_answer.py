"""`/sip svar`: an answer that came by telephone, mail, letter or in person counts (R121, R125, R128)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from demo.slack.state.records import Message
from domain.case import State
from domain.directory import Directory
from domain.summons import Relay, Standing, Summons, Way
from tests.handlers.story import Story, merged, parts_of, plain

KIM = "Kim Exempelask, Psykolog, kim.exempelask@exempel.invalid"
HEARD = {"agency": "bup", "answer": "received", "how": "phone", "on": "2026-11-23"}


async def summons_of(story: Story, agency: str) -> Summons:
    meeting = (await story.case()).meeting
    assert meeting is not None
    summons = meeting.summons_of(agency)
    assert summons is not None
    return summons


async def standing_of(story: Story, agency: str) -> Standing | None:
    meeting = (await story.case()).meeting
    return None if meeting is None else meeting.standing_of(agency)


async def records(story: Story, **changes: Any) -> None:
    await story.fill(story.anna, "svar", HEARD, changes)


async def refused(story: Story, **changes: Any) -> set[str]:
    await story.ask(story.anna, f"svar {story.code}")
    outcome = await story.submit(story.anna, merged(HEARD, changes), checked=False)
    return set(outcome.errors)


async def test_a_receipt_by_telephone_counts_like_a_press(story: Story) -> None:
    """R125."""
    await story.summoned()
    await records(story)
    summons = await summons_of(story, "bup")
    assert summons.standing(1) is Standing.RECEIVED
    assert summons.relay == Relay(Way.PHONE, date(2026, 11, 23))
    assert summons.answered is not None
    assert summons.answered.by == "slack:T0/U0ANNA"


async def test_who_comes_is_named_by_letter_and_invited(story: Story) -> None:
    """R121, R128."""
    await story.summoned()
    await records(story, answer="named", others=KIM, how="post")
    assert await standing_of(story, "bup") is Standing.NAMED
    assert [mail["To"] for mail in story.mails("kim.exempelask@exempel.invalid")]


async def test_an_agency_without_chat_no_longer_holds_up_the_meeting(story: Story) -> None:
    """R121: an obliged agency that has only a telephone can be ready."""
    known = await story.reading(lambda reader: reader.directory)
    silent = {**known.agencies, "bup": replace(known.agencies["bup"], addresses=())}
    await story.writing(lambda tx: tx.replace_directory(Directory(silent, known.staff), "operator"))
    await story.summoned(agencies=["bup"])
    assert (await story.case()).state is State.SUMMONED
    await records(story, answer="named", others=KIM)
    assert (await story.case()).state is State.READY


async def test_the_agency_reads_that_its_answer_was_written_down(story: Story) -> None:
    await story.summoned()
    await records(story)
    shown = plain(story.shown("bup").blocks)
    assert "Anna" in shown
    assert story.says("way.phone") in shown


async def test_its_own_word_later_replaces_what_was_written_down(story: Story) -> None:
    await story.summoned()
    await records(story)
    await story.names(story.julia, "julia")
    assert (await summons_of(story, "bup")).relay is None
    assert await standing_of(story, "bup") is Standing.NAMED


async def test_another_time_is_proposed_by_mail(story: Story) -> None:
    await story.summoned()
    await records(story, answer="proposed", date="2026-12-20", start="10:00", how="mail")
    assert await standing_of(story, "bup") is Standing.PROPOSED


async def test_a_no_of_an_obliged_agency_is_told_to_its_manager(story: Story) -> None:
    """R114: writing it down releases nobody from the duty."""
    await story.summoned()
    await records(story, answer="declined", reason="no_staff", how="in_person")
    assert await standing_of(story, "bup") is Standing.DECLINED
    assert len(no_told_to_manager(story)) == 1


def no_told_to_manager(story: Story) -> list[Message]:
    title = story.says("note.manager_declined.title", code=story.code, agency="", reason="")
    return [m for m in story.messages("birgit") if title[:12] in plain(m.blocks)]


@pytest.mark.parametrize("first", ["chat", "phone"])
async def test_the_same_no_in_chat_and_by_phone_is_told_to_the_manager_once(story: Story, first: str) -> None:
    await story.summoned()
    for way in ("chat", "phone", "chat") if first == "chat" else ("phone", "chat"):
        if way == "chat":
            await story.julia.press("summons.decline")
            await story.form(story.julia)
            await story.submit(story.julia, {"reason": "no_staff"})
        else:
            await records(story, answer="declined", reason="no_staff", how="phone")
    assert len(no_told_to_manager(story)) == 1


async def test_a_no_after_another_answer_is_told_anew(story: Story) -> None:
    await story.summoned()
    await records(story, answer="declined", reason="no_staff", how="phone")
    await story.names(story.julia, "julia")
    await records(story, answer="declined", reason="no_staff", how="phone")
    assert len(no_told_to_manager(story)) == 2


@pytest.mark.parametrize(
    "changes, fields",
    [
        ({"on": "2026-11-24"}, {"on"}),
        ({"on": "2026-11-20"}, {"on"}),
        ({"answer": "named"}, {"others"}),
        ({"answer": "named", "others": "bara ett namn"}, {"others"}),
        ({"answer": "proposed"}, {"date", "start"}),
        ({"answer": "declined"}, {"reason"}),
    ],
)
async def test_what_is_missing_is_said_at_its_field_and_changes_nothing(
    story: Story, changes: dict[str, Any], fields: set[str]
) -> None:
    await story.summoned()
    assert await refused(story, **changes) == fields
    assert await standing_of(story, "bup") is Standing.SENT


async def test_only_those_who_steer_the_case_write_answers_down(story: Story) -> None:
    await story.summoned()
    await story.command(story.julia, f"svar {story.code}")
    assert await standing_of(story, "bup") is Standing.SENT


async def test_the_journal_tells_who_wrote_it_down_for_whom(story: Story) -> None:
    await story.summoned()
    await records(story)
    (row,) = await story.journal("recorded.received")
    assert (row.entry.actor, row.entry.agency, row.entry.details["how"]) == ("slack:T0/U0ANNA", "bup", "phone")


async def test_the_reminder_to_phone_opens_it(story: Story) -> None:
    """R121: after phoning, the answer is written down where the reminder stands."""
    await story.summoned()
    await story.until("2026-12-01 12:00")
    await story.anna.press("nag.done", source=story.shown("anna", "nag.done"))
    assert (await story.form(story.anna)).callback_id == "answer.record"


async def test_the_board_offers_it_while_somebody_owes_an_answer(story: Story) -> None:
    await story.summoned()
    board = story.messages("anna")[0]
    assert story.says("step.record_answer.do") in str(board.blocks)


async def test_r114_the_no_of_an_obliged_agency_is_said_to_leave_the_summons_open(story: Story) -> None:
    """And the agency reads that it said no, not that the coordinator did."""
    await story.summoned()
    await records(story, answer="declined", reason="no_staff")
    assert story.says("record_answer.done_obliged.text", agency="Barn- och ungdomspsykiatrin") in story.answered
    card = plain(story.shown("bup").blocks)
    assert story.says("summons.status.declined_obliged", who="", when="") in card
    assert "Anna Exempelberg svarade nej" not in card


async def test_r117_an_invited_agency_that_said_no_is_told_no_day_to_answer_by(story: Story) -> None:
    await story.summoned()
    await story.press(story.leif, "summons.decline", {"reason": "not_concerned"})
    assert "Svara senast" not in plain(story.shown("fk").blocks)
    assert "Svara senast" in plain(story.shown("skola").blocks)


async def test_who_comes_from_an_agency_without_chat_is_referred_to_no_channel(story: Story) -> None:
    """And its mailbox is asked to tell that the plan has come, since a mail has no button (R161)."""
    known = await story.reading(lambda reader: reader.directory)
    silent = {**known.agencies, "bup": replace(known.agencies["bup"], addresses=())}
    await story.writing(lambda tx: tx.replace_directory(Directory(silent, known.staff), "operator"))
    await story.summoned(agencies=["bup", "skola"])
    await records(story, answer="named", others=KIM)
    await story.names(story.omar, "omar")
    (kim,) = (text for _, text in parts_of(story.mails("kim.exempelask@exempel.invalid")[0])[:1])
    (omar,) = (text for _, text in parts_of(story.mails_to("omar")[0])[:1])
    assert "er kanal i chatten" not in kim
    assert "er kanal i chatten" in omar
    await story.until("2026-12-08 15:00")
    await story.reports(lead="anna")
    await story.sends_plan()
    await story.until("2026-12-12 12:00")
    asked = story.says("reminder.confirm_plan.mailbox", code=story.code)
    assert any(asked in text for mail in story.mails("bup.brevlada@exempel.invalid") for _, text in parts_of(mail))
