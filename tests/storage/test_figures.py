"""Sums of what becomes of cases: they grow with each transaction, and outlive an erased case (decision 20)."""

from __future__ import annotations

import pytest

from domain.figures.quarter import Quarter
from domain.figures.sums import Key, Sum
from storage.transaction import Transaction
from tests.storage.specimens import Store

FIRST = Quarter(2026, 1)
NOTICED = Key("2026-1", "soc", "child", "noticed")
NAMED = Key("2026-1", "bup", "child", "named")


def test_sums_grow_and_shrink_and_are_read_by_quarter(store: Store) -> None:
    store.write(lambda tx: tx.figures.grow({NOTICED: Sum(2), NAMED: Sum(1, 30)}))
    store.write(
        lambda tx: tx.figures.grow({NOTICED: Sum(1), NAMED: Sum(-1, -30), NOTICED._replace(quarter="2026-2"): Sum(1)})
    )
    assert store.read(lambda reader: reader.figures.of(FIRST)) == {NOTICED: Sum(3)}
    assert store.read(lambda reader: reader.figures.quarters()) == (FIRST, Quarter(2026, 2))


def test_a_transaction_that_is_undone_counts_nothing(store: Store) -> None:
    def undone(tx: Transaction) -> None:
        tx.figures.grow({NOTICED: Sum(1)})
        raise LookupError("undone")

    with pytest.raises(LookupError):
        store.write(undone)
    assert store.read(lambda reader: reader.figures.of(FIRST)) == {}
