"""The outbox: what is to be said waits here, each letter once, until it is sent, dropped or dead."""

from __future__ import annotations

from datetime import timedelta

import pytest

from storage.outbox.outbox import Counts, Letter, LetterState, Rank
from storage.transaction import Transaction
from tests.storage.specimens import CODE, MINUTE, OTHER_CODE, START, Store

SOC, BUP = "slack:channel:C0SOC", "slack:channel:C0BUP"
LEASE = timedelta(seconds=120)


def a_letter(key: str, address: str = SOC, **changes: object) -> Letter:
    return Letter(key, address, "summons.card", {"agency": "soc", "round": 1}, **changes)  # type: ignore[arg-type]


def claim_one(store: Store) -> Letter:
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 1, "courier", LEASE))
    return claim.letter


def test_a_letter_is_put_once(store: Store) -> None:
    assert store.write(lambda tx: tx.outbox.put(a_letter("one")))
    assert not store.write(lambda tx: tx.outbox.put(a_letter("one", BUP)))
    assert store.write(lambda tx: tx.outbox.put_many([a_letter("one"), a_letter("two"), a_letter("three")])) == 2
    assert store.write(lambda tx: tx.outbox.put_many([])) == 0
    assert store.read(lambda reader: reader.outbox.counts()) == Counts(waiting=3, taken=0, dead=0)


def test_a_letter_comes_out_as_it_was_put(store: Store) -> None:
    put = Letter(
        "summons:SIP-7K3QX-M:1:bup",
        "slack:person:T0/U0ANNA",
        "board",
        {"text": "åäö", "number": 7, "yes": True, "nothing": None, "many": ["a", "b"]},
        code=CODE,
        rank=Rank.ANSWER,
        not_before=START,
        expires_at=START + MINUTE,
    )
    store.write(lambda tx: tx.outbox.put(put))
    assert claim_one(store) == put


def test_a_letter_without_arguments_needs_none(store: Store) -> None:
    store.write(lambda tx: tx.outbox.put(Letter("one", SOC, "home")))
    assert claim_one(store).args == {}


def test_a_failed_transaction_says_nothing(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        tx.outbox.put(a_letter("one"))
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fails)
    assert store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", LEASE)) == ()
    assert store.write(lambda tx: tx.outbox.put(a_letter("one")))


def test_there_are_four_ranks(store: Store) -> None:
    with pytest.raises(ValueError, match="Rank"):
        store.write(lambda tx: tx.outbox.put(a_letter("one", rank=Rank.REMINDER + 1)))


def test_waiting_letters_of_a_case_are_withdrawn(store: Store) -> None:
    letters = [
        a_letter("card", code=CODE),
        Letter("nag", SOC, "nags", code=CODE),
        Letter("invite", "mail:anna@example.se", "invite", code=CODE),
        Letter("other", SOC, "nags", code=OTHER_CODE),
        Letter("home", SOC, "nags"),
    ]
    store.write(lambda tx: tx.outbox.put_many(letters))
    assert store.write(lambda tx: tx.outbox.withdraw(CODE, ["nags", "invite"], "consent withdrawn")) == 2
    assert store.write(lambda tx: tx.outbox.withdraw(CODE, [], "closed")) == 1
    assert store.write(lambda tx: tx.outbox.withdraw("", [], "never meant")) == 0
    kept = store.read(lambda reader: reader.outbox.of_case(CODE))
    assert [(letter.letter.key, letter.state, letter.why) for letter in kept] == [
        ("card", LetterState.DROPPED, "closed"),
        ("nag", LetterState.DROPPED, "consent withdrawn"),
        ("invite", LetterState.DROPPED, "consent withdrawn"),
    ]
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", LEASE))
    assert [claim.letter.key for claim in claims] == ["other"]


def test_a_letter_under_way_cannot_be_withdrawn(store: Store) -> None:
    store.write(lambda tx: tx.outbox.put(a_letter("one", code=CODE)))
    claim_one(store)
    assert store.write(lambda tx: tx.outbox.withdraw(CODE, [], "too late")) == 0


