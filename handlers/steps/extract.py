"""`/sip registerutdrag`: what is held on a case, what was told to whom, and who has looked at it (law 4D.8).

In chat it is a summary with codes alone. The whole, as a file, is for the operator (`sipbot export`), who sees that it
reaches the one who asked for it.
"""

from __future__ import annotations

from collections import Counter

from domain.case import Case
from domain.responsibility import name_of
from handlers.letters.outcomes import DISCLOSURES
from handlers.request import Request
from handlers.save import COURIER, write_entry
from handlers.ui.cards import Card, Section
from handlers.ui.responses import Response, Say
from storage.journal import READ, JournalRow

# The newest of each; the operator's extract has all.
LONGEST = 20

_LETTER = "letter."


def is_disclosure(action: str) -> bool:
    """Say whether a line of the journal tells of something that an agency or an attendee was told."""
    return action.startswith(_LETTER) and action.removeprefix(_LETTER) in DISCLOSURES


def show(request: Request, code: str) -> Response:
    """Show the extract to those who answer for the case; that they looked is a line of the journal too."""
    case = request.case_to_steer(code)
    rows = request.tx.journal.read(code)
    write_entry(request.tx, case, request.entry("read.extract"), case.state)
    return Say(_card(request, case, rows))


def _card(request: Request, case: Case, rows: tuple[JournalRow, ...]) -> Card:
    words, title = request.words, request.words("extract.title", code=case.code)
    looks = [row for row in rows if row.entry.action.startswith(READ) or row.entry.action == "case.exported"]
    told = [row for row in rows if row.entry.actor == COURIER and is_disclosure(row.entry.action)]
    posts = request.tx.posts.of_case(case.code)
    held = words(
        "extract.held",
        rows=len(rows),
        letters=len(request.tx.outbox.of_case(case.code)),
        posts=len(posts),
        reminders=len(request.tx.reminders.of_case(case.code)),
    )
    sections = [Section(text=words("extract.intro")), Section(heading=words("extract.held.heading"), text=held)]
    sections.append(_listed(words("extract.told"), [_line(request, row) for row in told], words("extract.nobody_told")))
    sections.append(_listed(words("extract.looks"), [_look(request, row) for row in looks], words("extract.no_looks")))
    return Card(title, title, tuple(sections), footer=words("extract.footer", code=case.code))


def _listed(heading: str, lines: list[str], nothing: str) -> Section:
    """Return a section with the newest of what happened; what came several times the same way is one line."""
    if not lines:
        return Section(heading=heading, text=nothing)
    counted = Counter(lines)
    shown = [line if count == 1 else f"{line} ({count})" for line, count in counted.items()]
    return Section(heading=heading, lines=tuple(shown[-LONGEST:]))


def _line(request: Request, row: JournalRow) -> str:
    words, entry = request.words, row.entry
    what, agency = entry.action.removeprefix(_LETTER), request.agency_name(entry.agency) if entry.agency else ""
    told = words("letter.invite.cancelled" if entry.details.get("method") == "CANCEL" else f"letter.{what}")
    return words("extract.told.line", day=_day(request, row), what=told, agency=agency)


def _look(request: Request, row: JournalRow) -> str:
    actor = row.entry.actor
    name = name_of(actor, request.directory) if actor in request.directory.staff else actor
    agency = request.agency_name(row.entry.agency) if row.entry.agency else ""
    return request.words("extract.look.line", day=_day(request, row), name=name, agency=agency)


def _day(request: Request, row: JournalRow) -> str:
    return request.words.short_day(request.services.rules.calendar.local_date(row.at))
