"""Nothing about a person can be read in the files of the database (law 4D): not in tables, logs or freed pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from domain.matters.need import Denial
from domain.stamp import Stamp
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.errors import Undecipherable
from storage.outbox.outbox import Letter
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, CODE, OTHER_CODE, START, HandClock, Store, a_case, a_listing

# Invented, and in forms that free text might hold.
SECRETS = ("191212121212", "19121212-1212", "Testgatan 12", "Tolvan Tolvansson", "planted-response-url")


def plant(store: Store) -> None:
    """Put the secrets wherever something about the person may be kept, change them, and send one of the letters."""
    denial = Denial(" ".join(SECRETS), Stamp(ANNA, START))
    case = a_case(denial=denial, record_ref=SECRETS[0])
    store.write(lambda tx: tx.cases.add(case, a_listing(), START))
    for number in range(5):
        store.write(lambda tx: tx.cases.save(replace(tx.cases.get(CODE), record_ref=SECRETS[1]), a_listing(), None))
        store.write(lambda tx: tx.journal.write(CODE, "note", ANNA, secret=" ".join(SECRETS).encode()))
        store.write(lambda tx: tx.journal.write(CODE, "denied", ANNA, details={"reason": SECRETS[2]}))
        letter = Letter(f"k{number}", f"slack:channel:C{number}", "card", {"texts": list(SECRETS)}, CODE)
        store.write(lambda tx, letter: tx.outbox.put(letter), letter)
    store.write(lambda tx: tx.inbox.first(SECRETS[0]))
    store.write(lambda tx: tx.tokens.keep(CODE, [SECRETS[4]], tx.now))
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 2, "courier", timedelta(minutes=2)))
    store.write(lambda tx: [tx.outbox.sent(claim, "1") for claim in claims])


def found_in(data: bytes) -> list[str]:
    return [secret for secret in SECRETS if secret.encode() in data or secret.encode().hex().encode() in data]


def test_planted_secrets_are_in_no_file_of_sqlite(sqlite_store: Store, tmp_path: Path) -> None:
    plant(sqlite_store)
    files = [file.read_bytes() for file in tmp_path.iterdir() if file.is_file()]
    assert len(files) == 3
    assert b"case.opened" in b"".join(files), "the files hold what was written"
    assert [found_in(data) for data in files] == [[], [], []]


@pytest.mark.postgres
def test_planted_secrets_are_in_no_table_of_postgresql(postgres_store: Store) -> None:
    plant(postgres_store)
    with psycopg.connect(postgres_store.url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            rows = connection.execute(f"SELECT t::text FROM {name} AS t").fetchall()  # noqa: S608
            assert found_in("\n".join(row[0] for row in rows).encode()) == []


def test_a_document_moved_to_another_case_is_refused(store: Store) -> None:
    store.add(CODE)
    store.add(OTHER_CODE)
    with Raw(store) as raw:
        raw.run(
            "UPDATE case_ SET document = (SELECT document FROM case_ WHERE code = ?) WHERE code = ?", OTHER_CODE, CODE
        )
    with pytest.raises(Undecipherable):
        store.read(lambda reader: reader.cases.get(CODE))
    with Raw(store) as raw:
        raw.run(
            "UPDATE case_key SET wrapped = (SELECT wrapped FROM case_key WHERE code = ?) WHERE code = ?",
            OTHER_CODE,
            CODE,
        )
    with pytest.raises(Undecipherable):
        store.read(lambda reader: reader.cases.get(CODE))


def test_an_old_document_put_back_is_refused(store: Store) -> None:
    case = store.add()
    with Raw(store) as raw:
        ((old,),) = raw.run("SELECT document FROM case_ WHERE code = ?", CODE)
        store.write(lambda tx: tx.cases.save(case, a_listing(), None))
        raw.run("UPDATE case_ SET document = ? WHERE code = ?", old, CODE)
    with pytest.raises(Undecipherable) as refused:
        store.read(lambda reader: reader.cases.get(CODE))
    assert refused.value.key == "case.rolled_back"


def test_a_letters_arguments_moved_to_another_letter_are_refused(store: Store) -> None:
    for key in ("a", "b"):
        store.write(lambda tx, key: tx.outbox.put(Letter(key, "slack:channel:C0", "card", {"key": key}, CODE)), key)
    with Raw(store) as raw:
        ((first, _), (_, second)) = raw.run("SELECT id, args FROM outbox ORDER BY id")
        raw.run("UPDATE outbox SET args = ? WHERE id = ?", second, first)
    kept, other = (one.letter for one in store.read(lambda reader: reader.outbox.of_case(CODE)))
    assert (kept.key, kept.address, dict(kept.args)) == ("", "", {}), "it is named, and opened by nobody"
    assert other.args == {"key": "b"}


def test_another_bots_keys_open_nothing(store: Store, clock: HandClock) -> None:
    store.add()
    foreign = open_database(store.url, Keyring([fresh_key()]), clock)
    with pytest.raises(Undecipherable) as refused:
        foreign.read(lambda reader: reader.cases.get(CODE)).result(30)
    assert refused.value.key == "keys.unknown"
    foreign.close()


def test_an_error_of_the_database_tells_no_secret(store: Store) -> None:
    """Errors are logged, so they must not carry what was to be written."""
    plant(store)
    with Raw(store) as raw:
        raw.run("DROP TABLE due")
    with pytest.raises(Exception, match=r"due|unavailable") as failed:
        store.write(lambda tx: tx.cases.save(replace(a_case(), record_ref=SECRETS[0], version=5), a_listing(), START))
    error: BaseException | None = failed.value
    while error is not None:
        assert found_in(f"{error!s} {error!r}".encode()) == []
        error = error.__cause__ or error.__context__
