"""The figures as a table for whoever runs the bot: by quarter, unit and track, without the small ones (R147, R207)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from bot.admin.database import WAIT, opened_existing
from bot.app import build_services
from bot.settings import Settings
from domain.directory import Directory
from domain.figures.quarter import Quarter
from domain.figures.sheet import EVALUATED, GROUNDS, ROWS, Cell, Reads, Row, Seen, Sheet
from domain.figures.sums import Tally, Track
from handlers.screens.figures import row_words
from storage.encryption.cipher import Keyring
from storage.transaction import Reader
from templates import Words

HEAD: Final = ("quarter", "unit", "principal", "track", "figure", "label", "value", "of", "mean")

# What stands for a number that is not told: as official statistics write it.
_HIDDEN = ".."
ALL: Final = "*"

_SAYS_UTF_8: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_LIKE_A_FORMULA: Final = ("=", "+", "-", "@")


def figures_table(settings: Settings, quarter: str, *, spreadsheet: bool = False) -> str:
    """Return the figures of one quarter, or with "" of all that are told, as comma-separated values (RFC 4180).

    For a `spreadsheet` they are written as one in the bot's language reads them.

    Raises:
        LookupError: it is no quarter, it is not told yet, or nothing was counted in it.
    """
    database = opened_existing(settings)
    services = build_services(settings, Keyring(settings.keys))
    try:
        words = services.speak(services.language)
        made = database.read(lambda reader: _table(reader, words, quarter, services.rules.local_date(reader.now)))
        table = made.result(WAIT)
        return _for_spreadsheet(table, services.language) if spreadsheet else _written(table)
    finally:
        database.close()


def why_empty(settings: Settings) -> str:
    """Say when the first figures are shown, where no quarter is told yet; "" where one is."""
    database = opened_existing(settings)
    rules = build_services(settings, Keyring(settings.keys)).rules
    try:
        told, today = database.read(
            lambda reader: (list(_quarters(reader, "", rules.local_date(reader.now))), rules.local_date(reader.now))
        ).result(WAIT)
    finally:
        database.close()
    coming = Quarter.last_told(today).after
    return "" if told else f"There are no figures yet; the first, of {coming}, are shown from {coming.told_from}."


def _table(reader: Reader, words: Words, typed: str, today: date) -> list[tuple[str, ...]]:
    table: list[tuple[str, ...]] = [HEAD]
    for quarter in _quarters(reader, typed, today):
        sheet = Sheet(reader.figures.of(quarter))
        table += ((str(quarter), *line) for line in _lines(sheet, words, reader.directory))
    return table


def _written(table: Iterable[tuple[str, ...]], delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(table)
    return out.getvalue()


def _for_spreadsheet(table: Iterable[tuple[str, ...]], language: str) -> str:
    """Write a table as a spreadsheet reads it: what is UTF-8 says so, and what begins like a formula is text.

    A Swedish one puts semicolons between columns and reads 3.4 as a day in April.
    """
    swedish = language == "sv"
    cells = ([_as_text(cell) for cell in row] for row in table)
    rows = ((*row[:-1], row[-1].replace(".", ",") if swedish else row[-1]) for row in cells)
    return _SAYS_UTF_8 + _written(rows, ";" if swedish else ",", "\r\n")


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_LIKE_A_FORMULA) else cell


def _quarters(reader: Reader, typed: str, today: date) -> Iterable[Quarter]:
    if not typed:
        return [quarter for quarter in reader.figures.quarters() if quarter.is_told(today)]
    found = Quarter.read(typed)
    if found is None:
        raise LookupError(f"{typed} is no quarter; write it like {Quarter.last_told(today)}")
    if not found.is_told(today):
        raise LookupError(f"{found} is not settled yet; its figures are shown from {found.told_from}")
    if found not in reader.figures.quarters():
        raise LookupError(f"nothing was counted in {found}")
    return [found]


def _lines(sheet: Sheet, words: Words, directory: Directory) -> Iterator[tuple[str, ...]]:
    """Yield each unit's rows, those of all units together, and those of each track."""
    rows = (*ROWS, *EVALUATED)
    for unit in sheet.units:
        known = directory.agencies.get(unit)
        principal = known.principal.value if known is not None else ""
        yield from (_line((unit, principal, ALL), words, row, sheet.of_unit(row, unit)) for row in rows)
    yield from (_line((ALL, ALL, ALL), words, row, sheet.of_all(row)) for row in rows)
    for ground in GROUNDS:
        yield _line((ALL, ALL, ALL), words, Row(ground, Reads.COUNT), sheet.of_ground(Tally(ground)))
    for track in Track:
        yield from (_line((ALL, ALL, track.value), words, row, sheet.of_track(row, track)) for row in ROWS)


def _line(whose: tuple[str, str, str], words: Words, row: Row, cell: Cell) -> tuple[str, ...]:
    value, of, mean = str(cell.count), str(cell.of or ""), ""
    if cell.seen is Seen.NONE:
        value = ""
    elif cell.seen is Seen.HIDDEN:
        value = _HIDDEN
    elif row.reads not in {Reads.COUNT, Reads.SHARE}:
        mean, value = f"{cell.mean:.1f}", value if row.reads is Reads.POINTS else ""
    return (*whose, row.key, row_words(words, row), value, of, mean)
