"""What comes back from calendars: into the same truth as the buttons in chat (RFC 5546 3.2.3)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.attendee import Attendee
from domain.case import State
from domain.meeting import Meeting
from domain.summons import Standing
from tests.handlers.calendar.calendars import AUTHSERV, TOLD_BY_OWN_SERVER, Calendars, answering
from tests.handlers.people import disclosure
from tests.handlers.story import buttons, plain

BUP, JULIA = "Barn- och ungdomspsykiatrin", "Julia Påhittlind"
TOLD_BY_STRANGERS = TOLD_BY_OWN_SERVER.replace(AUTHSERV, "mx.annan.invalid")
SECRET = "Hennes pappa vill inte att skolan är med"


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    """A story with calendars; at its end nothing stands where it may not stand, nor anything that a calendar said."""
    async with answering(folder, empty_database) as found:
        yield found
        story = found.story
        disclosure.check(story, [await story.case(code) for code in story.codes])


async def named(calendars: Calendars, *people: str) -> None:
    """Summon, and let bup name Julia and Sven, or others."""
    await calendars.story.summoned()
    await calendars.story.names(calendars.story.julia, *(people or ("julia", "sven")))


async def meeting(calendars: Calendars) -> Meeting:
    found = (await calendars.story.case()).meeting
    assert found is not None
    return found


async def attendee(calendars: Calendars, name: str = "julia") -> Attendee:
    people = [who for _, who in (await meeting(calendars)).attendees()]
    return next(who for who in people if who.email.startswith(name))


async def said(calendars: Calendars, name: str = "julia") -> str:
    """Return what an attendee's calendar has said, "" for nothing, with "old " before it about an old time."""
    response = (await attendee(calendars, name)).response
    if response is None:
        return ""
    return f"old {response.kind}" if response.old_time else response.kind


async def lines(calendars: Calendars) -> list[str]:
    """Return what calendars did, in the journal."""
    rows = await calendars.story.journal()
    return [row.entry.action for row in rows if row.entry.actor == "calendar"]


# ---- the buttons of a calendar ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "partstat, words",
    [
        ("ACCEPTED", "ja (kalender)"),
        ("TENTATIVE", "kanske (kalender)"),
        ("DECLINED", "nej (kalender)"),
    ],
)
async def test_an_answer_stands_on_the_board_beside_the_name_and_in_the_journal(
    calendars: Calendars, partstat: str, words: str
) -> None:
    await named(calendars)
    await calendars.answers("julia", partstat)
    assert f"{JULIA}: {words}" in calendars.board()
    assert await lines(calendars) == [f"calendar.{partstat.lower()}"]
    (row,) = await calendars.story.journal(f"calendar.{partstat.lower()}")
    assert row.entry.details == {
        "meeting": 1,
        "attendee": (await attendee(calendars)).key,
        "trust": "token",
        "old_time": 0,
    }
    assert f"{JULIA}: {words}" in plain(calendars.story.messages("bup")[0].blocks), "the agency sees its own people's"


async def test_nothing_is_ever_answered_by_mail(calendars: Calendars) -> None:
    await named(calendars)
    before = len(calendars.story.postbox.mails)
    for partstat in ("ACCEPTED", "DECLINED", "TENTATIVE"):
        await calendars.answers("julia", partstat)
        await calendars.later(minutes=1)
    assert len(calendars.story.postbox.mails) == before


