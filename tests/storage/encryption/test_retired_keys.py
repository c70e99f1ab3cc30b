"""A key that was rotated away proves what was written under it, and nothing else (law 4C)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Invalid
from storage.encryption.cipher import RETIRED, Keyring, fresh_key
from storage.encryption.token_seal import TokenSeal
from storage.errors import Undecipherable
from storage.outbox.letter import Letter
from storage.posts import Post
from storage.rotation import rotate
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, CODE, Store
from tests.storage.test_kept_directory import DIRECTORY

OLD, NEW = fresh_key(), fresh_key()


@pytest.fixture
def rotated(store: Store) -> Store:
    """A case opened under an old key, then the keys rotated, and the old one retired."""
    old = store.another(Keyring([OLD]))
    old.add()
    old.write(lambda tx: tx.journal.write(CODE, "consent.withdrawn", ANNA))
    old.database.close()
    both = store.another(Keyring([NEW, OLD]))
    rotate(both.database)
    both.database.close()
    return store.another(Keyring([NEW, RETIRED + OLD]))


def test_a_retired_key_proves_the_rows_that_it_wrote(rotated: Store) -> None:
    assert rotated.breaks() == []
    assert rotated.read(lambda reader: reader.cases.get(CODE)).code == CODE


def test_a_retired_key_rewrites_no_history(rotated: Store) -> None:
    """Whoever has found the old key removes a withdrawal and seals the head anew."""
    forger = rotated.another(Keyring([OLD]))
    with Raw(rotated) as raw:
        raw.disarm().run("DELETE FROM journal WHERE code = ?", CODE)
        raw.run("DELETE FROM chain WHERE code = ?", CODE)
    forger.write(lambda tx: tx.journal.write(CODE, "case.opened", "operator"))  # the key of identities is not theirs
    forger.database.close()
    assert rotated.breaks() != []
    with pytest.raises(Undecipherable):
        rotated.read(lambda reader: reader.cases.get(CODE))


def test_a_retired_key_opens_and_makes_nothing() -> None:
    old, ring = Keyring([OLD]), Keyring([NEW, RETIRED + OLD])
    with pytest.raises(Undecipherable):
        ring.open(old.seal(b"x", "y"), "y")
    with pytest.raises(Invalid):
        TokenSeal(ring).open(TokenSeal(old).seal(c=CODE))
    with pytest.raises(Invalid):
        Keyring([RETIRED + OLD, NEW])


# ---- the directory and the letters ---------------------------------------------------------------------------------


def test_a_member_of_staff_added_to_the_database_by_hand_is_not_believed(store: Store) -> None:
    store.write(lambda tx: tx.replace_directory(DIRECTORY))
    with Raw(store) as raw:
        raw.run("UPDATE staff SET admin = 1 - admin")
        raw.run("UPDATE directory_revision SET revision = revision + 1")
    assert not store.read(lambda reader: reader.directory).staff
    assert store.read(lambda reader: reader.directory_faults()) == ("staff:bup", "staff:soc")
    with Raw(store) as raw:
        raw.run("UPDATE directory_revision SET seal = NULL, key_id = NULL, rows = NULL, revision = revision + 1")
    assert store.read(lambda reader: reader.directory_faults()) == ("all",)
    with pytest.raises(Undecipherable):
        store.read(lambda reader: reader.directory)
    store.write(lambda tx: tx.replace_directory(DIRECTORY))
    assert store.read(lambda reader: reader.directory).staff


@pytest.mark.parametrize("by", ["a name in the clear", "the sealed name of another place"])
def test_a_letter_sent_elsewhere_by_hand_cannot_be_opened(store: Store, by: str) -> None:
    store.write(lambda tx: tx.outbox.put(Letter("k", "slack:channel:C0A", "note", {"to": "x"}, CODE)))
    assert store.read(lambda reader: reader.outbox.of_case(CODE))
    store.write(lambda tx: tx.posts.put(Post("board:x", "slack:channel:C0EVIL", "C0EVIL", "1", 1, tx.now)))
    with Raw(store) as raw:
        ((sealed,),) = raw.run("SELECT address FROM post")
    change = "slack:channel:C0EVIL" if by == "a name in the clear" else sealed
    with Raw(store) as raw:
        raw.run("UPDATE outbox SET address = ?", change)
    (kept,) = store.read(lambda reader: reader.outbox.of_case(CODE))
    assert (kept.letter.key, kept.letter.address, dict(kept.letter.args)) == ("", "", {})
    assert store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", timedelta(minutes=2))) == ()


@pytest.mark.parametrize("change", ["args = X'00'", "key = 'k'"])
def test_a_letter_that_was_changed_dies_and_keeps_no_other_from_going(store: Store, change: str) -> None:
    for number in range(3):
        letter = Letter(f"k{number}", "slack:channel:C0A", "note", {"to": "x"}, CODE)
        store.write(lambda tx, letter: tx.outbox.put(letter), letter)
    with Raw(store) as raw:
        written = change if store.is_sqlite else change.replace("X'00'", r"'\x00'::bytea")
        raw.run(f"UPDATE outbox SET {written} WHERE id = (SELECT min(id) FROM outbox)")  # noqa: S608
    (claim,) = store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", timedelta(minutes=2)))
    assert claim.letter.key == "k1"
    (dead,) = store.read(lambda reader: reader.outbox.dead_letters(5))
    assert (dead.why, dead.letter.code, dead.letter.address) == ("damaged", CODE, "")
