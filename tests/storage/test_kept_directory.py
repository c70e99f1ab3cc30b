"""The directory is replaced as a whole, says what changed, and is the same in every process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.address import Address, Kind
from domain.directory import Directory
from storage.directory import SEALED, Change, ChangeKind
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database
from storage.errors import Undecipherable
from storage.journal import SYSTEM
from storage.migrate import transaction
from storage.transaction import Transaction
from tests.storage.specimens import (
    ANNA,
    BO,
    PATIENCE,
    HandClock,
    Store,
    a_directory,
    a_person,
    an_agency,
)

SOC, BUP = (
    an_agency("soc", manager="slack:T0/U0CHEF"),
    an_agency("bup", addresses=(Address("matrix", Kind.ROOM, "!abc:example.se"),)),
)
DIRECTORY = a_directory(
    SOC,
    BUP,
    a_person(BO, "bup", admin=True),
    a_person(ANNA, "soc", coordinator=True, email="anna.berg@example.se", identities=(ANNA, "matrix:@anna:example.se")),
)


def replace_with(store: Store, directory: Directory, actor: str = "") -> tuple[Change, ...]:
    return store.write(lambda tx: tx.replace_directory(directory, actor))


def test_the_directory_comes_back_as_it_was_entered_in_the_same_order(store: Store) -> None:
    assert store.read(lambda reader: reader.directory) == Directory()
    replace_with(store, DIRECTORY)
    kept = store.read(lambda reader: reader.directory)
    assert kept == DIRECTORY
    assert list(kept.agencies) == ["soc", "bup"]
    assert list(kept.staff) == [BO, ANNA]


def test_a_replacement_says_what_changed(store: Store) -> None:
    added = replace_with(store, DIRECTORY)
    assert [(change.kind, change.thing, change.id) for change in added] == [
        (ChangeKind.ADDED, "agency", "soc"),
        (ChangeKind.ADDED, "agency", "bup"),
        (ChangeKind.ADDED, "staff", BO),
        (ChangeKind.ADDED, "staff", ANNA),
    ]
    assert replace_with(store, DIRECTORY) == ()
    smaller = a_directory(an_agency("soc", name="Socialkontoret", manager="slack:T0/U0CHEF"), DIRECTORY.staff[ANNA])
    assert replace_with(store, smaller, ANNA) == (
        Change(ChangeKind.CHANGED, "agency", "soc", ("name",)),
        Change(ChangeKind.REMOVED, "agency", "bup"),
        Change(ChangeKind.REMOVED, "staff", BO),
    )


def test_a_change_is_in_the_journal_and_no_change_is_not(store: Store) -> None:
    replace_with(store, DIRECTORY, ANNA)
    replace_with(store, DIRECTORY, ANNA)
    rows = store.read(lambda reader: reader.journal.read(SYSTEM))
    (row,) = [found for found in rows if found.entry.action != SEALED]
    assert (row.entry.action, row.entry.actor) == ("directory.replaced", ANNA)
    assert row.entry.details == {"added": 4, "changed": 0, "removed": 0}


def test_somebody_who_gets_a_new_identity_keeps_their_id(store: Store) -> None:
    replace_with(store, DIRECTORY)
    moved = a_person("slack:T1/U9ANNA", "soc", identities=("slack:T1/U9ANNA", "matrix:@anna:example.se"))
    replace_with(store, a_directory(SOC, moved))
    directory = store.read(lambda reader: reader.directory)
    assert list(directory.staff) == [ANNA]
    person = directory.by_identity("slack:T1/U9ANNA")
    assert person is not None
    assert person.id == ANNA
    assert directory.by_identity(ANNA) is None


def test_the_process_loads_the_directory_once_for_each_change(store: Store) -> None:
    replace_with(store, DIRECTORY)
    first = store.read(lambda reader: reader.directory)
    assert store.read(lambda reader: reader.directory) is first
    assert store.write(lambda tx: tx.directory) is first
    replace_with(store, a_directory(SOC))
    assert store.read(lambda reader: reader.directory) == a_directory(SOC)


def test_a_replacement_that_failed_is_seen_by_nobody_afterwards(store: Store) -> None:
    replace_with(store, DIRECTORY)

    def fails(tx: Transaction) -> None:
        tx.replace_directory(a_directory(SOC))
        assert tx.directory == a_directory(SOC)
        raise LookupError

    with pytest.raises(LookupError):
        store.write(fails)
    assert store.read(lambda reader: reader.directory) == DIRECTORY
    replace_with(store, a_directory(BUP))
    assert store.read(lambda reader: reader.directory) == a_directory(BUP)


def test_other_processes_see_the_change(store: Store, keyring: Keyring, clock: HandClock) -> None:
    other = open_database(store.url, keyring, clock)
    assert other.read(lambda reader: reader.directory).result(PATIENCE) == Directory()
    replace_with(store, DIRECTORY)
    assert other.read(lambda reader: reader.directory).result(PATIENCE) == DIRECTORY
    other.close()


BACK = datetime(2026, 12, 3, tzinfo=UTC)


def test_who_is_away_is_so_in_every_process_and_after_an_import(
    store: Store, keyring: Keyring, clock: HandClock
) -> None:
    """R40."""
    deputised = Directory(DIRECTORY.agencies, {**DIRECTORY.staff, ANNA: replace(DIRECTORY.staff[ANNA], deputy=BO)})
    replace_with(store, deputised)
    assert store.write(lambda tx: tx.set_away(ANNA, BACK))
    assert not store.write(lambda tx: tx.set_away(ANNA, BACK))
    other = open_database(store.url, keyring, clock)
    (found,) = other.read(lambda reader: reader.directory.away).result(PATIENCE)
    other.close()
    assert (found.id, found.deputy, found.away_until) == (ANNA, BO, BACK)
    assert replace_with(store, deputised) == ()
    assert [who.id for who in store.read(lambda reader: reader.directory.away)] == [ANNA]
    assert store.write(lambda tx: tx.set_away(ANNA, None))
    assert store.read(lambda reader: reader.directory) == deputised


@pytest.mark.parametrize("change", ["deputy = 'slack:T0/U0BO'", "away_until = 1"])
def test_a_deputy_that_was_not_entered_by_the_bot_is_refused(
    store: Store, keyring: Keyring, clock: HandClock, change: str
) -> None:
    """Who could enter one would see every case of a colleague, and going away must not make it valid."""
    replace_with(store, DIRECTORY)
    with transaction(store.url) as connection:
        connection.exec_driver_sql(f"UPDATE staff SET {change} WHERE id = '{ANNA}'")  # noqa: S608
        connection.exec_driver_sql("UPDATE directory_revision SET revision = revision + 1")
    other = open_database(store.url, keyring, clock)
    with pytest.raises(Undecipherable):
        other.read(lambda reader: reader.directory).result(PATIENCE)
    with pytest.raises(Undecipherable):
        other.write(lambda tx: tx.set_away(ANNA, BACK)).result(PATIENCE)
    other.close()
