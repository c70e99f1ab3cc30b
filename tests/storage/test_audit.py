"""Whoever owns the database can change it, but not unnoticed: every tampering with the journal is found."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from storage.audit import Fault
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, BO, CODE, OTHER_CODE, PATIENCE, START, HandClock, Store

ROWS = 5


@pytest.fixture
def written(store: Store) -> Store:
    """Two cases with a handful of rows each."""
    for code in (CODE, OTHER_CODE):
        store.add(code)
        for number in range(ROWS):
            store.clock.turn(timedelta(minutes=1))
            store.write(
                lambda tx, code, number: tx.journal.write(
                    code, "step", ANNA, agency="soc", before="a", after="b", details={"n": number}, secret=b"text"
                ),
                code,
                number,
            )
    assert store.breaks() == []
    return store


COLUMNS = {
    "at": "at + 1",
    "actor": "'slack:T0/U0EVIL'",
    "agency": "'bup'",
    "action": "'other'",
    "before": "'x'",
    "after": "'x'",
    "details": """'{"n":9}'""",
    "secret": "?",
    "key_id": "?",
    "mac": "?",
}


def test_a_change_of_any_column_of_any_row_is_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm()
        for column, seq in product(COLUMNS, (1, 3, ROWS)):
            value = COLUMNS[column]
            change = "UPDATE journal SET COLUMN = VALUE WHERE code = ? AND seq = ?".replace("COLUMN", column)
            look = "SELECT COLUMN FROM journal WHERE code = ? AND seq = ?".replace("COLUMN", column)
            ((before,),) = raw.run(look, CODE, seq)
            raw.run(change.replace("VALUE", value), *([bytes(32)] if value == "?" else []), CODE, seq)
            found = written.breaks()[0]
            fault = Fault.KEY_UNKNOWN if column == "key_id" else Fault.CHANGED
            assert (found.code, found.seq, found.fault) == (CODE, seq, fault), column
            raw.run(change.replace("VALUE", "?"), before, CODE, seq)
    assert written.breaks() == []


def test_a_row_moved_to_another_case_is_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm().run("UPDATE journal SET code = 'SIP-MOVED-1' WHERE code = ? AND seq = 2", CODE)
    assert {found.code for found in written.breaks()} == {CODE, "SIP-MOVED-1"}


def test_a_renumbered_row_is_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm().run("UPDATE journal SET seq = 9 WHERE code = ? AND seq = ?", CODE, ROWS)
    assert next(found.code for found in written.breaks()) == CODE


@pytest.mark.parametrize(
    "seq, fault", [(1, Fault.REMOVED), (3, Fault.REMOVED), (ROWS, Fault.CUT)], ids=["first", "middle", "last"]
)
def test_a_removed_row_is_found(written: Store, seq: int, fault: Fault) -> None:
    with Raw(written) as raw:
        raw.disarm().run("DELETE FROM journal WHERE code = ? AND seq = ?", CODE, seq)
    assert [(found.code, found.fault) for found in written.breaks()] == [(CODE, fault)]


def test_two_rows_that_changed_places_are_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm()
        for before, after in ((2, 99), (3, 2), (99, 3)):
            raw.run("UPDATE journal SET seq = ? WHERE code = ? AND seq = ?", after, CODE, before)
    assert {(found.code, found.fault) for found in written.breaks()} == {(CODE, Fault.CHANGED)}


def test_a_cut_tail_is_found_even_when_the_head_is_set_back_too(written: Store) -> None:
    """The head of a shorter chain cannot be sealed without the key."""
    with Raw(written) as raw:
        raw.disarm()
        raw.run("DELETE FROM journal WHERE code = ? AND seq > 3", CODE)
        assert [found.fault for found in written.breaks()] == [Fault.CUT]
        raw.run(
            "UPDATE chain SET seq = 3, head = (SELECT mac FROM journal WHERE code = ? AND seq = 3) WHERE code = ?",
            CODE,
            CODE,
        )
    assert [(found.code, found.fault) for found in written.breaks()] == [(CODE, Fault.HEAD)]


def test_an_added_row_is_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm().run(
            "INSERT INTO journal SELECT code, ?, at, actor, agency, action, before, after, details, secret, key_id, "
            "mac FROM journal WHERE code = ? AND seq = ?",
            ROWS + 1,
            CODE,
            ROWS,
        )
    assert [found.fault for found in written.breaks()] == [Fault.CHANGED, Fault.ADDED]


HEAD_COLUMNS = {"seq": "seq + 1", "head": "?", "key_id": "?", "seal": "?"}


@pytest.mark.parametrize("column", HEAD_COLUMNS)
def test_a_change_of_any_column_of_a_head_is_found(written: Store, column: str) -> None:
    value = HEAD_COLUMNS[column]
    params: list[Any] = [bytes(32)] if value == "?" else []
    change = "UPDATE chain SET COLUMN = VALUE WHERE code = ?".replace("COLUMN", column)
    with Raw(written) as raw:
        raw.run(change.replace("VALUE", value), *params, CODE)
    (found,) = written.breaks()
    assert found.fault is (Fault.KEY_UNKNOWN if column == "key_id" else Fault.HEAD)


def _delete(*tables: str) -> Callable[[Raw], None]:
    def delete(raw: Raw) -> None:
        for table in tables:
            raw.run("DELETE FROM TABLE WHERE code = ?".replace("TABLE", table), CODE)

    return delete


@pytest.mark.parametrize(
    "delete",
    [
        pytest.param(_delete("journal"), id="its journal"),
        pytest.param(_delete("chain"), id="its head"),
        pytest.param(_delete("case_party", "due", "case_key", "case_"), id="the case, not its journal"),
        pytest.param(_delete("case_key"), id="its key"),
        pytest.param(_delete("journal", "chain", "case_party", "due", "case_key", "case_"), id="every row of the case"),
    ],
)
def test_a_deleted_case_is_found(written: Store, delete: Callable[[Raw], None]) -> None:
    with Raw(written) as raw:
        delete(raw.disarm())
    assert {found.code for found in written.breaks()} == {CODE}


def test_deleting_the_note_of_a_cases_opening_with_the_case_is_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm()
        _delete("journal", "chain", "case_party", "due", "case_key", "case_")(raw)
        raw.run("DELETE FROM journal WHERE code = '' AND after = ?", CODE)
    assert [found.code for found in written.breaks()] == [""]


def test_emptying_the_systems_own_chain_is_found(written: Store) -> None:
    with Raw(written) as raw:
        raw.disarm().run("DELETE FROM journal WHERE code = ''")
        assert [found.fault for found in written.breaks()] == [Fault.CUT]
        raw.run("DELETE FROM chain WHERE code = ''")
    assert [(found.code, found.fault) for found in written.breaks()] == [("", Fault.HEAD)]


def test_an_empty_journal_is_whole(store: Store) -> None:
    assert store.breaks() == []


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 5, 7, 100])
def test_a_walk_may_be_taken_in_steps_of_any_length(written: Store, at_a_time: int) -> None:
    assert written.breaks(at_a_time) == []
    with Raw(written) as raw:
        raw.disarm().run("UPDATE journal SET actor = ? WHERE code = ? AND seq = 3", BO, OTHER_CODE)
        raw.run("DELETE FROM journal WHERE code = ? AND seq = ?", CODE, ROWS)
    assert [(found.code, found.fault) for found in written.breaks(at_a_time)] == [
        (CODE, Fault.CUT),
        (OTHER_CODE, Fault.CHANGED),
    ]


def test_rows_written_under_an_older_key_are_still_proved(migrated_url: str, clock: HandClock, secret: str) -> None:
    def with_keys(*secrets: str) -> Store:
        return Store(open_database(migrated_url, Keyring(secrets), clock), clock, migrated_url)

    store = with_keys(secret)
    store.add()
    store.write(lambda tx: tx.journal.write(CODE, "one", ANNA))
    store.database.close()

    newer = fresh_key()
    store = with_keys(newer, secret)
    store.write(lambda tx: tx.journal.write(CODE, "two", ANNA))
    assert store.breaks() == []
    store.database.close()

    store = with_keys(newer)
    assert {found.fault for found in store.breaks()} == {Fault.KEY_UNKNOWN}
    store.database.close()


def test_the_anchor_of_a_past_instant_stays_the_same_while_the_journal_grows(written: Store) -> None:
    then = written.clock.now()
    anchor = written.read(lambda reader: reader.audit.anchor(then))
    assert anchor.chains == 3
    written.clock.turn(timedelta(minutes=1))
    written.write(lambda tx: tx.journal.write(CODE, "later", ANNA))
    written.add("SIP-LATER-1")
    assert written.read(lambda reader: reader.audit.anchor(then)) == anchor
    now = written.clock.now()
    assert written.read(lambda reader: reader.audit.anchor(now)).root != anchor.root


def test_an_old_copy_put_back_shows_against_an_anchor_kept_outside(written: Store) -> None:
    """A chain cut together with its old head is sealed and whole: only the anchor knows better."""
    with Raw(written) as raw:
        old_head = raw.run("SELECT seq, head, key_id, seal FROM chain WHERE code = ?", CODE)[0]
        written.clock.turn(timedelta(minutes=1))
        written.write(lambda tx: tx.journal.write(CODE, "regretted", ANNA))
        then = written.clock.now()
        anchor = written.read(lambda reader: reader.audit.anchor(then))
        raw.disarm().run("DELETE FROM journal WHERE code = ? AND seq > ?", CODE, ROWS)
        raw.run("UPDATE chain SET seq = ?, head = ?, key_id = ?, seal = ? WHERE code = ?", *old_head, CODE)
    assert written.breaks() == []
    assert written.read(lambda reader: reader.audit.anchor(then)) != anchor


def test_the_anchor_of_nothing_is_that_of_an_empty_tree(store: Store) -> None:
    """RFC 6962 2.1: the hash of an empty list is the hash of an empty string."""
    anchor = store.read(lambda reader: reader.audit.anchor(START))
    assert anchor.root == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_walk_goes_on_while_others_write(written: Store) -> None:
    futures = []
    for number in range(50):
        futures.append(written.ask(lambda tx, n: tx.journal.write(CODE, f"w{n}", ANNA), number))
        if number % 10 == 0:
            assert written.breaks(3) == []
    for future in futures:
        future.result(PATIENCE)
    assert written.breaks(3) == []
