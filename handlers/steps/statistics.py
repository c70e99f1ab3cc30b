"""`/sip statistik`: the figures of a quarter, of one's own unit or of all together (R147, R207)."""

from __future__ import annotations

from domain.errors import Invalid
from domain.figures.quarter import Quarter
from domain.figures.sheet import Sheet
from domain.figures.viewing import require_sight, units_to_see
from handlers import notices
from handlers.request import Request
from handlers.save import put_letters
from handlers.screens.figures import more_sections, quarter_words, sections, title_words
from handlers.ui.actions import Action, FiguresOf
from handlers.ui.cards import Button, Card, Choice, Chooser, Section
from handlers.ui.responses import Response, Say

ALL = "all"
_WORDS_FOR_ALL = frozenset({"alla", "all"})

# More than these stand in a list instead: they would fill the message.
_MOST_BUTTONS = 4
_MOST_CHOICES = 100


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
    return _show(request, quarter, token.scope, more=bool(token.more))


def _show(request: Request, quarter: Quarter, scope: str, *, more: bool = False) -> Response:
    words, units = request.words, units_to_see(request.staff, request.directory)
    scope = scope or next((unit for unit in units if unit == request.staff.agency), next(iter(units), ALL))
    unit = "" if scope == ALL else scope
    require_sight(request.staff, request.directory, unit)
    named = quarter_words(words, quarter)
    title = title_words(words, quarter, unit and request.agency_name(unit))
    if not quarter.is_told(request.today):
        not_yet = words("statistics.not_yet", quarter=named, day=words.day(quarter.told_from))
        return _without_figures(request, title, not_yet, scope)
    sums = request.tx.figures.of(quarter)
    if not sums:
        coming = Quarter.last_told(request.today).after
        said = {"next": quarter_words(words, coming), "day": words.day(coming.told_from)}
        known = _newest(request) is not None
        nothing = words("statistics.nothing", quarter=named, **said) if known else words("statistics.none_yet", **said)
        return _without_figures(request, title, nothing, scope)
    intro = Section(text=words("statistics.intro"))
    if more:
        back = Button(Action.STATISTICS_SHOW, words("statistics.back"), request.seal(FiguresOf(str(quarter), scope)))
        return Say(Card(title, title, (intro, *more_sections(words, Sheet(sums), unit)), (back,)))
    shown = sections(words, Sheet(sums), unit)
    put_letters(request.tx, [notices.figures_picture(request.sender.identity, str(quarter), unit, request.now)])
    turns = (_more(request, quarter, scope), *_turns(request, quarter, scope))
    others = _others(request, quarter, scope, units)
    if len(others) <= _MOST_BUTTONS:
        buttons = tuple(Button(Action.STATISTICS_SHOW, each.label, each.token) for each in (*turns, *others))
        return Say(Card(title, title, (intro, *shown), buttons, words("statistics.footer")))
    chooser = Chooser(Action.STATISTICS_SHOW, words("statistics.other"), others)
    buttons = tuple(Button(Action.STATISTICS_SHOW, each.label, each.token) for each in turns)
    return Say(Card(title, title, (intro, *shown, Section(chooser=chooser)), buttons, words("statistics.footer")))


def _newest(request: Request) -> Quarter | None:
    """Return the newest quarter that has figures and is told."""
    told = (quarter for quarter in request.tx.figures.quarters() if quarter.is_told(request.today))
    return max(told, default=None)


def _without_figures(request: Request, title: str, text: str, scope: str) -> Response:
    """Say that there is nothing to show, which is no failure, and lead to the newest quarter that has figures."""
    newest, words = _newest(request), request.words
    buttons: tuple[Button, ...] = ()
    if newest is not None:
        label = words("statistics.newest", quarter=quarter_words(words, newest))
        buttons = (Button(Action.STATISTICS_SHOW, label, request.seal(FiguresOf(str(newest), scope))),)
    return Say(Card(title, text, (Section(text=text),), buttons))


def _called(request: Request, scope: str) -> str:
    return request.words("statistics.all") if scope == ALL else request.agency_name(scope)


def _more(request: Request, quarter: Quarter, scope: str) -> Choice:
    """Return the way to the figures that stand behind those which somebody acts on."""
    label = request.words("statistics.more.all" if scope == ALL else "statistics.more.unit")
    return Choice(label, request.seal(FiguresOf(str(quarter), scope, more=1)))


def _turns(request: Request, quarter: Quarter, scope: str) -> tuple[Choice, ...]:
    """Return the ways to the quarter before and the one after, where there are any."""
    words, known = request.words, request.tx.figures.quarters()
    turns = ((words("statistics.before"), quarter.before), (words("statistics.after"), quarter.after))
    return tuple(
        Choice(label, request.seal(FiguresOf(str(each), scope)))
        for label, each in turns
        if each in known and each.is_told(request.today)
    )


def _others(request: Request, quarter: Quarter, scope: str, units: tuple[str, ...]) -> tuple[Choice, ...]:
    """Return the ways to all together and to the other units that this person may see."""
    others = [each for each in (*units[: _MOST_CHOICES - 1], ALL) if each != scope]
    return tuple(Choice(_called(request, each), request.seal(FiguresOf(str(quarter), each))) for each in others)
