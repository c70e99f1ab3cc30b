"""What has happened in a case, in plain words: the newest of it on the case, and all of it page by page."""

from __future__ import annotations

from datetime import date
from itertools import groupby

from domain.calendar.replies import attendee_of
from domain.case import Case
from domain.reminders.due import ReminderKind
from domain.responsibility import name_of
from handlers.request import Request
from handlers.save import CALENDAR, CLOCK, COURIER
from handlers.ui.actions import Action, OnePage
from handlers.ui.cards import Button, Card, Section
from storage.journal import JournalRow

# Lines on the case itself, and on one page of the whole history.
NEWEST = 14
PAGE = 25

REMINDED = "reminder.sent"
_KINDS = frozenset(ReminderKind)

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
    """Return how the case began and what happened last; what stands between is counted, and one press away.

    Reminders that follow upon each other are one line, so that what people did stays in sight.
    """
    words, rows = request.words, _rows(request, case)
    if not rows:
        return ()
    newest = _together(rows[1:])[-NEWEST:]
    between = len(rows) - 1 - sum(map(len, newest))
    lines = [_line(request, case, rows[0])]
    if between:
        lines.append(words("show.between", count=between))
    lines += [_line(request, case, run[0]) if len(run) == 1 else _reminders(request, run) for run in newest]
    buttons = (_turn(request, case, words("history.all"), _last_page(rows)),) if len(rows) - 1 > len(newest) else ()
    return (Section(heading=words("show.timeline"), lines=tuple(lines), buttons=buttons),)


def _together(rows: list[JournalRow]) -> list[list[JournalRow]]:
    """Return the rows one by one, but reminders in a row as one."""
    runs = (list(run) for _, run in groupby(rows, lambda row: row.entry.action == REMINDED))
    return [part for run in runs for part in ([run] if run[0].entry.action == REMINDED else [[row] for row in run])]


def _reminders(request: Request, run: list[JournalRow]) -> str:
    words, calendar = request.words, request.services.rules.calendar
    first, last = (words.short_day(calendar.local_date(row.at)) for row in (run[0], run[-1]))
    return words("show.reminders", count=len(run), first=first, last=last)


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
    told: dict[tuple[str, str, object, str, date], JournalRow] = {}
    for row in request.tx.journal.read(case.code):
        if row.entry.action not in QUIET:
            entry, day = row.entry, request.services.rules.calendar.local_date(row.at)
            told.setdefault((entry.action, entry.agency, entry.details.get("attendee"), _reminder_of(row), day), row)
    return list(told.values())


def _line(request: Request, case: Case, row: JournalRow) -> str:
    words, entry = request.words, row.entry
    what, who = words(f"journal.{entry.action}"), _who(request, case, row)
    reminder = _reminder_of(row)
    if reminder:
        what = words("show.reminder_of", sent=what, what=words(f"reminder.{reminder}.name"))
    agency = request.agency_name(entry.agency) if entry.agency in request.directory.agencies else ""
    return words("show.line", when=words.moment(row.at), what=what, who=who, agency=agency)


def _reminder_of(row: JournalRow) -> str:
    """Return the kind of a reminder that was sent; "" for all else, and for a kind that there is no more."""
    kind = str(row.entry.details.get("reminder", "")).partition(":")[0] if row.entry.action == REMINDED else ""
    return kind if kind in _KINDS else ""


def _who(request: Request, case: Case, row: JournalRow) -> str:
    words, actor = request.words, row.entry.actor
    if actor == CALENDAR:
        attendee = attendee_of(case, row.entry.details.get("attendee"))
        return words("show.by_calendar") if attendee is None else attendee.name
    return words("show.clock") if actor in {CLOCK, COURIER} else name_of(actor, request.directory)
