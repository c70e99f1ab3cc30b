"""Wraps words and calendar objects into mail messages, with equal bytes for equal input.

The tree is the one that CalConnect's iMIP practice and the large senders use; with anything less some
client shows no buttons. All bytes are ASCII and lines are short, so no server on the way needs 8BITMIME.
The template is ours and the encodings are the standard library's: `EmailMessage` takes many times as long, and splits
a long name with commas into several recipients (docs/decisions/0007-mime.md).
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.base64mime import body_encode
from email.header import Header
from email.utils import format_datetime
from hashlib import sha256
from html import escape
from typing import Final

from bot.calendar.ical import build_invite, display_name
from domain.calendar.invites import Invite
from domain.text.mail_address import normal_address


@dataclass(frozen=True, slots=True)
class InviteWords:
    """Everything people read in one invite, already in the attendee's language.

    `subject` and `text` are the mail's, `summary` and `description` the calendar entry's, `organizer` the
    sender's display name. All neutral: code, time, place, a link (law 4D).
    """

    subject: str
    text: str
    summary: str
    description: str = ""
    organizer: str = ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who a mail is from or to: an address and, beside it, a name (may be empty)."""

    address: str = field(repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class MailMessage:
    """One mail to one recipient, ready for SMTP: `data` has CRLF line ends and ASCII bytes only."""

    envelope_from: str = field(repr=False)
    recipient: str = field(repr=False)
    data: bytes = field(repr=False)
    message_id: str


_HEADERS: Final = (
    b"MIME-Version: 1.0",
    # Asks well-behaved programs (RFC 3834) and Exchange not to answer with out-of-office notes.
    b"Auto-Submitted: auto-generated",
    b"X-Auto-Response-Suppress: OOF, AutoReply",
)


def compose_invite(
    invite: Invite, words: InviteWords, message_id: str, bounce_address: str, *, private: bool = True
) -> MailMessage:
    """The mail that carries `invite` to its attendee.

    From is the ORGANIZER address, so that answers come back to its token whichever of the two a client uses;
    there is no Reply-To. `message_id` is fixed by the caller for the outbox row: sending twice is then
    harmless. The Date is the invite's stamp.

    Raises `Invalid` or ValueError as `build_invite` does.
    """
    if invite.attendee_address is None:
        raise ValueError("an invite without attendee is a file, not a mail")
    calendar = build_invite(
        invite,
        summary=words.summary,
        description=words.description,
        organizer=words.organizer,
        private=private,
    )
    encoded = _base64(calendar)
    mixed, alternative = _boundary(message_id, "mixed"), _boundary(message_id, "alternative")
    method = invite.method.encode("ascii")
    rows = [
        *_head(
            sender=Mailbox(invite.organizer_address, words.organizer),
            recipient=Mailbox(invite.attendee_address, invite.attendee_name or ""),
            subject=words.subject,
            date=invite.stamp,
            message_id=message_id,
            language=invite.language,
        ),
        b'Content-Type: multipart/mixed; boundary="' + mixed + b'"',
        b"",
        b"--" + mixed,
        b'Content-Type: multipart/alternative; boundary="' + alternative + b'"',
        b"",
        b"--" + alternative,
        *_text_part(words.text),
        b"--" + alternative,
        *_html_part(words.text, invite.language),
        b"--" + alternative,
        b"Content-Type: text/calendar; charset=utf-8; method=" + method,
        b"Content-Transfer-Encoding: base64",
        b"",
        encoded,
        b"--" + alternative + b"--",
        b"",
        b"--" + mixed,
        b'Content-Type: application/ics; name="invite.ics"',
        b'Content-Disposition: attachment; filename="invite.ics"',
        b"Content-Transfer-Encoding: base64",
        b"",
        encoded,
        b"--" + mixed + b"--",
        b"",
    ]
    return _message(rows, invite.attendee_address, message_id, bounce_address)


def compose_plain(
    subject: str,
    body_text: str,
    *,
    sender: Mailbox,
    recipient: Mailbox,
    message_id: str,
    date: datetime,
    bounce_address: str,
    language: str = "sv",
) -> MailMessage:
    """A plain text mail (a notice, a receipt) with the same headers as an invite and no calendar."""
    rows = [
        *_head(
            sender=sender,
            recipient=recipient,
            subject=subject,
            date=date,
            message_id=message_id,
            language=language,
        ),
        *_text_part(body_text),
    ]
    return _message(rows, recipient.address, message_id, bounce_address)


def _message(rows: list[bytes], recipient: str, message_id: str, bounce_address: str) -> MailMessage:
    return MailMessage(normal_address(bounce_address), normal_address(recipient), b"\r\n".join(rows), message_id)


_MESSAGE_ID = re.compile(r"(?=.{5,200}\Z)<[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+>")


def _head(
    *,
    sender: Mailbox,
    recipient: Mailbox,
    subject: str,
    date: datetime,
    message_id: str,
    language: str,
) -> list[bytes]:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("a Message-ID looks like <letters@domain>")
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise ValueError("a language is two or three letters")
    return [
        b"From: " + _mailbox(sender, "From"),
        b"To: " + _mailbox(recipient, "To"),
        b"Subject: " + _words(" ".join(_lines(subject).split()), "Subject"),
        b"Date: " + format_datetime(date).encode("ascii"),
        b"Message-ID: " + message_id.encode("ascii"),
        b"Content-Language: " + language.encode("ascii"),
        *_HEADERS,
    ]


def _mailbox(mailbox: Mailbox, header: str) -> bytes:
    spec = normal_address(mailbox.address).encode("ascii")
    shown = display_name(mailbox.name)
    return _words(shown, header) + b"\r\n <" + spec + b">" if shown else spec


_ATOMS = re.compile(r"[A-Za-z0-9 .,:;!/()+-]{1,60}")
_PHRASE = re.compile(r"[A-Za-z0-9 ]{1,60}")


_WIDTH: Final = 76
"""Longest row of a header with encoded words and of a base64 body (RFC 2047 2, RFC 2045 6.8)."""


def _words(value: str, name: str) -> bytes:
    """The text of header `name`, in RFC 2047 words where it is not short and plain ASCII."""
    plain = _ATOMS if name == "Subject" else _PHRASE
    if not value or plain.fullmatch(value):
        return value.encode("ascii")
    header = Header(value, "utf-8", maxlinelen=_WIDTH, header_name=name)
    return header.encode(linesep="\r\n").encode("ascii")


def _text_part(value: str) -> list[bytes]:
    return [
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        _quoted(value),
    ]


_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


def _html_part(value: str, language: str) -> list[bytes]:
    """The same words once more for readers that prefer HTML: paragraphs and links, no styles, no images."""
    paragraphs = re.split(r"\n\s*\n", _lines(value).strip())
    body = "\n".join(f"<p>{_linked(paragraph)}</p>" for paragraph in paragraphs)
    page = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )
    return [
        b"Content-Type: text/html; charset=utf-8",
        b"Content-Transfer-Encoding: quoted-printable",
        b"",
        _quoted(page),
    ]


def _linked(paragraph: str) -> str:
    pieces, at = [], 0
    for link in _LINK.finditer(paragraph):
        pieces += [escape(paragraph[at : link.start()]), f'<a href="{escape(link[0])}">{escape(link[0])}</a>']
        at = link.end()
    return "".join([*pieces, escape(paragraph[at:])]).replace("\n", "<br>\n")


def _lines(value: str) -> str:
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]", "", plain)


def _quoted(value: str) -> bytes:
    octets = _lines(value).rstrip("\n").replace("\n", "\r\n").encode("utf-8") + b"\r\n"
    return binascii.b2a_qp(octets, istext=True)


def _base64(data: bytes) -> bytes:
    return body_encode(data, _WIDTH, "\r\n").removesuffix("\r\n").encode("ascii")


def _boundary(message_id: str, which: str) -> bytes:
    """Cannot occur inside a part: `=_` is neither base64 nor quoted-printable."""
    return b"=_" + sha256(f"{which} {message_id}".encode()).hexdigest()[:24].encode("ascii")
