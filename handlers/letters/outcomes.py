"""What became of a letter, written down: delivered, or never to be.

Who was told what, and when, is a fact of the case (R77, R161; PDL 3:11). A dead letter is never silence: the one who is
responsible hears of it, by mail where chat itself fails.
"""

from __future__ import annotations

from dataclasses import replace

from domain.attendee import Attendee
from domain.case import Case
from domain.meeting import Meeting
from domain.responsibility import receiver_of
from domain.steps.deliver_summons import mark_delivered, mark_undelivered
from handlers import enqueue, mails
from handlers.enqueue import What
from handlers.letters import alarm, invitations
from handlers.looks import Look, listed, note_looks
from handlers.save import COURIER, Entry, put_letters, settled_reminders, store, write_entry
from handlers.services import Services
from handlers.ui.outgoing import InviteMail, Outgoing, Show
from storage.outbox.outbox import Letter
from storage.posts import Post
from storage.transaction import Transaction

# Letters whose arrival is a disclosure. A summons is one the first time; later letters only change what it shows.
DISCLOSURES = frozenset(
    {
        What.SUMMONS,
        What.ENDING,
        What.NARROWED,
        What.PLAN,
        What.INVITE,
        What.ROLE,
        What.LEAD,
        What.PLAN_CHANGED,
        What.DEVIATION,
        What.SCOPE,
    }
)

# Letters that show how something stands: late they are still right, for they are composed when they are sent.
SHOWING = frozenset({What.BOARD, What.HANDED, What.SUMMONS, What.ENDING, What.INVITE, What.ROLE, What.RUN_SHEET})
# Of these those that are drawn anew with each state of the case and have its version in their key, which never comes
# again: a case that is open for a year has a hundred of them.
DRAWN = frozenset({What.BOARD, What.HANDED, What.SUMMONS, What.ROLE, What.RUN_SHEET})

# Why a letter is dead whose room others can read: it is public, shared with outsiders, has members of other units, or
# is in clear before its server.
UNSAFE = frozenset({"room_public", "room_shared", "room_strangers", "not_encrypted"})

# Letters about which nobody needs to hear: the person has gone on, or the word about them has failed in its turn.
SILENT = frozenset({What.WHISPER, What.HOME, What.FIGURES, What.NOTE_MAIL})


def delivered(services: Services, tx: Transaction, letter: Letter, composed: Outgoing) -> None:
    """Write down that a letter has arrived."""
    what = What(letter.what)
    if isinstance(composed, Show) and composed.items:
        tx.reminders.posted(composed.items)

    if what is What.HOME:
        _seen_at_home(tx, letter)
        return
    case = _case(tx, letter) if what in DISCLOSURES else None
    if case is None:
        return
    agency = str(letter.args.get("agency", ""))
    if what is What.ENDING:
        case = _heard_of_the_end(services, tx, case, agency)
    if what is What.INVITE and isinstance(composed, InviteMail):
        _in_the_calendar(tx, case, letter, composed)
    if what is What.SUMMONS:
        case = _kept(services, tx, case, mark_delivered(case, _meeting_of(letter), agency, tx.now))
        if not _is_first(tx, letter, agency):
            return
    if what is What.ROLE and not _is_first(tx, letter, _holder_of(letter)):
        return
    write_entry(tx, case, Entry(f"letter.{what.value}", COURIER, agency, _safe(letter)), case.state)


def _seen_at_home(tx: Transaction, letter: Letter) -> None:
    staff = tx.directory.by_identity(str(letter.args.get("identity", "")))
    if staff is not None:
        note_looks(tx, staff, listed(tx, staff), Look.HOME)


def _holder_of(letter: Letter) -> str:
    return str(letter.args.get("holder") or letter.args.get("who", ""))


def _is_first(tx: Transaction, letter: Letter, agency: str) -> bool:
    """Say whether this agency had not been shown this summons before, and remember that it has now."""
    surface = f"told:{letter.code}:{letter.args.get('meeting')}:{agency}"
    if tx.posts.get(surface) is not None:
        return False
    tx.posts.put(Post(surface, "", "", "", 1, tx.now))
    return True


def _heard_of_the_end(services: Services, tx: Transaction, case: Case, agency: str) -> Case:
    told = case.closure.notice_of(agency) if case.closure is not None else None
    if case.closure is None or told is None or told.delivered_at is not None:
        return case
    closure = case.closure.with_notice(replace(told, delivered_at=tx.now))
    saved, settled = store(services, tx, case, replace(case, closure=closure))
    put_letters(tx, [enqueue.board(saved, tx.directory, tx.now)])
    put_letters(tx, settled_reminders(tx, saved, settled))
    return saved


def _in_the_calendar(tx: Transaction, case: Case, letter: Letter, mail: InviteMail) -> None:
    meeting = next((m for m in case.meetings if m.number == letter.args.get("meeting")), None)
    if meeting is None:
        return
    people = (*(who for _, who in meeting.invitees()), *meeting.uninvited)
    attendee = next((who for who in people if who.key == letter.args.get("attendee")), None)
    if attendee is not None:
        invitations.remember(tx, case, meeting, attendee, mail)


