"""The figures: sums by quarter, unit and track, which grow with each transaction and hold nothing of any one case.

They stand apart from the cases, so that asking costs the same however many those are, and so that a case that is
erased is still counted (decision 20). What a row adds up is sealed: where there are few cases, a number alone would say
how one of them ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select, update

from domain.figures.quarter import Quarter
from domain.figures.sums import NOTHING, Key, Sum, Sums, open_on
from storage.encryption.cipher import Keyring
from storage.rewrap import passing_over_damaged
from storage.schema.tables import figure
from storage.sql.link import Link
from storage.sql.statement import DatabaseKind, Statement, insert_or

_OF = Statement(
    select(figure.c.id, figure.c.label, figure.c.count, figure.c.total).where(figure.c.quarter == bindparam("quarter"))
)
_QUARTERS = Statement(select(figure.c.quarter).distinct().order_by(figure.c.quarter))
_LABELS = Statement(select(figure.c.id, figure.c.label).order_by(figure.c.id).with_for_update())
_RELABEL = Statement(update(figure).values(label=bindparam("sealed")).where(figure.c.id == bindparam("of")))


def _grow(kind: DatabaseKind) -> Any:
    more = {name: bindparam(name, type_=figure.c[name].type) for name in ("count", "total")}
    return insert_or(kind, figure, {name: figure.c[name] + value for name, value in more.items()})


_GROW = Statement(_grow)


class FiguresReading:
    """What can be read of the figures."""

    def __init__(self, link: Link, keyring: Keyring) -> None:
        self._link = link
        self._keyring = keyring

    def of(self, quarter: Quarter) -> dict[Key, Sum]:
        """Return the sums of one quarter.

        Raises:
            Undecipherable: a row was made with a key that is not there any more.
        """
        found: dict[Key, Sum] = {}
        for row, label, count, total in self._link.rows(_OF, quarter=str(quarter)):
            key = _key_in(self._keyring.open(label, _place_of(row)))
            # After a change of keys one thing is added up in two rows.
            found[key] = found.get(key, NOTHING) + Sum(count, total)
        return {key: one for key, one in found.items() if one != NOTHING}

    def quarters(self) -> tuple[Quarter, ...]:
        """Return the quarters in which something was counted, the oldest first."""
        found = (Quarter.read(text) for text in self._link.column(_QUARTERS))
        return tuple(quarter for quarter in found if quarter is not None)


class Figures(FiguresReading):
    """The figures inside a write transaction.

    They are written at its end, in the order of their rows, so that no two transactions wait for each other.
    """

    def __init__(self, link: Link, keyring: Keyring) -> None:
        super().__init__(link, keyring)
        self._grown: dict[Key, Sum] = {}

    def grow(self, more: Sums, today: date) -> None:
        """Let sums grow, or shrink where something is so no longer; those of settled quarters stay as they are (R207).

        `today` is the region's day.
        """
        for key, one in open_on(today, more).items():
            self._grown[key] = self._grown.get(key, NOTHING) + one

    def flush(self) -> None:
        """Write what has been added up."""
        rows = [self._row(key, one) for key, one in self._grown.items() if one != NOTHING]
        self._grown.clear()
        self._link.run_each(_GROW, sorted(rows, key=_id_of))

    def seal(self) -> None:
        """Seal anew, with the newest key, what an older one has sealed."""
        anew = []
        for row, label in self._link.rows(_LABELS):
            if self._keyring.needs_rotation(label):
                with passing_over_damaged():
                    plain = self._keyring.open(label, _place_of(row))
                    anew.append({"of": row, "sealed": self._keyring.seal(plain, _place_of(row))})
        self._link.run_each(_RELABEL, anew)

    def _row(self, key: Key, one: Sum) -> dict[str, Any]:
        plain = "\n".join(key).encode()
        row = self._keyring.mac("figure", plain)
        label = self._keyring.seal(plain, _place_of(row))
        return {"id": row, "quarter": key.quarter, "label": label, "count": one.count, "total": one.total}


def _id_of(row: Mapping[str, Any]) -> bytes:
    found: bytes = row["id"]
    return found


def _key_in(plain: bytes) -> Key:
    quarter, agency, track, name = plain.decode().split("\n")
    return Key(quarter, agency, track, name)


def _place_of(row: bytes) -> str:
    """Return the AAD that a row's label is bound to."""
    return f"figure|{row.hex()}"
