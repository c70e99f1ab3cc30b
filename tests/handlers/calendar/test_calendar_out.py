"""What goes to calendars when people act in chat: each kind of mail by the tables of iTIP (RFC 5546 2.1.4, 3.2)."""

from __future__ import annotations

import asyncio
import re
import smtplib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.mail.samples import referees
from tests.handlers.calendar.calendars import Calendars, Invitation, answering
from tests.handlers.people import disclosure
from tests.handlers.story import MAIL_FROM

CALLED_OFF = {"outcome": "not_held", "consent_confirmed": None, "attended": None, "lead": None, "follow_up_on": None}
DOMAIN = MAIL_FROM.rpartition("@")[2]
REASONS = ("samtyck", "återta", "vill inte", "consent", "withdr")


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    """A story with calendars; at its end every object that was mailed has passed libical and the lint."""
    async with answering(folder, empty_database) as found:
        yield found
        story = found.story
        for address in {mail.recipient for mail in story.postbox.mails}:
            assert [problem for i in found.invitations(address) for problem in referees(i.data)] == []
        disclosure.check(story, [await story.case(code) for code in story.codes])


async def named(calendars: Calendars, *people: str, **changes: object) -> None:
    """Summon, and let bup name Julia and Sven, or others."""
    await calendars.story.summoned(**changes)
    await calendars.story.names(calendars.story.julia, *(people or ("julia", "sven")))


def methods(calendars: Calendars, name: str) -> list[str]:
    return [f"{i.method} {i.sequence}" for i in calendars.invitations(name)]


def status(invitation: Invitation) -> str:
    return invitation.value("STATUS") if invitation.has("STATUS") else ""


# ---- invited -----------------------------------------------------------------------------------------------------


async def test_who_is_named_gets_a_request_of_their_own(calendars: Calendars) -> None:
    await named(calendars)
    for name in ("julia", "sven"):
        (invitation,) = calendars.invitations(name)
        assert (invitation.method, invitation.sequence, status(invitation)) == ("REQUEST", 0, "CONFIRMED")
        assert (invitation.attendee, invitation.partstat) == (f"{name}@exempel.invalid", "NEEDS-ACTION")
        assert "RSVP=TRUE" in invitation.value("ATTENDEE")
        assert invitation.value("CLASS") == "PRIVATE"


async def test_the_organizer_is_an_address_that_only_this_invite_knows(calendars: Calendars) -> None:
    await named(calendars)
    julia, sven = calendars.newest("julia"), calendars.newest("sven")
    for invitation in (julia, sven):
        assert re.fullmatch(rf"svar\.[a-z2-7]{{26}}@{DOMAIN}", invitation.organizer)
        assert invitation.organizer in invitation.mail["From"], "answers come back whichever of the two a program uses"
    assert julia.organizer != sven.organizer
    assert julia.uid == sven.uid


async def test_a_mail_says_that_a_machine_sent_it_and_bounces_come_to_its_own_address(calendars: Calendars) -> None:
    senders: list[str] = []
    before = calendars.story.postbox.handle_DATA

    async def handle_data(server, session, envelope):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        if envelope.rcpt_tos == ["julia@exempel.invalid"]:
            senders.append(envelope.mail_from)
        return await before(server, session, envelope)

    calendars.story.postbox.handle_DATA = handle_data  # type: ignore[method-assign]
    await named(calendars, "julia")
    invitation = calendars.newest("julia")
    assert invitation.mail["Auto-Submitted"] == "auto-generated"
    assert invitation.mail["Reply-To"] is None
    (sender,) = senders
    assert re.fullmatch(rf"studs\.[a-z2-7]{{26}}@{DOMAIN}", sender)
    assert invitation.token not in sender, "envelopes stand in the logs of mail servers"
    assert sender.partition("@")[0].removeprefix("studs.") not in invitation.mail.as_string()


async def test_the_first_mail_after_a_move_is_an_invitation_and_no_update(calendars: Calendars) -> None:
    await named(calendars, "julia")
    await calendars.story.moves()
    await calendars.story.names(calendars.story.julia, "julia", "sven")
    assert methods(calendars, "sven") == ["REQUEST 1"]
    subjects = [str(calendars.newest(name).mail["Subject"]) for name in ("julia", "sven")]
    assert [subject.startswith("Uppdaterat") for subject in subjects] == [True, False]
    assert "tidigare inbjudan" not in calendars.newest("sven").text


