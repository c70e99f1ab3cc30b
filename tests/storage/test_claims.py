"""Claims: one letter under way for each address, in order, under a lease, and never lost or taken twice."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from storage.encryption.cipher import Keyring
from storage.outbox.claims import PATIENCE as ATTEMPTS_IN_ORDER
from storage.outbox.outbox import Claim, Letter, LetterState, Outbox, Rank
from storage.transaction import Transaction
from tests.storage.specimens import CODE, MINUTE, PATIENCE, SECOND, START, Store, at_once

SOC, BUP, ANNA = "slack:channel:C0SOC", "slack:channel:C0BUP", "mail:anna@example.se"
LEASE = timedelta(seconds=120)


def put(store: Store, *letters: Letter) -> None:
    store.write(lambda tx: tx.outbox.put_many(letters))


def letter(key: str, address: str = SOC, rank: Rank = Rank.ANSWER, not_before: datetime | None = None) -> Letter:
    return Letter(key, address, "card", {"key": key}, CODE, rank, not_before)


def claim(store: Store, limit: int = 8, holder: str = "courier") -> list[Claim]:
    return list(store.write(lambda tx: tx.outbox.claim(tx.now, limit, holder, LEASE)))


def keys(claims: list[Claim]) -> list[str]:
    return [claim.letter.key for claim in claims]


def told_sent(tx: Transaction, one: Claim) -> bool:
    return tx.outbox.sent(one, "1")


def send_all(store: Store) -> list[str]:
    """Send what can be sent now, one letter at a time; return the keys in order."""
    sent: list[str] = []
    while found := claim(store, 1):
        assert store.write(told_sent, found[0])
        sent += keys(found)
    return sent


# ---- order ---------------------------------------------------------------------------------------------------


def test_letters_to_one_address_go_one_at_a_time(store: Store) -> None:
    put(store, letter("a"), letter("b"), letter("c", BUP))
    claims = claim(store)
    assert sorted(keys(claims)) == ["a", "c"]
    assert claim(store) == []
    store.write(lambda tx: [tx.outbox.sent(one, "1") for one in claims])
    assert keys(claim(store)) == ["b"]


def test_the_most_urgent_goes_first_and_equals_go_in_order(store: Store) -> None:
    put(
        store,
        letter("nag", rank=Rank.REMINDER),
        letter("change 1", rank=Rank.CHANGE),
        letter("change 2", rank=Rank.CHANGE),
    )
    put(store, letter("answer"), letter("recall", rank=Rank.URGENT))
    assert send_all(store) == ["recall", "answer", "change 1", "change 2", "nag"]


def test_urgent_lanes_go_before_others(store: Store) -> None:
    put(store, *(letter(f"nag {n}", f"slack:channel:C{n}", Rank.REMINDER) for n in range(20)))
    put(store, letter("answer", ANNA), letter("recall", BUP, Rank.URGENT))
    assert keys(claim(store, 3))[:2] == ["recall", "answer"]


def test_a_letter_waits_for_its_time_and_holds_nobody_up(store: Store) -> None:
    put(store, letter("morning", not_before=START + timedelta(hours=1)), letter("now", rank=Rank.REMINDER))
    assert send_all(store) == ["now"]
    assert store.write(lambda tx: tx.outbox.next_ready()) == START + timedelta(hours=1)
    store.clock.turn(timedelta(hours=1))
    assert send_all(store) == ["morning"]
    assert store.write(lambda tx: tx.outbox.next_ready()) is None


def test_an_address_is_paced(store: Store) -> None:
    put(store, letter("a"), letter("b"))
    (first,) = claim(store)
    store.write(lambda tx: tx.outbox.sent(first, "1", next_ready=tx.now + SECOND))
    assert claim(store) == []
    put(store, letter("c", rank=Rank.CHANGE))
    assert claim(store) == []
    store.clock.turn(SECOND)
    assert keys(claim(store)) == ["b"]


def test_an_address_is_paced_even_when_nothing_waits_there_meanwhile(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    store.write(lambda tx: tx.outbox.sent(first, "1", next_ready=tx.now + SECOND))
    put(store, letter("b"))
    assert claim(store) == []
    store.clock.turn(SECOND)
    assert keys(claim(store)) == ["b"]


def test_a_letter_that_arrives_while_another_is_under_way_goes_after_it(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    put(store, letter("b", rank=Rank.URGENT))
    assert claim(store) == []
    store.write(lambda tx: tx.outbox.sent(first, "1"))
    assert keys(claim(store)) == ["b"]


# ---- again ---------------------------------------------------------------------------------------------------


def test_a_letter_that_is_tried_again_keeps_its_place(store: Store) -> None:
    """Order holds through short trouble; only what is more urgent passes."""
    put(store, letter("a"), letter("b"))
    (first,) = claim(store)
    store.write(lambda tx: tx.outbox.again(first, tx.now + 5 * SECOND, "connection refused"))
    assert claim(store) == []
    put(store, letter("recall", rank=Rank.URGENT))
    assert send_all(store) == ["recall"]
    store.clock.turn(5 * SECOND)
    assert send_all(store) == ["a", "b"]


def test_a_letter_that_keeps_failing_lets_the_others_pass(store: Store) -> None:
    put(store, letter("stuck"), letter("b"))
    for _ in range(ATTEMPTS_IN_ORDER):
        (stuck,) = claim(store)
        assert stuck.letter.key == "stuck"
        store.write(lambda tx, one: tx.outbox.again(one, tx.now + MINUTE, "internal_error"), stuck)
        assert claim(store) == []
        store.clock.turn(MINUTE)
    (stuck,) = claim(store)
    store.write(lambda tx: tx.outbox.again(stuck, tx.now + MINUTE, "internal_error"))
    assert send_all(store) == ["b"]
    store.clock.turn(MINUTE)
    assert send_all(store) == ["stuck"]


def test_attempts_are_counted_from_the_first(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    assert (first.attempts, first.first_tried_at, first.uncertain) == (1, START, False)
    store.write(lambda tx: tx.outbox.again(first, tx.now + SECOND, "ratelimited"))
    store.clock.turn(SECOND)
    (second,) = claim(store)
    assert (second.attempts, second.first_tried_at, second.uncertain) == (2, START, False)


def test_an_unknown_outcome_stays_uncertain(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    store.write(lambda tx: tx.outbox.again(first, tx.now, "timeout", unknown=True))
    (second,) = claim(store)
    assert second.uncertain
    store.write(lambda tx: tx.outbox.again(second, tx.now, "connection refused"))
    (third,) = claim(store)
    assert third.uncertain


@pytest.mark.parametrize("settle", [Outbox.again, Outbox.put_back], ids=["tried again", "platform away"])
def test_nothing_changes_what_may_stand_there_before_it_was_looked_for(
    store: Store, settle: Callable[..., Any]
) -> None:
    """Else a more urgent change finds the old message gone and posts a second one beside what it does not know of."""
    put(store, letter("list", rank=Rank.REMINDER))
    (first,) = claim(store)
    store.write(lambda tx: settle(tx.outbox, first, tx.now + 15 * SECOND, "timeout", unknown=True))
    put(store, letter("changed list", rank=Rank.CHANGE), letter("answer"), letter("recall", rank=Rank.URGENT))
    assert send_all(store) == ["recall", "answer"]
    store.clock.turn(15 * SECOND)
    assert send_all(store) == ["list", "changed list"]


def test_a_pause_that_the_platform_asked_for_holds_for_the_whole_address(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    until = START + 30 * SECOND
    store.write(lambda tx: tx.outbox.again(first, until, "ratelimited", next_ready=until))
    put(store, letter("b"))
    assert claim(store) == []
    store.clock.turn(30 * SECOND)
    assert keys(claim(store)) == ["a"]


def test_a_letter_put_back_has_not_been_tried(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    assert store.write(lambda tx: tx.outbox.put_back(first, tx.now, "halted"))
    (second,) = claim(store)
    assert (second.attempts, second.uncertain) == (1, False)


def test_an_expired_letter_is_dropped_unsent(store: Store) -> None:
    put(store, Letter("late", SOC, "nags", code=CODE, expires_at=START + SECOND), letter("b"))
    store.clock.turn(SECOND)
    assert keys(claim(store)) == ["b"]
    late = store.read(lambda reader: reader.outbox.of_case(CODE))[0]
    assert (late.state, late.why) == (LetterState.DROPPED, "expired")


# ---- leases --------------------------------------------------------------------------------------------------


def test_a_letter_whose_courier_died_is_taken_again_as_uncertain(store: Store) -> None:
    put(store, letter("a"), letter("b"))
    claim(store, holder="dead")
    store.clock.turn(LEASE - SECOND)
    assert claim(store) == []
    store.clock.turn(SECOND)
    (again,) = claim(store, holder="alive")
    assert (again.letter.key, again.attempts, again.uncertain, again.first_tried_at) == ("a", 2, True, START)


def test_a_courier_that_comes_back_too_late_changes_nothing(store: Store) -> None:
    put(store, letter("a"))
    (frozen,) = claim(store, holder="frozen")
    store.clock.turn(LEASE)
    (taken,) = claim(store, holder="alive")
    assert not store.write(lambda tx: tx.outbox.sent(frozen, "1"))
    assert not store.write(lambda tx: tx.outbox.again(frozen, tx.now, "timeout"))
    assert not store.write(lambda tx: tx.outbox.dead(frozen, "is_archived"))
    assert store.write(lambda tx: tx.outbox.sent(taken, "2"))
    (kept,) = store.read(lambda reader: reader.outbox.of_case(CODE))
    assert kept.receipt == "2"


def test_a_late_word_counts_while_nobody_else_has_begun(store: Store) -> None:
    put(store, letter("a"))
    (slow,) = claim(store)
    store.clock.turn(LEASE)
    assert store.write(lambda tx: tx.outbox.release()) == 1
    assert store.write(lambda tx: tx.outbox.sent(slow, "1"))
    assert claim(store) == []


def test_a_late_word_does_not_free_an_address_on_which_another_letter_is_under_way(store: Store) -> None:
    put(store, letter("a"))
    (slow,) = claim(store)
    store.write(lambda tx: tx.outbox.release())
    put(store, letter("recall", rank=Rank.URGENT), letter("b"))
    (recall,) = claim(store)
    assert recall.letter.key == "recall"
    assert store.write(lambda tx: tx.outbox.sent(slow, "1", next_ready=tx.now + SECOND))
    assert claim(store) == []
    store.clock.turn(SECOND)
    assert store.write(told_sent, recall)
    assert send_all(store) == ["b"]


def test_an_outcome_counts_once(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)
    assert store.write(lambda tx: tx.outbox.sent(first, "1"))
    assert not store.write(lambda tx: tx.outbox.sent(first, "1"))
    assert not store.write(lambda tx: tx.outbox.dropped(first, "superseded"))


def test_leases_of_a_courier_known_to_be_gone_are_released_at_once(store: Store) -> None:
    put(store, letter("a"), letter("b", BUP))
    claim(store, 1, holder="gone")
    claim(store, 1, holder="alive")
    assert store.write(lambda tx: tx.outbox.release("gone")) == 1
    (again,) = claim(store)
    assert (again.attempts, again.uncertain) == (2, True)
    assert store.write(lambda tx: tx.outbox.release()) == 2


# ---- holds ---------------------------------------------------------------------------------------------------


def test_a_platform_on_hold_waits_and_the_others_go_on(store: Store) -> None:
    put(store, letter("a"), letter("m", ANNA))
    store.write(lambda tx: tx.outbox.hold("slack:", tx.now + MINUTE, "token_revoked"))
    put(store, letter("b", BUP, Rank.URGENT), letter("c"))
    assert keys(claim(store)) == ["m"]
    assert store.write(lambda tx: tx.outbox.held()) == {"slack:": START + MINUTE}
    store.clock.turn(MINUTE)
    claims = claim(store)
    assert keys(claims) == ["b", "a"]
    assert [one.attempts for one in claims] == [1, 1]


def test_a_hold_ends_at_once_when_it_is_lifted(store: Store) -> None:
    put(store, letter("a"))
    store.write(lambda tx: tx.outbox.hold("slack:", tx.now + timedelta(hours=1)))
    put(store, letter("b", BUP))
    assert claim(store) == []
    store.clock.turn(SECOND)
    store.write(lambda tx: tx.outbox.hold("slack:", tx.now))
    assert sorted(keys(claim(store))) == ["a", "b"]


def test_a_letter_that_comes_back_during_a_hold_waits_too(store: Store) -> None:
    put(store, letter("a"))
    (first,) = claim(store)

    def halted(tx: Transaction) -> None:
        tx.outbox.hold("slack:", tx.now + MINUTE, "token_revoked")
        tx.outbox.put_back(first, tx.now, "token_revoked")

    store.write(halted)
    assert claim(store) == []
    store.clock.turn(MINUTE)
    assert keys(claim(store)) == ["a"]


def test_many_held_lanes_do_not_hide_the_others(store: Store) -> None:
    store.write(lambda tx: tx.outbox.hold("slack:", tx.now + MINUTE))
    put(store, *(letter(f"s{n}", f"slack:channel:C{n}") for n in range(50)))
    store.clock.turn(SECOND)
    put(store, letter("m", ANNA))
    assert keys(claim(store, 2)) == ["m"]


# ---- several couriers ----------------------------------------------------------------------------------------


def test_couriers_at_once_never_take_the_same_letter(store: Store, keyring: Keyring) -> None:
    """Four couriers, two on each of two processes; every letter is sent once, and in order within its address."""
    addresses = [f"slack:channel:C{n}" for n in range(12)]
    put(store, *(letter(f"{address}#{n}", address) for n in range(10) for address in addresses))
    other = store.another(keyring)
    sent: list[str] = []
    stop_at = time.monotonic() + PATIENCE

    def deliver(place: Store, holder: str) -> None:
        while len(sent) < 120 and time.monotonic() < stop_at:
            for one in claim(place, 5, holder):
                sent.append(one.letter.key)
                assert place.write(told_sent, one)

    at_once(*(partial(deliver, (store, other)[n % 2], f"courier-{n}") for n in range(4)))
    other.database.close()
    assert len(sent) == len(set(sent)) == 120
    for address in addresses:
        assert [key for key in sent if key.startswith(f"{address}#")] == [f"{address}#{n}" for n in range(10)]


def test_letters_put_while_couriers_work_are_never_forgotten(store: Store, keyring: Keyring) -> None:
    """A lane that goes to sleep just as a letter is put must wake: in the end nothing is left waiting."""
    other = store.another(keyring)
    addresses = [f"slack:channel:C{n}" for n in range(3)]
    writing = threading.Event()
    sent: list[str] = []

    def write() -> None:
        draw = random.Random(7)
        for number in range(150):
            letters = [letter(f"{number}-{address}", address, Rank(draw.randrange(4))) for address in addresses]
            put(store, *draw.sample(letters, 2))
        writing.set()

    def deliver(place: Store) -> None:
        stop_at = time.monotonic() + PATIENCE
        idle = 0
        while idle < 3 and time.monotonic() < stop_at:
            claims = claim(place, 2)
            sent.extend(one.letter.key for one in claims if place.write(told_sent, one))
            idle = 0 if claims or not writing.is_set() else idle + 1

    at_once(write, partial(deliver, store), partial(deliver, other))
    other.database.close()
    assert len(sent) == len(set(sent)) == 300
    assert store.read(lambda reader: reader.outbox.counts().waiting) == 0


@pytest.mark.postgres
def test_a_lane_that_somebody_works_on_is_passed_over(postgres_store: Store) -> None:
    put(postgres_store, letter("a"), letter("b", BUP))
    inside, leave = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> list[str]:
        claims = tx.outbox.claim(tx.now, 1, "slow", LEASE)
        inside.set()
        assert leave.wait(PATIENCE)
        return keys(list(claims))

    first = postgres_store.database.write(slow)
    assert inside.wait(PATIENCE)
    second = claim(postgres_store)
    leave.set()
    assert sorted(first.result(PATIENCE) + keys(second)) == ["a", "b"]
