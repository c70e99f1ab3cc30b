"""Writing letters into the outbox: which address, how urgent, under which unique key.

A letter holds ids only. What it says is composed when it is sent, from the case as it is then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sipbot.domain.case import Case
from sipbot.domain.directory import Directory
from sipbot.domain.meeting import Attendee, Meeting
from sipbot.storage.outbox import Letter


class What(StrEnum):
    """The kinds of letters; each has its composer."""

    BOARD = "board"
    HANDED = "board.handed"
    SUMMONS = "summons"
    SUMMONS_NOTICE = "summons.notice"
    CALENDAR_FILE = "calendar.file"
    INVITE = "invite"
    ENDING = "ending"
    PLAN = "plan.notice"
    NOTE = "note"
    NAGS = "nags"
    NAG_MAIL = "nag.mail"
    HOME = "home"
    WHISPER = "whisper"
    NOTE_MAIL = "note.mail"


NOW, ANSWER, CHANGE, NAG = 0, 1, 2, 3

# A private answer is worth nothing once the person has gone on; Slack's own limit is half an hour.
WHISPER_LIVES = timedelta(minutes=25)


def board(case: Case, directory: Directory, now: datetime) -> Letter:
    """The case's board, in the direct messages of the one who is responsible now."""
    address = directory.address_of(case.responsible)
    args = {"code": case.code, "owner": case.responsible}
    return Letter(
        f"board:{case.code}:{case.version}",
        address,
        What.BOARD,
        args,
        code=case.code,
        rank=CHANGE,
        not_before=now,
    )


def handed_over(case: Case, former: str, directory: Directory, now: datetime) -> Letter:
    """The board of the one who was responsible until now says who took over."""
    key = f"handed:{case.code}:{case.version}:{former}"
    args = {"code": case.code, "owner": former}
    return Letter(key, directory.address_of(former), What.HANDED, args, code=case.code, rank=CHANGE, not_before=now)


def summons(case: Case, meeting: Meeting, agency: str, directory: Directory, now: datetime) -> Letter:
    """One agency's summons, posted or changed in its own channel."""
    key = f"summons:{case.code}:{meeting.number}:{agency}:{case.version}"
    args: dict[str, str | int] = {"code": case.code, "meeting": meeting.number, "agency": agency}
    return Letter(
        key,
        directory.address_of_agency(agency),
        What.SUMMONS,
        args,
        code=case.code,
        rank=CHANGE,
        not_before=now,
    )


def summons_notice(
    case: Case, meeting: Meeting, agency: str, happened: str, directory: Directory, now: datetime
) -> Letter:
    """A line beside the summons, so that a change in place is noticed: "moved" or "recalled"."""
    key = f"summons:{case.code}:{meeting.number}:{agency}:{happened}:{case.version}"
    args: dict[str, str | int] = {
        "code": case.code,
        "meeting": meeting.number,
        "agency": agency,
        "happened": happened,
    }
    rank = NOW if happened == "recalled" else CHANGE
    return Letter(
        key,
        directory.address_of_agency(agency),
        What.SUMMONS_NOTICE,
        args,
        code=case.code,
        rank=rank,
        not_before=now,
    )


def calendar_file(case: Case, meeting: Meeting, agency: str, directory: Directory, now: datetime) -> Letter:
    """One neutral calendar file an agency and time (R123; law 4D)."""
    key = f"ics:{case.code}:{meeting.number}.{meeting.round}:{agency}"
    args: dict[str, str | int] = {"code": case.code, "meeting": meeting.number, "agency": agency}
    return Letter(
        key,
        directory.address_of_agency(agency),
        What.CALENDAR_FILE,
        args,
        code=case.code,
        rank=CHANGE,
        not_before=now,
    )


def invite(
    case: Case,
    meeting: Meeting,
    agency: str,
    attendee: Attendee,
    method: str,
    now: datetime,
    *,
    again: int = 0,
) -> Letter:
    """One attendee's calendar mail. The key holds method and SEQUENCE, so that the same state is mailed once."""
    key = f"invite:{case.code}:{meeting.number}:{attendee.key}:{method}:{meeting.sequence}:{again}"
    args: dict[str, str | int] = {
        "code": case.code,
        "meeting": meeting.number,
        "agency": agency,
        "attendee": attendee.key,
        "method": method,
        "sequence": meeting.sequence,
    }
    return Letter(key, f"mail:{attendee.email}", What.INVITE, args, code=case.code, rank=CHANGE, not_before=now)


