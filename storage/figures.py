"""The figures: sums by quarter, unit and track, which grow with each transaction and hold nothing of any one case.

They stand apart from the cases, so that asking costs the same however many those are, and so that a case that is
erased is still counted (decision 20).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from domain.figures.quarter import Quarter
from domain.figures.sums import NOTHING, Key, Sum, Sums
from storage.schema.tables import figure
from storage.sql.link import Link
from storage.sql.statement import DatabaseKind, Statement, insert_or

_KEY = (figure.c.quarter, figure.c.agency, figure.c.track, figure.c.name)
_OF = Statement(select(*_KEY, figure.c.count, figure.c.total).where(figure.c.quarter == bindparam("quarter")))
_QUARTERS = Statement(select(figure.c.quarter).distinct().order_by(figure.c.quarter))


def _grow(kind: DatabaseKind) -> Any:
    more = {name: bindparam(name, type_=figure.c[name].type) for name in ("count", "total")}
    return insert_or(kind, figure, {name: figure.c[name] + value for name, value in more.items()})


_GROW = Statement(_grow)


class FiguresReading:
    """What can be read of the figures."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def of(self, quarter: Quarter) -> dict[Key, Sum]:
        """Return the sums of one quarter."""
        rows = self._link.rows(_OF, quarter=str(quarter))
        return {Key(*row[:4]): Sum(*row[4:]) for row in rows if row[4] or row[5]}

    def quarters(self) -> tuple[Quarter, ...]:
        """Return the quarters in which something was counted, the oldest first."""
        found = (Quarter.read(text) for text in self._link.column(_QUARTERS))
        return tuple(quarter for quarter in found if quarter is not None)


class Figures(FiguresReading):
    """The figures inside a write transaction.

    They are written at its end, in the order of their keys, so that no two transactions wait for each other.
    """

    def __init__(self, link: Link) -> None:
        super().__init__(link)
        self._grown: dict[Key, Sum] = {}

    def grow(self, more: Sums) -> None:
        """Let sums grow, or shrink where something is so no longer."""
        for key, one in more.items():
            self._grown[key] = self._grown.get(key, NOTHING) + one

    def flush(self) -> None:
        """Write what has been added up."""
        rows = [_row(key, one) for key, one in sorted(self._grown.items()) if one != NOTHING]
        self._grown.clear()
        self._link.run_each(_GROW, rows)


def _row(key: Key, one: Sum) -> Mapping[str, object]:
    return {**key._asdict(), "count": one.count, "total": one.total}
