"""Letters that bring a picture: who may see its figures is asked when it is sent, as for all that is told."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import NotAllowed
from domain.figures.quarter import Quarter
from domain.figures.sheet import Sheet
from domain.figures.viewing import require_sight
from handlers.screens.figures import picture, title_words
from handlers.ui.outgoing import Drop, Outgoing
from handlers.view import View
from storage.transaction import Reader


def figures(view: View, reader: Reader, args: Mapping[str, object]) -> Outgoing:
    """Return the figures of a quarter as a picture for the one who asked, while they may see them (law 4D.9)."""
    quarter, unit = Quarter.read(str(args.get("quarter"))), str(args.get("unit", ""))
    staff = view.directory.by_identity(str(args.get("identity")))
    if staff is None or quarter is None:
        return Drop("left")
    try:
        require_sight(staff, view.directory, unit)
    except NotAllowed:
        return Drop("left")
    title = title_words(view.words, quarter, unit and view.agency(unit))
    return picture(view.words, title, quarter, Sheet(reader.figures.of(quarter)), unit) or Drop("empty")
