"""What cannot be delivered is never silence: the coordinator hears of it, by mail when chat itself fails."""

from __future__ import annotations

from domain.directory import Directory
from handlers import mails
from storage.transaction import Transaction
from tests.handlers import town
from tests.handlers.story import Story, buttons, plain


async def dead(story: Story) -> list[str]:
    return [letter.letter.what for letter in await story.reading(lambda reader: reader.outbox.dead_letters(20))]


def told(story: Story, who: str, letter: str, agency: str = "Barn- och ungdomspsykiatrin") -> list[str]:
    """Return the notes in somebody's direct messages that a letter could not be delivered."""
    params = {"code": story.code, "agency": agency, "letter": story.says(f"letter.{letter}"), "own": False}
    text = story.says("note.undeliverable.text", **params).strip()
    return [plain(m.blocks) for m in story.messages(who) if text in plain(m.blocks)]


async def test_a_channel_that_is_gone_is_told_to_the_coordinator(story: Story) -> None:
    story.slack.remove_channel("C0BUP")
    await story.summoned()
    assert await dead(story) == ["summons"]
    assert len(told(story, "anna", "summons")) == 1
    assert [row.entry.details["letter"] for row in await story.journal("letter.dead")] == ["summons"]


async def test_an_archived_channel_too(story: Story) -> None:
    story.slack.archive("C0BUP")
    await story.summoned()
    assert len(told(story, "anna", "summons")) == 1


async def test_the_other_agencies_get_theirs_all_the_same(story: Story) -> None:
    story.slack.remove_channel("C0BUP")
    await story.summoned()
    assert [len(story.messages(place)) for place in ("skola", "fk")] == [1, 1]


async def test_a_reminder_that_finds_no_channel_is_told_too(story: Story) -> None:
    await story.summoned()
    story.slack.archive("C0BUP")
    await story.until("2026-11-25 09:00")
    assert await dead(story) == ["reminders"]
    assert len(told(story, "anna", "reminders")) == 1


async def test_a_withdrawal_that_cannot_be_delivered_is_phoned(story: Story) -> None:
    """R77, T14: every quarter of an hour, at any hour, until it is done."""
    await story.summoned()
    story.slack.remove_channel("C0BUP")
    await story.until("2026-11-24 22:00")
    await story.withdraws()
    assert len(told(story, "anna", "ending")) == 1
    await story.until("2026-11-24 22:50")
    assert [r.at[-5:] for r in story.reminders("phone_ending", "anna")] == ["22:15", "22:30", "22:45"]
    await story.press(story.anna, "nag.done")
    await story.until("2026-11-25 01:00")
    assert story.reminders("phone_ending", "maria") == []
    assert [row.entry.agency for row in await story.journal("closing.phoned")] == ["bup"]


async def test_of_a_withdrawal_that_did_not_reach_the_leads_own_unit_they_tell_their_colleagues(story: Story) -> None:
    """R77, T14: nobody is told to phone their own unit, and it still hears of it; the others are phoned."""
    await story.active()
    await story.until("2027-01-12 21:00")
    for channel in ("C0BUP", "C0SKOLA"):
        story.slack.remove_channel(channel)
    await story.withdraws(story.julia)
    await story.until("2027-01-12 22:05")
    words = {"code": story.code, "letter": story.says("letter.ending"), "agency": town.directory().agencies["bup"].name}
    notes = " ".join(plain(m.blocks) for m in story.messages("julia"))
    assert story.says("note.undeliverable.text", **words, own=True).strip() in notes
    assert story.says("note.undeliverable.text", **words, own=False).strip() not in notes
    asked = story.shown("julia", "nag.done")
    lines = plain(asked.blocks)
    assert "din egen enhet" in lines
    assert "inte nått Påhittskolan" in lines
    assert "inte nått Barn- och" not in lines
    assert "er egen enhet" in plain(story.shown("birgit", "nag.done").blocks)
    await story.press(story.julia, story.says("ending.confirm.do"), source=asked)
    assert [row.entry.agency for row in await story.journal("closing.confirmed")] == ["bup"]
    assert await story.journal("closing.phoned") == []
    assert story.says("close.confirmed.text") in story.whispered(story.julia)
    assert "din egen enhet" not in plain(story.shown("julia", "nag.done").blocks)


