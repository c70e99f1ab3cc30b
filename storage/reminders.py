"""Reminders (påminnelser) that have gone out, each once, until the thing is done."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, literal_column, select, update

from storage.encryption.address_seal import MARK, AddressReading
from storage.errors import Undecipherable
from storage.schema.tables import case_, reminder
from storage.sql.instants import instant, instant_or_none, micros
from storage.sql.link import Link, Row
from storage.sql.statement import Statement, inserting

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder.

    `key` is unique for ever: a reminder never goes out twice. Its words are those of the other fields, so only a mark
    is kept, by which it is found and which is the key of a reminder that is read. `address` is where it was sent,
    `person` whom it is meant for (a staff id, or "" for an agency); `kind`, `step` and `subject` say what it is about.
    `posted` counts the posts in which its `matter` has stood: steps that say the same count on from each other.
    """

    key: str
    code: str
    address: str
    person: str
    kind: str
    step: str
    subject: str
    fired_at: datetime
    done_at: datetime | None = None
    snoozed_until: datetime | None = None
    matter: str = ""
    posted: int = 0


@dataclass(frozen=True, slots=True)
class DamagedReminder:
    """A row that is not what was written: it stands in no list. `kept` is by what the row is found.

    Of whose list it was nothing is known; the rest is what the row says, if it can be what was written.
    """

    code: str
    subject: str
    kept: str
    fired_at: datetime | None = None
    snoozed_until: datetime | None = None
    posted: int = 0
    is_done: bool = False


_COLUMNS = (
    "key", "code", "address", "person", "kind", "step", "subject", "fired_at", "done_at", "snoozed_until",
    "matter", "posted",
)  # fmt: skip
_SELECT = select(*(reminder.c[name] for name in _COLUMNS))
_IS_OPEN: ColumnElement[bool] = literal_column("reminder.done_at IS NULL")
_CODE = bindparam("code", type_=reminder.c.code.type)
_KEY = bindparam("key", type_=reminder.c.key.type)
_ADD = inserting(reminder)
_GET = Statement(_SELECT.where(reminder.c.key == _KEY))
_OPEN_FOR = Statement(_SELECT.where(reminder.c.address == bindparam("address"), _IS_OPEN))
_OF_CASE = Statement(_SELECT.where(reminder.c.code == _CODE))
_AFTER = Statement(
    _SELECT.where(reminder.c.key > bindparam("after", type_=reminder.c.key.type))
    .order_by(reminder.c.key)
    .limit(bindparam("limit", type_=reminder.c.posted.type))
)
_DO = update(reminder).values(done_at=bindparam("at")).returning(reminder.c.address)
_DONE = Statement(_DO.where(reminder.c.key == _KEY, reminder.c.code == _CODE, _IS_OPEN))
_POSTED = Statement(update(reminder).values(posted=reminder.c.posted + 1).where(reminder.c.key == _KEY))

_FORGET = Statement(
    delete(reminder).where(
        reminder.c.done_at < bindparam("before"),
        # While a case is open its reminders' keys are kept, or one of them might go out once more.
        ~exists(select(case_.c.code).where(case_.c.code == reminder.c.code, case_.c.open == 1)),
    )
)
_FORGET_ONE = Statement(delete(reminder).where(reminder.c.key == _KEY))
_ERASE = Statement(delete(reminder).where(reminder.c.code == _CODE))