async def test_an_invite_is_written_in_the_language_of_its_reader(calendars: Calendars) -> None:
    story = calendars.story
    await story.summoned()
    await story.writing(lambda tx: tx.people.remember_locale("slack:T0/U0SVEN", "en-GB"))
    await story.names(story.julia, "julia", "sven")
    assert calendars.newest("sven").value("SUMMARY").startswith("SIP meeting")
    assert calendars.newest("julia").value("SUMMARY").startswith("SIP-möte")
    assert calendars.newest("sven").mail["Content-Language"] == "en"


# ---- moved, corrected ----------------------------------------------------------------------------------------------


async def test_a_move_asks_everybody_again(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.answers("julia", "ACCEPTED")
    await calendars.story.moves()
    for name in ("julia", "sven"):
        assert methods(calendars, name) == ["REQUEST 0", "REQUEST 1"]
        assert calendars.newest(name).partstat == "NEEDS-ACTION"
        assert calendars.newest(name).value("DTSTART").endswith("20261210T093000")
    assert "Ett tidigare svar gäller inte" in calendars.newest("julia").text


async def test_a_typo_mended_in_the_place_asks_nobody_again(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.answers("julia", "ACCEPTED")
    await calendars.story.moves(date=None, start=None, place="Sammanträdesrum 3.")
    julia, sven = calendars.newest("julia"), calendars.newest("sven")
    assert (methods(calendars, "julia"), methods(calendars, "sven")) == (["REQUEST 0", "REQUEST 0"],) * 2
    assert (julia.partstat, sven.partstat) == ("ACCEPTED", "NEEDS-ACTION")
    assert julia.value("LOCATION") == "Sammanträdesrum 3."
    assert julia.stamp > calendars.invitations("julia")[0].stamp, "newer by its DTSTAMP alone (RFC 5546 2.1.5)"
    assert "gäller ditt svar" in julia.text


async def test_another_place_asks_everybody_again(calendars: Calendars) -> None:
    await named(calendars, "julia")
    await calendars.story.moves(date=None, start=None, place="Skolan, rum 5")
    assert methods(calendars, "julia") == ["REQUEST 0", "REQUEST 1"]


async def test_the_same_meeting_is_not_mailed_twice(calendars: Calendars) -> None:
    """A consent that is renewed releases what was held back; who has the same invite already is left in peace."""
    await named(calendars, "julia")
    await calendars.answers("julia", "ACCEPTED")
    await calendars.story.records_consent(agencies=["bup", "skola"])
    assert methods(calendars, "julia") == ["REQUEST 0"]


async def test_no_message_id_is_used_twice(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.story.moves()
    await calendars.story.names(calendars.story.julia, "sven")
    ids = [str(i.mail["Message-ID"]) for name in ("julia", "sven") for i in calendars.invitations(name)]
    assert len(ids) == len(set(ids)) == 5
    assert all(identifier.endswith(f"@{DOMAIN}>") for identifier in ids)


async def test_a_letter_sent_twice_has_the_same_message_id(calendars: Calendars) -> None:
    """A server that takes a mail and then goes silent gets it again: a duplicate that programs know."""
    story = calendars.story
    before, broken = story.postbox.handle_DATA, list[bool]()

    async def handle_data(server, session, envelope):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        answer = await before(server, session, envelope)
        if broken and broken.pop():
            server.transport.close()
        return answer

    story.postbox.handle_DATA = handle_data  # type: ignore[method-assign]
    await story.summoned()
    broken.append(True)
    await story.names(story.julia, "julia")
    await story.until("2026-11-23 10:00")
    first, second = calendars.invitations("julia")
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert (first.uid, first.sequence) == (second.uid, second.sequence)


# ---- taken off, called off -----------------------------------------------------------------------------------------


async def test_taking_one_off_cancels_for_that_one_alone(calendars: Calendars) -> None:
    """CANCEL without STATUS: the meeting goes on for the others (RFC 5546 3.2.5)."""
    await named(calendars)
    await calendars.story.names(calendars.story.julia, "sven")
    cancel = calendars.newest("julia")
    assert (cancel.method, cancel.sequence, status(cancel)) == ("CANCEL", 1, "")
    assert cancel.attendee == "julia@exempel.invalid"
    assert not any(cancel.has(name) for name in ("DESCRIPTION", "LOCATION", "URL", "VALARM"))
    assert methods(calendars, "sven") == ["REQUEST 0"]


async def test_a_no_of_the_agency_in_chat_takes_its_people_off(calendars: Calendars) -> None:
    await named(calendars)
    await calendars.story.press(calendars.story.julia, "summons.decline", {"reason": "no_staff"})
    for name in ("julia", "sven"):
        assert methods(calendars, name) == ["REQUEST 0", "CANCEL 1"]
        assert status(calendars.newest(name)) == ""


async def test_a_narrowed_consent_takes_the_agencys_people_off_without_saying_why(calendars: Calendars) -> None:
    """R61, R62."""
    await named(calendars)
    await calendars.story.names(calendars.story.omar, "omar")
    await calendars.story.records_consent(agencies=["skola", "fk"])
    cancel = calendars.newest("julia")
    assert (cancel.method, cancel.sequence, status(cancel)) == ("CANCEL", 1, "")
    assert [word for word in REASONS if word in f"{cancel.text} {cancel.mail['Subject']}".lower()] == []
    assert methods(calendars, "omar") == ["REQUEST 0"]


@pytest.mark.parametrize("how", ["withdrawn", "called off"])
async def test_a_meeting_that_will_not_be_is_cancelled_for_all_without_saying_why(
    calendars: Calendars, how: str
) -> None:
    """R77."""
    await named(calendars)
    await calendars.story.names(calendars.story.omar, "omar")
    await (calendars.story.withdraws() if how == "withdrawn" else calendars.story.reports(**CALLED_OFF))
    for name in ("julia", "sven", "omar"):
        cancel = calendars.newest(name)
        assert (cancel.method, cancel.sequence, status(cancel)) == ("CANCEL", 1, "CANCELLED")
        assert [word for word in REASONS if word in f"{cancel.text} {cancel.mail['Subject']}".lower()] == []
        assert not any(cancel.has(field) for field in ("DESCRIPTION", "LOCATION", "URL"))
        assert cancel.uid == calendars.invitations(name)[0].uid
        assert cancel.organizer == calendars.invitations(name)[0].organizer


async def test_a_new_meeting_after_one_that_was_called_off_has_a_uid_of_its_own(calendars: Calendars) -> None:
    await named(calendars, "julia")
    await calendars.story.reports(**CALLED_OFF)
    await calendars.story.summons(date="2026-12-15")
    await calendars.story.names(calendars.story.julia, "julia")
    first, cancel, second = calendars.invitations("julia")
    assert first.uid == cancel.uid != second.uid
    assert (second.method, second.sequence) == ("REQUEST", 0)
    assert second.token != first.token


async def test_who_never_got_the_invite_is_not_told_that_it_is_cancelled(calendars: Calendars) -> None:
    calendars.story.postbox.away = True
    await named(calendars)
    await calendars.story.names(calendars.story.julia, "sven")
    calendars.story.postbox.away = False
    await calendars.story.until("2026-11-23 12:00")
    assert methods(calendars, "julia") == []


async def test_who_comes_for_two_agencies_keeps_the_meeting_when_one_of_them_takes_it_back(
    calendars: Calendars,
) -> None:
    story = calendars.story
    await story.summoned()
    line = "Kim Exempelask, Psykolog, kim@exempel.invalid"
    await story.names(story.julia, others=line)
    await story.names(story.omar, others=line)
    await story.press(story.julia, "summons.decline", {"reason": "no_staff"})
    assert "CANCEL" not in {i.method for i in calendars.invitations("kim@exempel.invalid")}


# ---- in order, whatever the mail server says -----------------------------------------------------------------------


async def test_a_cancellation_never_overtakes_its_invitation(calendars: Calendars) -> None:
    """The first REQUEST is put off (451), and Julia is taken off meanwhile: she hears of neither."""
    story = calendars.story
    await story.summoned()
    story.postbox.away = True
    await story.names(story.julia, "julia", "sven")
    await story.withdraws()
    story.postbox.away = False
    await story.until("2026-11-24 09:00")
    assert methods(calendars, "julia") == []
    assert methods(calendars, "sven") == []


async def test_after_an_outage_the_newest_comes_last_and_alone(calendars: Calendars) -> None:
    story = calendars.story
    await story.summoned()
    story.postbox.away = True
    await story.names(story.julia, "julia")
    await story.moves()
    await story.names(story.julia, "sven")
    await story.names(story.julia, "julia", "sven")
    story.postbox.away = False
    await story.until("2026-11-24 09:00")
    assert methods(calendars, "julia") == ["REQUEST 3"]
    assert methods(calendars, "sven") == ["REQUEST 3"]
    assert calendars.newest("julia").value("DTSTART").endswith("20261210T093000")


async def test_an_invite_put_off_arrives_before_the_change_that_was_made_meanwhile(calendars: Calendars) -> None:
    story = calendars.story
    await story.summoned()
    await story.names(story.julia, "julia")
    story.postbox.away = True
    await story.moves()
    await story.withdraws()
    story.postbox.away = False
    await story.until("2026-11-24 09:00")
    sequences = [i.sequence for i in calendars.invitations("julia")]
    assert sequences == sorted(sequences)
    assert calendars.newest("julia").method == "CANCEL"


async def test_whatever_is_done_each_attendee_sees_sequences_that_never_fall(calendars: Calendars) -> None:
    story = calendars.story
    await named(calendars)
    await story.moves(date="2026-12-10")
    await story.names(story.julia, "sven")
    await story.names(story.julia, "julia", "sven")
    await story.moves(date="2026-12-11")
    await story.press(story.julia, "summons.decline", {"reason": "time"})
    await story.names(story.julia, "julia")
    await story.withdraws()
    for name in ("julia", "sven"):
        found = calendars.invitations(name)
        keys = [(i.sequence, i.stamp) for i in found]
        assert keys == sorted(keys)
        cancels = [n for n, i in enumerate(found) if i.method == "CANCEL"]
        for n in cancels:
            assert found[n].sequence > found[n - 1].sequence, "each CANCEL takes a number of its own"
            assert all(later.sequence > found[n].sequence for later in found[n + 1 : n + 2])
        assert found[-1].method == "CANCEL"
        assert len({i.organizer for i in found}) == 1, "one address a person, through all changes"


# ---- nobody is told what is not theirs -----------------------------------------------------------------------------


async def test_r109_a_protected_case_sends_nothing_to_calendars(calendars: Calendars) -> None:
    story = calendars.story
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None)
    await story.names(story.julia, "julia")
    await story.moves(place=None)
    await story.withdraws()
    assert story.postbox.mails == []
    assert story.slack.state.files.all() == []


async def test_outside_the_consent_nobody_is_invited_until_it_is_widened(calendars: Calendars) -> None:
    """R62, R75."""
    story = calendars.story
    await story.summoned()
    await story.until("2026-11-23 10:00")
    await story.press(story.omar, "summons.forward", {"agency": "vc"})
    assert calendars.invitations("pia") == []
    await story.records_consent(agencies=["bup", "skola", "fk", "vc"])
    await story.names(story.pia, "pia")
    assert methods(calendars, "pia") == ["REQUEST 0"]


async def test_the_file_in_chat_has_the_uid_and_sequence_of_the_mails_and_nobody_in_it(calendars: Calendars) -> None:
    await named(calendars, "julia")
    (file,) = calendars.story.slack.state.files.all()
    assert referees(file.content) == []
    lines = file.content.decode().replace("\r\n ", "").splitlines()
    assert "METHOD:PUBLISH" in lines
    assert f"UID:{calendars.newest('julia').uid}" in lines
    assert not any(line.startswith("ATTENDEE") for line in lines)
    assert next(line for line in lines if line.startswith("ORGANIZER")).endswith(f"mailto:{MAIL_FROM}")


async def test_an_address_that_does_not_exist_is_told_to_the_coordinator(calendars: Calendars) -> None:
    story = calendars.story
    await story.summoned()
    story.postbox.refuses = {"julia@exempel.invalid"}
    await story.names(story.julia, "julia")
    assert "kom inte fram" in calendars.board()


async def test_nobody_can_send_through_the_door(calendars: Calendars) -> None:
    """It takes mail for its own live addresses alone, and never sends any."""
    await named(calendars, "julia")

    def ask() -> list[int]:
        with smtplib.LMTP("127.0.0.1", calendars.port) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("nagon@exempel.invalid")
            strangers = ("annan@exempel.invalid", MAIL_FROM, f"svar.{'a' * 26}@{DOMAIN}")
            return [client.rcpt(address)[0] for address in strangers]

    assert await asyncio.to_thread(ask) == [550, 550, 550]