async def test_that_the_card_of_a_held_meeting_cannot_be_changed_is_nothing_to_phone_about(story: Story) -> None:
    """A month after it its evaluation is taken off the card; the journal says that this did not arrive."""
    await story.held(attended=["soc", "bup", "skola"])
    story.slack.remove_channel("C0SKOLA")
    await story.until("2027-01-08 12:00")
    assert "summons" in [row.entry.details["letter"] for row in await story.journal("letter.dead")]
    assert told(story, "julia", "summons", "Påhittskolan") == []


async def test_after_an_hour_the_manager_is_told(story: Story) -> None:
    await story.summoned()
    story.slack.remove_channel("C0BUP")
    await story.until("2026-11-24 22:00")
    await story.withdraws()
    await story.until("2026-11-24 23:30")
    assert [r.at[-5:] for r in story.reminders("phone_ending", "maria")] == ["23:00"]


async def test_4d_9_the_word_by_mail_goes_to_whoever_stands_in_when_the_coordinator_leaves_while_it_waits(
    story: Story,
) -> None:
    await story.summoned()
    case, known = await story.case(), town.directory()
    staff = {key: who for key, who in known.staff.items() if key != case.responsible}
    mail = mails.note_mail(case, case.responsible, "note.undeliverable", known, story.clock.now(), letter="ending")
    assert mail is not None

    def leaves(tx: Transaction) -> None:
        tx.outbox.put_many([mail])
        tx.replace_directory(Directory(known.agencies, staff), "operator")

    before = [len(story.mails_to(name)) for name in ("anna", "maria")]
    await story.writing(leaves)
    await story.settle()
    assert [len(story.mails_to(name)) - count for name, count in zip(("anna", "maria"), before, strict=True)] == [0, 1]


async def test_when_chat_is_down_the_coordinator_is_mailed(story: Story) -> None:
    """R77: a withdrawal cannot wait for the chat to come back."""
    await story.summoned()
    await story.until("2026-11-24 22:00")
    await story.ask(story.anna, f"återta {story.code}")
    story.slack.faults.outage()
    await story.submit(story.anna, {"form": "oral", "sure": ["yes"]})
    await story.until("2026-11-24 22:40")
    mails = [mail for mail in story.mails_to("anna") if not mail.is_multipart()]
    assert mails
    assert story.code in str(mails[0]["Subject"]) + mails[0].get_content()
    written = " ".join(mails[0].get_content().split())
    assert "Barn- och ungdomspsykiatrin" not in written
    # Whoever reads it has seen no alias in chat, and no address is at fault when the chat is away.
    directory = await story.reading(lambda reader: reader.directory)
    about = [story.says("note.mail.alias", agency=agency.alias) for agency in directory.agencies.values()]
    assert any(words in written for words in about)
    assert "rätta adressen" not in written


