"""`/sip kalender`: a person's own meetings at a secret address of their own (optional for the operator).

A calendar in the cloud fetches the address from its own servers and keeps a copy: the operator decides whether there
are feeds at all. They hold times and codes, and of a case only what its reader may see at the moment of reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.calendar.feed import FeedEntry, feed_entries
from domain.directory import Staff
from domain.errors import Invalid, WrongState
from domain.responsibility import may_see
from handlers.disclosure import may_hear
from handlers.request import Request
from handlers.screens.undrawn import but_for_faulty
from handlers.services import Services
from handlers.ui.responses import Response
from handlers.view import View
from storage.transaction import Reader

PATH = "/kalender/"

# More cases than anybody has meetings in at one time; a bound all the same.
MOST_CASES = 500

OFF = frozenset({"av", "off"})


@dataclass(frozen=True, slots=True)
class FeedMeeting:
    """One meeting in a feed: `stamp` is when something about it last changed for this person."""

    uid: str
    sequence: int
    stamp: datetime
    start: datetime
    length: timedelta
    summary: str
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """What one person's address shows now, under which name."""

    name: str
    meetings: tuple[FeedMeeting, ...]
    staff: Staff
    codes: tuple[str, ...]


def command(request: Request, word: str) -> Response:
    """Give the person an address of their own, or with "av" take it back. Only they are told."""
    if not request.services.feeds:
        raise WrongState("feed.off")
    if word in OFF:
        return _revoke(request)
    if word:
        raise Invalid("command.unknown")
    if not request.services.public_url:
        raise WrongState("feed.no_address")
    return _give(request)


def _give(request: Request) -> Response:
    before = request.tx.feeds.given_at(request.staff.id)
    secret = request.services.ids.token() + request.services.ids.token()  # 256 bits
    request.tx.feeds.give(request.staff.id, secret)
    request.tx.journal.write("", "feed.given", request.staff.id, agency=request.staff.agency)
    address = f"{request.services.public_url.rstrip('/')}{PATH}{secret}.ics"
    return request.say("feed.given" if before is None else "feed.exchanged", address=address)


def _revoke(request: Request) -> Response:
    if not request.tx.feeds.revoke(request.staff.id):
        return request.say("feed.none")
    request.tx.journal.write("", "feed.revoked", request.staff.id, agency=request.staff.agency)
    return request.say("feed.revoked")


def read(services: Services, reader: Reader, secret: str) -> Feed | None:
    """Return what an address shows now; none when nobody has it, or its owner has left (R40)."""
    owner = reader.feeds.owner_of(secret)
    staff = reader.directory.staff.get(owner) if owner is not None else None
    if staff is None:
        return None
    words = services.words_for(reader.people.locale(staff.id))
    view = View(services, words, reader.directory, reader.now)
    cases = dict(reader.feeds.cases_of(staff.id, MOST_CASES))

    def draw(left_out: frozenset[str]) -> list[tuple[str, FeedMeeting]]:
        return [
            (code, _meeting(view, code, changed_at, entry))
            for code, changed_at in cases.items()
            if code not in left_out
            for entry in _feed_entries(view, reader, code, staff)
        ]

    found, _ = but_for_faulty(cases, draw)
    meetings, codes = tuple(meeting for _, meeting in found), tuple(dict.fromkeys(code for code, _ in found))
    return Feed(words("feed.name"), meetings, staff, codes)


def _feed_entries(view: View, reader: Reader, code: str, staff: Staff) -> tuple[FeedEntry, ...]:
    """Return what the person has in a case, when they may see the case at all today (R62)."""
    case = reader.cases.find(code)
    if case is None or not may_see(case, staff, view.directory) or not may_hear(view, case, staff.agency):
        return ()
    return feed_entries(case).get(staff.id, ())


def _meeting(view: View, code: str, changed_at: datetime, entry: FeedEntry) -> FeedMeeting:
    words = "cancel" if entry.cancelled else "request"
    return FeedMeeting(
        uid=entry.uid,
        sequence=entry.sequence,
        stamp=changed_at,
        start=view.services.rules.calendar.local(entry.start),
        length=entry.end - entry.start,
        summary=view.words(f"invite.{words}.summary", code=code),
        cancelled=entry.cancelled,
    )