def test_a_dead_letter_is_shown_and_can_be_replayed(store: Store) -> None:
    store.write(lambda tx: tx.outbox.put(a_letter("one", code=CODE, expires_at=START + MINUTE)))
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 1, "courier", LEASE))
    assert store.write(lambda tx: tx.outbox.dead(claim, "channel_not_found"))
    (dead,) = store.read(lambda reader: reader.outbox.dead_letters(10))
    assert (dead.letter.key, dead.why, dead.attempts, dead.died_at) == ("one", "channel_not_found", 1, START)
    assert store.read(lambda reader: reader.outbox.counts()).dead == 1

    store.clock.turn(timedelta(days=1))
    assert store.write(lambda tx: tx.outbox.replay(dead.id))
    assert not store.write(lambda tx: tx.outbox.replay(dead.id))
    assert store.read(lambda reader: reader.outbox.dead_letters(10)) == ()
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 1, "courier", LEASE))
    assert (claim.letter.key, claim.attempts) == ("one", 1)


def test_the_oldest_letter_that_could_have_gone_is_known(store: Store) -> None:
    assert store.read(lambda reader: reader.outbox.oldest_waiting()) is None
    store.write(lambda tx: tx.outbox.put(a_letter("later", not_before=START + timedelta(days=1))))
    assert store.read(lambda reader: reader.outbox.oldest_waiting()) is None
    store.write(lambda tx: tx.outbox.put(a_letter("now")))
    store.clock.turn(MINUTE)
    store.write(lambda tx: tx.outbox.put(a_letter("newer", BUP)))
    assert store.read(lambda reader: reader.outbox.oldest_waiting()) == START


def test_a_letter_that_is_tried_again_counts_as_waiting_since_it_could_first_go(store: Store) -> None:
    store.write(lambda tx: tx.outbox.put(a_letter("one")))
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 1, "courier", LEASE))
    store.write(lambda tx: tx.outbox.again(claim, tx.now + timedelta(hours=1), "ratelimited"))
    store.clock.turn(MINUTE)
    assert store.read(lambda reader: reader.outbox.oldest_waiting()) == START


def test_what_was_sent_keeps_no_arguments(store: Store) -> None:
    store.write(lambda tx: tx.outbox.put(a_letter("one", code=CODE)))
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 1, "courier", LEASE))
    store.write(lambda tx: tx.outbox.sent(claim, "C0SOC/1700000000.000100"))
    (kept,) = store.read(lambda reader: reader.outbox.of_case(CODE))
    assert (kept.state, kept.receipt, kept.settled_at) == (LetterState.SENT, "C0SOC/1700000000.000100", START)
    assert kept.letter.args == {}


def test_old_letters_are_forgotten_but_neither_waiting_nor_dead_ones(store: Store) -> None:
    store.write(lambda tx: tx.outbox.put_many([a_letter(f"k{n}", f"slack:channel:C{n}", code=CODE) for n in range(4)]))
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 3, "courier", LEASE))

    def settle(tx: Transaction) -> None:
        tx.outbox.sent(claims[0], "1")
        tx.outbox.dropped(claims[1], "superseded")
        tx.outbox.dead(claims[2], "is_archived")

    store.write(settle)
    assert store.write(lambda tx: tx.outbox.forget(START)) == 0
    assert store.write(lambda tx: tx.outbox.forget(START + MINUTE)) == 2
    states = [letter.state for letter in store.read(lambda reader: reader.outbox.of_case(CODE))]
    assert sorted(states) == [LetterState.DEAD, LetterState.WAITING]


