"""Writing into the outbox what does not go to chat: invites, calendar files, and mails for when chat is not enough."""

from __future__ import annotations

from datetime import datetime

from domain.address import Address, mailbox
from domain.attendee import Attendee
from domain.case import Case
from domain.directory import Directory
from domain.meeting import Meeting
from domain.responsibility import receiver_of
from handlers.enqueue import Args, What, about_case, channel_of, mailbox_of
from storage.outbox.letter import Letter, Rank


def calendar_file(
    case: Case, meeting: Meeting, agency: str, directory: Directory, now: datetime, *, again: int = 0
) -> Letter:
    """One neutral calendar file an agency and time (R123; law 4D)."""
    key = f"ics:{case.code}:{meeting.number}.{meeting.round}:{agency}:{again}"
    args: Args = {"meeting": meeting.number, "agency": agency}
    return about_case(case, What.CALENDAR_FILE, key, channel_of(directory, agency), args, now)


def invite(
    case: Case,
    meeting: Meeting,
    agency: str,
    attendee: Attendee,
    method: str,
    now: datetime,
    *,
    again: int = 0,
    anew: bool = False,
) -> Letter:
    """One attendee's calendar mail.

    The key holds method and SEQUENCE, so that the same state is written once; `again` tells later writings apart. What
    the attendee has already is not mailed twice, unless it is asked for `anew`.
    """
    key = f"{invite_keys(case, meeting, attendee)}{method}:{meeting.sequence}:{again}"
    args: Args = {
        "meeting": meeting.number,
        "agency": agency,
        "attendee": attendee.key,
        "method": method,
        "sequence": meeting.sequence,
        "anew": int(anew),
    }
    return about_case(case, What.INVITE, key, str(mailbox(attendee.email)), args, now)


def invite_keys(case: Case, meeting: Meeting, attendee: Attendee) -> str:
    """Return what the keys of all invites to one attendee of a meeting begin with."""
    return f"invite:{case.code}:{meeting.number}:{attendee.key}:"


def note_mail(case: Case, to: str, about: str, directory: Directory, now: datetime, **args: str | int) -> Letter | None:
    """The same word by mail, for when chat cannot be reached; None where the one who is to hear has no mailbox."""
    address = note_mail_at(case, to, directory)
    if not address:
        return None
    key = f"notemail:{case.code}:{about}:{args.get('agency', '')}:{now:%Y-%m-%dT%H}"
    return about_case(case, What.NOTE_MAIL, key, address, {"to": to, "about": about, **args}, now, Rank.URGENT)


def note_mail_at(case: Case, to: str, directory: Directory) -> str:
    """Return the mailbox of whoever is told of the case today in place of coordinator or lead; "" where there is none.

    That is they themselves, whoever stands in, or for one who has left the unit's manager (R40).
    """
    address = receiver_of(case, to, directory)
    person = directory.by_identity(Address.parse(address).identity) if address else None
    return "" if person is None or not person.email else str(mailbox(person.email))


def reminder_mail(
    case: Case, agency: str, due_key: str, text: str, directory: Directory, now: datetime
) -> Letter | None:
    """A reminder to an agency's function mailbox, for when nobody in the channel reacts."""
    address = mailbox_of(directory, agency)
    if not address:
        return None
    key = f"remindermail:{case.code}:{due_key}"
    return about_case(
        case,
        What.REMINDER_MAIL,
        key,
        address,
        {"agency": agency, "reminder": due_key, "text": text},
        now,
        Rank.REMINDER,
    )
