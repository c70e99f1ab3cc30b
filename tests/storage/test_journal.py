"""The journal: append-only, chained, and readable as a timeline (law 4C: who, unit, when, case, action)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from storage.journal import OPENED, SYSTEM, Entry
from storage.transaction import Transaction
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, BO, CODE, OTHER_CODE, START, Store, a_case, a_listing


def test_a_row_tells_who_did_what_when_and_what_changed(store: Store) -> None:
    store.add()
    store.write(
        lambda tx: tx.journal.write(
            CODE,
            "summons.named",
            ANNA,
            agency="bup",
            before="sent",
            after="named",
            details={"meeting": 1, "wish": "met"},
        )
    )
    (row,) = store.read(lambda reader: reader.journal.read(CODE))
    assert (row.seq, row.at, row.erased) == (1, START, False)
    assert row.entry == Entry(CODE, "summons.named", ANNA, "bup", "sent", "named", {"meeting": 1, "wish": "met"})


def test_rows_are_read_in_the_order_in_which_they_were_written(store: Store) -> None:
    store.add()
    for number in range(3):
        store.write(lambda tx, number: tx.journal.write(CODE, f"step.{number}", ANNA), number)
    store.clock.turn(timedelta(hours=1))
    store.write(lambda tx: tx.journal.write(CODE, "step.3", BO))
    rows = store.read(lambda reader: reader.journal.read(CODE))
    assert [(row.seq, row.entry.action) for row in rows] == [(n + 1, f"step.{n}") for n in range(4)]
    assert rows[-1].at == START + timedelta(hours=1)


def test_a_transaction_reads_its_own_rows(store: Store) -> None:
    store.add()

    def write_and_read(tx: Transaction) -> list[str]:
        tx.journal.write(CODE, "one", ANNA)
        seen = [row.entry.action for row in tx.journal.read(CODE)]
        tx.journal.write(CODE, "two", ANNA)
        return seen

    assert store.write(write_and_read) == ["one"]
    assert len(store.read(lambda reader: reader.journal.read(CODE))) == 2
    assert store.breaks() == []


def test_each_opened_case_is_noted_in_the_systems_own_chain(store: Store) -> None:
    store.add(CODE)
    store.add(OTHER_CODE)
    rows = store.read(lambda reader: reader.journal.read(SYSTEM))
    assert [(row.entry.action, row.entry.after) for row in rows] == [(OPENED, CODE), (OPENED, OTHER_CODE)]


def test_a_failed_transaction_leaves_no_row(store: Store) -> None:
    def fails(tx: Transaction) -> None:
        tx.journal.write(CODE, "one", ANNA)
        tx.journal.flush()
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fails)
    assert store.read(lambda reader: reader.journal.read(CODE)) == ()
    assert store.breaks() == []


def test_a_secret_is_read_until_the_case_is_erased_and_the_chain_holds_without_it(store: Store) -> None:
    store.add()
    store.write(lambda tx: tx.journal.write(CODE, "note", ANNA, secret="åtgärd".encode()))
    (row,) = store.read(lambda reader: reader.journal.read(CODE))
    assert row.entry.secret == "åtgärd".encode()
    store.write(lambda tx: tx.shred(CODE))
    row = store.read(lambda reader: reader.journal.read(CODE))[0]
    assert (row.entry.secret, row.erased) == (None, True)
    assert store.breaks() == []


def test_what_a_line_says_goes_with_the_case_and_the_act_stays(store: Store) -> None:
    """Law 4D.5 and 6: codes and acts are kept for log control; until when a consent held is not."""
    store.add()
    store.write(lambda tx: tx.journal.write(CODE, "consent.given", ANNA, details={"valid_until": "2027-05-31"}))
    (row,) = store.read(lambda reader: reader.journal.read(CODE))
    assert row.entry.details == {"valid_until": "2027-05-31"}
    store.write(lambda tx: tx.shred(CODE))
    row = store.read(lambda reader: reader.journal.read(CODE))[0]
    assert (row.entry.action, row.entry.actor, dict(row.entry.details)) == ("consent.given", ANNA, {})
    assert row.erased


def test_a_secret_needs_a_case(store: Store) -> None:
    with pytest.raises(ValueError, match="case"):
        store.write(lambda tx: tx.journal.write(CODE, "note", ANNA, secret=b"text"))


FORBIDDEN = [
    "UPDATE journal SET actor = 'slack:T0/U0EVIL' WHERE code = 'SIP-7K3QX-M'",
    "DELETE FROM journal WHERE code = 'SIP-7K3QX-M'",
]
SQLITE_FORBIDDEN = [
    """
    INSERT OR REPLACE INTO journal
    SELECT code, seq, at, 'evil', agency, action, before, after, details, secret, key_id, mac
    FROM journal WHERE code = 'SIP-7K3QX-M' AND seq = 1
    """,
    """
    INSERT INTO journal
    SELECT code, 9, at, actor, agency, action, before, after, details, secret, key_id, mac
    FROM journal WHERE code = 'SIP-7K3QX-M' AND seq = 1
    """,
]


def test_the_database_itself_refuses_to_change_the_journal(store: Store) -> None:
    store.add()
    store.write(lambda tx: tx.journal.write(CODE, "one", ANNA))
    statements = [*FORBIDDEN, *(SQLITE_FORBIDDEN if store.is_sqlite else ["TRUNCATE journal"])]
    for statement in statements:
        with Raw(store) as raw, pytest.raises(Exception, match="append-only"):
            raw.run(statement)
    assert store.breaks() == []


def test_many_writers_make_one_unbroken_chain(store: Store) -> None:
    store.add()
    futures: list[Any] = [store.ask(lambda tx, n: tx.journal.write(CODE, f"step.{n}", ANNA), n) for n in range(60)]
    for future in futures:
        future.result(30)
    rows = store.read(lambda reader: reader.journal.read(CODE))
    assert [row.seq for row in rows] == list(range(1, 61))
    assert store.breaks() == []


def test_many_cases_opened_at_once_make_one_unbroken_chain_of_the_system(store: Store) -> None:
    codes = [f"SIP-AAA{n:02}-1" for n in range(20)]
    futures = [store.ask(_open, code) for code in codes]
    for future in futures:
        future.result(30)
    opened = [row.entry.after for row in store.read(lambda reader: reader.journal.read(SYSTEM))]
    assert sorted(opened) == codes
    assert store.breaks() == []


def _open(tx: Transaction, code: str) -> None:
    tx.cases.add(a_case(code), a_listing(), None)
