"""Mails around invites and notices: the tree that every client accepts, and headers that provoke no answers."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr

import pytest
from hypothesis import given

from bot.calendar.ical import display_name
from bot.mail.addresses import bounce_address
from bot.mail.mime import InviteWords, Mailbox, MailMessage, compose_invite, compose_plain
from domain.errors import Invalid
from tests.bot.mail.samples import (
    DOMAIN,
    PAR,
    STAMP,
    TOKEN,
    WORDS,
    build,
    call_off,
    chat_file,
    invite,
    referees,
    uninvite,
)
from tests.bot.mail.test_ical import HELL

MESSAGE_ID = "<5f0c.1@kalender.example.se>"
BOUNCE = bounce_address(TOKEN, DOMAIN)


def read(mail: MailMessage) -> EmailMessage:
    message = message_from_bytes(mail.data, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def composed(words: InviteWords = WORDS, **changes: object) -> MailMessage:
    return compose_invite(invite(**changes), words, MESSAGE_ID, BOUNCE)


def plain(subject: str, body: str, *, to_name: str = "") -> MailMessage:
    return compose_plain(
        subject,
        body,
        sender=Mailbox(f"svar.{TOKEN}@{DOMAIN}", "Mötessamordning"),
        recipient=Mailbox(PAR, to_name),
        message_id=MESSAGE_ID,
        date=STAMP,
        bounce_address=BOUNCE,
    )


def test_the_tree_is_the_one_that_every_client_accepts() -> None:
    """Facts on calendars, 1.6: alternatives with a text/calendar part, and the same bytes as a file."""
    message = read(composed())
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    parts = list(message.walk())
    assert parts[4].get_param("method") == "REQUEST"
    assert parts[5].get_filename() == "invite.ics"
    assert parts[5].get_content_disposition() == "attachment"
    assert parts[4].get_payload(decode=True) == parts[5].get_payload(decode=True) == build(invite())


@pytest.mark.parametrize("made", [invite(), call_off(), uninvite()], ids=["request", "cancel", "un-invite"])
def test_the_method_is_the_same_in_the_mail_and_in_the_calendar(made: object) -> None:
    """Outlook refuses a mail in which the two differ (RFC 6047 2.4)."""
    message = read(compose_invite(made, WORDS, MESSAGE_ID, BOUNCE))  # type: ignore[arg-type]
    calendar = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    data = calendar.get_payload(decode=True)
    assert isinstance(data, bytes)
    assert f"METHOD:{calendar.get_param('method')}".encode() in data
    assert referees(data) == []


def test_headers_ask_programs_not_to_answer_and_send_answers_to_the_token() -> None:
    message = read(composed())
    assert message["From"] == f"Mötessamordning <svar.{TOKEN}@{DOMAIN}>"
    assert message["To"] == f"Pär Söderström <{PAR}>"
    assert message["Message-ID"] == MESSAGE_ID
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Date"].datetime == STAMP
    assert message["Subject"] == WORDS.subject
    assert "Reply-To" not in message, "a client that heeds it would answer past the token"


def test_the_envelope_sender_takes_delivery_reports() -> None:
    mail = composed()
    assert (mail.envelope_from, mail.recipient) == (f"studs.{TOKEN}@{DOMAIN}", PAR)


def test_the_same_row_sent_twice_is_the_same_bytes() -> None:
    assert composed() == composed()


def test_everything_is_ascii_in_short_lines_with_crlf() -> None:
    data = composed().data
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert max(len(line) for line in data.split(b"\r\n")) <= 78


def test_words_reach_the_reader_unchanged_as_text_and_as_html() -> None:
    words = InviteWords("Ämne", "Rad ett <b> & två.\n\n.\nFrom oss https://sip.example.se/m?a=1&b=2.", "Möte")
    text, html = (part.get_content() for part in list(read(composed(words)).walk())[2:4])
    assert text.replace("\r\n", "\n") == words.text + "\n"
    assert '<html lang="sv">' in html
    assert "&lt;b&gt; &amp; två" in html
    assert '<a href="https://sip.example.se/m?a=1&amp;b=2">' in html


def test_a_plain_mail_has_the_same_headers_and_no_calendar() -> None:
    message = read(plain("Påminnelse: möte SIP-7K3Q2-M", "Hej!\nÅäö."))
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == "Hej!\nÅäö.\n"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["To"] == PAR


def test_a_file_without_attendee_is_no_mail() -> None:
    with pytest.raises(ValueError, match="file"):
        compose_invite(chat_file(), WORDS, MESSAGE_ID, BOUNCE)


@pytest.mark.parametrize("message_id", ["", "a@b", "<a@b>\r\nX: y", "<a b@c>", f"<{'a' * 250}@b>"])
def test_a_message_id_cannot_carry_anything_else(message_id: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        compose_invite(invite(), WORDS, message_id, BOUNCE)


def test_an_unusable_bounce_address_is_told_of() -> None:
    with pytest.raises(Invalid):
        compose_invite(invite(), WORDS, MESSAGE_ID, "x\r\nRCPT TO:<evil@example.se>")


@pytest.mark.parametrize("name", ["Berg, " * 60 + "Anna", "Bårg, " * 60 + "Anna", "Anna " * 60 + "Berg"])
def test_a_long_name_with_commas_is_still_one_recipient(name: str) -> None:
    """Not so with the standard library's policies: folded, such a name loses its quotes and splits the address."""
    head = plain("Ämne", "Text", to_name=name).data.split(b"\r\n\r\n", 1)[0]
    readers = getaddresses([str(message_from_bytes(head)["To"]).replace("\r\n", "")])
    assert [address for _, address in readers] == [PAR]


@given(subject=HELL)
def test_a_subject_is_in_words_that_each_can_be_read_alone(subject: str) -> None:
    """RFC 2047 2 and 5: at most 75 octets a word, and no character in two of them."""
    raw = str(message_from_bytes(plain(f"å{subject}", "Text").data)["Subject"])
    rows = raw.replace("\r\n", "").split(" ")
    assert all(len(row) <= 75 for row in rows)
    shown = "".join(str(make_header(decode_header(row))) for row in rows)
    kept = re.sub("[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f\ud800-\udfff]", "", subject.replace("\r", "\n"))
    assert shown == " ".join(f"å{kept}".split())


@given(subject=HELL, body=HELL, name=HELL)
def test_no_text_breaks_out_of_its_place(subject: str, body: str, name: str) -> None:
    mail = plain(subject, body, to_name=name)
    assert mail.data.isascii()
    head = mail.data.split(b"\r\n\r\n", 1)[0]
    names = [line.split(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"Content-Language",
        b"MIME-Version",
        b"Auto-Submitted",
        b"X-Auto-Response-Suppress",
        b"Content-Type",
        b"Content-Transfer-Encoding",
    ]
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    # Not by the parser of `policy.SMTP`: it puts a blank between encoded words of a name (RFC 2047 6.2 says none).
    written, address = parseaddr(str(message_from_bytes(mail.data)["To"]).replace("\r\n", ""))
    assert address == PAR
    assert str(make_header(decode_header(written))) == display_name(name)
