"""`/sip statistik`: the figures of a quarter, of one's own unit or of all together (R147, R207)."""

from __future__ import annotations

from domain.errors import Invalid
from domain.figures.quarter import Quarter
from domain.figures.sheet import Sheet
from domain.figures.viewing import require_sight, units_to_see
from handlers import notices
from handlers.request import Request
from handlers.save import put_letters
from handlers.screens.figures import quarter_words, sections, title_words
from handlers.ui.actions import Action, FiguresOf
from handlers.ui.cards import Button, Card, Section
from handlers.ui.responses import Response, Say

ALL = "all"
_WORDS_FOR_ALL = frozenset({"alla", "all"})

# More would fill the message; whoever manages many units types the quarter and presses on.
_MOST_UNITS = 3


def command(request: Request, typed: str) -> Response:
    """Show the newest quarter that is told, or the one that was typed; with `alla` (`all`) of all units."""
    quarter, scope = Quarter.last_told(request.today), ""
    for word in typed.split():
        if word in _WORDS_FOR_ALL:
            scope = ALL
            continue
        found = Quarter.read(word)
        if found is None:
            raise Invalid("statistics.not_a_quarter", {"example": str(quarter)})
        quarter = found
    return _show(request, quarter, scope)


def press(request: Request, token: FiguresOf) -> Response:
    """Show another quarter, or another unit."""
    quarter = Quarter.read(token.quarter)
    if quarter is None:
        raise Invalid("token.broken")
    return _show(request, quarter, token.scope)


def _show(request: Request, quarter: Quarter, scope: str) -> Response:
    words, units = request.words, units_to_see(request.staff, request.directory)
    scope = scope or next((unit for unit in units if unit == request.staff.agency), next(iter(units), ALL))
    unit = "" if scope == ALL else scope
    require_sight(request.staff, request.directory, unit)
    named = quarter_words(words, quarter)
    if not quarter.is_told(request.today):
        raise Invalid("statistics.not_yet", {"quarter": named, "day": words.day(quarter.told_from)})
    sums = request.tx.figures.of(quarter)
    if not sums:
        coming = Quarter.last_told(request.today).after
        raise Invalid(
            "statistics.nothing",
            {"quarter": named, "next": quarter_words(words, coming), "day": words.day(coming.told_from)},
        )
    title = title_words(words, quarter, unit and request.agency_name(unit))
    intro = Section(text=words("statistics.intro"))
    shown = sections(words, Sheet(sums), unit)
    put_letters(request.tx, [notices.figures_picture(request.sender.identity, str(quarter), unit, request.now)])
    return Say(
        Card(title, title, (intro, *shown), _buttons(request, quarter, scope, units), words("statistics.footer"))
    )


def _called(request: Request, scope: str) -> str:
    return request.words("statistics.all") if scope == ALL else request.agency_name(scope)


def _buttons(request: Request, quarter: Quarter, scope: str, units: tuple[str, ...]) -> tuple[Button, ...]:
    """Return the ways on: the quarter before and the one after, and the other units that this person may see."""
    words, known = request.words, request.tx.figures.quarters()
    turns = ((words("statistics.before"), quarter.before), (words("statistics.after"), quarter.after))
    labelled = [
        (label, FiguresOf(str(each), scope)) for label, each in turns if each in known and each.is_told(request.today)
    ]
    others = [each for each in (*units[:_MOST_UNITS], ALL) if each != scope]
    labelled += [(_called(request, each), FiguresOf(str(quarter), each)) for each in others]
    return tuple(Button(Action.STATISTICS_SHOW, label, request.seal(token)) for label, token in labelled)
