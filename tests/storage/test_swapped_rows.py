"""Whoever writes the database without the keys puts one row's parts into another: nobody is shown what is another's.

What is kept sealed is the same wherever it stands, so it could be copied from row to row. Another agency's channel, the
direct messages of somebody else, another's calendar: each row proves that its parts belong together.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from storage.encryption.cipher import Keyring
from storage.migrate import downgrade, migrate
from storage.posts import Post
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, BO, CODE, START, Store

BUP = Post(f"summons:{CODE}:1:bup", "slack:channel:C0BUP", "C0BUP", "1700000000.000100", 3, START, "abc")
SOC = Post(f"summons:{CODE}:1:soc", "slack:channel:C0SOC", "C0SOC", "1700000000.000200", 3, START, "def")
WORD = Post(f"word:{CODE}:lead", "slack:channel:C0SOC", "C0SOC", "1700000000.000300", 1, START)


@pytest.mark.parametrize(
    "columns",
    [("place", "message"), ("address", "place", "message"), ("message",), ("place",), ("fingerprint",)],
    ids="+".join,
)
@pytest.mark.parametrize("other", [SOC, WORD], ids=["another's card", "a word"])
def test_a_post_with_the_place_of_another_is_changed_by_nobody(
    store: Store, columns: tuple[str, ...], other: Post
) -> None:
    """An agency's summons would be shown where another agency reads (law 4D.3)."""
    for post in (BUP, other):
        store.write(lambda tx, post: tx.posts.put(post), post)
    with Raw(store) as raw:
        own, others = _sealed(store, BUP.surface), _sealed(store, other.surface)
        for column in columns:
            found = raw.run(f"SELECT {column} FROM post WHERE surface = ?", others)[0][0]  # noqa: S608 - ours
            raw.run(f"UPDATE post SET {column} = ? WHERE surface = ?", found, own)  # noqa: S608 - ours
    assert store.read(lambda reader: reader.posts.get(BUP.surface)) is None
    assert store.read(lambda reader: reader.posts.get(other.surface)) == other
    assert [post.surface for post in store.read(lambda reader: reader.posts.at("slack:"))] == [other.surface]


def test_a_post_whose_proof_was_taken_away_is_changed_by_nobody(store: Store) -> None:
    store.write(lambda tx: tx.posts.put(replace(BUP, fingerprint="")))
    with Raw(store) as raw:
        raw.run("UPDATE post SET fingerprint = ''")
    assert store.read(lambda reader: reader.posts.get(BUP.surface)) is None


def test_what_is_no_proof_at_all_hides_no_other_post(store: Store) -> None:
    """Anything that is kept sealed can be put there, a word in Swedish too."""
    for post in (BUP, SOC):
        store.write(lambda tx, post: tx.posts.put(post), post)
    with Raw(store) as raw:
        own, word = _sealed(store, BUP.surface), _sealed(store, "mail:åsa")
        raw.run("UPDATE post SET fingerprint = ? WHERE surface = ?", word, own)
    assert store.read(lambda reader: reader.posts.at("slack:")) == (SOC,)


def test_a_row_that_cannot_be_opened_keeps_no_other_from_the_upgrade(store: Store, keyring: Keyring) -> None:
    """0014: it proves nothing, so it stays what it was."""
    for post in (BUP, SOC):
        store.write(lambda tx, post: tx.posts.put(post), post)
    for who, room in ((ANNA, "D0ANNA"), (BO, "D0BO")):
        store.write(lambda tx, one: tx.people.remember_dm(*one), (who, room))
    own = _sealed(store, BUP.surface)
    downgrade(store.url, "0013", keyring)
    with Raw(store) as raw:
        raw.run("UPDATE post SET place = 'C0BUP~' WHERE surface = ?", own)
        raw.run("UPDATE person SET dm = '~' WHERE identity = ?", _sealed(store, ANNA))
    migrate(store.url, keyring)
    assert store.read(lambda reader: reader.posts.at("slack:")) == (SOC,)
    assert store.read(lambda reader: reader.people.dm(BO)) == "D0BO"


def test_nobody_gets_the_direct_messages_of_another(store: Store) -> None:
    """Their room is asked of the platform once more."""
    for who, room in ((ANNA, "D0ANNA"), (BO, "D0BO")):
        store.write(lambda tx, one: tx.people.remember_dm(*one), (who, room))
    with Raw(store) as raw:
        theirs = raw.run("SELECT dm FROM person WHERE identity = ?", _sealed(store, BO))[0][0]
        raw.run("UPDATE person SET dm = ? WHERE identity = ?", theirs, _sealed(store, ANNA))
    assert store.read(lambda reader: (reader.people.dm(ANNA), reader.people.dm(BO))) == (None, "D0BO")


def test_nobody_reads_the_calendar_of_another(store: Store) -> None:
    """Neither by an address of their own for another's row, nor by a row that they have made."""
    store.write(lambda tx: tx.feeds.give(ANNA, "anna's"))
    store.write(lambda tx: tx.feeds.give(BO, "bo's"))
    with Raw(store) as raw:
        kept = raw.run("SELECT hash FROM feed WHERE staff = ?", _sealed(store, BO))[0][0]
        raw.run("DELETE FROM feed WHERE staff = ?", _sealed(store, BO))
        raw.run("UPDATE feed SET hash = ? WHERE staff = ?", kept, _sealed(store, ANNA))
    assert store.read(lambda reader: (reader.feeds.owner_of("anna's"), reader.feeds.owner_of("bo's"))) == (None, None)


def _sealed(store: Store, text: str) -> str:
    def sealed(reader: object) -> str:
        kept: str = vars(vars(reader)["posts"])["_addresses"].seal(text)
        return kept

    return store.read(sealed)
