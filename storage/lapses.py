"""What the auditor has found, and since when: so that each thing is told once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from domain.lapse import Lapse, LapseKind
from storage.encryption.address_seal import AddressReading
from storage.schema.tables import lapse
from storage.sql.instants import instant, instant_or_none, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

_SELECT = select(lapse.c.kind, lapse.c.code, lapse.c.subject, lapse.c.found_at, lapse.c.gone_at)
_OPEN = Statement(_SELECT.where(lapse.c.gone_at.is_(None)))
_NOTE = inserting(lapse)
_AGAIN = Statement(
    update(lapse).values(gone_at=None).where(lapse.c.key == bindparam("of_key"), lapse.c.gone_at.is_not(None))
)
_GONE = Statement(
    update(lapse).values(gone_at=bindparam("now")).where(lapse.c.key == bindparam("of_key"), lapse.c.gone_at.is_(None))
)
_FORGET = Statement(delete(lapse).where(lapse.c.gone_at < bindparam("before")))
_ERASE = Statement(delete(lapse).where(lapse.c.code == bindparam("code")))


@dataclass(frozen=True, slots=True)
class KeptLapse:
    """A lapse, when it was first found, and since when it is so no longer."""

    lapse: Lapse
    found_at: datetime
    gone_at: datetime | None


class LapsesReading:
    """What can be read of lapses."""

    def __init__(self, link: Link, addresses: AddressReading) -> None:
        self._link = link
        self._addresses = addresses

    def open(self) -> tuple[KeptLapse, ...]:
        """Return what was so when the auditor looked last, the oldest first."""
        found = map(self._kept, self._link.rows(_OPEN))
        return tuple(sorted(found, key=lambda kept: (kept.found_at, kept.lapse.key)))

    def _kept(self, row: Row) -> KeptLapse:
        kind, code, subject, found_at, gone_at = row
        of = Lapse(LapseKind(kind), code, self._addresses.readable(subject))
        return KeptLapse(of, instant(found_at), instant_or_none(gone_at))


class Lapses(LapsesReading):
    """Lapses inside a write transaction."""

    def note(self, found: Sequence[Lapse], now: datetime, kinds: Collection[LapseKind]) -> tuple[Lapse, ...]:
        """Keep what is so now, and that what was so before is over; return what nobody has been told of yet.

        `kinds` are those that were looked for: of others nothing is known now.
        """
        keys = {one.key for one in found}
        for kept in self.open():
            if kept.lapse.kind in kinds and kept.lapse.key not in keys:
                self._link.run(_GONE, of_key=self._addresses.seal(kept.lapse.key), now=micros(now))
        return tuple(one for one in dict.fromkeys(found) if self._is_new(one, now))

    def _is_new(self, one: Lapse, now: datetime) -> bool:
        key, subject = self._addresses.seal(one.key), self._addresses.seal(one.subject)
        row = {"key": key, "kind": one.kind.value, "code": one.code, "subject": subject}
        new = self._link.run(_NOTE, **row, found_at=micros(now), gone_at=None) == 1
        if not new:
            self._link.run(_AGAIN, of_key=key)
        return new

    def forget(self, before: datetime) -> int:
        """Delete what was over before an instant, and return how many."""
        return self._link.run(_FORGET, before=micros(before))

    def erase(self, code: str) -> int:
        """Delete all that concerns a case, and return how many."""
        return self._link.run(_ERASE, code=code)
