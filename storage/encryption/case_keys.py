"""The keys of cases: each case's own data key, wrapped by the newest key of the ring."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select

from storage.encryption.cipher import DataKey, Keyring
from storage.schema.tables import case_key
from storage.sql.link import Link
from storage.sql.statement import Statement, inserting

_INSERT = inserting(case_key)
_GET = Statement(select(case_key.c.wrapped).where(case_key.c.code == bindparam("code")))
_DELETE = Statement(delete(case_key).where(case_key.c.code == bindparam("code")))


def place_of_key(code: str) -> str:
    """Return the AAD that a case's wrapped key is bound to."""
    return f"case|{code}|key"


class CaseKeys:
    """The unwrapped keys that one transaction has needed."""

    def __init__(self, link: Link, keyring: Keyring) -> None:
        self._link = link
        self._keyring = keyring
        self._known: dict[str, DataKey] = {}

    def make(self, code: str) -> tuple[DataKey, bytes]:
        """Make the key of a new case; return it, and wrapped as it is to be kept once the case's row stands."""
        fresh = DataKey.fresh()
        key = self._known[code] = DataKey(fresh)
        return key, self._keyring.seal(fresh, place_of_key(code))

    def keep(self, code: str, wrapped: bytes) -> None:
        """Keep the wrapped key of a new case."""
        self._link.run(_INSERT, code=code, wrapped=wrapped)

    def get(self, code: str) -> DataKey | None:
        """Return a case's key, or none when there is none (any more)."""
        if code in self._known:
            return self._known[code]
        wrapped = self._link.value(_GET, code=code)
        return None if wrapped is None else self.unwrap(code, wrapped)

    def unwrap(self, code: str, wrapped: bytes) -> DataKey:
        """Return the key that was read together with its case.

        Raises:
            Undecipherable: it was wrapped by a key that is not on the ring, or changed, or moved.
        """
        key = self._known.get(code)
        if key is None:
            key = self._known[code] = DataKey(self._keyring.open(wrapped, place_of_key(code)))
        return key

    def destroy(self, code: str) -> None:
        """Delete a case's key; what it sealed can never be read again."""
        self._known.pop(code, None)
        self._link.run(_DELETE, code=code)
