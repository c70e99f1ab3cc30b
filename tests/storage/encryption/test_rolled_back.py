"""A case that somebody without the keys has set back, swapped or made up is refused, and named (law 4C).

A withdrawn consent would count again otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from storage.audit import Break, Fault
from storage.errors import Undecipherable
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, BO, CODE, OTHER_CODE, Store, a_listing


def changed(store: Store, lead: str, code: str = CODE) -> None:
    store.write(lambda tx: tx.cases.save(replace(tx.cases.get(code), lead=lead), a_listing(), None))
    store.write(lambda tx: tx.journal.write(code, "case.changed", ANNA))


def kept(raw: Raw, code: str = CODE) -> tuple[Any, ...]:
    ((version, document),) = raw.run("SELECT version, document FROM case_ WHERE code = ?", code)
    return version, document


def put_back(raw: Raw, was: tuple[Any, ...], code: str = CODE) -> None:
    raw.run("UPDATE case_ SET version = ?, document = ? WHERE code = ?", *was, code)


def documents(store: Store) -> list[Break]:
    return store.read(lambda reader: reader.audit.rolled_back("", 1)[0])


@pytest.fixture
def raw(store: Store) -> Iterator[Raw]:
    store.add()
    changed(store, BO)
    with Raw(store) as found:
        yield found


def refused(store: Store, code: str = CODE) -> bool:
    with pytest.raises(Undecipherable) as reading:
        store.read(lambda reader: reader.cases.get(code))
    with pytest.raises(Undecipherable):
        store.write(lambda tx: tx.cases.get(code))
    assert reading.value.params == {"code": code}
    return reading.value.key == "case.rolled_back"


def test_an_older_document_put_back_is_refused_and_named(store: Store, raw: Raw) -> None:
    was = kept(raw)
    changed(store, ANNA)
    assert documents(store) == []
    put_back(raw, was)
    assert refused(store)
    assert documents(store) == [Break(CODE, was[0], Fault.ROLLED_BACK)]


def test_an_older_document_under_todays_version_is_refused(store: Store, raw: Raw) -> None:
    _, document = kept(raw)
    changed(store, ANNA)
    put_back(raw, (kept(raw)[0], document))
    assert refused(store)


def test_the_head_put_back_with_it_is_refused_for_the_rows_that_came_after(store: Store, raw: Raw) -> None:
    was = kept(raw)
    ((seq, head, key_id, seal, version, document),) = raw.run(
        "SELECT seq, head, key_id, seal, version, document FROM chain WHERE code = ?", CODE
    )
    changed(store, ANNA)
    put_back(raw, was)
    raw.run(
        "UPDATE chain SET seq = ?, head = ?, key_id = ?, seal = ?, version = ?, document = ? WHERE code = ?",
        *(seq, head, key_id, seal, version, document, CODE),
    )
    assert refused(store)


def test_a_head_made_to_name_nothing_is_refused(store: Store, raw: Raw) -> None:
    raw.run("UPDATE chain SET version = NULL, document = NULL WHERE code = ?", CODE)
    assert refused(store)


def test_a_case_whose_chain_is_gone_is_refused(store: Store, raw: Raw) -> None:
    raw.disarm().run("DELETE FROM chain WHERE code = ?", CODE)
    assert refused(store)


def test_another_cases_rows_are_refused(store: Store, raw: Raw) -> None:
    store.add(OTHER_CODE)
    put_back(raw, kept(raw), OTHER_CODE)
    with pytest.raises(Undecipherable):
        store.read(lambda reader: reader.cases.get(OTHER_CODE))
    assert not_refused(store, CODE)


def not_refused(store: Store, code: str) -> bool:
    return store.read(lambda reader: reader.cases.get(code)).code == code


def test_a_case_saved_and_read_again_in_one_transaction_is_proven(store: Store, raw: Raw) -> None:
    def work(tx: Any) -> str:
        tx.cases.save(replace(tx.cases.get(CODE), lead=ANNA), a_listing(), None)
        return str(tx.cases.get(CODE).lead)

    assert store.write(work) == ANNA
    assert not_refused(store, CODE)


def test_each_save_stands_in_the_journal_with_version_and_hash_and_is_shown_to_nobody(store: Store, raw: Raw) -> None:
    def work(tx: Any) -> None:
        tx.cases.save(replace(tx.cases.get(CODE), lead=ANNA), a_listing(), None)
        tx.journal.write(CODE, "lead.changed", ANNA, details={"round": 1})

    store.write(work)
    ((details,),) = raw.run("SELECT details FROM journal WHERE code = ? AND action = 'lead.changed'", CODE)
    assert f'"_document":"{kept(raw)[0]}:' in details
    (row,) = [r for r in store.read(lambda reader: reader.journal.read(CODE)) if r.entry.action == "lead.changed"]
    assert row.entry.details == {"round": 1}
    assert store.breaks() == []