def ending(case: Case, agency: str, directory: Directory, now: datetime, *, urgent: bool) -> Letter:
    """The notice that the case has ended; a withdrawal goes before everything else, at any hour (R77)."""
    key = f"ending:{case.code}:{agency}:{case.version}"
    rank = NOW if urgent else CHANGE
    address = directory.address_of_agency(agency)
    return Letter(
        key,
        address,
        What.ENDING,
        {"code": case.code, "agency": agency},
        code=case.code,
        rank=rank,
        not_before=now,
    )


def plan_notice(case: Case, version: int, agency: str, directory: Directory, now: datetime) -> Letter:
    """The word to a recipient that the plan is on its way, and how (R161)."""
    key = f"plan:{case.code}:{version}:{agency}"
    args: dict[str, str | int] = {"code": case.code, "version": version, "agency": agency}
    return Letter(
        key, directory.address_of_agency(agency), What.PLAN, args, code=case.code, rank=CHANGE, not_before=now
    )


def note(case: Case, to: str, about: str, directory: Directory, now: datetime, **args: str | int) -> Letter:
    """A direct word to one member of staff about something that needs their eye: `about` is a message key."""
    key = f"note:{case.code}:{about}:{case.version}:{args.get('agency', '')}:{to}"
    held = {"code": case.code, "to": to, "about": about, **args}
    return Letter(key, directory.address_of(to), What.NOTE, held, code=case.code, rank=CHANGE, not_before=now)


def note_to_manager(
    case: Case, agency: str, about: str, directory: Directory, now: datetime, **args: str | int
) -> Letter | None:
    """A direct word to an agency's manager, when it has one."""
    address = directory.address_of_manager(agency) if agency in directory.agencies else ""
    if not address:
        return None
    key = f"note:{case.code}:{about}:{case.version}:{agency}:manager"
    held = {"code": case.code, "to": "", "about": about, "agency": agency, **args}
    return Letter(key, address, What.NOTE, held, code=case.code, rank=CHANGE, not_before=now)


def nags(address: str, occasion: str, now: datetime, *, anew: bool) -> Letter:
    """The list of reminders of one address: posted anew when something fell due, changed in place when something is done."""
    args: dict[str, str | int] = {"address": address, "anew": int(anew)}
    return Letter(f"nags:{address}:{occasion}", address, What.NAGS, args, rank=NAG if anew else CHANGE, not_before=now)


def nag_mail(case: Case, agency: str, nag_key: str, text: str, directory: Directory, now: datetime) -> Letter | None:
    """A reminder to an agency's function mailbox, for when nobody in the channel reacts."""
    email = directory.agencies[agency].email if agency in directory.agencies else ""
    if not email:
        return None
    args: dict[str, str | int] = {"code": case.code, "agency": agency, "nag": nag_key, "text": text}
    return Letter(
        f"nagmail:{case.code}:{nag_key}",
        f"mail:{email}",
        What.NAG_MAIL,
        args,
        code=case.code,
        rank=NAG,
        not_before=now,
    )


def home(identity: str, occasion: str, now: datetime) -> Letter:
    """The home page of one person."""
    platform, _, user = identity.partition(":")
    address = f"{platform}:person:{user}"
    return Letter(
        f"home:{identity}:{occasion}", address, What.HOME, {"identity": identity}, rank=ANSWER, not_before=now
    )


def whisper(identity: str, reply_to: str, card: str, occasion: str, now: datetime) -> Letter:
    """A private answer to a press. It is the one letter that carries its own words, since it is about one moment."""
    platform, _, user = identity.partition(":")
    return Letter(
        f"whisper:{occasion}",
        f"{platform}:reply:{occasion}",
        What.WHISPER,
        {"reply_to": reply_to, "person": f"{platform}:person:{user}", "card": card},
        rank=ANSWER,
        not_before=now,
        expires_at=now + WHISPER_LIVES,
    )


def note_mail(case: Case, to: str, about: str, directory: Directory, now: datetime, **args: str | int) -> Letter | None:
    """The same word by mail, for when chat cannot be reached."""
    staff = directory.staff.get(to)
    if staff is None or not staff.email:
        return None
    held = {"code": case.code, "to": to, "about": about, **args}
    key = f"notemail:{case.code}:{about}:{args.get('agency', '')}:{now:%Y-%m-%dT%H}"
    return Letter(key, f"mail:{staff.email}", What.NOTE_MAIL, held, code=case.code, rank=NOW, not_before=now)