def test_dead_letters_are_forgotten_but_not_those_of_an_open_case(store: Store) -> None:
    store.add(CODE)
    store.write(
        lambda tx: tx.outbox.put_many([Letter("a", "mail:a", "note", code=CODE), Letter("b", "mail:b", "note")])
    )
    store.write(lambda tx: [tx.outbox.dead(claim, "gone") for claim in tx.outbox.claim(tx.now, 9, "one", MINUTE)])
    store.write(lambda tx: tx.outbox.put(Letter("c", "mail:c", "note")))
    assert store.write(lambda tx: tx.outbox.forget_dead(START)) == 0
    assert store.write(lambda tx: tx.outbox.forget_dead(START + MINUTE)) == 1
    assert [dead.letter.key for dead in store.read(lambda reader: reader.outbox.dead_letters(9))] == ["a"]
    assert store.read(lambda reader: reader.outbox.counts().waiting) == 1


def test_letters_that_cannot_be_forgotten_keep_no_other_from_it(store: Store) -> None:
    """A thousand dead ones at the front once stopped all house-keeping."""
    store.write(lambda tx: tx.outbox.put_many([Letter(f"dead-{n}", f"mail:{n}", "note") for n in range(1001)]))
    for _ in range(11):
        store.write(lambda tx: [tx.outbox.dead(claim, "gone") for claim in tx.outbox.claim(tx.now, 91, "one", MINUTE)])
    assert store.read(lambda reader: reader.outbox.counts().dead) == 1001
    store.write(lambda tx: tx.outbox.put(Letter("sent", "mail:b", "note")))
    store.write(lambda tx: [tx.outbox.sent(claim, "1") for claim in tx.outbox.claim(tx.now, 9, "one", MINUTE)])
    store.clock.turn(MINUTE)
    assert store.write(lambda tx: tx.outbox.forget(tx.now)) == 1


def test_letters_of_no_one_case_are_forgotten_sooner(store: Store) -> None:
    """Lists of reminders were two of three letters that a year had left behind."""
    store.write(
        lambda tx: tx.outbox.put_many([Letter("list", "mail:a", "reminders"), a_letter("of a case", code=CODE)])
    )
    store.write(lambda tx: [tx.outbox.sent(claim, "1") for claim in tx.outbox.claim(tx.now, 9, "one", MINUTE)])
    store.clock.turn(MINUTE)
    assert store.write(lambda tx: tx.outbox.forget(START, START)) == 0
    assert store.write(lambda tx: tx.outbox.forget(START, tx.now)) == 1
    assert store.read(lambda reader: reader.outbox.state_of("list")) is None
    assert store.read(lambda reader: reader.outbox.state_of("of a case")) is LetterState.SENT


def test_of_an_open_case_only_what_is_drawn_anew_with_each_state_is_forgotten(store: Store) -> None:
    store.add()
    letters = [Letter("board:1", "mail:a", "board", code=CODE), Letter("note", "mail:b", "note", code=CODE)]
    store.write(lambda tx: tx.outbox.put_many(letters))
    store.write(lambda tx: [tx.outbox.sent(claim, "1") for claim in tx.outbox.claim(tx.now, 9, "one", MINUTE)])
    store.write(lambda tx: tx.outbox.put(Letter("board:2", "mail:a", "board", code=CODE)))
    assert store.write(lambda tx: tx.outbox.forget_drawn(["board"], START)) == 0
    store.clock.turn(MINUTE)
    assert store.write(lambda tx: tx.outbox.forget_drawn(["board"], tx.now)) == 1
    assert [kept.letter.key for kept in store.read(lambda reader: reader.outbox.of_case(CODE))] == ["note", "board:2"]


def test_the_keys_of_an_open_case_are_kept(store: Store) -> None:
    """A key that was forgotten after ninety days let one note come once more."""
    store.add()
    letter = Letter("note", "mail:a", "note", code=CODE)
    store.write(lambda tx: tx.outbox.put(letter))
    store.write(lambda tx: [tx.outbox.sent(claim, "1") for claim in tx.outbox.claim(tx.now, 9, "one", MINUTE)])
    store.clock.turn(MINUTE)
    assert store.write(lambda tx: tx.outbox.forget(tx.now)) == 0
    assert not store.write(lambda tx: tx.outbox.put(letter))
