"""`/sip kalender`: a person's own meetings at a secret address of their own (optional for the operator).

A calendar in the cloud fetches the address from its own servers and keeps a copy: the operator decides whether there
are overviews at all. They hold times and codes, and of a case only what its reader may see at the moment of reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendar_feed import Engagement, engagements
from domain.case import Case
from domain.directory import Staff
from domain.errors import Invalid, NotFound, WrongState
from domain.responsibility import may_see
from handlers.disclosure import may_hear
from handlers.request import Visit
from handlers.services import Office
from handlers.ui.responses import Answer
from handlers.view import Look
from storage.transaction import Reader

PATH = "/kalender/"

# More cases than anybody has meetings in at one time; a bound all the same.
MOST_CASES = 500

OFF = frozenset({"av", "off"})


@dataclass(frozen=True, slots=True)
class Planned:
    """One meeting in an overview: `stamp` is when something about it last changed for this person."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    length: timedelta
    summary: str
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """What one person's address shows now, under which name."""

    name: str
    meetings: tuple[Planned, ...]


def command(visit: Visit, word: str) -> Answer:
    """Give the person an address of their own, or with "av" take it back. Only they are told."""
    if not visit.office.overviews:
        raise WrongState("overview.off")
    if word in OFF:
        return _revoke(visit)
    if word:
        raise Invalid("command.unknown")
    if not visit.office.public_url:
        raise WrongState("overview.no_address")
    return _give(visit)


def _give(visit: Visit) -> Answer:
    before = visit.tx.overviews.given_at(visit.staff.id)
    secret = visit.office.ids.token() + visit.office.ids.token()  # 256 bits
    visit.tx.overviews.give(visit.staff.id, secret)
    visit.tx.journal.write("", "overview.given", visit.staff.id, agency=visit.staff.agency)
    address = f"{visit.office.public_url.rstrip('/')}{PATH}{secret}.ics"
    return visit.say("overview.given" if before is None else "overview.exchanged", address=address)


def _revoke(visit: Visit) -> Answer:
    if not visit.tx.overviews.revoke(visit.staff.id):
        return visit.say("overview.none")
    visit.tx.journal.write("", "overview.revoked", visit.staff.id, agency=visit.staff.agency)
    return visit.say("overview.revoked")


def read(office: Office, reader: Reader, secret: str) -> Overview | None:
    """Return what an address shows now; none when nobody has it, or its owner has left (R40)."""
    owner = reader.overviews.owner_of(secret)
    staff = reader.directory.staff.get(owner) if owner is not None else None
    if staff is None:
        return None
    words = office.words_for(reader.people.locale(staff.id))
    look = Look(office, words, reader.directory, reader.now)
    found = [
        _planned(look, code, changed_at, engagement)
        for code, changed_at in reader.overviews.cases_of(staff.id, MOST_CASES)
        for engagement in _engagements(look, reader, code, staff)
    ]
    return Overview(words("overview.name"), tuple(found))


def _engagements(look: Look, reader: Reader, code: str, staff: Staff) -> tuple[Engagement, ...]:
    """Return what the person has in a case, when they may see the case at all today (R62)."""
    try:
        case: Case = reader.cases.get(code)
    except NotFound:
        return ()
    if not may_see(case, staff, look.directory) or not may_hear(look, case, staff.agency):
        return ()
    return engagements(case).get(staff.id, ())


def _planned(look: Look, code: str, changed_at: datetime, engagement: Engagement) -> Planned:
    entry = "cancel" if engagement.cancelled else "request"
    return Planned(
        uid=engagement.uid,
        sequence=engagement.sequence,
        stamp=changed_at,
        start=look.office.rules.calendar.local(engagement.start),
        length=engagement.end - engagement.start,
        summary=look.words(f"invite.{entry}.summary", code=code),
        cancelled=engagement.cancelled,
    )
