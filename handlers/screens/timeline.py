"""What has happened in a case, in plain words: the newest of it on the case, and all of it page by page."""

from __future__ import annotations

from datetime import date

from domain.calendar.replies import attendee_of
from domain.case import Case
from domain.responsibility import name_of
from handlers.request import Request
from handlers.save import CALENDAR, CLOCK, COURIER
from handlers.ui.actions import Action, OnePage
from handlers.ui.cards import Button, Card, Section
from storage.journal import JournalRow

# Lines on the case itself, and on one page of the whole history.
NEWEST = 14
PAGE = 25

# Lines that would only repeat themselves.
QUIET = frozenset(
    {
        "read.case",
        "read.feed",
        "read.form",
        "read.home",
        "read.list",
        "read.extract",
        "reminder.missed",
        "letter.summons",
        "letter.invite",
        "letter.plan.notice",
        "letter.ending",
        "letter.consent.narrowed",
        "letter.meeting.role",
        "letter.lead.changed",
        "letter.plan.changed",
        "letter.consent.scope",
    }
)


def timeline(request: Request, case: Case) -> tuple[Section, ...]:
    """Return how the case began and what happened last; what stands between is counted, and one press away."""
    words, rows = request.words, _rows(request, case)
    if not rows:
        return ()
    newest = rows[max(1, len(rows) - NEWEST) :]
    between = len(rows) - 1 - len(newest)
    lines = [_line(request, case, rows[0])]
    if between:
        lines.append(words("show.between", count=between))
    lines += [_line(request, case, row) for row in newest]
    buttons = (_turn(request, case, words("history.all"), _last_page(rows)),) if between else ()
    return (Section(heading=words("show.timeline"), lines=tuple(lines), buttons=buttons),)


def history(request: Request, case: Case, page: int) -> Card:
    """Return one page of the whole history, the first page being the oldest; a page that is not there is the last."""
    words, rows = request.words, _rows(request, case)
    last = _last_page(rows)
    page = min(max(page, 1), last)
    title = words("history.title", code=case.code)
    text = words("history.page", page=page, pages=last)
    lines = tuple(_line(request, case, row) for row in rows[(page - 1) * PAGE : page * PAGE])
    buttons = []
    if page > 1:
        buttons.append(_turn(request, case, words("history.older"), page - 1))
    if page < last:
        buttons.append(_turn(request, case, words("history.newer"), page + 1))
    return Card(title, f"{title}. {text}", (Section(text=text, lines=lines),), tuple(buttons), words("show.footer"))


def _turn(request: Request, case: Case, label: str, page: int) -> Button:
    return Button(Action.CASE_HISTORY, label, request.seal(OnePage(case.code, page)))


def _last_page(rows: list[JournalRow]) -> int:
    return max(1, -(-len(rows) // PAGE))


def _rows(request: Request, case: Case) -> list[JournalRow]:
    """Return what has happened, newest last; what was said several times on one day is one line."""
    told: dict[tuple[str, str, object, date], JournalRow] = {}
    for row in request.tx.journal.read(case.code):
        if row.entry.action not in QUIET:
            day = request.services.rules.calendar.local_date(row.at)
            told.setdefault((row.entry.action, row.entry.agency, row.entry.details.get("attendee"), day), row)
    return list(told.values())


def _line(request: Request, case: Case, row: JournalRow) -> str:
    words, entry = request.words, row.entry
    what, who = words(f"journal.{entry.action}"), _who(request, case, row)
    agency = request.agency_name(entry.agency) if entry.agency in request.directory.agencies else ""
    return words("show.line", when=words.moment(row.at), what=what, who=who, agency=agency)


def _who(request: Request, case: Case, row: JournalRow) -> str:
    words, actor = request.words, row.entry.actor
    if actor == CALENDAR:
        attendee = attendee_of(case, row.entry.details.get("attendee"))
        return words("show.by_calendar") if attendee is None else attendee.name
    return words("show.clock") if actor in {CLOCK, COURIER} else name_of(actor, request.directory)
