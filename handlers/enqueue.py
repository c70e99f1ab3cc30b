"""Writing letters into the outbox: which address, how urgent, under which unique key.

A letter holds ids only. What it says is composed when it is sent, from the case as it is then. What does not go to
chat is written by `mails`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from domain.address import Address, Kind, mailbox
from domain.audience import Occasion, audience
from domain.case import Case
from domain.directory import Directory
from domain.meeting import Meeting
from domain.responsibility import holder_of, place_of, receiver_of
from storage.outbox.letter import Letter, Rank

# Behind the key of a letter that has gone on to another address stands which; before it, the key as it was.
AT: Final = ":at:"


class What(StrEnum):
    """The kinds of letters; each has its composer."""

    BOARD = "board"
    HANDED = "board.handed"
    SUMMONS = "summons"
    SUMMONS_NOTICE = "summons.notice"
    CALENDAR_FILE = "calendar.file"
    INVITE = "invite"
    ENDING = "ending"
    NARROWED = "consent.narrowed"
    ROLE = "meeting.role"
    LEAD = "lead.changed"
    PLAN_CHANGED = "plan.changed"
    TAKE_BACK = "message.take_back"
    SCOPE = "consent.scope"
    EXPIRED = "consent.expired"
    PLAN = "plan.notice"
    NOTE = "note"
    REMINDERS = "reminders"
    REMINDER_MAIL = "reminder.mail"
    HOME = "home"
    FIGURES = "figures"
    RUN_SHEET = "meeting.sheet"
    DEVIATION = "deviation"
    DEVIATION_ANSWER = "deviation.answer"
    WHISPER = "whisper"
    NOTE_MAIL = "note.mail"
    ALARM = "operator.alarm"


# A private answer is worth nothing once the person has gone on; no chat lets one be given after half an hour.
WHISPER_LIVES = timedelta(minutes=25)

Args: TypeAlias = Mapping[str, str | int]


def about_case(
    case: Case, what: What, key: str, address: str, args: Args, now: datetime, rank: Rank = Rank.CHANGE
) -> Letter:
    """Return a letter about a case. One without an address goes nowhere; its writer sees to that."""
    return Letter(key, address, what, {"code": case.code, **args}, code=case.code, rank=rank, not_before=now)


def channel_of(directory: Directory, agency: str) -> str:
    """Return the address of an agency's channel; "" when it has none, or has left the directory."""
    return directory.address_of_agency(agency) if agency in directory.agencies else ""


def mailbox_of(directory: Directory, agency: str) -> str:
    """Return the address of an agency's function mailbox; "" when it has none."""
    known = directory.agencies.get(agency)
    return str(mailbox(known.email)) if known is not None and known.email else ""


def told_at(case: Case, directory: Directory, agency: str) -> str:
    """Return where an agency is told of what it must know: its place in chat, or without one its function mailbox.

    A mailbox has many readers, so of a protected case it hears nothing (law 4D.4).
    """
    return place_of(case, agency, directory) or ("" if case.protected else mailbox_of(directory, agency))


def board(case: Case, directory: Directory, now: datetime) -> Letter:
    """The case's board, in the direct messages of the one who is responsible now, or of whoever stands in for them."""
    key = f"board:{case.code}:{case.version}"
    address = receiver_of(case, case.responsible, directory)
    return about_case(case, What.BOARD, key, address, {"owner": board_owner(case, directory)}, now)


def board_owner(case: Case, directory: Directory) -> str:
    """Return whose board it is: the responsible one's, or that of whoever stands in for them (R40).

    A staff id, or an address of somebody whom the directory does not know as staff.
    """
    address = receiver_of(case, case.responsible, directory)
    holder = directory.by_identity(Address.parse(address).identity) if address else None
    return address if holder is None else holder.id


def handed_over(
    case: Case, former: str, directory: Directory, now: datetime, *, absence: bool = False, anew: bool = False
) -> Letter:
    """The board of the one who was responsible until now says who took over; in an `absence`, where the board is.

    `anew`: it has been told, and what stands there is drawn once more.
    """
    key = f"handed:{case.code}:{case.version}:{former}{':anew' if anew else ''}"
    args: Args = {"owner": former, **({"absence": 1} if absence else {}), **({"anew": 1} if anew else {})}
    return about_case(case, What.HANDED, key, directory.address_of(former), args, now)


def summons(
    case: Case, meeting: Meeting, agency: str, directory: Directory, now: datetime, *, occasion: str = ""
) -> Letter:
    """One agency's summons, posted or changed in its own channel; without one the coordinator is told to call.

    An act writes it under the version that it found; what draws it anew without an act names its `occasion`, or the
    next act's letter would have the same key and never go out.
    """
    address = place_of(case, agency, directory)
    if not address:
        return _no_channel(case, meeting, agency, directory, now)
    key = ":".join(["summons", case.code, str(meeting.number), agency, str(case.version), *filter(None, [occasion])])
    return about_case(case, What.SUMMONS, key, address, {"meeting": meeting.number, "agency": agency}, now)


