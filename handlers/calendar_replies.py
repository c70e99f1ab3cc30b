"""What comes back from calendars: yes, perhaps, no, another time, somebody else, and mails that could not be delivered.

Nothing here is answered by mail. Whoever wrote, only those named by an agency count; for all else the one who is
responsible is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from domain.calendar.replies import (
    Answered,
    Heard,
    Invited,
    find_invited,
    find_undelivered,
    in_the_same_calendar,
    is_about_old_time,
    take_answer,
)
from domain.case import Case
from domain.errors import NotFound
from domain.responsibility import works_at
from handlers import enqueue, mails
from handlers.letters.outcomes import mark_invite_undelivered
from handlers.save import CALENDAR, Entry, put_letters, save, write_entry
from handlers.services import Services
from storage.outbox.outbox import Letter
from storage.transaction import Transaction

ANSWERS = frozenset(kind.value for kind in Answered)
COUNTER, REFRESH = "counter", "refresh"


@dataclass(frozen=True, slots=True)
class CalendarMail:
    """A calendar answer that came to one of our addresses, as the mail side read it.

    `attendee` is who the calendar says answered, "" when it does not say; `trust_for` gives the mark of its proof for
    the address that was invited. `proposed` is the start of a counter-proposal (UTC). `comment` is free text: it is
    kept encrypted and shown to nobody in chat.
    """

    key: str
    token: str = field(repr=False)
    kind: str
    uid: str
    sequence: int | None
    stamp: datetime | None
    attendee: str = field(repr=False)
    trust_for: Callable[[str], str] = field(repr=False)
    proposed: datetime | None = None
    comment: str = field(default="", repr=False)


def receive(services: Services, tx: Transaction, mail: CalendarMail) -> str:
    """Take what a calendar answered; return what became of it, in one word for the metrics."""
    if not tx.inbox.first(f"calendar:{mail.key}"):
        return "again"
    found = _invited(tx, mail.token)
    if found is None:
        return "unknown_token"
    case, invited = found
    if invited.attendee.staff and not works_at(invited.attendee.staff, invited.agency, tx.directory):
        # Who has left the agency answers for it no longer, whatever their calendar still holds (law 4D.9).
        return "left"
    if mail.uid.casefold() != invited.meeting.uid.casefold():
        _tell_of_unread(tx, case, invited, "note.calendar_unread")
        return "other_meeting"
    stranger = mail.attendee and mail.attendee.casefold() != invited.attendee.email.casefold()
    if not stranger:
        _keep_comment(tx, case, invited, mail)
    if invited.meeting.start <= tx.now:
        return "too_late"
    if stranger:
        return _stranger(tx, case, invited)
    return _act(services, tx, case, invited, mail)


def _act(services: Services, tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> str:
    if mail.kind == REFRESH:
        return _refresh(services, tx, case, invited)
    if mail.kind == COUNTER:
        return _counter(services, tx, case, invited, mail)
    if mail.kind not in ANSWERS or not mail.attendee:
        return "other"
    return _answer(services, tx, case, invited, mail)


Find: TypeAlias = Callable[[Case, str], Invited | None]


def _invited(tx: Transaction, token: str, find: Find = find_invited) -> tuple[Case, Invited] | None:
    code = tx.tokens.code_of(token)
    if code is None:
        return None
    try:
        case = tx.cases.get(code)
    except NotFound:
        return None
    invited = find(case, token)
    return None if invited is None else (case, invited)


def _stranger(tx: Transaction, case: Case, invited: Invited) -> str:
    """Somebody else answers: nobody is added or changed by that, but the coordinator hears of it (RFC 5546 3.2.3)."""
    put_letters(tx, [_note(tx, case, invited, "note.calendar_stranger")])
    write_entry(tx, case, Entry("calendar.stranger", CALENDAR, invited.agency, _details(invited)), case.state)
    return "stranger"


def _answer(services: Services, tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> str:
    kind, heard = Answered(mail.kind), _heard(tx, invited, mail, Answered(mail.kind))
    after = take_answer(case, invited, heard)
    if after == case:
        return "older"
    old_time = is_about_old_time(invited, heard)
    told = [invited]
    for token in in_the_same_calendar(case, invited):
        other = find_invited(after, token)
        answered = after if other is None else take_answer(after, other, heard)
        if other is not None and answered != after:
            told.append(other)
            after = answered
    letters = [letter for each in told for letter in _told_of(tx, after, each, None if old_time else kind)]
    entries = [
        Entry(
            f"calendar.{kind.value}", CALENDAR, each.agency, _details(each, trust=heard.trust, old_time=int(old_time))
        )
        for each in told
    ]
    save(services, tx, case, after, entries, letters)
    return "old_time" if old_time else kind.value


def _told_of(tx: Transaction, after: Case, invited: Invited, kind: Answered | None) -> list[Letter | None]:
    """Return what shows an answer: the cards, and what the coordinator is told of it unless it is of an old time."""
    letters: list[Letter | None] = []
    if invited.meeting.summons_of(invited.agency) is not None:
        letters.append(enqueue.summons(after, invited.meeting, invited.agency, tx.directory, tx.now))
    letters += enqueue.who_comes(invited.meeting, after, invited.agency, tx.directory, tx.now)
    return letters if kind is None else [*letters, *_words_about(tx, after, invited, kind)]


def _heard(tx: Transaction, invited: Invited, mail: CalendarMail, kind: Answered) -> Heard:
    return Heard(kind, mail.sequence, mail.stamp, tx.now, mail.trust_for(invited.attendee.email))


def _words_about(tx: Transaction, after: Case, invited: Invited, kind: Answered) -> list[Letter | None]:
    """Return what the coordinator is told of a no: that this one does not come, or that nobody of the agency does."""
    if kind is Answered.DELEGATED:
        return [_note(tx, after, invited, "note.calendar_delegated")]
    if kind is not Answered.DECLINED or invited.attendee.staff == after.responsible:
        return []
    meeting = after.coming_meeting
    if all(who.key != invited.attendee.key for _, who in invited.meeting.attendees()):
        return [_note(tx, after, invited, "note.host_declined")]
    summons = meeting.summons_of(invited.agency) if meeting is not None else None
    if summons is not None and summons.naming is not None and summons.naming.deserted_at is not None:
        return [_note(tx, after, invited, "note.calendar_all_declined")]
    return [_note(tx, after, invited, "note.calendar_declined")]


def _counter(services: Services, tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> str:
    """Another time, proposed from a calendar: the coordinator decides, as with one proposed in chat."""
    heard = _heard(tx, invited, mail, Answered.TENTATIVE)
    about: dict[str, str | int] = {"trust": heard.trust}
    if is_about_old_time(invited, heard):
        became, about = "old_time", {**about, "old_time": 1}
    elif mail.proposed is None or mail.proposed <= tx.now:
        became = "counter_unclear"
        put_letters(tx, [_note(tx, case, invited, "note.calendar_counter_unclear")])
    else:
        became = COUNTER
        local = services.rules.calendar.local(mail.proposed)
        day, clock = local.date().isoformat(), f"{local:%H:%M}"
        about = {**about, "day": day, "clock": clock}
        if _proposals_told(tx, case, invited) < _PROPOSALS_AN_HOUR:
            put_letters(tx, [_note(tx, case, invited, "note.proposed", day=day, clock=clock)])
    write_entry(tx, case, Entry("calendar.counter", CALENDAR, invited.agency, _details(invited, **about)), case.state)
    return became


_PROPOSALS_AN_HOUR = 3
"""So many different times that one attendee proposes are told within an hour; the journal has them all."""


def _proposals_told(tx: Transaction, case: Case, invited: Invited) -> int:
    told = f"note:{case.code}:note.proposed:{invited.attendee.key}:{_hour(tx)}:"
    keys = (kept.letter.key for kept in tx.outbox.of_case(case.code))
    return sum(key.startswith(told) for key in keys)


def _refresh(services: Services, tx: Transaction, case: Case, invited: Invited) -> str:
    """A calendar has lost the meeting: the attendee gets it once more, to the address that the agency gave.

    Once an hour at most, so that a program gone wild sends for nothing.
    """
    if services.mail_from and not case.protected:
        meeting, agency, attendee = invited.meeting, invited.agency, invited.attendee
        hour = int(tx.now.timestamp()) // 3600
        put_letters(tx, [mails.invite(case, meeting, agency, attendee, "REQUEST", tx.now, again=hour, anew=True)])
    return REFRESH


def _keep_comment(tx: Transaction, case: Case, invited: Invited, mail: CalendarMail) -> None:
    """Keep what was written beside the answer under the case's key; tell the coordinator that it is there."""
    if not mail.comment.strip():
        return
    state = case.state.value
    tx.journal.write(
        case.code,
        "calendar.comment",
        CALENDAR,
        agency=invited.agency,
        before=state,
        after=state,
        details=_details(invited),
        secret=mail.comment.encode(),
    )
    put_letters(tx, [_note(tx, case, invited, "note.calendar_comment")])


