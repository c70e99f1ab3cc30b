"""What arrives twice counts once, whoever hands it in and however often."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from storage.encryption.cipher import Keyring
from storage.transaction import Transaction
from tests.storage.specimens import START, Store, at_once


def test_the_first_arrival_counts_and_the_second_does_not(store: Store) -> None:
    assert store.write(lambda tx: tx.inbox.first("trigger-1"))
    assert not store.write(lambda tx: tx.inbox.first("trigger-1"))
    assert store.write(lambda tx: tx.inbox.first("trigger-2"))


def test_an_arrival_whose_work_failed_may_come_again(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        assert tx.inbox.first("trigger-1")
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fails)
    assert store.write(lambda tx: tx.inbox.first("trigger-1"))


def test_of_many_deliveries_at_once_one_counts(store: Store, keyring: Keyring) -> None:
    other = store.another(keyring)

    def deliver(place: Store) -> int:
        return sum(place.write(lambda tx, key: tx.inbox.first(key), f"event-{n}") for n in range(25))

    counted = at_once(*(partial(deliver, place) for place in (store, other, store, other)))
    other.database.close()
    assert sum(counted) == 25


def test_arrivals_are_forgotten_after_a_while(store: Store) -> None:
    store.write(lambda tx: tx.inbox.first("old"))
    store.clock.turn(timedelta(days=7))
    store.write(lambda tx: tx.inbox.first("new"))
    assert store.write(lambda tx: tx.inbox.forget(START + timedelta(days=1))) == 1
    assert store.write(lambda tx: tx.inbox.first("old"))
    assert not store.write(lambda tx: tx.inbox.first("new"))