async def test_an_outage_of_an_hour_loses_nothing_and_doubles_nothing(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    arrives_again = story.nothing_arrives()
    await story.summons()
    await story.until("2026-11-23 10:05")
    assert story.messages("bup") == []
    arrives_again()
    await story.until("2026-11-23 12:00")
    assert [len(story.messages(place)) for place in ("bup", "skola", "fk")] == [1, 1, 1]
    assert await dead(story) == []


async def test_three_days_without_chat_lose_nothing_and_double_nothing(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    arrives_again = story.nothing_arrives()
    await story.summons()
    await story.until("2026-11-26 12:00")
    assert await dead(story) == []
    arrives_again()
    await story.until("2026-11-26 12:03")
    assert [len(story.messages(place)) for place in ("bup", "skola", "fk")] == [1, 1, 1]


async def test_a_mailbox_that_does_not_exist_is_marked_at_the_name(story: Story) -> None:
    await story.summoned()
    story.postbox.refuses.add("kim@exempel.invalid")
    await story.names(story.julia, "julia", others="Kim Exempelask, Psykolog, kim@exempel.invalid")
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert [(a.name, a.undelivered) for _, a in meeting.attendees()] == [
        ("Julia Påhittlind", False),
        ("Kim Exempelask", True),
    ]
    assert len(told(story, "anna", "invite")) == 1
    board = next(
        plain(m.blocks) for m in story.messages("anna") if story.says("board.summonses").strip() in plain(m.blocks)
    )
    assert story.says("attendee.undelivered", name="Kim Exempelask").strip() in board


async def test_two_dead_letters_are_two_notes(story: Story) -> None:
    await story.summoned()
    story.postbox.refuses |= {"kim@exempel.invalid", "ari@exempel.invalid"}
    lines = "Kim Exempelask, Psykolog, kim@exempel.invalid\nAri Provask, Läkare, ari@exempel.invalid"
    await story.names(story.julia, others=lines)
    assert len(told(story, "anna", "invite")) == 2


async def test_the_withdrawals_notice_is_mailed_where_a_channel_never_was(story: Story) -> None:
    await story.summoned(agencies=["bup", "polis"])
    await story.withdraws()
    assert len(story.mails("polis.brevlada@exempel.invalid")) == 1
    await story.until("2026-11-23 12:00")
    assert story.reminders("phone_ending") == []


async def test_an_agency_that_left_the_directory_holds_nothing_up(story: Story) -> None:
    """A withdrawal must work whatever has become of the directory."""
    await story.summoned()
    known = town.directory()
    left = Directory(
        {a: agency for a, agency in known.agencies.items() if a != "fk"},
        {s: person for s, person in known.staff.items() if person.agency != "fk"},
    )
    await story.writing(lambda tx: tx.replace_directory(left, "operator"))
    outcome = await story.withdraws()
    assert outcome.action == "updated"
    case = await story.case()
    assert case.closure is not None
    assert "closing.confirm" in {name for m in story.messages("bup") for name in buttons(m.blocks)}


async def test_r125_a_summons_that_never_came_is_no_silence_and_can_be_sent_again(story: Story) -> None:
    """The board says so and what to do; the agency's manager is not told that nobody has confirmed."""
    story.slack.archive("C0BUP")
    await story.summoned(agencies=["bup"])
    shown = plain(story.shown("anna", "summons.send_again").blocks)
    assert story.says("standing.undelivered") in shown
    assert story.says("step.reach") in shown
    await story.until("2026-12-03 09:00")
    told = [(r.at[5:], r.where) for r in story.reminders("confirm_receipt")]
    assert told == [("11-24 08:00", "anna"), ("11-25 08:00", "anna")]
    story.slack.unarchive("C0BUP")
    await story.press(story.anna, "summons.send_again")
    assert len(story.messages("bup")) == 1
    boards = [m for m in story.messages("anna") if "summons.send_again" in buttons(m.blocks)]
    assert boards == []
    assert [row.entry.agency for row in await story.journal("summons.sent_again")] == ["bup"]
    reminders = await story.reading(lambda reader: reader.reminders.open_for("slack:person:T0/U0ANNA"))
    assert [reminder.kind for reminder in reminders if reminder.kind == "confirm_receipt"] == []


async def test_r125_two_presses_send_it_once(story: Story) -> None:
    story.slack.archive("C0BUP")
    await story.summoned(agencies=["bup"])
    story.slack.unarchive("C0BUP")
    await story.anna.press_twice("summons.send_again")
    await story.settle()
    assert len(story.messages("bup")) == 1
