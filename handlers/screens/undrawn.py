"""Lists of several cases for one reader: a case that cannot be drawn keeps no other one from them.

What a case holds is proved and read elsewhere; here an error of the program meets one case, or what stands in the clear
beside it was changed. The reader is told its code and a reference, the log the same reference and where it happened.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from domain.directory import Staff
from domain.errors import Unavailable
from domain.responsibility import may_see
from handlers.ui.cards import Section
from handlers.view import View
from storage.transaction import Reader

T = TypeVar("T")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Undrawn:
    """A case that could not be drawn, and the reference under which the log says why."""

    code: str
    reference: str


def but_for_faulty(codes: Iterable[str], draw: Callable[[frozenset[str]], T]) -> tuple[T, tuple[Undrawn, ...]]:
    """Return what `draw` makes of all cases but those that it is given, and which had to be left out.

    That is none, unless drawing fails; then each is tried alone. What fails without any case is no case's fault.
    """
    try:
        return draw(frozenset()), ()
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - whose fault it is shows below
        every = frozenset(codes)
    draw(every)
    faulty = tuple(found for code in sorted(every) if (found := _fault(code, every, draw)) is not None)
    return draw(frozenset(one.code for one in faulty)), faulty


def sections_of(view: View, reader: Reader, staff: Staff | None, faulty: Iterable[Undrawn]) -> tuple[Section, ...]:
    """Name the cases that could not be drawn to somebody who may see them; nobody in a channel is known to."""
    return tuple(
        Section(text=view.words("list.undrawn", code=one.code, reference=one.reference))
        for one in faulty
        if staff is not None and _may_be_named(view, reader, staff, one.code)
    )


def _may_be_named(view: View, reader: Reader, staff: Staff, code: str) -> bool:
    case = reader.cases.find(code)
    try:
        return case is not None and may_see(case, staff, view.directory)
    except Exception:  # noqa: BLE001 - what is wrong with it may be this
        return False


def note_undrawn(code: str, error: Exception) -> Undrawn:
    """Log that a case cannot be drawn, never with the error's own words, and return what names it.

    The same error in the same place has the same reference: a list is drawn again and again.
    """
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    name = "|".join((code, type(error).__name__, *places[-1:]))
    found = Undrawn(code, sha256(name.encode()).hexdigest()[:6].upper())
    extra = {"code": code, "reference": found.reference, "error": type(error).__name__, "places": places}
    _logger.error("a case cannot be drawn", extra=extra)
    return found


def _fault(code: str, every: frozenset[str], draw: Callable[[frozenset[str]], object]) -> Undrawn | None:
    try:
        draw(every - {code})
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this case's
        return note_undrawn(code, error)
    return None
