"""The directory is replaced as a whole, says what changed, and is the same in every process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.address import Address, Kind
from domain.directory import Directory
from storage.directory.changes import Change, ChangeKind
from storage.directory.keeping import SEALED
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database
from storage.errors import Undecipherable
from storage.journal import SYSTEM
from storage.migrate import transaction
from storage.transaction import Transaction
from tests.storage.raw import Raw
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


@pytest.mark.parametrize("change", ["deputy", "away_until = 1"])
def test_a_deputy_that_was_not_entered_by_the_bot_is_refused(
    store: Store, keyring: Keyring, clock: HandClock, change: str
) -> None:
    """Who could enter one would see every case of a colleague, and going away must not make it valid."""
    replace_with(store, DIRECTORY)
    with transaction(store.url) as connection:
        deputy = "deputy = (SELECT b.id FROM staff AS b WHERE b.agency = 'bup')"
        written = deputy if change == "deputy" else change
        connection.exec_driver_sql(f"UPDATE staff SET {written} WHERE agency = 'soc'")  # noqa: S608
        connection.exec_driver_sql("UPDATE directory_revision SET revision = revision + 1")
    other = open_database(store.url, keyring, clock)
    assert list(other.read(lambda reader: reader.directory).result(PATIENCE).staff) == [BO]
    assert other.read(lambda reader: reader.directory_faults()).result(PATIENCE) == ("staff:soc",)
    with pytest.raises(Undecipherable):
        other.write(lambda tx: tx.set_away(ANNA, BACK)).result(PATIENCE)
    other.close()


# ---- a row that is not what was imported ----------------------------------------------------------------------------

PLANTS = {
    "a right": ("UPDATE staff SET admin = 1 WHERE agency = 'soc'", "staff:soc", {"soc", "bup"}, {BO}),
    "a name in the clear": ("UPDATE staff SET name = 'Eva' WHERE agency = 'soc'", "staff:soc", {"soc", "bup"}, {BO}),
    "an identity": (
        ("UPDATE staff_identity SET staff = (SELECT id FROM staff WHERE agency = 'bup') WHERE staff IN "
        "(SELECT id FROM staff WHERE agency = 'soc')"),
        "staff:soc",
        {"soc", "bup"},
        set(),
    ),
    "a channel": (
        ("UPDATE agency_address SET address = (SELECT a.address FROM agency_address AS a WHERE a.agency = 'bup') "
        "WHERE agency = 'soc'"),
        "agency:soc",
        {"bup"},
        {BO},
    ),
    "a kind that there is none of": ("UPDATE agency SET kind = 'x' WHERE id = 'soc'", "agency:soc", {"bup"}, {BO}),
    "a member who is gone": (
        "DELETE FROM staff WHERE agency = 'soc'", "missing:1", {"soc", "bup"}, {BO},
    ),
    "another order": ("UPDATE staff SET position = -position - 1", "order", {"soc", "bup"}, {ANNA, BO}),
}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS)
def test_a_row_that_is_not_what_was_imported_is_named_and_takes_no_other_with_it(store: Store, plant: str) -> None:
    """Law 4C: else one changed row would stop every reminder."""
    replace_with(store, DIRECTORY)
    change, named, units, people = PLANTS[plant]
    with Raw(store) as raw:
        if plant == "a member who is gone":
            raw.run("DELETE FROM staff_identity WHERE staff IN (SELECT id FROM staff WHERE agency = 'soc')")
        raw.run(change)
        raw.run("UPDATE directory_revision SET revision = revision + 1")
    found = store.read(lambda reader: reader.directory)
    assert (set(found.agencies), set(found.staff)) == (units, people)
    assert named in store.read(lambda reader: reader.directory_faults())
    with pytest.raises(Undecipherable):
        store.write(lambda tx: tx.seal_directory())
    with pytest.raises(Undecipherable):
        store.write(lambda tx: tx.require_whole_directory())
    replace_with(store, DIRECTORY)
    assert store.read(lambda reader: reader.directory) == DIRECTORY
    assert store.read(lambda reader: reader.directory_faults()) == ()


def test_who_was_removed_does_not_come_back_with_an_old_row(store: Store) -> None:
    replace_with(store, DIRECTORY)
    tables = ("staff", "staff_identity")
    with Raw(store) as raw:
        old = {table: raw.run(f"SELECT * FROM {table}") for table in tables}  # noqa: S608
    replace_with(store, DIRECTORY.without(frozenset({BO})))
    with Raw(store) as raw:
        for table in reversed(tables):
            raw.run(f"DELETE FROM {table}")  # noqa: S608
        for table in tables:
            for row in old[table]:
                raw.run(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", *row)  # noqa: S608
        raw.run("UPDATE directory_revision SET revision = revision + 1")
    assert list(store.read(lambda reader: reader.directory).staff) == [ANNA]
    assert store.read(lambda reader: reader.directory_faults()) == ("staff:bup",)


def test_a_directory_from_before_rows_had_proofs_gets_them(store: Store) -> None:
    replace_with(store, DIRECTORY)
    with Raw(store) as raw:
        raw.run("UPDATE directory_revision SET rows = NULL, revision = revision + 1")
    assert store.read(lambda reader: reader.directory) == DIRECTORY
    store.write(lambda tx: tx.prove_directory())
    with Raw(store) as raw:
        assert raw.run("SELECT length(rows) FROM directory_revision") == [(32 + 4 * 16,)]


def test_neither_names_nor_addresses_of_the_staff_stand_in_the_clear(store: Store) -> None:
    replace_with(store, DIRECTORY)
    with Raw(store) as raw:
        for table in ("agency", "agency_address", "staff", "staff_identity"):
            said = str(raw.run(f"SELECT * FROM {table}"))  # noqa: S608
            assert not [word for word in ("Anna", "anna.", "example", "T0/", "slack:c") if word in said]
