"""Sums of what becomes of cases: they grow with each transaction, and outlive an erased case (decision 20)."""

from __future__ import annotations

from datetime import date

import pytest

from domain.figures.quarter import Quarter
from domain.figures.sums import Key, Sum
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.rotation import rotate
from storage.transaction import Transaction
from tests.storage.raw import Raw
from tests.storage.specimens import HandClock, Store

FIRST = Quarter(2026, 1)
NOTICED = Key("2026-1", "soc", "child", "noticed")
THAT_DAY = date(2026, 3, 2)
NAMED = Key("2026-1", "bup", "child", "named")


def test_sums_grow_and_shrink_and_are_read_by_quarter(store: Store) -> None:
    store.write(lambda tx: tx.figures.grow({NOTICED: Sum(2), NAMED: Sum(1, 30)}, THAT_DAY))
    store.write(
        lambda tx: tx.figures.grow(
            {NOTICED: Sum(1), NAMED: Sum(-1, -30), NOTICED._replace(quarter="2026-2"): Sum(1)}, THAT_DAY
        )
    )
    assert store.read(lambda reader: reader.figures.of(FIRST)) == {NOTICED: Sum(3)}
    assert store.read(lambda reader: reader.figures.quarters()) == (FIRST, Quarter(2026, 2))


def test_nothing_changes_a_quarter_that_has_settled(store: Store) -> None:
    """R207: what begins in the next one grows on."""
    later = NOTICED._replace(quarter="2026-2")
    store.write(lambda tx: tx.figures.grow({NOTICED: Sum(2), NAMED: Sum(1, 30)}, date(2026, 4, 30)))
    store.write(lambda tx: tx.figures.grow({NOTICED: Sum(-1), NAMED: Sum(1), later: Sum(1)}, date(2026, 5, 1)))
    assert store.read(lambda reader: reader.figures.of(FIRST)) == {NOTICED: Sum(2), NAMED: Sum(1, 30)}
    assert store.read(lambda reader: reader.figures.of(FIRST.after)) == {later: Sum(1)}


def test_a_transaction_that_is_undone_counts_nothing(store: Store) -> None:
    def undone(tx: Transaction) -> None:
        tx.figures.grow({NOTICED: Sum(1)}, THAT_DAY)
        raise LookupError("undone")

    with pytest.raises(LookupError):
        store.write(undone)
    assert store.read(lambda reader: reader.figures.of(FIRST)) == {}


def test_a_row_says_to_nobody_without_the_key_what_it_adds_up(store: Store, keyring: Keyring) -> None:
    """Law 4D: where there is one case, a number in the clear would say how it ended."""
    store.write(lambda tx: tx.figures.grow({NAMED: Sum(1)}, THAT_DAY))
    with Raw(store) as raw:
        (row,) = raw.run("SELECT * FROM figure")
    assert not [part for part in row if any(word in str(part) for word in ("bup", "child", "named"))]


def test_after_a_change_of_keys_the_sums_are_whole_and_the_old_key_may_go(sqlite_store: Store, secret: str) -> None:
    sqlite_store.write(lambda tx: tx.figures.grow({NAMED: Sum(2, 5)}, THAT_DAY))
    sqlite_store.database.close()
    fresh = fresh_key()
    both = open_database(sqlite_store.url, Keyring([fresh, secret]), HandClock())
    both.write(lambda tx: tx.figures.grow({NAMED: Sum(1, 1)}, THAT_DAY)).result(10)
    rotate(both)
    both.close()
    newest = open_database(sqlite_store.url, Keyring([fresh]), HandClock())
    assert newest.read(lambda reader: reader.figures.of(FIRST)).result(10) == {NAMED: Sum(3, 6)}
    newest.close()
