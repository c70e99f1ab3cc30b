"""Reminders: the clock finds what is due, one list a person and morning is sent, and done means gone (process 7D)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from sipbot.domain.case import Case
from sipbot.domain.deadlines import Due, To, deadlines
from sipbot.domain.directory import Directory
from sipbot.domain.steps import next_step
from sipbot.handlers.boards import Look
from sipbot.handlers.cards import Button, Card, Section, Tone
from sipbot.handlers.composed import Composed, Drop, Show
from sipbot.handlers.keeping import CLOCK, Entry, note, put, save
from sipbot.handlers.letters import writing
from sipbot.handlers.office import Office
from sipbot.storage.nags import Nag
from sipbot.storage.outbox import Letter
from sipbot.storage.transaction import Reader, Transaction

# Reminders that fall due together are gathered for this long, so that a person gets one message and not five.
GATHERING = timedelta(seconds=10)

# So many reminders stand in one message; the rest are counted, and `/sip lista` has them all.
LONGEST_DIGEST = 12


class SnoozeReason(StrEnum):
    """Why a reminder is put off; categories, since free text would be about the person."""

    WAITING = "waiting"
    AGREED = "agreed"
    ABSENT = "absent"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a reminder goes: a chat address, or an agency's mailbox."""

    address: str = ""
    mailbox: str = ""


def tick(office: Office, tx: Transaction, limit: int) -> int:
    """Fire what is due in at most `limit` cases; return how many cases were looked at."""
    codes = tx.cases.due(tx.now, limit)
    for code in codes:
        fire(office, tx, code)
    return len(codes)


def fire(office: Office, tx: Transaction, code: str) -> None:
    """Send what is due in one case. Of a ladder's steps that are due at once only the newest goes out, and what has
    become pointless does not: both stand in the journal as missed.
    """
    case = tx.cases.get(code)
    due_now = [d for d in deadlines(case, office.rules, tx.now) if d.at <= tx.now and d.key not in case.fired]
    newest = {due.group: due for due in due_now if due.until is None or due.until > tx.now}
    sent = frozenset(due.key for due in newest.values())
    after = replace(case, fired=case.fired | {due.key for due in due_now})
    saved, _ = save(office, tx, case, after)
    for due in due_now:
        action = "nag.sent" if due.key in sent else "nag.missed"
        note(
            tx,
            saved,
            Entry(action, CLOCK, due.agency, {"nag": due.key, "at": due.at.isoformat()}),
            case.state,
        )
    directory = tx.directory
    for due in newest.values():
        put(tx, _letters(tx, saved, due, directory))


def _letters(tx: Transaction, case: Case, due: Due, directory: Directory) -> list[Letter | None]:
    letters: list[Letter | None] = []
    for receiver in _receivers(case, due, directory):
        if receiver.mailbox:
            letters.append(writing.nag_mail(case, receiver.mailbox, due.key, due.text, directory, tx.now))
        elif tx.nags.add(_nag(case, due, receiver.address, tx.now)):
            letter = writing.nags(receiver.address, f"{case.code}:{due.key}", tx.now, anew=True)
            wait = timedelta(0) if due.nag == "T14" else GATHERING
            letters.append(replace(letter, not_before=tx.now + wait))
    return letters


def _nag(case: Case, due: Due, address: str, now: datetime) -> Nag:
    return Nag(
        key=f"{case.code}|{due.key}|{address}",
        code=case.code,
        address=address,
        person=due.who,
        kind=due.nag,
        step=due.step,
        subject=due.key,
        fired_at=now,
    )


def _receivers(case: Case, due: Due, directory: Directory) -> Iterator[Receiver]:
    """Find who it is for now. Where there is no chat, the function mailbox stands in; somebody who has left, by the
    unit's manager (R40).
    """
    if due.to is To.ATTENDEES:
        meeting = case.coming_meeting
        people = meeting.attendees() if meeting is not None else ()
        yield from (Receiver(directory.address_of(who.staff)) for _, who in people if who.staff in directory.staff)
        return
    if due.to is To.PERSON and due.who in directory.staff:
        yield Receiver(directory.address_of(due.who))
        return
    agency = due.agency or case.agency
    if agency not in directory.agencies:
        return
    if due.to is To.MAILBOX:
        yield Receiver(mailbox=agency)
        return
    address = directory.address_of_agency(agency) if due.to is To.UNIT else directory.address_of_manager(agency)
    yield Receiver(address) if address else Receiver(mailbox=agency)


