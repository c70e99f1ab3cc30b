"""Who has looked at which case: the report for the log control (lag 2001:454 6-7 §§; PDL 4 kap. 3 §)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from bot.admin.database import WAIT, code_of, opened_existing
from bot.settings import Settings
from domain.errors import NotFound
from storage.errors import Undecipherable
from storage.journal import READ, JournalRow
from storage.transaction import Reader

# So many cases are read in one transaction.
_BATCH = 50


def looks(settings: Settings, text: str) -> tuple[list[str], list[str]]:
    """Return one line a look, of one case or of all open ones: when, which case, who, from which agency.

    Beside them stand the codes of those whose journal cannot be read; they keep no other out of the report.

    Raises:
        LookupError: no such case, or a code that was mistyped.
        Undecipherable: the journal of the one that was asked for cannot be read.
    """
    code = code_of(text) if text else ""
    database = opened_existing(settings)
    try:
        if code:
            return database.read(lambda reader: list(_of_case(reader, code))).result(WAIT), []
        lines: list[str] = []
        unread: list[str] = []
        codes = database.read(_open_codes).result(WAIT)
        for first in range(0, len(codes), _BATCH):
            some, wrong = database.read(partial(_of_cases, codes[first : first + _BATCH])).result(WAIT)
            lines, unread = [*lines, *some], [*unread, *wrong]
        return sorted(lines), unread
    except NotFound as missing:
        raise LookupError(f"there is no case {code}") from missing
    finally:
        database.close()


def _open_codes(reader: Reader) -> list[str]:
    codes: list[str] = []
    while found := reader.cases.open_codes(codes[-1] if codes else "", 1000):
        codes += found
    return codes


def _of_cases(codes: list[str], reader: Reader) -> tuple[list[str], list[str]]:
    lines: list[str] = []
    unread: list[str] = []
    for code in codes:
        try:
            lines += _told(reader.journal.acts(code), code)
        except Undecipherable:
            unread.append(code)
    return lines, unread


def _of_case(reader: Reader, code: str) -> Iterator[str]:
    rows = reader.journal.acts(code)
    if not rows:
        raise NotFound("case.unknown", {"code": code})
    yield from _told(rows, code)


def _told(rows: Iterable[JournalRow], code: str) -> Iterator[str]:
    for row in rows:
        if row.entry.action.startswith(READ) or row.entry.action == "case.exported":
            entry = row.entry
            yield f"{row.at:%Y-%m-%d %H:%M} UTC  {code}  {entry.action}  {entry.actor}  {entry.agency or '-'}"