class RemindersReading:
    """What can be read of reminders."""

    def __init__(self, link: Link, addresses: AddressReading) -> None:
        self._link = link
        self._addresses = addresses

    def get(self, key: str) -> Reminder | None:
        """Return the reminder with this key, if it has gone out."""
        row = self._link.row(_GET, key=self._found_by(key))
        return None if row is None else self._readable(row)

    def open_for(self, address: str) -> tuple[Reminder, ...]:
        """Return the reminders at an address that are not done and can be read, the oldest first."""
        return self._reminders(self._link.rows(_OPEN_FOR, address=self._addresses.seal(address)))

    def of_case(self, code: str) -> tuple[Reminder, ...]:
        """Return all reminders of a case that can be read, the oldest first."""
        return self._reminders(self._link.rows(_OF_CASE, code=code))

    def damaged_of(self, code: str) -> tuple[str, ...]:
        """Return what the reminders of a case are about that stand in no list, since their rows were changed."""
        return tuple(sorted(row[6] for row in self._link.rows(_OF_CASE, code=code) if self._readable(row) is None))

    def damaged(self, after: str, limit: int) -> tuple[tuple[DamagedReminder, ...], str | None]:
        """Look at the next rows; return which are not what was written, and behind which to go on, None at the end."""
        rows = self._link.rows(_AFTER, after=after, limit=limit)
        found = tuple(_damaged(row) for row in rows if self._readable(row) is None)
        return found, rows[-1][0] if len(rows) == limit else None

    def _found_by(self, key: str) -> str:
        return key if key.startswith(MARK) else self._addresses.mark(key)

    def _reminder(self, row: Row) -> Reminder:
        key, code, address, person, kind, step, subject, fired_at, done_at, snoozed_until, matter, posted = row
        address, person = self._addresses.open_all((address, person))
        times = instant(fired_at), instant_or_none(done_at), instant_or_none(snoozed_until)
        return Reminder(key, code, address, person, kind, step, subject, *times, matter, posted)

    def _reminders(self, rows: Iterable[Row]) -> tuple[Reminder, ...]:
        found = [reminder for row in rows if (reminder := self._readable(row)) is not None]
        return tuple(sorted(found, key=lambda reminder: (reminder.fired_at, reminder.key)))

    def _readable(self, row: Row) -> Reminder | None:
        """Return the reminder of a row, none when somebody has changed it: it must keep no other from its list."""
        self._addresses.require()
        try:
            return self._reminder(row)
        except (Undecipherable, ValueError, OverflowError):  # the others: an instant that is none
            _logger.warning("a reminder's row is not what was written", extra={"code": row[1]})
            return None


class Reminders(RemindersReading):
    """Reminders inside a write transaction."""

    def add(self, fired: Reminder) -> bool:
        """Note that a reminder goes out, and say whether it is new: False when it has gone out before."""
        row = {name: getattr(fired, name) for name in _COLUMNS}
        for name in ("fired_at", "done_at", "snoozed_until"):
            row[name] = None if row[name] is None else micros(row[name])
        for name in ("address", "person"):
            row[name] = self._addresses.seal(row[name])
        row["key"] = self._found_by(fired.key)
        return self._link.run(_ADD, **row) == 1

    def done(self, code: str, keys: Iterable[str], at: datetime) -> tuple[str, ...]:
        """Mark reminders of a case as done; return the addresses whose reminders are now fewer."""
        marks = map(self._found_by, keys)
        rows = [row for key in marks for row in self._link.rows(_DONE, key=key, code=code, at=micros(at))]
        found = map(self._addresses.readable, dict.fromkeys(address for (address,) in rows))
        return tuple(address for address in found if address)

    def posted(self, keys: Iterable[str]) -> None:
        """Count that these reminders have stood in one more post."""
        self._link.run_each(_POSTED, [{"key": self._found_by(key)} for key in keys])

    def forget_damaged(self, damaged: DamagedReminder) -> None:
        """Forget a row that is not what was written."""
        self._link.run(_FORGET_ONE, key=damaged.kept)

    def forget(self, before: datetime) -> int:
        """Delete what was done before an instant in cases that are not open any more, and return how many."""
        return self._link.run(_FORGET, before=micros(before))

    def erase(self, code: str) -> int:
        """Delete all reminders of a case, and return how many there were."""
        return self._link.run(_ERASE, code=code)


def _damaged(row: Row) -> DamagedReminder:
    key, code, _, _, _, _, subject, fired_at, done_at, snoozed_until, _, posted = row
    known = DamagedReminder(code, subject, key, posted=posted, is_done=done_at is not None)
    try:
        return replace(known, fired_at=instant(fired_at), snoozed_until=instant_or_none(snoozed_until))
    except (ValueError, OverflowError):  # an instant that is none
        return known
