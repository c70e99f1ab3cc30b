"""What became of a letter, written down: delivered, or never to be (R77, R161; design: a dead letter is never silence)."""

from __future__ import annotations

from dataclasses import replace

from sipbot.domain.case import Case
from sipbot.domain.errors import NotFound
from sipbot.domain.meeting import Attendee
from sipbot.handlers.keeping import COURIER, Entry, note, put, save, settled_nags
from sipbot.handlers.letters import writing
from sipbot.handlers.letters.writing import What
from sipbot.handlers.office import Office
from sipbot.storage.outbox import Letter
from sipbot.storage.transaction import Transaction

# Letters whose arrival is a fact of the case: who was told what, and when (PDL 3:11).
DISCLOSURES = frozenset({What.SUMMONS, What.ENDING, What.PLAN, What.INVITE})


def delivered(office: Office, tx: Transaction, letter: Letter) -> None:
    """Write down that a letter has arrived."""
    what = What(letter.what)
    if what not in DISCLOSURES or not letter.code:
        return
    case = _case(tx, letter)
    if case is None:
        return
    agency = str(letter.args.get("agency", ""))
    saved = case
    if what is What.ENDING and case.closure is not None:
        told = case.closure.notice_of(agency)
        if told is not None and told.delivered_at is None:
            closure = case.closure.with_notice(replace(told, delivered_at=tx.now))
            saved, settled = save(office, tx, case, replace(case, closure=closure))
            directory = tx.directory
            put(tx, [writing.board(saved, directory, tx.now)])
            put(tx, settled_nags(tx, saved, settled))
    note(tx, saved, Entry(f"letter.{what.value}", COURIER, agency, _safe(letter)), saved.state)


def _safe(letter: Letter) -> dict[str, str | int]:
    """Keep of a letter's arguments what may stand in the journal: numbers and methods, no addresses."""
    kept = {"meeting", "version", "method", "sequence"}
    return {key: value for key, value in letter.args.items() if key in kept and isinstance(value, str | int)}


def undeliverable(office: Office, tx: Transaction, letter: Letter, why: str) -> None:
    """Tell the one who is responsible that a letter will not arrive, and what to do instead; by mail when chat itself fails."""
    if not letter.code or letter.what in {What.WHISPER, What.HOME, What.NOTE_MAIL}:
        return
    case = _case(tx, letter)
    if case is None:
        return
    agency = str(letter.args.get("agency", ""))
    note(tx, case, Entry("letter.dead", COURIER, agency, {"letter": letter.what, "why": why}), case.state)
    if letter.what == What.INVITE:
        case = mark_undelivered(office, tx, case, str(letter.args.get("attendee", "")))
    directory = tx.directory
    own = directory.address_of(case.responsible)
    about = "note.undeliverable"
    if letter.address == own:
        # The word to the coordinator is itself what cannot be delivered, so it goes by mail.
        put(
            tx,
            [writing.note_mail(case, case.responsible, about, directory, tx.now, agency=agency, letter=letter.what)],
        )
        return
    put(
        tx,
        [writing.note(case, case.responsible, about, directory, tx.now, agency=agency, letter=letter.what)],
    )


def mark_undelivered(office: Office, tx: Transaction, case: Case, attendee_key: str) -> Case:
    """Mark an attendee whose invite came back, so that the board shows it."""
    meeting = case.coming_meeting
    if meeting is None:
        return case
    for agency, attendee in meeting.attendees():
        summons = meeting.summons_of(agency)
        if (
            attendee.key == attendee_key
            and not attendee.undelivered
            and summons is not None
            and summons.naming is not None
        ):
            people = tuple(_marked(who, attendee_key) for who in summons.naming.attendees)
            changed = replace(summons, naming=replace(summons.naming, attendees=people))
            saved, _ = save(office, tx, case, case.with_meeting(meeting.with_summons(changed)))
            put(tx, [writing.board(saved, tx.directory, tx.now)])
            return saved
    return case


def _marked(attendee: Attendee, key: str) -> Attendee:
    return replace(attendee, undelivered=True) if attendee.key == key else attendee


def _case(tx: Transaction, letter: Letter) -> Case | None:
    try:
        return tx.cases.get(letter.code)
    except NotFound:
        return None
