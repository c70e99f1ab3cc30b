"""Where people are written to, and who they are in chat, is kept under the keys (law 4D; `address_seal.py`)."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from domain.errors import Invalid, Unavailable
from domain.lapse import Lapse, LapseKind
from storage.encryption.address_seal import AddressCipher
from storage.encryption.cipher import RETIRED, Keyring, fresh_key
from storage.engine.database import open_database
from storage.errors import Undecipherable
from storage.journal import JournalRow
from storage.migrate import downgrade, is_current, migrate, transaction
from storage.outbox.letter import Letter, Rank
from storage.outbox.outbox import Claim
from storage.posts import Post
from storage.reminders import Reminder
from storage.rotation import rotate
from storage.schema import metadata
from storage.schema.columns import SEALED
from storage.schema.tables import lane, outbox, person, process
from storage.schema.tables import reminder as reminder_
from storage.sql.instants import NEVER
from storage.transaction import Transaction
from tests.storage.raw import Raw
from tests.storage.specimens import CODE, START, HandClock, Store

LEASE = timedelta(minutes=2)
OLD, NEW = fresh_key(), fresh_key()
TELLING = ("astrid", "exempel", "0" * 32)  # the last is what a surface shows, hashed
MAIL = "mail:astrid.exempelsson@exempel.invalid"
WHO = "matrix:@astrid.exempelsson:exempel.invalid"
PERSON = WHO.replace("matrix:", "matrix:person:")
CIPHER = AddressCipher(AddressCipher.fresh())


# ---- what is kept of one --------------------------------------------------------------------------------------------


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=80))
def test_it_opens_again_is_always_the_same_and_shows_only_how_it_begins(text: str) -> None:
    address = f"mail:{text}"
    kept = CIPHER.seal(address)
    assert CIPHER.open(kept) == address
    assert CIPHER.seal(address) == kept
    assert re.fullmatch(r"mail:~[\w-]+", kept)
    assert CIPHER.open(CIPHER.seal(text)) == text


def test_its_length_tells_little() -> None:
    assert len({len(CIPHER.seal("mail:" + "a" * length)) for length in range(1, 17)}) == 1


def test_what_was_changed_moved_to_another_platform_or_never_sealed_does_not_open() -> None:
    kept = CIPHER.seal(MAIL)
    other = AddressCipher(AddressCipher.fresh())
    for wrong in (kept[:-2], kept.replace("mail", "slack"), MAIL, "~", kept + "A", other.seal(MAIL), "mail:~å"):
        with pytest.raises(Undecipherable):
            CIPHER.open(wrong)


# ---- in the tables --------------------------------------------------------------------------------------------------


def fill(store: Store) -> None:
    """Put an address or an identity into every table that holds one."""
    store.add(owner=WHO)
    letters = [Letter(f"reminders:{PERSON}:{n}", (MAIL, PERSON)[n % 2], "note", {"n": n}, CODE) for n in range(6)]
    store.write(lambda tx: tx.outbox.put_many(letters))
    store.write(
        lambda tx: tx.posts.put(Post(f"board:{CODE}:{WHO}", PERSON, "!rum:exempel.invalid", "$1", 1, START, "0" * 32))
    )
    reminder = Reminder(f"{CODE}|names|{PERSON}", CODE, PERSON, WHO, "names", "1", "x", START)
    store.write(lambda tx: tx.reminders.add(reminder))
    store.write(lambda tx: tx.people.remember_dm(WHO, "!rum:exempel.invalid"))
    store.write(lambda tx: tx.feeds.give(WHO, "hemligt"))
    store.write(lambda tx: tx.feeds.enter(CODE, [WHO], START + timedelta(days=1)))
    store.write(lambda tx: tx.journal.write(CODE, "case.opened", WHO, details={"lead": WHO}))
    store.write(lambda tx: tx.lapses.note([Lapse(LapseKind.LEFT, "", WHO)], START, {LapseKind.LEFT}))
    store.write(lambda tx: tx.journal.write("", "staff.away", WHO, details={"who": WHO}))


def test_no_table_shows_one(store: Store) -> None:
    fill(store)
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", LEASE))
    store.write(lambda tx: [tx.outbox.sent(claim, "!rum:exempel.invalid/$1") for claim in claims])
    with Raw(store) as raw:
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns]
            for row in raw.run(f'SELECT {", ".join(names)} FROM "{table.name}"'):  # noqa: S608
                said = dict(zip(names, map(str, row), strict=True))
                assert not [name for name, text in said.items() if any(word in text for word in TELLING)], table.name
                hidden = [said[column.name] for column in table.columns if column.info.get(SEALED)]
                assert all(re.fullmatch(r"([a-z]+:)?~[\w-]+|", text) for text in hidden), table.name


def told(store: Store) -> list[object]:
    """Read everything back by address and by identity."""

    def actors(rows: tuple[JournalRow, ...]) -> list[object]:
        return [(row.entry.actor, dict(row.entry.details)) for row in rows]

    return [
        store.read(lambda reader: reader.cases.own(WHO, 5)[0].owner),
        store.read(lambda reader: reader.cases.count_own(WHO)),
        store.read(lambda reader: [kept.letter for kept in reader.outbox.of_case(CODE)]),
        store.read(lambda reader: str(reader.outbox.state_of(f"reminders:{PERSON}:1"))),
        store.read(lambda reader: reader.posts.get(f"board:{CODE}:{WHO}")),
        store.read(lambda reader: reader.posts.at("matrix:")),
        store.read(lambda reader: reader.reminders.open_for(PERSON)),
        store.read(lambda reader: reader.people.dm(WHO)),
        store.read(lambda reader: reader.feeds.owner_of("hemligt")),
        store.read(lambda reader: reader.feeds.cases_of(WHO, 5)),
        store.read(lambda reader: actors(reader.journal.read(CODE))),
        store.read(lambda reader: actors(reader.journal.read("")[:2])),
        store.read(lambda reader: [kept.lapse for kept in reader.lapses.open()]),
        store.read(lambda reader: reader.journal.count_of(WHO, "case.opened", START)),
    ]


def test_all_is_found_again_before_during_and_after_a_change_of_keys(store: Store) -> None:
    first = store.another(Keyring([OLD]))
    fill(first)
    before = told(first)
    assert before[1] == 1
    assert before[-1] == 1
    both = store.another(Keyring([NEW, OLD]))
    assert told(both) == before
    rotate(both.database)
    assert told(both) == before
    after = store.another(Keyring([NEW, RETIRED + OLD]))
    assert told(after) == before
    assert first.read(lambda reader: reader.people.dm(WHO)), "a process that has not been started anew goes on"
    for one in (first, both, after):
        one.database.close()
    gone = store.another(Keyring([OLD]))
    with pytest.raises(Undecipherable):
        gone.read(lambda reader: reader.people.dm(WHO))
    gone.database.close()


def test_a_row_that_was_changed_hides_no_other_from_a_list(store: Store) -> None:
    fill(store)
    store.add("SIP-AAAA1-1", owner=WHO)
    store.write(lambda tx: tx.posts.put(Post("home", PERSON, "!rum:exempel.invalid", "$1", 1, START)))
    with Raw(store) as raw:
        raw.run("UPDATE case_ SET owner = 'matrix:~AAAA' WHERE code = ?", CODE)
        raw.run("UPDATE post SET surface = 'board:~AAAA' WHERE code = ?", CODE)
    listed = store.read(lambda reader: reader.cases.waiting_for("bup", 5))
    assert {one.code: one.owner for one in listed} == {CODE: "", "SIP-AAAA1-1": WHO}
    assert [post.surface for post in store.read(lambda reader: reader.posts.at("matrix:"))] == ["home"]


# ---- letters that wait while the keys change (R128) -----------------------------------------------------------------


def taken(store: Store) -> list[Claim]:
    return list(store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", LEASE)))


def test_a_change_of_keys_while_letters_wait_keeps_their_order_and_sends_none_twice(store: Store) -> None:
    def letter(number: int, rank: Rank = Rank.ANSWER) -> Letter:
        return Letter(f"note:{WHO}:{number}", PERSON, "note", {"n": number}, CODE, rank)

    old = store.another(Keyring([OLD]))
    old.write(lambda tx: tx.outbox.put_many([letter(n) for n in range(3)]))
    (first,) = taken(old)
    both = store.another(Keyring([NEW, OLD]))
    # One is under way, two wait; now one of them is put once more, and another comes.
    assert both.write(lambda tx: tx.outbox.put_many([letter(1), letter(3)])) == 1
    assert taken(both) == [], "one at a time to one address"
    rotate(both.database)
    assert taken(both) == []
    new = store.another(Keyring([NEW, RETIRED + OLD]))
    assert new.write(lambda tx: tx.outbox.put(letter(2))) is False
    assert new.write(lambda tx: tx.outbox.sent(first, "1"))
    order = [first.letter.key]
    while found := taken(new):
        order += [claim.letter.key for claim in found]
        new.write(lambda tx, found: [tx.outbox.sent(claim, "1") for claim in found], found)
    assert order == [letter(n).key for n in range(4)]
    assert not new.write(lambda tx: tx.outbox.put(letter(0))), "what was sent is known still"
    for one in (old, both, new):
        one.database.close()


def test_what_came_before_a_change_of_keys_counts_once_after_it_too(store: Store) -> None:
    """R128: platforms deliver again what they have no answer to, and a change of keys takes a restart."""
    old, both = store.another(Keyring([OLD])), store.another(Keyring([NEW, OLD]))
    assert old.write(lambda tx: tx.inbox.first("Ev1"))
    assert not both.write(lambda tx: tx.inbox.first("Ev1"))
    assert both.write(lambda tx: tx.inbox.first("Ev2"))
    assert not both.write(lambda tx: tx.inbox.first("Ev2"))
    for one in (old, both):
        one.database.close()


def test_the_key_is_the_same_for_processes_that_begin_at_once(store: Store) -> None:
    stores = [store.another(Keyring([OLD])) for _ in range(4)]
    asked = [one.ask(lambda tx, n: tx.people.remember_dm(WHO, f"!{n}:x"), n) for n, one in enumerate(stores)]
    for future in asked:
        future.result(30)
    with Raw(store) as raw:
        assert raw.run("SELECT count(*) FROM person") == [(1,)]
    assert len({one.read(lambda reader: reader.people.dm(WHO)) for one in stores}) == 1
    for one in stores:
        one.database.close()


def test_a_key_that_was_drawn_in_vain_is_used_by_nobody(store: Store) -> None:
    def fail(tx: Transaction) -> None:
        tx.people.remember_dm(WHO, "!1:x")
        raise Invalid("planted")

    with pytest.raises(Invalid):
        store.write(fail)
    assert store.read(lambda reader: reader.people.dm(WHO)) is None
    store.write(lambda tx: tx.people.remember_dm(WHO, "!2:x"))
    assert store.read(lambda reader: reader.people.dm(WHO)) == "!2:x"


# ---- a database of the version before -------------------------------------------------------------------------------

LETTERS, PLACES = 400, 40


def of_the_version_before(url: str) -> list[dict[str, Any]]:
    """Make a database in which all stands in the clear, with many letters that wait; return the rows of the letters."""
    migrate(url, revision="0010")
    rows = [
        {
            "key": f"note:{WHO}:{n}", "address": f"mail:astrid{n % PLACES}@exempel.invalid", "what": "note", "code": "",
            "rank": 2, "state": "waiting", "put_at": n, "not_before": n, "next_at": n, "expires_at": NEVER,
            "attempts": 0, "first_tried_at": None, "uncertain": 0, "holder": "", "why": "", "receipt": "",
            "settled_at": None, "args": b"",
        }
        for n in range(LETTERS)
    ]  # fmt: skip
    lanes = [{"address": row["address"], "rank": 2, "ready_at": 0, "paced_until": 0, "holder": ""} for row in rows]
    with transaction(url) as connection:
        connection.execute(outbox.insert(), rows)
        connection.execute(lane.insert(), lanes[:PLACES])
        connection.execute(person.insert(), [{"identity": WHO, "locale": "sv-SE", "dm": "!rum:x"}])
    return rows


def test_letters_that_waited_before_the_upgrade_go_out_once_and_in_their_order(
    database_url: str, clock: HandClock
) -> None:
    rows = of_the_version_before(database_url)
    with pytest.raises(Invalid) as refused:
        migrate(database_url)
    assert refused.value.key == "keys.missing"
    migrate(database_url, Keyring([OLD]))
    store = Store(open_database(database_url, Keyring([OLD]), clock), clock, database_url)
    assert store.read(lambda reader: reader.people.dm(WHO)) == "!rum:x"
    assert not store.write(lambda tx: tx.outbox.put(Letter(rows[0]["key"], rows[0]["address"], "note")))
    went: dict[str, list[str]] = {}
    while found := store.write(lambda tx: tx.outbox.claim(tx.now, PLACES, "courier", LEASE)):
        for claim in found:
            went.setdefault(claim.letter.address, []).append(claim.letter.key)
        store.write(lambda tx, found: [tx.outbox.sent(claim, "1") for claim in found], found)
    store.database.close()
    expected: dict[str, list[str]] = {}
    for row in rows:
        expected.setdefault(row["address"], []).append(row["key"])
    assert went == expected


@pytest.mark.parametrize("version", ["0010", "0014"])
def test_while_a_process_of_the_version_before_runs_nothing_is_turned(database_url: str, version: str) -> None:
    """What the other writes from then on could be read by nobody."""
    of_the_version_before(database_url)
    migrate(database_url, Keyring([OLD]), version)
    now = int(time.time() * 1_000_000)
    beat = {"name": "bot-1", "run": "r", "beat": 1, "at": now}
    with transaction(database_url) as connection:
        connection.execute(process.insert(), [beat])
    with pytest.raises(Unavailable) as refused:
        migrate(database_url, Keyring([OLD]))
    assert refused.value.key == "database.in_use"
    with transaction(database_url) as connection:
        connection.execute(process.update().values(at=now - 60_000_000))
    migrate(database_url, Keyring([OLD]))
    assert is_current(database_url)


def test_a_reminder_whose_key_was_kept_in_full_goes_out_no_second_time(store: Store, keyring: Keyring) -> None:
    reminder = Reminder(f"{CODE}|names|{PERSON}", CODE, PERSON, WHO, "names", "1", "names", START)
    moved = replace(reminder, key=f"{CODE}|names|{PERSON}|2026-11-02", fired_at=START + timedelta(days=1))
    store.write(lambda tx: [tx.reminders.add(one) for one in (reminder, moved)])
    downgrade(store.url, "0012", keyring)
    with transaction(store.url) as connection:
        kept = connection.execute(select(reminder_.c.key)).scalars().all()
    assert all(len(key) > len("~") + 64 for key in kept), "of two with the same words the later says when it fired"
    migrate(store.url, keyring)
    assert not store.write(lambda tx: tx.reminders.add(reminder))
    assert len(store.read(lambda reader: reader.reminders.of_case(CODE))) == 2


def test_the_way_back_needs_the_keys_and_leaves_all_as_it_was(database_url: str) -> None:
    rows = of_the_version_before(database_url)
    migrate(database_url, Keyring([OLD]))
    with pytest.raises(Invalid):
        downgrade(database_url, "0010")
    downgrade(database_url, "0010", Keyring([NEW, OLD]))
    with transaction(database_url) as connection:
        found = connection.execute(select(outbox.c.key, outbox.c.address).order_by(outbox.c.id)).all()
        assert connection.execute(select(person.c.identity, person.c.dm)).all() == [(WHO, "!rum:x")]
    assert [tuple(row) for row in found] == [(row["key"], row["address"]) for row in rows]