def _safe(letter: Letter) -> dict[str, str | int]:
    """Keep of a letter's arguments what may stand in the journal: numbers and methods, no addresses."""
    kept = {"meeting", "version", "method", "sequence"}
    return {key: value for key, value in letter.args.items() if key in kept and isinstance(value, str | int)}


def undeliverable(services: Services, tx: Transaction, letter: Letter, why: str) -> None:
    """Tell the one who is responsible that a letter will not arrive, and what to do instead."""
    if letter.what in SILENT:
        return
    if letter.what == What.REMINDERS:
        _reminders_undeliverable(tx, letter, why)
        return
    if letter.what == What.ALARM:
        put_letters(tx, [alarm.by_mail(tx, letter)])
        return
    case = _case(tx, letter)
    if case is None:
        return
    agency = str(letter.args.get("agency", ""))
    write_entry(tx, case, Entry("letter.dead", COURIER, agency, {"letter": letter.what, "why": why}), case.state)
    if letter.what == What.INVITE:
        case = mark_invite_undelivered(services, tx, case, str(letter.args.get("attendee", "")))
    if letter.what == What.SUMMONS:
        case = _kept(services, tx, case, mark_undelivered(case, _meeting_of(letter), agency, tx.now))
        if any(meeting.number == _meeting_of(letter) and meeting.report is not None for meeting in case.meetings):
            return  # What is told of a meeting that has been changes nothing for whoever was to read it.
    if why in UNSAFE:
        put_letters(tx, [_unsafe(tx, case, agency)])
        return
    _tell(tx, case, letter, agency, str(letter.args.get("attendee", "")))


def _unsafe(tx: Transaction, case: Case, agency: str) -> Letter:
    """Tell once a case that nothing is said in an agency's room, because others read there."""
    told = enqueue.note(case, case.responsible, "note.unsafe_room", tx.directory, tx.now, agency=agency)
    return replace(told, key=f"note:{case.code}:unsafe_room:{agency}:{case.responsible}")


def _reminders_undeliverable(tx: Transaction, letter: Letter, why: str) -> None:
    """A list of reminders holds several cases: of each the responsible one is told that it could not be shown."""
    for reminder in {reminder.code: reminder for reminder in tx.reminders.open_for(letter.address)}.values():
        case = tx.cases.find(reminder.code)
        if case is None:
            continue
        agency = next((a.id for a in tx.directory.agencies.values() if _is_channel_of(tx, a.id, letter.address)), "")
        write_entry(tx, case, Entry("letter.dead", COURIER, agency, {"letter": letter.what, "why": why}), case.state)
        if why in UNSAFE:
            put_letters(tx, [_unsafe(tx, case, agency)])
        else:
            _tell(tx, case, letter, agency, reminder.subject)


def _is_channel_of(tx: Transaction, agency: str, address: str) -> bool:
    return enqueue.channel_of(tx.directory, agency) == address


def _tell(tx: Transaction, case: Case, letter: Letter, agency: str, occasion: str) -> None:
    directory, to = tx.directory, case.responsible
    if letter.address == receiver_of(case, to, directory):
        # Where the coordinator hears is itself what cannot be reached, so it goes by mail.
        mail = mails.note_mail(case, to, "note.undeliverable", directory, tx.now, agency=agency, letter=letter.what)
        put_letters(tx, [mail])
        return
    each, what = f"{letter.what}:{occasion}", letter.what
    told = enqueue.note(case, to, "note.undeliverable", directory, tx.now, occasion=each, agency=agency, letter=what)
    put_letters(tx, [told])


def mark_invite_undelivered(services: Services, tx: Transaction, case: Case, attendee_key: str) -> Case:
    """Mark an attendee whose invite came back, so that the board shows it."""
    meeting = case.coming_meeting
    found = _named(meeting, attendee_key) if meeting is not None else None
    if meeting is None or found is None or found[1].undelivered:
        return case
    changed = meeting.with_attendee(replace(found[1], undelivered=True))
    saved, _ = store(services, tx, case, case.with_meeting(changed))
    put_letters(tx, [enqueue.board(saved, tx.directory, tx.now)])
    return saved


def _kept(services: Services, tx: Transaction, case: Case, after: Case) -> Case:
    """Save what became of a summons, when that is news, and show it on the board."""
    if after == case:
        return case
    saved, settled = store(services, tx, case, after)
    put_letters(tx, [enqueue.board(saved, tx.directory, tx.now), *settled_reminders(tx, saved, settled)])
    return saved


def _meeting_of(letter: Letter) -> int:
    return int(str(letter.args.get("meeting", 0)))


def _named(meeting: Meeting, key: str) -> tuple[str, Attendee] | None:
    return next(((agency, who) for agency, who in meeting.invitees() if who.key == key), None)


def _case(tx: Transaction, letter: Letter) -> Case | None:
    return tx.cases.find(letter.code) if letter.code else None
