"""The auditor compares what should have gone out with what did, and tells the administrator of each lapse once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from sqlalchemy import Column, bindparam, delete, select, update

from bot.admin.contents import look_into
from bot.time_guard import TimeGuard
from domain.directory import Directory
from domain.lapse import LapseKind
from domain.reminders.deadlines import deadlines
from handlers import enqueue
from handlers.save import put_letters
from storage.encryption.address_seal import AddressReading
from storage.journal import Plain
from storage.schema.directory_tables import directory_revision, staff
from storage.schema.tables import case_, case_key, due, lane, outbox, post
from storage.sql.instants import NEVER, micros
from storage.sql.link import Link
from storage.sql.statement import Statement
from storage.transaction import Reader, Transaction
from tests.handlers import town
from tests.handlers.story import Story, plain

Plant: TypeAlias = Callable[[Story], Awaitable[None]]


async def with_an_administrator(story: Story) -> None:
    story.lapses_planted = True
    known = town.directory()
    staff = {key: replace(who, admin=who.id == town.BY_NAME["rikard"].id) for key, who in known.staff.items()}
    await story.writing(lambda tx: tx.replace_directory(Directory(known.agencies, staff), "operator"))


def link(reader: Reader) -> Link:
    """Return the way round the bot."""
    found: Link = vars(reader)["_link"]
    return found


async def runs(story: Story, statement: Statement, **params: Any) -> None:
    """Go round the bot: change a row as nobody should."""
    await story.writing(lambda tx: link(tx).run(statement, **params))


def addresses(reader: Reader) -> AddressReading:
    """Return what seals and opens the names in the columns."""
    found: AddressReading = vars(reader.outbox)["_addresses"]
    return found


async def loses(story: Story, name: Column[str], beginning: str, ending: str) -> None:
    """Go round the bot: delete the rows whose sealed name begins and ends so, as nobody should."""

    def delete_those(tx: Transaction) -> None:
        for kept in link(tx).column(Statement(select(name))):
            opened = addresses(tx).open(kept)
            if opened.startswith(beginning) and opened.rstrip("0123456789").endswith(ending):
                link(tx).run(Statement(delete(name.table).where(name == bindparam("kept"))), kept=kept)

    await story.writing(delete_those)


def alarms(story: Story) -> list[str]:
    """Return what the administrator has been told."""
    return [plain(m.blocks) for m in story.messages("rikard") if story.says("alarm.title") in plain(m.blocks)]


async def the_due_row_is_lost(story: Story) -> None:
    await runs(story, Statement(delete(due)))
    await story.until("2026-11-25 12:00")


async def a_list_has_no_letter(story: Story) -> None:
    await story.until("2026-11-25 09:00")
    await runs(story, Statement(delete(outbox).where(outbox.c.what == "reminders")))


async def a_reminder_counts_as_fired_and_left_no_trace(story: Story) -> None:
    def fire(tx: Transaction) -> None:
        case = tx.cases.get(story.code)
        listing, at = tx.cases.listing(story.code)
        tx.cases.save(replace(case, fired=case.fired | {_first_key(story, case)}), listing, at)

    await story.writing(fire)
    await story.until("2026-11-24 12:00")


def _first_key(story: Story, case: Any) -> str:
    return deadlines(case, story.bot.services.rules, story.clock.now())[-1].key


async def a_summons_was_never_written(story: Story) -> None:
    await loses(story, outbox.c.key, "summons:", ":bup:")
    await loses(story, post.c.surface, "summons:", ":bup")
    await loses(story, post.c.surface, "told:", ":bup")


async def an_invite_was_never_written(story: Story) -> None:
    await story.names(story.julia, "julia")
    await runs(story, Statement(delete(outbox).where(outbox.c.what == "invite")))


async def an_ending_was_never_written(story: Story) -> None:
    arrives_again = story.nothing_arrives()
    await story.withdraws()
    await loses(story, outbox.c.key, "ending:", ":bup:")
    arrives_again()
    story.clock.move_to(story.clock.now() + timedelta(minutes=5))
    await story.settle()


async def a_withdrawal_is_put_off_for_years(story: Story) -> None:
    """Somebody without the keys wrote when it may go; of itself it never counts as late."""
    arrives_again = story.nothing_arrives()
    await story.withdraws()
    at = micros(story.clock.now() + timedelta(days=999))
    later = update(outbox).values(next_at=at, not_before=at)
    await runs(story, Statement(later.where(outbox.c.what == "ending", outbox.c.state == "waiting")))
    arrives_again()
    story.clock.move_to(story.clock.now() + timedelta(hours=1))
    await story.settle()


async def a_withdrawal_counts_as_sent(story: Story) -> None:
    arrives_again = story.nothing_arrives()
    await story.withdraws()
    await runs(story, Statement(update(outbox).values(state="sent").where(outbox.c.what == "ending")))
    arrives_again()
    story.clock.move_to(story.clock.now() + timedelta(hours=1))
    await story.settle()


async def a_plan_notice_was_never_written(story: Story) -> None:
    await story.until("2026-12-08 15:00")
    await story.reports()
    await story.sends_plan()
    await runs(story, Statement(delete(outbox).where(outbox.c.what == "plan.notice")))


async def a_lane_sleeps_for_ever(story: Story) -> None:
    """As after a clock that was wrong: the letter could go, and its address is not looked at."""
    await story.until("2026-11-24 09:00")
    # The bot itself wakes what is paced for too long; this one only looks as if nothing waited there.
    await story.ask(story.anna, f"återta {story.code}")
    arrives_again = story.nothing_arrives()
    await story.submit(story.anna, {"form": "oral", "sure": ["yes"]})
    arrives_again()
    await runs(story, Statement(update(lane).values(rank=9, ready_at=NEVER)))


async def a_courier_died_with_a_letter(story: Story) -> None:
    await story.names(story.julia, "julia")
    number = (await story.letters("invite"))[0]
    values = {"state": "taken", "settled_at": None}
    key, address = await story.reading(
        lambda reader: (addresses(reader).seal(number.letter.key), addresses(reader).seal(number.letter.address))
    )
    await runs(story, Statement(update(outbox).values(values).where(outbox.c.key == bindparam("k"))), k=key)
    at, letter = await story.reading(lambda r: (r.now, link(r).value(_ID, k=key)))
    await runs(story, _LEND, address=address, of=letter, at=int(at.timestamp() * 1_000_000))


_ID = Statement(outbox.select().with_only_columns(outbox.c.id).where(outbox.c.key == bindparam("k")))
_LEND = Statement(
    update(lane)
    .values(letter=bindparam("of"), holder="gone", ready_at=bindparam("at"), rank=9)
    .where(lane.c.address == bindparam("address", type_=lane.c.address.type))
)


async def a_reminder_went_out_twice(story: Story) -> None:
    await story.until("2026-11-25 09:00")
    row = (await story.journal("reminder.sent"))[0]
    await _writes_again(story, "reminder.sent", row.entry.agency, row.entry.details)


async def a_summons_was_disclosed_twice(story: Story) -> None:
    row = (await story.journal("letter.summons"))[0]
    await _writes_again(story, "letter.summons", row.entry.agency, row.entry.details)


async def _writes_again(story: Story, action: str, agency: str, details: Any) -> None:
    kept: dict[str, Plain] = dict(details)
    await story.writing(lambda tx: tx.journal.write(story.code, action, "courier", agency=agency, details=kept))


async def a_summons_stands_twice(story: Story) -> None:
    await _stands_twice(story, "")


async def a_summons_that_went_on_stands_twice(story: Story) -> None:
    await _stands_twice(story, f"{enqueue.AT}slack:channel:C0BUP")


async def _stands_twice(story: Story, behind: str) -> None:
    await story.press(story.julia, "summons.received")
    newest = [k for k in await story.letters("summons") if ":bup:" in k.letter.key][-1]
    kept = (newest.letter.key, newest.letter.key + behind, "C0BUP/1.1")
    key, new, receipt = await story.reading(lambda r: [addresses(r).seal(text) for text in kept])
    changed = update(outbox).values(receipt=bindparam("told"), key=bindparam("new"))
    other = Statement(changed.where(outbox.c.key == bindparam("k")))
    await runs(story, other, k=key, new=new, told=receipt)


async def a_case_is_set_back(story: Story) -> None:
    """By somebody who writes the database without the keys: the head does not name this document any more."""
    story.codes.clear()  # what it holds cannot be read any more
    await runs(story, Statement(update(case_).values(version=case_.c.version - 1)))


async def a_case_is_damaged(story: Story) -> None:
    story.codes.clear()
    await runs(story, Statement(update(case_key).values(wrapped=b"\x01")))


async def a_row_of_the_directory_was_changed(story: Story) -> None:
    """By somebody who writes the database without the keys; nobody of that agency has a part in the case."""
    await runs(story, Statement(update(staff).values(admin=1, coordinator=1).where(staff.c.agency == "fk")))
    await runs(story, Statement(update(directory_revision).values(revision=directory_revision.c.revision + 1)))


async def slack_takes_nothing(story: Story) -> None:
    story.slack.faults.outage()
    await story.writing(lambda tx: put_letters(tx, [enqueue.home(town.BY_NAME["julia"].id, "once more", tx.now)]))
    await story.settle()
    await story.until("2026-11-23 12:00")
    await story.settle()


async def a_row_of_a_message_was_changed(story: Story) -> None:
    await runs(story, Statement(update(post).values(message="1.1").where(post.c.surface.startswith("summons:"))))


FAULTS: dict[str, tuple[Plant, LapseKind, str]] = {
    "its due row is lost": (the_due_row_is_lost, LapseKind.OVERDUE, ":bup:"),
    "a list has no letter": (a_list_has_no_letter, LapseKind.UNSENT, "reminder:"),
    "fired without a trace": (a_reminder_counts_as_fired_and_left_no_trace, LapseKind.UNSENT, "reminder:"),
    "no summons": (a_summons_was_never_written, LapseKind.UNSENT, "summons:1:bup"),
    "no invite": (an_invite_was_never_written, LapseKind.UNSENT, "invite:1:bup:"),
    "no ending": (an_ending_was_never_written, LapseKind.UNSENT, "ending:bup"),
    "no plan notice": (a_plan_notice_was_never_written, LapseKind.UNSENT, "plan:1:bup"),
    "a withdrawal is put off": (a_withdrawal_is_put_off_for_years, LapseKind.WAITING, "ending:bup"),
    "a withdrawal counts as sent": (a_withdrawal_counts_as_sent, LapseKind.WAITING, "ending:bup"),
    "a lane sleeps": (a_lane_sleeps_for_ever, LapseKind.WAITING, "ending:"),
    "a courier died": (a_courier_died_with_a_letter, LapseKind.WAITING, "invite:"),
    "a reminder twice": (a_reminder_went_out_twice, LapseKind.DOUBLED, "reminder:"),
    "a disclosure twice": (a_summons_was_disclosed_twice, LapseKind.DOUBLED, "summons:1:"),
    "a summons twice": (a_summons_stands_twice, LapseKind.DOUBLED, "posted:summons:"),
    "a moved summons twice": (a_summons_that_went_on_stands_twice, LapseKind.DOUBLED, "posted:summons:"),
    "a case set back": (a_case_is_set_back, LapseKind.REFUSED, "case.rolled_back"),
    "a case that cannot be read": (a_case_is_damaged, LapseKind.REFUSED, "keys.unknown"),
    "a row of the directory": (a_row_of_the_directory_was_changed, LapseKind.DIRECTORY, "staff:fk"),
    "a row of a message": (a_row_of_a_message_was_changed, LapseKind.DAMAGED, "summons:"),
    "a platform is away": (slack_takes_nothing, LapseKind.AWAY, "slack:"),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_wrong_is_found_and_told_once(story: Story, fault: str) -> None:
    plant, kind, subject = FAULTS[fault]
    await with_an_administrator(story)
    await story.summoned()
    assert await story.bot.auditor.run() == {}
    await plant(story)
    story.clock.move_to(story.clock.now() + timedelta(minutes=20))
    await story.bot.courier.deliver_due()
    counts = await story.bot.auditor.run()
    assert set(counts) == {kind}, counts
    kept = await story.reading(lambda reader: reader.lapses.open())
    assert {one.lapse.kind for one in kept} == {kind}
    assert any(subject in one.lapse.subject for one in kept), kept
    await story.bot.auditor.run()
    told = await story.reading(lambda reader: link(reader).rows(_ALARMS))
    assert len(told) == 1


async def test_a_changed_row_of_the_directory_stops_no_reminder_to_others(story: Story) -> None:
    """Law 4C: before, nobody was reminded of anything until the directory was imported again."""
    await with_an_administrator(story)
    await story.summoned()
    await a_row_of_the_directory_was_changed(story)
    await story.until("2026-11-25 09:00")
    assert await story.journal("reminder.sent")
    await story.bot.auditor.run()
    await story.settle()
    (told,) = alarms(story)
    assert story.says("lapse.directory", count=1) in told


async def test_without_any_directory_the_auditor_still_finds_what_it_can(story: Story) -> None:
    await with_an_administrator(story)
    await story.summoned()
    nothing = {"revision": directory_revision.c.revision + 1, "seal": None, "rows": None}
    await runs(story, Statement(update(directory_revision).values(nothing)))
    await a_case_is_set_back(story)
    assert set(await story.bot.auditor.run()) == {LapseKind.DIRECTORY, LapseKind.REFUSED}


_ALARMS = Statement(outbox.select().with_only_columns(outbox.c.key).where(outbox.c.what == "operator.alarm"))


async def test_the_administrator_reads_how_much_of_which_kind_and_no_case(story: Story) -> None:
    await with_an_administrator(story)
    await story.summoned()
    await a_summons_was_never_written(story)
    story.clock.move_to(story.clock.now() + timedelta(minutes=20))
    await story.bot.auditor.run()
    await story.settle()
    (told,) = alarms(story)
    assert story.says("lapse.unsent", count=1) in told
    assert story.code not in told
    for other in ("anna", "julia", "omar"):
        assert not [m for m in story.messages(other) if story.says("alarm.title") in plain(m.blocks)]


async def test_while_chat_is_away_the_administrator_is_mailed(story: Story) -> None:
    await with_an_administrator(story)
    await story.summoned()
    await slack_takes_nothing(story)
    await story.bot.auditor.run()
    await story.settle()
    assert [str(mail["Subject"]) for mail in story.mails_to("rikard")] == [story.says("alarm.title")]


async def test_what_is_over_before_it_is_told_is_not_told(story: Story) -> None:
    await with_an_administrator(story)
    await story.summoned()
    await the_due_row_is_lost(story)
    await story.bot.auditor.run()
    await story.settle()
    assert await story.bot.auditor.run() == {}
    assert await story.reading(lambda reader: reader.lapses.open()) == ()


async def test_a_reminder_that_was_late_is_sent_after_all(story: Story) -> None:
    story.lapses_planted = True
    await story.summoned()
    await the_due_row_is_lost(story)
    assert story.reminders(where="bup") == []
    await story.bot.auditor.run()
    await story.until("2026-11-25 13:00")
    assert story.reminders(where="bup")
    assert await story.bot.auditor.run() == {}


async def test_the_numbers_stand_in_the_metrics_and_doctor_names_the_case(story: Story) -> None:
    story.lapses_planted = True
    await story.summoned()
    await a_summons_was_never_written(story)
    story.clock.move_to(story.clock.now() + timedelta(minutes=20))
    await story.bot.auditor.run()
    assert 'sipbot_lapses{kind="unsent"} 1.0' in story.bot.metrics.render().decode().splitlines()
    lines = [line for line in look_into(story.bot.settings, "the database") if line.what == "auditor"]
    assert [line.failed for line in lines] == [True]
    assert f"{story.code} summons:1:bup" in lines[0].words


async def test_under_a_clock_in_doubt_nothing_is_called_late(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    story.lapses_planted = True
    await story.summoned()
    await the_due_row_is_lost(story)
    monkeypatch.setattr(TimeGuard, "doubt", "jumped")
    assert await story.bot.auditor.run() == {}


async def test_an_ended_case_that_was_set_back_is_found_too(story: Story) -> None:
    story.lapses_planted = True
    await story.summoned()
    await story.withdraws()
    story.clock.move_to(story.clock.now() + timedelta(days=60))
    await a_case_is_set_back(story)
    assert await story.bot.auditor.run() == {LapseKind.REFUSED: 1}
    assert 'sipbot_lapses{kind="refused"} 1.0' in story.bot.metrics.render().decode().splitlines()


async def test_an_erased_case_leaves_no_lapse_behind(story: Story) -> None:
    story.lapses_planted = True
    await story.summoned()
    await a_summons_was_never_written(story)
    story.clock.move_to(story.clock.now() + timedelta(minutes=20))
    await story.bot.auditor.run()
    await story.writing(lambda tx: tx.shred(story.code))
    story.codes.clear()
    assert await story.reading(lambda reader: reader.lapses.open()) == ()
