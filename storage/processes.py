"""The processes that carry letters, each under its name: of one name only one may run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from storage.schema.tables import process
from storage.sql.instants import instant, micros
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_GET = Statement(
    select(process.c.run, process.c.beat, process.c.at).where(process.c.name == bindparam("name")).with_for_update()
)
_BEAT = inserting(process, or_update=("run", "beat", "at"))
_GONE = Statement(delete(process).where(process.c.name == bindparam("name"), process.c.run == bindparam("of_run")))


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign of life of a process: which run of the program it was, how many came before it, and when."""

    run: str
    count: int
    at: datetime


class Processes:
    """Signs of life, inside a write transaction."""

    def __init__(self, link: Link, now: datetime) -> None:
        self._link = link
        self._now = micros(now)

    def last_of(self, name: str) -> Beat | None:
        """Return the last sign of life under a name; none when there was none, or it ended in order."""
        row = self._link.row(_GET, name=name)
        return None if row is None else Beat(row[0], row[1], instant(row[2]))

    def beat(self, name: str, run: str) -> bool:
        """Give a sign of life. False: another run of this name has given one since, so this one is to stop."""
        before = self.last_of(name)
        if before is not None and before.run != run:
            return False
        self.take(name, run, 0 if before is None else before.count + 1)
        return True

    def take(self, name: str, run: str, count: int = 0) -> None:
        """Run under a name from now on, whoever did before."""
        self._link.run(_BEAT, name=name, run=run, beat=count, at=self._now)

    def prove(self) -> None:
        """Write a row that means nothing: what is asked is whether it can be kept."""
        self.take("", "")

    def gone(self, name: str, run: str) -> None:
        """End in order: the name is free."""
        self._link.run(_GONE, name=name, of_run=run)