def who_comes(before: Meeting, after: Case, besides: str, directory: Directory, now: datetime) -> list[Letter]:
    """The other agencies' summonses, when somebody else comes than stood on them (R123)."""
    meeting = after.coming_meeting
    if meeting is None or after.protected or _coming(before) == _coming(meeting):
        return []
    others = (a for a in audience(after, Occasion.NAMES) if a != besides and channel_of(directory, a))
    return [summons(after, meeting, agency, directory, now) for agency in others]


def _coming(meeting: Meeting) -> list[tuple[str, str]]:
    """Return what the agencies see of who comes: the hosts, and those named who have not said no since."""
    return [(agency, who.name) for agency, who in meeting.coming()]


def _no_channel(case: Case, meeting: Meeting, agency: str, directory: Directory, now: datetime) -> Letter:
    """Tell the coordinator, once a meeting, that an agency cannot be reached in chat, and why.

    It has no channel; in a protected case nobody there is named (law 4D.4).
    """
    about = "note.nobody_named" if case.protected else "note.no_channel"
    told = note(case, case.responsible, about, directory, now, agency=agency)
    return replace(told, key=f"note:{case.code}:no_channel:{meeting.number}:{agency}")


def summonses(
    case: Case, meeting: Meeting | None, directory: Directory, now: datetime, *, occasion: str = ""
) -> list[Letter]:
    """The summonses of a meeting that concern somebody, drawn anew: what they show has changed.

    One that was sent on has a button too, by which it is taken back. Of one that is answered and has no place any more
    nothing need be told.
    """
    shown = () if meeting is None else (s for s in meeting.summonses if s.told and not s.recalled)
    shown = (s for s in shown if s.answered is None or place_of(case, s.agency, directory))
    return [summons(case, meeting, s.agency, directory, now, occasion=occasion) for s in shown if meeting is not None]


def summons_notice(
    case: Case, meeting: Meeting, agency: str, happened: str, directory: Directory, now: datetime
) -> Letter:
    """A line beside the summons, so that a change in place is noticed: "moved", "recalled" or "again"."""
    key = f"summons:{case.code}:{meeting.number}:{agency}:{happened}:{case.version}"
    args: Args = {"meeting": meeting.number, "agency": agency, "happened": happened}
    rank = Rank.URGENT if happened == "recalled" else Rank.CHANGE
    return about_case(case, What.SUMMONS_NOTICE, key, place_of(case, agency, directory), args, now, rank)


def ending(case: Case, agency: str, directory: Directory, now: datetime, *, urgent: bool) -> Letter:
    """The notice that the case has ended; a withdrawal goes before everything else, at any hour (R77).

    An agency without chat is told in its function mailbox.
    """
    address = told_at(case, directory, agency)
    key = f"ending:{case.code}:{agency}:{case.version}"
    return about_case(case, What.ENDING, key, address, {"agency": agency}, now, Rank.URGENT if urgent else Rank.CHANGE)


def narrowed(case: Case, agency: str, directory: Directory, now: datetime) -> Letter:
    """The word that the consent covers an agency no longer; like a withdrawal it waits for nothing (R62, R77)."""
    key = f"narrowed:{case.code}:{agency}:{case.version}"
    return about_case(case, What.NARROWED, key, told_at(case, directory, agency), {"agency": agency}, now, Rank.URGENT)


def scope(case: Case, agency: str, directory: Directory, now: datetime, *, again: bool = False) -> Letter:
    """The word to an agency that the consent reaches less far than before, or covers it `again` (R44, R75, R76)."""
    key = f"scope:{case.code}:{agency}:{len(case.consents)}"
    args: Args = {"agency": agency, "again": int(again)}
    return about_case(case, What.SCOPE, key, told_at(case, directory, agency), args, now, Rank.URGENT)


def expired(case: Case, meeting: Meeting, agency: str, directory: Directory, now: datetime) -> Letter:
    """The word beside a summons that the consent has run out before the meeting, so that exchange stops (R64)."""
    key = f"expired:{case.code}:{meeting.number}:{agency}:{case.consent and case.consent.valid_until}"
    args: Args = {"meeting": meeting.number, "agency": agency}
    return about_case(case, What.EXPIRED, key, place_of(case, agency, directory), args, now)


def role(case: Case, meeting: Meeting, who: str, directory: Directory, now: datetime, holder: str = "") -> Letter:
    """The card of a chair or a secretary about the meeting that they run (R30, R55).

    It is with `holder`: whoever stands in today, or where it stood before and is to be taken back.
    """
    holder = holder or holder_of(case, who, directory)
    key = f"role:{case.code}:{meeting.number}:{who}:{case.version}:{holder}"
    args: Args = {"meeting": meeting.number, "who": who, "holder": holder}
    return about_case(case, What.ROLE, key, directory.address_of(holder), args, now)