def _details(invited: Invited, **more: str | int) -> dict[str, str | int]:
    return {"meeting": invited.meeting.number, "attendee": invited.attendee.key, **more}


def _note(tx: Transaction, case: Case, invited: Invited, about: str, **args: str | int) -> Letter:
    """Return a word to the one who is responsible. The same word about the same attendee comes once an hour at most."""
    occasion = ":".join([invited.attendee.key, _hour(tx), *(str(value) for value in args.values())])
    told: dict[str, str | int] = {"agency": invited.agency, "name": invited.attendee.name, **args}
    return enqueue.note_once(case, case.responsible, about, tx.directory, tx.now, occasion, told)


def _hour(tx: Transaction) -> str:
    return f"{tx.now:%Y-%m-%dT%H}"


def bounced(services: Services, tx: Transaction, token: str) -> str:
    """An invite could not be delivered: the board shows it, and the coordinator is told."""
    found = _invited(tx, token, find_undelivered)
    if found is None:
        return "unknown_token"
    case, invited = found
    if invited.attendee.undelivered:
        return "again"
    after = mark_invite_undelivered(services, tx, case, invited.attendee.key)
    write_entry(tx, after, Entry("calendar.bounced", CALENDAR, invited.agency, _details(invited)), after.state)
    put_letters(tx, [_note(tx, after, invited, "note.calendar_bounced")])
    return "bounced"


def unread(tx: Transaction, token: str, *, of_delivery: bool, to_bounce: bool) -> str:
    """Something came to a known address that the bot cannot read: the coordinator is told, once an hour at most.

    `of_delivery`: it is a delivery report that does not say what became of the invite, or that nothing proves.
    `to_bounce`: it came to the address for such reports.
    """
    found = _invited(tx, token, find_undelivered if to_bounce else find_invited)
    if found is None:
        return "unknown_token"
    case, invited = found
    if invited.meeting.start <= tx.now:
        return "too_late"
    _tell_of_unread(tx, case, invited, "note.calendar_unclear" if of_delivery else "note.calendar_unread")
    return "unclear" if of_delivery else "unread"


def _tell_of_unread(tx: Transaction, case: Case, invited: Invited, about: str) -> None:
    """Tell of it once an hour, until the meeting begins: then nobody need be asked any more whether they come."""
    letter = _note(tx, case, invited, about)
    if invited.meeting.start > tx.now and (not letter.address or tx.outbox.put(letter)):
        write_entry(tx, case, Entry("calendar.unread", CALENDAR, invited.agency, _details(invited)), case.state)
