"""Rows that are not what was written keep no other from being found: they are passed over, named, and put right.

A disk or somebody who goes round the bot changed them. Making a case protected must never wait for that (law 4D.4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from pydantic import SecretStr

from bot.admin.damaged_posts import damaged_posts
from bot.settings import Settings
from domain.code import make_code
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from storage.migrate import downgrade, migrate
from storage.outbox.letter import Letter, LetterState, Rank
from storage.posts import DamagedPost, Post
from storage.reminders import Reminder
from storage.rotation import rotate
from storage.transaction import Reader
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, BO, START, Store

CODE = make_code(4711)
CHANNEL = "slack:channel:C0BUP"
SUMMONS = Post(f"summons:{CODE}:1:bup", CHANNEL, "C0BUP", "1700000000.000100", 3, START, "abc")
WORD = Post(f"word:{CODE}:lead", CHANNEL, "C0BUP", "1700000000.000300", 1, START)
DAMAGE = {
    "message": "'1700000000.009999'",
    "place": "'C0BUP~'",
    "address": "'slack:~AAAA'",
    "fingerprint": "''",
    "code": "'SIP-00000-0'",
    "shown_at": "9000000000000000000",
}


def put(store: Store) -> None:
    for post in (SUMMONS, WORD):
        store.write(lambda tx, post: tx.posts.put(post), post)


def damage(store: Store, column: str) -> None:
    with Raw(store) as raw:
        raw.run(f"UPDATE post SET {column} = {DAMAGE[column]} WHERE message = ?", SUMMONS.message)  # noqa: S608 - ours


def next_damaged(after: str, reader: Reader) -> tuple[tuple[DamagedPost, ...], str | None]:
    return reader.posts.damaged(after, 1)


@pytest.mark.parametrize("column", DAMAGE)
def test_a_damaged_post_hides_no_other_and_is_named(store: Store, column: str) -> None:
    put(store)
    damage(store, column)
    assert store.read(lambda reader: reader.posts.of_case(CODE)) == (WORD,)
    assert store.read(lambda reader: reader.posts.standing_at(CHANNEL)) == (WORD,)
    assert store.read(lambda reader: reader.posts.get(SUMMONS.surface)) is None
    (found,), last = store.read(lambda reader: reader.posts.damaged("", 10))
    assert (found.surface, last) == (SUMMONS.surface, None)
    assert found.mark.startswith("summons:")
    named = store.read(lambda reader: reader.posts.damaged_of(CODE))
    assert named == (() if column == "code" else (found,))


def test_damaged_posts_are_found_however_many_rows_there_are(store: Store) -> None:
    put(store)
    damage(store, "message")
    found: list[str] = []
    after: str | None = ""
    steps = 0
    while after is not None:
        more, after = store.read(partial(next_damaged, after))
        found += [one.surface for one in more]
        steps += 1
    assert (found, steps) == ([SUMMONS.surface], 3)


def test_what_is_posted_next_takes_the_place_of_a_damaged_row(store: Store) -> None:
    put(store)
    damage(store, "message")
    store.write(lambda tx: tx.posts.put(replace(SUMMONS, message="1700000000.000900")))
    assert store.read(lambda reader: reader.posts.damaged("", 10)) == ((), None)


def test_the_operator_has_damaged_posts_listed_and_put_right(store: Store, secret: str) -> None:
    """docs/operate.md: looked for in the chat, deleted there, and replaced."""
    store.add(CODE)
    put(store)
    damage(store, "place")
    settings = Settings(_env_file=None, sipbot_database_url=store.url, sipbot_secret_keys=(SecretStr(secret),))
    (line,) = damaged_posts(settings, replace=False)
    assert line.startswith(f"{CODE}  summons:")
    assert "C0BUP" not in line
    assert damaged_posts(settings, replace=True) == [line]
    assert damaged_posts(settings, replace=False) == []
    assert store.read(lambda reader: reader.posts.of_case(CODE)) == (WORD,)
    row = store.read(lambda reader: reader.journal.read(CODE))[-1].entry
    assert (row.action, row.details) == ("messages.replaced", {"messages": 1})


def test_a_damaged_reminder_hides_no_other_and_is_named(store: Store) -> None:
    def reminder(what: str) -> Reminder:
        return Reminder(f"{CODE}|{what}", CODE, CHANNEL, "anna", "names", "1", what, START)

    for what in ("names:1:bup", "plan:1"):
        store.write(lambda tx, what: tx.reminders.add(reminder(what)), what)
    with Raw(store) as raw:
        raw.run("UPDATE reminder SET person = 'x' WHERE subject = 'plan:1'")
    for found in (lambda reader: reader.reminders.of_case(CODE), lambda reader: reader.reminders.open_for(CHANNEL)):
        assert [one.subject for one in store.read(found)] == ["names:1:bup"]
    assert store.read(lambda reader: reader.reminders.damaged_of(CODE)) == ("plan:1",)
    (damaged,), last = store.read(lambda reader: reader.reminders.damaged("", 10))
    assert (damaged.code, damaged.subject, damaged.fired_at, last) == (CODE, "plan:1", START, None)
    done = store.write(lambda tx: tx.reminders.done(CODE, [f"{CODE}|names:1:bup"], tx.now))
    assert done == (CHANNEL,)
    store.write(lambda tx: tx.reminders.forget_damaged(damaged))
    assert store.read(lambda reader: reader.reminders.damaged("", 1))[0] == ()


def test_a_letter_under_another_cases_code_goes_nowhere(store: Store) -> None:
    """Law 4D.4: where it goes would be asked of a case that is open to all, and what it says of a protected one."""
    store.write(lambda tx: tx.outbox.put(Letter("a", CHANNEL, "summons", {"code": CODE, "meeting": 1}, CODE)))
    with Raw(store) as raw:
        raw.run("UPDATE outbox SET code = ?", make_code(4712))
    assert store.write(lambda tx: tx.outbox.claim(tx.now, 10, "me", timedelta(seconds=60))) == ()
    (dead,) = store.read(lambda reader: reader.outbox.dead_letters(5))
    assert dead.why == "damaged"


@pytest.mark.parametrize("change", ["what = 'note'", "rank = 3", f"code = '{make_code(4712)}'", "code = ''"])
def test_a_letter_that_was_made_another_goes_nowhere(store: Store, change: str) -> None:
    """Composed as another kind, or behind all others, or about another case: what was written once does not change."""
    store.write(lambda tx: tx.outbox.put(Letter("a", CHANNEL, "summons", {"meeting": 1}, CODE, Rank.URGENT)))
    with Raw(store) as raw:
        raw.run(f"UPDATE outbox SET {change}")  # noqa: S608 - ours
        raw.run("UPDATE lane SET rank = (SELECT rank FROM outbox)")
    assert store.write(lambda tx: tx.outbox.claim(tx.now, 10, "me", timedelta(seconds=60))) == ()
    (dead,) = store.read(lambda reader: reader.outbox.dead_letters(5))
    assert dead.why == "damaged"


def test_letters_that_wait_at_the_upgrade_go_out_once_and_a_damaged_one_keeps_none_from_it(
    store: Store, keyring: Keyring
) -> None:
    """0015: what a letter says was bound to its key and address alone."""
    for key in ("a", "b", "c"):
        store.write(lambda tx, key: tx.outbox.put(Letter(key, f"{CHANNEL}{key}", "note", {"to": key}, CODE)), key)
    downgrade(store.url, "0014", keyring)
    with Raw(store) as raw:
        raw.run("UPDATE outbox SET address = 'slack:~AAAA' WHERE id = (SELECT min(id) FROM outbox)")
    migrate(store.url, keyring)
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 10, "me", timedelta(seconds=60)))
    assert sorted((claim.letter.key, claim.letter.args["to"]) for claim in claims) == [("b", "b"), ("c", "c")]


@pytest.mark.parametrize("damaged", ["address = 'slack:~AAAA'", "rank = 7", "expires_at = -9000000000000000000"])
def test_a_damaged_letter_stays_in_the_list_of_its_case_and_keeps_no_other_from_going(
    store: Store, damaged: str
) -> None:
    """A rank that is none stopped all letters to everybody."""
    for key, channel in (("a", "slack:channel:C0A"), ("b", "slack:channel:C0B")):
        letter = Letter(key, channel, "note", {"code": CODE}, CODE, Rank.URGENT)
        store.write(lambda tx, letter: tx.outbox.put(letter), letter)
    with Raw(store) as raw:
        raw.run(f"UPDATE outbox SET {damaged} WHERE id = (SELECT min(id) FROM outbox)")  # noqa: S608 - ours
    listed = store.read(lambda reader: reader.outbox.of_case(CODE))
    assert [one.letter.key for one in listed] == ["", "b"]
    claims = store.write(lambda tx: tx.outbox.claim(tx.now, 10, "me", timedelta(seconds=60)))
    assert [claim.letter.key for claim in claims] == ["b"]


def test_a_room_or_an_owner_that_cannot_be_opened_is_asked_for_anew(store: Store) -> None:
    for who in (ANNA, BO):
        store.write(lambda tx, who: tx.people.remember_dm(who, "D0"), who)
        store.write(lambda tx, who: tx.feeds.give(who, f"{who}'s"), who)
    with Raw(store) as raw:
        raw.run("UPDATE person SET dm = 'x'")
        raw.run("UPDATE feed SET staff = 'x' || made_at WHERE staff = (SELECT min(staff) FROM feed)")
    assert store.read(lambda reader: (reader.people.dm(ANNA), reader.people.dm(BO))) == (None, None)
    owners = store.read(lambda reader: [reader.feeds.owner_of(f"{who}'s") for who in (ANNA, BO)])
    assert owners.count(None) == 1


def test_a_damaged_row_keeps_no_other_from_the_newest_key(store: Store, secret: str) -> None:
    for key in ("a", "b"):
        store.write(lambda tx, key: tx.outbox.put(Letter(key, CHANNEL, "note", {"code": CODE}, CODE)), key)
    with Raw(store) as raw:
        raw.run("UPDATE outbox SET address = 'slack:~AAAA' WHERE id = (SELECT min(id) FROM outbox)")
    store.database.close()
    newer = open_database(store.url, Keyring([fresh_key(), secret]), store.clock)
    try:
        assert rotate(newer).letters == 1
        kept = newer.read(lambda reader: reader.outbox.of_case(CODE)).result(10)
        assert [(one.letter.key, one.state) for one in kept] == [("", LetterState.WAITING), ("b", LetterState.WAITING)]
    finally:
        newer.close()
