"""Figures in words and drawn: of a unit or of all, of one quarter; what is too small is not told (R147, R207)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from domain.figures.quarter import Quarter
from domain.figures.sheet import EVALUATED, GROUNDS, ROWS, Cell, Reads, Row, Seen, Sheet
from domain.figures.sums import Tally, Track
from handlers.ui.cards import Section
from handlers.ui.outgoing import Bar, Picture
from templates import Words

# The parts in which rows are shown, each under its heading `figures.part.NAME`.
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "need": (Tally.NOTICED, Tally.DENIED, Tally.REFUSED),
    "first": (Tally.FIRST_HELD, Tally.FIRST_IN_TIME),
    "summons": (Tally.SUMMONED, Tally.CONFIRMED, Tally.NAMED, Tally.DECLINED, Tally.ABSENT),
    "plan": (Tally.PLAN_IN_TIME, Tally.BOOKED, Tally.FOLLOWED_UP),
    "deviation": (Tally.DEVIATION, Tally.REMEDIED),
    "person": (Tally.FELT,),
}
PARTS: Final = tuple(_PARTS)

# What is told of each track: enough to compare them by.
_OF_TRACKS: Final = (Tally.FIRST_HELD, Tally.FIRST_IN_TIME, Tally.PLAN_IN_TIME)

# What is drawn: the shares of which more is better, so that all bars read alike, and how long things take.
_SHARES_DRAWN: Final = frozenset(
    {
        Tally.FIRST_IN_TIME,
        Tally.CONFIRMED,
        Tally.NAMED,
        Tally.PLAN_IN_TIME,
        Tally.BOOKED,
        Tally.REMEDIED,
        Tally.FELT,
    }
)
_DRAWN: Final = tuple(
    row
    for row in ROWS
    if row.reads in {Reads.DAYS, Reads.HOURS} or (row.reads is Reads.SHARE and row.name in _SHARES_DRAWN)
)


def quarter_words(words: Words, quarter: Quarter) -> str:
    """Return a quarter as people say it."""
    return words("figures.quarter", number=quarter.number, year=quarter.year)


def value_words(words: Words, row: Row, cell: Cell) -> str:
    """Return one number in words, or that it is not told."""
    if cell.seen is not Seen.WHOLE:
        return words("figures.hidden")
    if row.reads is Reads.SHARE:
        # Half a percent counts as a whole one: `round` takes it to the even number.
        percent = (200 * cell.count + cell.of) // (2 * cell.of)
        return words("figures.share", count=cell.count, of=cell.of, percent=percent)
    if row.reads is Reads.COUNT:
        return str(cell.count)
    mean = _decimal(words, cell.mean)
    if row.reads is Reads.POINTS:
        return words("figures.points", mean=mean, count=cell.count)
    return words("figures.days", mean=mean)


def row_words(words: Words, row: Row) -> str:
    """Return what a row is about; a statement of the evaluation reads as it was asked."""
    return words(f"evaluation.{row.name}") if row.reads is Reads.POINTS else words(f"figure.{row.key}")


def title_words(words: Words, quarter: Quarter, who: str) -> str:
    """Return what the figures of a quarter are headed with; `who` they are of, "" for all together."""
    return words("statistics.title", quarter=quarter_words(words, quarter), who=who or words("statistics.all"))


def picture(words: Words, title: str, quarter: Quarter, sheet: Sheet, unit: str) -> Picture | None:
    """Return what of these figures can be drawn, each line as `sections` tells it; None where no share is told."""
    of = _told(sheet, unit)
    bars = tuple(_bar(words, row, of(row)) for row in _DRAWN if of(row).seen is not Seen.NONE)
    return Picture(title, bars, f"sip-{quarter}.png") if any(bar.part is not None for bar in bars) else None


def _bar(words: Words, row: Row, cell: Cell) -> Bar:
    label, value, share = row_words(words, row), value_words(words, row, cell), row.reads is Reads.SHARE
    part = cell.count / cell.of if share and cell.seen is Seen.WHOLE else None
    kept_back = share and cell.seen is Seen.HIDDEN
    return Bar(label, value, words("figures.line", label=label, value=value), part, kept_back)


def _told(sheet: Sheet, unit: str) -> Callable[[Row], Cell]:
    """Return what tells a row of a unit, or with "" of all together."""
    return lambda row: sheet.of_unit(row, unit) if unit else sheet.of_all(row)


def sections(words: Words, sheet: Sheet, unit: str) -> tuple[Section, ...]:
    """Return the figures of a unit, or with "" of all together, that somebody acts on."""
    of = _told(sheet, unit)
    found = [
        Section(heading=words(f"figures.part.{part}"), lines=_lines(words, _rows(names), of))
        for part, names in _PARTS.items()
    ]
    return tuple(section for section in found if section.lines)


def more_sections(words: Words, sheet: Sheet, unit: str) -> tuple[Section, ...]:
    """Return the rest: the evaluations, and of all together how cases ended, and each track (R147, R207)."""
    found = [_evaluated(words, _told(sheet, unit))]
    if not unit:
        found += [_ended(words, sheet), *(_track(words, sheet, track) for track in Track)]
    return tuple(section for section in found if section.lines or section.text)


def _rows(names: Iterable[str]) -> tuple[Row, ...]:
    wanted = tuple(names)
    return tuple(row for row in ROWS if row.name in wanted)


def _lines(words: Words, rows: Iterable[Row], of: Callable[[Row], Cell]) -> tuple[str, ...]:
    """Return what is told, a line each. Of what there was nothing to count in nothing is said: its number is nought."""
    told = [(row, of(row)) for row in rows]
    return tuple(
        words("figures.line", label=row_words(words, row), value=value_words(words, row, cell))
        for row, cell in told
        if cell.seen is not Seen.NONE
    )


def _evaluated(words: Words, of: Callable[[Row], Cell]) -> Section:
    """Return the means of the evaluations; while nobody has answered, that alone (R146, R147)."""
    asked = tuple(row for row in EVALUATED if of(row).seen is not Seen.NONE)
    heading = words("figures.part.evaluation")
    if not asked:
        return Section(heading=heading, text=words("figures.not_evaluated"))
    return Section(heading=heading, text=words("figures.scale"), lines=_lines(words, asked, of))


def _ended(words: Words, sheet: Sheet) -> Section:
    rows = [Row(ground, Reads.COUNT) for ground in GROUNDS]
    lines = _lines(words, rows, lambda row: sheet.of_ground(Tally(row.name)))
    return Section(heading=words("figures.part.end"), lines=lines)


def _track(words: Words, sheet: Sheet, track: Track) -> Section:
    lines = _lines(words, _rows(_OF_TRACKS), lambda row: sheet.of_track(row, track))
    return Section(heading=words(f"figures.track.{track.value}"), lines=lines)


def _decimal(words: Words, number: float) -> str:
    text = f"{number:.1f}"
    return text.replace(".", ",") if words.language == "sv" else text