def lead_changed(case: Case, agency: str, directory: Directory, now: datetime) -> Letter:
    """The word to an agency that somebody else is huvudansvarig (R44)."""
    key = f"lead:{case.code}:{agency}:{case.version}"
    return about_case(case, What.LEAD, key, told_at(case, directory, agency), {"agency": agency}, now)


def plan_changed(case: Case, agency: str, directory: Directory, now: datetime) -> Letter:
    """The word to an agency that the plan has changed since it was sent (R44); what changes within an hour is one."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    key = f"plan_changed:{case.code}:{agency}:{hour:%Y-%m-%dT%H}"
    address, told_from = told_at(case, directory, agency), hour + timedelta(hours=1)
    return about_case(case, What.PLAN_CHANGED, key, address, {"agency": agency}, told_from)


def take_back(case: Case, surface: str, address: str, now: datetime, *, rank: Rank = Rank.URGENT) -> Letter:
    """The deleting of a message that may not be read any longer where it stands (law 4D.4), or has stood long enough.

    Of the second kind nobody waits for it, which its `rank` says.
    """
    key = f"take_back:{surface}:{case.version}"
    return about_case(case, What.TAKE_BACK, key, address, {"surface": surface}, now, rank)


def plan_notice(case: Case, version: int, agency: str, directory: Directory, now: datetime) -> Letter:
    """The word to a recipient that the plan is on its way, and how (R161)."""
    key = f"plan:{case.code}:{version}:{agency}:{case.version}"
    return about_case(
        case, What.PLAN, key, told_at(case, directory, agency), {"version": version, "agency": agency}, now
    )


def note(
    case: Case,
    to: str,
    about: str,
    directory: Directory,
    now: datetime,
    *,
    occasion: int | str = 0,
    **args: str | int,
) -> Letter:
    """A direct word to coordinator or lead about something that needs their eye: `about` is a message key.

    Who works there no longer hears nothing more: the unit's manager stands in (R40; law 4D.9).
    `occasion` tells apart words about the same thing that leave the case as it is.
    """
    key = f"note:{case.code}:{about}:{case.version}:{args.get('agency', '')}:{to}:{occasion}"
    return about_case(case, What.NOTE, key, receiver_of(case, to, directory), {"to": to, "about": about, **args}, now)


def note_once(
    case: Case, to: str, about: str, directory: Directory, now: datetime, occasion: str, args: Mapping[str, str | int]
) -> Letter:
    """A direct word that goes out once for an occasion, however often the case changes meanwhile."""
    key = f"note:{case.code}:{about}:{occasion}:{args.get('agency', '')}:{to}"
    return about_case(case, What.NOTE, key, receiver_of(case, to, directory), {"to": to, "about": about, **args}, now)


def note_to_manager(
    case: Case, agency: str, about: str, directory: Directory, now: datetime, **args: str | int
) -> Letter | None:
    """A direct word to an agency's manager, when it has one; of a protected case only the named hear (law 4D.4)."""
    address = directory.address_of_manager(agency) if agency in directory.agencies else ""
    if not address or case.protected:
        return None
    key = f"note:{case.code}:{about}:{case.version}:{agency}:manager"
    return about_case(case, What.NOTE, key, address, {"to": "", "about": about, "agency": agency, **args}, now)


def reminders(
    address: str, occasion: str, now: datetime, *, anew: bool, manager: bool = False, urgent: bool = False
) -> Letter:
    """The list of reminders of one address: posted anew when something fell due, changed in place when it is done.

    Who is a `manager` has another list for what others have left undone.
    """
    args: Args = {"address": address, "anew": int(anew), "manager": int(manager)}
    rank = Rank.URGENT if urgent else (Rank.REMINDER if anew else Rank.CHANGE)
    return Letter(reminders_key(address, occasion), address, What.REMINDERS, args, rank=rank, not_before=now)


def reminders_key(address: str, occasion: str) -> str:
    """Return the key of the letter that posts or changes the list of an address for an occasion."""
    return f"reminders:{address}:{occasion}"


def home(identity: str, occasion: str, now: datetime) -> Letter:
    """The home page of one person."""
    args: Args = {"identity": identity}
    return Letter(f"home:{identity}:{occasion}", person(identity), What.HOME, args, rank=Rank.ANSWER, not_before=now)


def person(identity: str) -> str:
    """Return the address of the person behind an identity (`chat:T0/U0ANNA`)."""
    return str(Address.of_person(identity))


def whisper(identity: str, reply_to: str, card: str, occasion: str, now: datetime) -> Letter:
    """A private answer to a press. It is the one letter that carries its own words, since it is about one moment."""
    return Letter(
        f"whisper:{occasion}",
        str(Address(identity.partition(":")[0], Kind.REPLY, occasion)),
        What.WHISPER,
        {"reply_to": reply_to, "person": person(identity), "card": card},
        rank=Rank.ANSWER,
        not_before=now,
        expires_at=now + WHISPER_LIVES,
    )