async def test_a_no_is_told_to_the_coordinator(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.answers("julia", "DECLINED")
    assert len(calendars.told("note.calendar_declined")) == 1
    assert (await meeting(calendars)).standing_of("bup") is Standing.NAMED, "Sven still comes"


async def test_r128_when_everybody_named_has_said_no_the_agency_owes_names_again(calendars: Calendars) -> None:
    story = calendars.story
    await named(calendars)
    await story.names(story.omar, "omar")
    assert (await story.case()).state is State.READY
    await calendars.answers("julia", "DECLINED")
    await calendars.answers("sven", "DECLINED")
    assert (await story.case()).state is State.SUMMONED
    assert len(calendars.told("note.calendar_all_declined", name="Sven Exempelsjö")) == 1
    assert calendars.told("note.calendar_declined", name="Sven Exempelsjö") == []
    assert f"{JULIA}: nej (kalender)" in calendars.board()
    card = story.messages("bup")[0]
    assert "Anmäl vilka som kommer i stället" in plain(card.blocks)
    assert "summons.name" in buttons(card.blocks)
    await story.until("2026-12-02 09:00")
    assert story.reminders("name_attendees", "bup"), "and is reminded of it"


async def test_who_has_said_no_is_not_reminded_of_the_meeting(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.answers("julia", "DECLINED")
    await calendars.story.until("2026-12-07 12:00")
    assert [r.where for r in calendars.story.reminders("day_before")] == ["sven"]


async def test_who_wants_to_send_somebody_else_is_told_of_and_nobody_is_added(calendars: Calendars) -> None:
    """Consent and secrecy: only the agency itself names people (R122)."""
    await named(calendars)
    delegate = 'ATTENDEE;DELEGATED-FROM="mailto:julia@exempel.invalid":mailto:vikarie@exempel.invalid'
    mail = calendars.reply(
        calendars.newest("julia"), 'DELEGATED;DELEGATED-TO="mailto:vikarie@exempel.invalid"', more=(delegate,)
    )
    await calendars.deliver(mail)
    assert await said(calendars) == "delegated"
    assert len(calendars.told("note.calendar_delegated")) == 1
    assert [who.email for _, who in (await meeting(calendars)).attendees()] == [
        "julia@exempel.invalid",
        "sven@exempel.invalid",
    ]
    assert calendars.invitations("vikarie@exempel.invalid") == []


async def test_another_time_proposed_in_a_calendar_is_a_proposal_to_the_coordinator(calendars: Calendars) -> None:
    await named(calendars)
    mail = calendars.reply(
        calendars.newest("julia"), "TENTATIVE", method="COUNTER", changes={"DTSTART": "20261209T090000Z"}
    )
    await calendars.deliver(mail)
    (told,) = calendars.told("note.proposed")
    assert "9 dec" in told
    assert "10.00" in told
    assert await lines(calendars) == ["calendar.counter"]
    assert (await meeting(calendars)).clock == "13:00", "mail never moves a meeting"
    note = next(m for m in calendars.story.messages("anna") if plain(m.blocks) == told)
    assert "case.step" in buttons(note.blocks), "one press opens the form that moves it"


@pytest.mark.parametrize("start", ["20261209", "99991231T235900Z"])
async def test_a_proposal_without_a_time_that_can_be_read_is_told_as_such(calendars: Calendars, start: str) -> None:
    """A day alone; and the last minute of all, which is no time in Sweden: that mail could never be kept."""
    await named(calendars)
    mail = calendars.reply(calendars.newest("julia"), "TENTATIVE", method="COUNTER", changes={"DTSTART": start})
    await calendars.deliver(mail)
    assert len(calendars.told("note.calendar_counter_unclear")) == 1
    assert calendars.metric("sipbot_inbound", platform="mail", kind="counter_unclear") == 1


async def test_a_proposal_about_an_old_time_is_written_down_and_bothers_nobody(calendars: Calendars) -> None:
    await named(calendars)
    old = calendars.newest("julia")
    await calendars.story.moves()
    await calendars.deliver(
        calendars.reply(old, "TENTATIVE", method="COUNTER", changes={"DTSTART": "20261209T090000Z"})
    )
    assert calendars.told("note.proposed") == []
    assert await lines(calendars) == ["calendar.counter"]


async def test_a_calendar_that_has_lost_the_meeting_gets_it_again_once_an_hour(calendars: Calendars) -> None:
    """REFRESH: only to the attendee's own address, with the answer that stands (RFC 5546 3.2.6)."""
    await named(calendars)
    await calendars.answers("julia", "ACCEPTED")
    for _ in range(3):
        await calendars.deliver(
            calendars.reply(calendars.newest("julia"), "ACCEPTED", method="REFRESH", changes={"SEQUENCE": None})
        )
    first, again = calendars.invitations("julia")
    assert (again.method, again.sequence, again.partstat) == ("REQUEST", first.sequence, "ACCEPTED")
    assert again.stamp >= first.stamp
    assert "gäller ditt svar" in again.text


# ---- the newest word counts ---------------------------------------------------------------------------------------


async def test_chat_after_the_calendar_counts(calendars: Calendars) -> None:
    """Named again after a no: Julia comes, and her calendar asks her anew."""
    story = calendars.story
    await named(calendars)
    await calendars.answers("julia", "DECLINED")
    await calendars.later(minutes=5)
    await story.names(story.julia, "julia", "sven")
    assert await said(calendars) == ""
    assert calendars.newest("julia").partstat == "NEEDS-ACTION"
    assert [i.sequence for i in calendars.invitations("julia")] == [0, 1]
    assert [i.sequence for i in calendars.invitations("sven")] == [0]
    actions = [row.entry.action for row in await story.journal()]
    assert [a for a in actions if a in {"summons.named", "calendar.declined"}] == [
        "summons.named",
        "calendar.declined",
        "summons.named",
    ]


async def test_the_calendar_after_chat_counts(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.later(minutes=5)
    await calendars.answers("julia", "DECLINED")
    assert await said(calendars) == "declined"
    assert f"{JULIA}: nej (kalender)" in calendars.board()


async def test_a_no_written_before_the_word_in_chat_and_delivered_after_it_does_not_count(calendars: Calendars) -> None:
    story = calendars.story
    await named(calendars)
    await calendars.later(minutes=5)
    late = calendars.reply(calendars.newest("julia"), "DECLINED")
    await calendars.later(minutes=5)
    await story.names(story.julia, "julia", "sven", others="Kim Exempelask, Psykolog, kim@exempel.invalid")
    await calendars.deliver(late)
    assert await said(calendars) == ""
    assert calendars.metric("sipbot_inbound", platform="mail", kind="older") == 1


async def test_of_two_answers_that_overtake_each_other_the_newer_stands(calendars: Calendars) -> None:
    await named(calendars)
    first = calendars.reply(calendars.newest("julia"), "ACCEPTED")
    await calendars.later(minutes=1)
    second = calendars.reply(calendars.newest("julia"), "DECLINED")
    await calendars.deliver(second)
    await calendars.deliver(first)
    assert await said(calendars) == "declined"


async def test_the_same_mail_twice_counts_once(calendars: Calendars) -> None:
    await named(calendars)
    mail = calendars.reply(calendars.newest("julia"), "DECLINED", comment=SECRET)
    for _ in range(3):
        await calendars.deliver(mail)
    assert await lines(calendars) == ["calendar.comment", "calendar.declined"]
    assert len(calendars.told("note.calendar_declined")) == 1
    assert calendars.metric("sipbot_inbound", platform="mail", kind="again") == 2


async def test_a_change_of_mind_without_a_stamp_counts_each_time(calendars: Calendars) -> None:
    """Programs that leave out DTSTAMP: yes, no, yes are three mails, not one that is delivered twice."""
    await named(calendars)
    for partstat in ("ACCEPTED", "DECLINED", "ACCEPTED"):
        await calendars.later(minutes=1)
        await calendars.answers("julia", partstat, changes={"DTSTAMP": None, "SEQUENCE": None})
    assert await said(calendars) == "accepted"


# ---- about an old time ---------------------------------------------------------------------------------------------


async def test_an_answer_about_the_old_time_is_shown_as_such_and_not_as_a_yes(calendars: Calendars) -> None:
    await named(calendars)
    old = calendars.newest("julia")
    await calendars.story.moves()
    await calendars.deliver(calendars.reply(old, "ACCEPTED"))
    assert await said(calendars) == "old accepted"
    assert f"{JULIA}: svar om en tidigare tid (kalender)" in calendars.board()
    assert "ja (kalender)" not in calendars.board()
    assert (await meeting(calendars)).standing_of("bup") is Standing.SENT
    assert calendars.metric("sipbot_inbound", platform="mail", kind="old_time") == 1


async def test_a_no_to_the_old_time_alarms_nobody(calendars: Calendars) -> None:
    await named(calendars)
    old = calendars.newest("julia")
    await calendars.story.moves()
    await calendars.deliver(calendars.reply(old, "DECLINED"))
    assert calendars.told("note.calendar_declined") == []


async def test_a_yes_to_the_new_time_is_the_agencys_new_answer(calendars: Calendars) -> None:
    """A yes in a calendar counts as much as one in chat."""
    await named(calendars)
    await calendars.story.moves()
    assert (await meeting(calendars)).standing_of("bup") is Standing.SENT
    await calendars.answers("julia", "ACCEPTED")
    assert (await meeting(calendars)).standing_of("bup") is Standing.NAMED
    assert f"{JULIA}: ja (kalender)" in calendars.board()


async def test_that_another_was_taken_off_makes_no_answer_old(calendars: Calendars) -> None:
    await named(calendars)
    first = calendars.newest("sven")
    await calendars.story.names(calendars.story.julia, "sven")
    await calendars.deliver(calendars.reply(first, "ACCEPTED"))
    assert await said(calendars, "sven") == "accepted"


# ---- who may answer, and how far it is proven ------------------------------------------------------------------------


async def test_somebody_else_who_answers_is_not_added_and_the_coordinator_is_told_once(calendars: Calendars) -> None:
    """A party crasher (RFC 5546 3.2.3): never added, never answered."""
    await named(calendars)
    before = len(calendars.story.postbox.mails)
    for number in range(3):
        mail = calendars.reply(calendars.newest("julia"), "ACCEPTED", attendee=f"annan{number}@exempel.invalid")
        await calendars.deliver(mail)
    assert await said(calendars) == ""
    assert len((await meeting(calendars)).attendees()) == 2
    assert len(calendars.told("note.calendar_stranger")) == 1
    assert len(calendars.story.postbox.mails) == before
    assert await lines(calendars) == ["calendar.stranger"] * 3


async def test_an_answer_to_another_meeting_changes_nothing(calendars: Calendars) -> None:
    await named(calendars)
    mail = calendars.reply(calendars.newest("julia"), "DECLINED", changes={"UID": "annat@exempel.invalid"})
    await calendars.deliver(mail)
    assert await said(calendars) == ""
    assert calendars.metric("sipbot_inbound", platform="mail", kind="other_meeting") == 1
    assert len(calendars.told("note.calendar_unread")) == 1, "from a known address nothing is lost in silence"
    assert await lines(calendars) == ["calendar.unread"]


async def test_an_answer_to_the_envelopes_address_does_not_count_and_is_told(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.deliver(
        calendars.reply(calendars.newest("julia"), "DECLINED"), await on_the_envelope(calendars, "julia")
    )
    assert await said(calendars) == ""
    assert calendars.metric("sipbot_inbound", platform="mail", kind="wrong_address") == 1
    assert len(calendars.told("note.calendar_unread")) == 1


async def test_one_cannot_answer_for_another_with_ones_own_address(calendars: Calendars) -> None:
    await named(calendars)
    mail = calendars.reply(calendars.newest("julia"), "DECLINED", attendee="sven@exempel.invalid")
    await calendars.deliver(mail)
    assert (await said(calendars), await said(calendars, "sven")) == ("", "")
    assert len(calendars.told("note.calendar_stranger")) == 1


async def test_who_was_taken_off_can_answer_as_they_like(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.story.names(calendars.story.julia, "sven")
    await calendars.deliver(calendars.reply(calendars.invitations("julia")[0], "ACCEPTED"))
    assert [who.email for _, who in (await meeting(calendars)).attendees()] == ["sven@exempel.invalid"]
    assert calendars.metric("sipbot_inbound", platform="mail", kind="unknown_token") == 1


async def test_an_answer_after_the_meeting_has_begun_comes_too_late(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.story.until("2026-12-08 13:05")
    await calendars.answers("julia", "DECLINED")
    assert await said(calendars) == ""
    assert calendars.metric("sipbot_inbound", platform="mail", kind="too_late") == 1
    # Thanks in words, and an answer of somebody whom it was passed on to: nobody is to phone about who comes any more.
    invitation = calendars.newest("julia")
    thanks = EmailMessage()
    thanks["From"], thanks["To"] = invitation.attendee, invitation.organizer
    thanks.set_content("Påhittat: tack för i dag.")
    await calendars.deliver(thanks)
    await calendars.deliver(calendars.reply(invitation, "ACCEPTED", attendee="annan@exempel.invalid"))
    assert calendars.metric("sipbot_inbound", platform="mail", kind="too_late") == 3
    assert calendars.told("note.calendar_unread") == calendars.told("note.calendar_stranger") == []


async def test_an_answer_after_the_case_has_ended_changes_nothing(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.story.withdraws()
    assert (await calendars.deliver(calendars.reply(calendars.invitations("julia")[0], "ACCEPTED")))[0] == 250
    assert await lines(calendars) == []


@pytest.mark.parametrize(
    "headers, sender, trust, words",
    [
        ({"Authentication-Results": TOLD_BY_OWN_SERVER}, None, "token+dmarc", "avsändaren är styrkt"),
        ({}, None, "token", "Avsändaren är inte styrkt"),
        (
            {"Authentication-Results": TOLD_BY_OWN_SERVER},
            "sekreterare@exempel.invalid",
            "unproven",
            "från en annan adress",
        ),
        ({"Authentication-Results": TOLD_BY_STRANGERS}, None, "token", "inte styrkt"),
    ],
    ids=["proven", "not looked at", "sent by a secretary", "a stranger's word"],
)
async def test_how_far_an_answer_is_proven_is_kept_and_shown(
    calendars: Calendars, headers: dict[str, str], sender: str | None, trust: str, words: str
) -> None:
    story = calendars.story
    await named(calendars)
    await calendars.answers("julia", "ACCEPTED", headers=headers, sender=sender)
    response = (await attendee(calendars)).response
    assert response is not None
    assert response.trust == trust
    await story.command(story.anna, f"visa {story.code}")
    (line,) = [line for line in story.whispered(story.anna).splitlines() if "personliga inbjudan" in line]
    assert f"{JULIA}: ja (kalender)" in line
    assert words in line
    assert ("inte styrkt" in calendars.board()) == (trust == "unproven"), "the board tells it beside the name"


# ---- comments ------------------------------------------------------------------------------------------------------


async def test_a_comment_is_kept_under_the_cases_key_and_shown_nowhere(
    calendars: Calendars, caplog: pytest.LogCaptureFixture
) -> None:
    """Law 4D.2: free text about a meeting about a person. The coordinator is told that there is one."""
    caplog.set_level(logging.DEBUG)
    calendars.story.secrets.add(SECRET)
    await named(calendars)
    await calendars.answers("julia", "DECLINED", comment=SECRET)
    (row,) = await calendars.story.journal("calendar.comment")
    assert row.entry.secret == SECRET.encode()
    assert len(calendars.told("note.calendar_comment")) == 1
    assert SECRET not in caplog.text
    assert SECRET not in calendars.rendered_metrics()
    for part in calendars.story.folder.glob("sipbot.db*"):
        assert SECRET.encode() not in part.read_bytes()


async def test_a_comment_of_blanks_is_none(calendars: Calendars) -> None:
    """Outlook.com sends COMMENT with a line end in it."""
    await named(calendars)
    await calendars.answers("julia", "ACCEPTED", comment="\\n")
    assert await lines(calendars) == ["calendar.accepted"]


# ---- mails that did not arrive ---------------------------------------------------------------------------------------


def report(calendars: Calendars, name: str, to: str, action: str = "failed") -> bytes:
    """Return a delivery report (RFC 3464) about somebody's invite."""
    invitation = calendars.newest(name)
    rows = [
        "From: MAILER-DAEMON@mx.exempel.invalid",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Det gick inte.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.exempel.invalid",
        "",
        f"Final-Recipient: rfc822; {invitation.attendee}",
        f"Action: {action}",
        "Status: 5.1.1",
        "--b--",
        "",
    ]
    return "\r\n".join(rows).encode()


async def on_the_envelope(calendars: Calendars, name: str) -> str:
    """Return the address from which the newest invite of somebody came: it stood on the envelope alone."""
    invitation = calendars.newest(name)
    case = await calendars.story.case()
    known = [*case.meetings[-1].uninvited, *(who for _, who in case.meetings[-1].attendees())]
    secret = next(who.bounce for who in known if who.token == invitation.token)
    return f"studs.{secret}@{invitation.organizer.partition('@')[2]}"


async def bounce(calendars: Calendars, name: str, action: str = "failed") -> None:
    """Let a mail server report to the address that stood on the envelope alone."""
    to = await on_the_envelope(calendars, name)
    await calendars.deliver(report(calendars, name, to, action), to, sender="")


async def test_who_has_the_invite_cannot_forge_a_bounce(calendars: Calendars) -> None:
    """The invite shows the answer's address; the one for reports has a secret of its own."""
    await named(calendars)
    invitation = calendars.newest("julia")
    guessed = invitation.organizer.replace("svar.", "studs.")
    await calendars.deliver(report(calendars, "julia", guessed), guessed, sender="")
    assert "kom inte fram" not in calendars.board()
    await calendars.deliver(report(calendars, "julia", invitation.organizer), invitation.organizer, sender="")
    assert "kom inte fram" not in calendars.board()
    assert len(calendars.told("note.calendar_unclear")) == 1, "a server that is built wrongly may have meant it"


async def test_a_bounce_marks_the_attendee_and_is_told_once(calendars: Calendars) -> None:
    await named(calendars)
    await bounce(calendars, "julia")
    await bounce(calendars, "julia")
    assert f"{JULIA}: kalenderinbjudan kom inte fram" in calendars.board()
    assert len(calendars.told("note.calendar_bounced")) == 1
    assert await lines(calendars) == ["calendar.bounced"]


@pytest.mark.parametrize("action", ["delayed", "delivered"])
async def test_a_report_that_is_no_failure_marks_nobody(calendars: Calendars, action: str) -> None:
    await named(calendars)
    await bounce(calendars, "julia", action)
    assert "kom inte fram" not in calendars.board()
    assert calendars.metric("sipbot_inbound", platform="mail", kind=action) == 1


async def test_an_answer_after_a_bounce_shows_that_the_invite_arrived_after_all(calendars: Calendars) -> None:
    await named(calendars)
    await bounce(calendars, "julia")
    await calendars.answers("julia", "ACCEPTED")
    assert f"{JULIA}: ja (kalender)" in calendars.board()


async def test_a_bounced_cancellation_of_somebody_taken_off_breaks_nothing(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.story.names(calendars.story.julia, "sven")
    await bounce(calendars, "julia")
    assert calendars.metric("sipbot_inbound", platform="mail", kind="unknown_token") == 1


# ---- the quirks of real programs, and all that is no answer --------------------------------------------------------

QUIRKS = {
    "outlook_com_accepted": "accepted",
    "outlook_com_tentative_with_comment": "tentative",
    "exchange_declined_without_sequence": "declined",
    "google_accepted": "accepted",
    "google_declined_with_note": "declined",
    "apple_nested_accepted": "accepted",
    "thunderbird_accepted": "accepted",
    "missing_sequence": "accepted",
    "missing_stamp": "accepted",
    "broken_zone": "accepted",
    "alarm_bomb": "accepted",
    "zone_that_changes_every_second": "accepted",
    "uid_with_capitals_and_blanks": "accepted",
    "delegated": "delegated",
}


@pytest.mark.parametrize("name", QUIRKS)
async def test_what_real_programs_send_is_understood(calendars: Calendars, name: str) -> None:
    """The corpus's answers, put into the mouth of Julia."""
    await named(calendars)
    data = calendars.from_corpus(name, calendars.newest("julia"))
    answer = await calendars.deliver(data, calendars.newest("julia").organizer)
    assert answer[0] == 250
    assert await said(calendars) == QUIRKS[name]


NO_ANSWERS = [
    "out_of_office_exchange",
    "mailing_list",
    "loop",
    "binary",
    "empty",
    "calendar_of_noise",
    "components_a_hundred_deep",
    "nested_without_end",
    "forwarded_answer",
    "our_own_request",
    "no_partstat",
]


@pytest.mark.parametrize("name", NO_ANSWERS)
async def test_what_is_no_answer_is_dropped_and_counted_and_nobody_is_answered(calendars: Calendars, name: str) -> None:
    await named(calendars)
    before = len(calendars.story.postbox.mails)
    case = await calendars.story.case()
    data = calendars.from_corpus(name, calendars.newest("julia"))
    assert (await calendars.deliver(data, calendars.newest("julia").organizer))[0] == 250
    assert await calendars.story.case() == case
    assert calendars.metric("sipbot_inbound_refused", platform="mail") == 1
    assert len(calendars.story.postbox.mails) == before


async def test_a_mail_that_is_too_big_is_refused_and_the_next_one_taken(calendars: Calendars) -> None:
    await named(calendars)
    to = calendars.newest("julia").organizer
    big = calendars.reply(calendars.newest("julia"), "ACCEPTED").as_bytes() + b"x" * 3_000_000
    assert (await calendars.deliver(big, to))[0] == 552
    assert await said(calendars) == ""
    assert calendars.metric("sipbot_inbound_refused", platform="mail", why="too_big") == 1
    await calendars.answers("julia", "ACCEPTED")
    assert await said(calendars) == "accepted"


async def test_a_flood_to_one_address_is_put_off(calendars: Calendars) -> None:
    await named(calendars)
    codes = []
    for _ in range(25):
        mail = calendars.reply(calendars.newest("julia"), "ACCEPTED")
        codes.append((await calendars.deliver(mail))[0])
    assert codes[:20] == [250] * 20
    assert 451 in codes
    assert calendars.metric("sipbot_inbound_refused", platform="mail", why="too_many") == codes.count(451)


async def test_metrics_name_no_address_token_or_case(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.answers("julia", "DECLINED", comment=SECRET)
    token = calendars.newest("julia").token
    shown = calendars.rendered_metrics()
    assert shown
    assert [word for word in (token, "julia", calendars.story.code, "exempel") if word in shown] == []


async def test_a_log_names_no_address_token_or_comment(calendars: Calendars, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="sipbot")
    await named(calendars)
    await calendars.answers("julia", "DECLINED", comment=SECRET)
    await calendars.deliver(b"garbage", calendars.newest("julia").organizer)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("sipbot"))
    assert [word for word in (calendars.newest("julia").token, "@exempel", SECRET) if word in logged] == []


# ---- how long an address lives -------------------------------------------------------------------------------------


async def test_an_address_dies_thirty_days_after_its_meeting(calendars: Calendars) -> None:
    story = calendars.story
    await named(calendars)
    invitation = calendars.newest("julia")
    await story.days_pass_unseen("2027-01-07 13:00")
    assert (await calendars.deliver(calendars.reply(invitation, "ACCEPTED")))[0] == 250
    story.clock.move_to(datetime(2027, 1, 7, 13, 1, tzinfo=UTC))
    assert (await calendars.deliver(calendars.reply(invitation, "ACCEPTED")))[0] == 550
    await story.bot.scheduler.keep_house()
    assert await story.writing(lambda tx: tx.tokens.erase(story.code)) == 0, "and is forgotten"


async def test_an_address_lives_on_when_its_meeting_is_moved(calendars: Calendars) -> None:
    story = calendars.story
    await named(calendars)
    await story.moves(date="2026-12-17")
    story.clock.move_to(datetime(2027, 1, 10, 12, 0, tzinfo=UTC))
    assert (await calendars.deliver(calendars.reply(calendars.newest("julia"), "ACCEPTED")))[0] == 250
