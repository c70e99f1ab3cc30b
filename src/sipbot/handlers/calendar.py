"""What comes back from calendars: yes, perhaps, no, another time, somebody else, and mails that could not be delivered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sipbot.domain.calendar_answers import Answered, Heard, Invited, find_invited, take_answer
from sipbot.domain.case import Case
from sipbot.domain.errors import NotFound
from sipbot.handlers.keeping import Entry, keep, note, put
from sipbot.handlers.letters import writing
from sipbot.handlers.letters.settling import mark_undelivered
from sipbot.handlers.office import Office
from sipbot.storage.outbox import Letter
from sipbot.storage.transaction import Transaction

CALENDAR = "calendar"

ANSWERS = frozenset(kind.value for kind in Answered)


@dataclass(frozen=True, slots=True)
class CalendarMail:
    """A calendar answer that came to one of our addresses, as the mail side read it.

    `same_person`: the answering address is the invited one. `trust` is the mark of its proof. `proposed` is the start of
    a counter-proposal (UTC). `comment` is free text: it is kept encrypted and shown to nobody in chat.
    """

    key: str
    token: str = field(repr=False)
    kind: str
    uid: str
    sequence: int | None
    stamp: datetime | None
    attendee: str = field(repr=False)
    trust: str
    proposed: datetime | None = None
    comment: str = field(default="", repr=False)


def receive(office: Office, tx: Transaction, mail: CalendarMail) -> str:
    """Take what a calendar answered; return what became of it, in one word for the metrics. Nothing is answered by mail."""
    if not tx.inbox.first(f"calendar:{mail.key}"):
        return "again"
    found = _invited(tx, mail.token)
    if found is None:
        return "unknown_token"
    case, invited = found
    if mail.uid and mail.uid != invited.meeting.uid:
        return "other_meeting"
    if invited.attendee.email.casefold() != mail.attendee.casefold():
        # Somebody else answers: nobody is added or changed by that, but the coordinator hears of it.
        _tell(tx, case, invited, "note.calendar_stranger")
        note(tx, case, Entry("calendar.stranger", CALENDAR, invited.agency), case.state)
        return "stranger"
    _keep_comment(tx, case, invited, mail)
    if mail.kind == "refresh":
        meeting, agency, attendee, again = invited.meeting, invited.agency, invited.attendee, _again(tx)
        put(tx, [writing.invite(case, meeting, agency, attendee, "REQUEST", tx.now, again=again, anew=True)])
        return "refresh"
    if mail.kind == "counter":
        return _counter(office, tx, case, invited, mail)
    return _answer(office, tx, case, invited, mail) if mail.kind in ANSWERS else "other"


def _again(tx: Transaction) -> int:
    return int(tx.now.timestamp())


def _invited(tx: Transaction, token: str) -> tuple[Case, Invited] | None:
    code = tx.tokens.code_of(token)
    if code is None:
        return None
    try:
        case = tx.cases.get(code)
    except NotFound:
        return None
    invited = find_invited(case, token)
    return None if invited is None else (case, invited)


def _answer(office: Office, tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> str:
    kind = Answered(mail.kind)
    after = take_answer(case, invited, Heard(kind, mail.sequence, mail.stamp, tx.now, mail.trust))
    if after == case:
        return "older"
    now_known = find_invited(after, mail.token)
    response = now_known.attendee.response if now_known is not None else None
    old_time = response is not None and response.old_time
    details: dict[str, str | int] = {"meeting": invited.meeting.number, "trust": mail.trust, "old_time": int(old_time)}
    letters: list[Letter | None] = [writing.summons(after, invited.meeting, invited.agency, tx.directory, tx.now)]
    about = {Answered.DECLINED: "note.calendar_declined", Answered.DELEGATED: "note.calendar_delegated"}.get(kind)
    if about is not None and not old_time:
        letters.append(_note(tx, after, invited, about))
    keep(office, tx, case, after, [Entry(f"calendar.{kind.value}", CALENDAR, invited.agency, details)], letters)
    return "old_time" if old_time else kind.value


def _counter(office: Office, tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> str:
    """Another time, proposed from a calendar: the coordinator decides, as with one proposed in chat."""
    if mail.proposed is None or mail.proposed <= tx.now:
        _tell(tx, case, invited, "note.calendar_counter_unclear")
        return "counter_unclear"
    local = office.rules.calendar.local(mail.proposed)
    day, clock = local.date().isoformat(), f"{local:%H:%M}"
    put(tx, [_note(tx, case, invited, "note.proposed", day=day, clock=clock)])
    details: dict[str, str | int] = {"meeting": invited.meeting.number, "day": day, "clock": clock, "trust": mail.trust}
    note(tx, case, Entry("calendar.counter", CALENDAR, invited.agency, details), case.state)
    return "counter"


def _keep_comment(tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> None:
    """Keep what was written beside the answer under the case's key; tell the coordinator that it is there."""
    if not mail.comment.strip():
        return
    tx.journal.write(
        case.code,
        "calendar.comment",
        CALENDAR,
        agency=invited.agency,
        before=case.state.value,
        after=case.state.value,
        secret=mail.comment.encode(),
    )
    _tell(tx, case, invited, "note.calendar_comment")


def _tell(tx: Transaction, case: Case, invited: Invited, about: str) -> None:
    put(tx, [_note(tx, case, invited, about)])


def _note(tx: Transaction, case: Case, invited: Invited, about: str, **args: str | int) -> Letter:
    """Return a word to the one who is responsible. The case need not have changed, so the key holds the moment."""
    args = {"agency": invited.agency, "name": invited.attendee.name, **args}
    letter = writing.note(case, case.responsible, about, tx.directory, tx.now, **args)
    return replace(letter, key=f"{letter.key}:{invited.attendee.key}:{_again(tx)}")


def bounced(office: Office, tx: Transaction, token: str) -> str:
    """An invite could not be delivered: the board shows it, and the coordinator is told."""
    found = _invited(tx, token)
    if found is None:
        return "unknown_token"
    case, invited = found
    if invited.attendee.undelivered:
        return "again"
    after = mark_undelivered(office, tx, case, invited.attendee.key)
    note(tx, after, Entry("calendar.bounced", CALENDAR, invited.agency, {"meeting": invited.meeting.number}), after.state)
    _tell(tx, after, invited, "note.calendar_bounced")
    return "bounced"