def digest(look: Look, reader: Reader, address: str, *, anew: bool) -> Composed:
    """Return the list of reminders of one address as it is now."""
    nags = reader.nags.open_for(address)
    surface = f"nags:{address}"
    shown = reader.posts.get(surface)
    items = _newest_of_each([(nag, case, due) for nag in nags for case, due in _still_due(look, reader, nag)])
    if not items:
        return Drop("done") if shown is None else Show(surface, _version(look.now), _nothing_left(look))
    newest = max(_version(nag.fired_at) for nag, _, _ in items)
    if anew and shown is not None and shown.version >= newest:
        return Drop("gathered")
    version = newest if anew else max(_version(look.now), newest)
    return Show(surface, version, _digest_card(look, items), anew=anew)


def _newest_of_each(items: list[tuple[Nag, Case, Due]]) -> list[tuple[Nag, Case, Due]]:
    """Keep the newest word about each matter: a later step replaces the earlier ones, and a unit that has named nobody
    need not also be asked whether the summons has come."""
    kept: dict[str, tuple[Nag, Case, Due]] = {}
    for nag, case, due in sorted(items, key=lambda item: item[2].at):
        matter = f"{case.code}:unit:{due.agency}" if due.to is To.UNIT else f"{case.code}:{due.group}"
        kept[matter] = (nag, case, due)
    return sorted(kept.values(), key=lambda item: (item[2].day or date.max, item[1].code))


def _version(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)


def _still_due(look: Look, reader: Reader, nag: Nag) -> Iterator[tuple[Case, Due]]:
    case = reader.cases.get(nag.code)
    for due in deadlines(case, look.office.rules, look.now):
        if due.key == nag.subject:
            yield case, due


def _nothing_left(look: Look) -> Card:
    title, text = look.words("nags.done.title"), look.words("nags.done.text")
    return Card(title, f"{title}. {text}", (Section(text=text),))


def _digest_card(look: Look, items: list[tuple[Nag, Case, Due]]) -> Card:
    words = look.words
    count = len(items)
    sections = [_item(look, case, due) for _, case, due in items[:LONGEST_DIGEST]]
    if count > LONGEST_DIGEST:
        sections.append(Section(text=words("nags.more", count=count - LONGEST_DIGEST)))
    title = words("nags.title.one") if count == 1 else words("nags.title.many", count=count)
    summary = sections[0].text if count == 1 else title
    return Card(title, summary, tuple(sections))


def nag_text(look: Look, case: Case, due: Due) -> str:
    """Return one reminder in words: code, agency, days; nothing else may stand in it."""
    words = look.words
    meeting = case.meeting
    when = ""
    if meeting is not None and not case.protected:
        when = words("when.short", day=words.short_day(meeting.day), clock=words.clock(meeting.clock))
    day = words.day(due.day) if due.day is not None and not (case.protected and due.nag in PROTECTED_TIMES) else ""
    return words(due.text, code=case.code, agency=look.agency(due.agency) if due.agency else "", day=day, when=when)


# Reminders in a unit's channel that would tell the time of a protected meeting (law 4D.4).
PROTECTED_TIMES = frozenset({"T3", "T4", "T6"})


def _item(look: Look, case: Case, due: Due) -> Section:
    token = look.seal(c=case.code, k=due.key)
    label = look.words(f"{due.text}.do")
    done = Button("nag.done", label, token, Tone.PRIMARY, hint=f"{label}, {case.code}")
    snooze = Button(
        "nag.snooze", look.words("nags.snooze.do"), token, hint=f"{look.words('nags.snooze.do')}, {case.code}"
    )
    buttons = (done, snooze) if due.nag not in {"T6", "T14"} and due.to is not To.MANAGER else (done,)
    return Section(text=nag_text(look, case, due), buttons=buttons)


# The step that settles a reminder; None when pressing "done" only takes the reminder away.
STEP_OF_NAG: Mapping[str, str] = {"T7": "held", "T8": "plan", "T9": "held", "T10": "summon", "T11": "consent"}


def step_of(case: Case, due: Due, office: Office, now: datetime) -> str:
    """Return the step that a reminder to a coordinator leads to, or "" when there is none."""
    if due.nag == "T2":
        step = next_step(case, office.rules, now).step.value
        return {"wait": "move", "meet": "move"}.get(step, step)
    return STEP_OF_NAG.get(due.nag, "")


def find_due(case: Case, key: str, office: Office, now: datetime) -> Due | None:
    """Return the reminder with this key when its matter is still open."""
    return next((due for due in deadlines(case, office.rules, now) if due.key == key), None)


def first_free_day(today: date, office: Office) -> date:
    """Suggest the second working day from now for a snooze."""
    return office.rules.calendar.add_working_days(today, 2)
