"""The inbox: what has arrived counts once, however often it is delivered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, select

from storage.encryption.cipher import Keyring
from storage.schema.tables import inbox
from storage.sql.instants import micros
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_INSERT = inserting(inbox)
_KNOWN = Statement(select(inbox.c.at).where(inbox.c.key == bindparam("key")))
_FORGET = Statement(delete(inbox).where(inbox.c.at < bindparam("at")))


class Inbox:
    """Keys of what has arrived, kept as keyed hashes: they hold ids of people's chat accounts."""

    def __init__(self, link: Link, keyring: Keyring, now: datetime) -> None:
        self._link = link
        self._keyring = keyring
        self._now = now

    def first(self, key: str) -> bool:
        """Note an arrival, and say whether it is the first with this key.

        The note is part of the transaction: if that fails, the next delivery is the first again.
        """
        # What came just before the keys were changed may be delivered once more just after.
        before = (self._keyring.mac("inbox", key.encode(), older) for older in self._keyring.older)
        if any(self._link.row(_KNOWN, key=hashed) is not None for hashed in before):
            return False
        hashed = self._keyring.mac("inbox", key.encode())
        return self._link.run(_INSERT, key=hashed, at=micros(self._now)) == 1

    def forget(self, before: datetime) -> int:
        """Delete notes of arrivals before an instant, and return how many. No platform delivers again after a week.

        Looks through all of them, once a night: an index on the time would cost every arrival more than this does.
        """
        return self._link.run(_FORGET, at=micros(before))
