"""A clock that was wrong and is right again: no letter sleeps until the time it was wrong about."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.outbox.letter import Letter, Rank
from storage.transaction import Transaction
from tests.storage.specimens import MINUTE, SECOND, START, Store
from tests.storage.test_claims import claim, keys, letter, put, send_all

WRONG_BY = [timedelta(minutes=30), timedelta(hours=26), timedelta(days=365)]
LEASE = timedelta(minutes=2)


def put_right(tx: Transaction) -> int:
    return tx.outbox.put_right(thorough=True)


def paced(store: Store, key: str = "a", pause: timedelta = SECOND) -> None:
    """Send a letter, after which its address rests."""
    put(store, letter(key))
    (sent,) = claim(store)
    store.write(lambda tx: tx.outbox.sent(sent, "1", next_ready=tx.now + pause))


@pytest.mark.parametrize("wrong_by", WRONG_BY)
def test_an_address_that_was_paced_under_a_wrong_clock_takes_letters_when_it_is_right(
    store: Store, wrong_by: timedelta
) -> None:
    store.clock.turn(wrong_by)
    paced(store)
    store.clock.turn(-wrong_by)
    put(store, letter("b"))
    store.write(put_right)
    assert keys(claim(store)) == ["b"]


def test_a_pace_longer_than_any_is_found_at_each_tick(store: Store) -> None:
    store.clock.turn(timedelta(hours=26))
    paced(store)
    store.clock.turn(-timedelta(hours=26))
    put(store, letter("b"))
    assert claim(store) == []
    assert store.write(lambda tx: tx.outbox.put_right()) == 1
    assert keys(claim(store)) == ["b"]


def test_a_pause_that_was_asked_for_holds_through_a_tick(store: Store) -> None:
    paced(store, pause=timedelta(hours=1))
    put(store, letter("b"))
    assert store.write(lambda tx: tx.outbox.put_right()) == 0
    assert claim(store) == []


@pytest.mark.parametrize("wrong_by", WRONG_BY)
def test_a_letter_written_under_a_wrong_clock_waits_as_long_as_it_was_to_wait(
    store: Store, wrong_by: timedelta
) -> None:
    store.clock.turn(wrong_by)
    now = store.clock.now()
    put(
        store,
        letter("a"),
        Letter("later", "slack:channel:C0SKOLA", "reminders", not_before=now + MINUTE, expires_at=now + 2 * MINUTE),
    )
    store.clock.turn(-wrong_by)
    store.write(put_right)
    assert send_all(store) == ["a"]
    store.clock.turn(MINUTE)
    assert send_all(store) == ["later"]


def test_what_was_tried_under_a_wrong_clock_is_tried_again_and_looked_for_far_enough_back(store: Store) -> None:
    wrong_by = timedelta(hours=26)
    put(store, letter("a"))
    store.clock.turn(wrong_by)
    (first,) = claim(store)
    store.write(lambda tx: tx.outbox.again(first, tx.now + timedelta(hours=1), "timeout", unknown=True))
    store.clock.turn(-wrong_by)
    store.write(put_right)
    (again,) = claim(store)
    assert again.uncertain
    assert again.first_tried_at <= START


def test_a_lease_from_a_wrong_clock_runs_out(store: Store) -> None:
    store.clock.turn(timedelta(days=365))
    put(store, letter("a"))
    claim(store)
    store.clock.turn(-timedelta(days=365))
    store.write(put_right)
    store.clock.turn(LEASE)
    assert keys(claim(store)) == ["a"]


# ---- what must go now ------------------------------------------------------------------------------------------


def test_a_withdrawal_waits_for_no_pace(store: Store) -> None:
    """R77: the withdrawal is told at once, whatever was said at that address a moment ago."""
    paced(store, pause=timedelta(hours=26))
    put(store, letter("b"), letter("recall", rank=Rank.URGENT))
    (recall,) = claim(store)
    assert recall.letter.key == "recall"
    store.write(lambda tx: tx.outbox.sent(recall, "2"))
    assert claim(store) == []


def test_a_withdrawal_that_waited_behind_another_letter_goes_right_after_it(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    put(store, letter("b"), letter("recall", rank=Rank.URGENT))
    store.write(lambda tx: tx.outbox.sent(first, "1", next_ready=tx.now + timedelta(hours=1)))
    assert keys(claim(store)) == ["recall"]


def test_when_the_withdrawal_is_dropped_the_others_keep_their_pace(store: Store) -> None:
    paced(store)
    put(store, letter("b"), Letter("recall", "slack:channel:C0SOC", "recall", code="SIP-7K3QX-M", rank=Rank.URGENT))
    store.write(lambda tx: tx.outbox.withdraw("SIP-7K3QX-M", ["recall"], "erased"))
    assert claim(store) == []
    store.clock.turn(SECOND)
    assert send_all(store) == ["b"]
