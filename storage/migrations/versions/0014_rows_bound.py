"""Posts, direct rooms and feed addresses prove that their parts stand together (`storage/posts.py`, `people.py`).

Without it, one row's sealed parts could be put into another's by whoever writes the database without the keys. A row of
which something cannot be opened stays as it is: it proves nothing, and must not keep the others from the upgrade.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from domain.errors import Invalid
from storage.encryption.address_seal import PLACE_OF_KEY, AddressCipher
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

HALF = 16
AT_A_TIME = 1000
KEY = sa.table("address_key", sa.column("wrapped", sa.LargeBinary))
POST = sa.table("post", *map(sa.column, ("surface", "address", "place", "message", "fingerprint")))
PERSON = sa.table("person", sa.column("identity"), sa.column("dm"))
FEED = sa.table("feed", sa.column("staff"), sa.column("hash", sa.LargeBinary))


def upgrade() -> None:
    posts, people, feeds = _rows(POST), _with_room(), _rows(FEED)
    if not posts and not people and not feeds:
        return
    cipher = _cipher()

    def shows(row: Any) -> str:
        parts = (cipher.open(row["surface"]), cipher.open(row["address"]), cipher.open(row["place"]), row["message"])
        return cipher.seal(cipher.open(row["fingerprint"]) + "|" + cipher.proof("post", *parts))

    def room(row: Any) -> str:
        return cipher.seal(f"{cipher.open(row['identity'])} {cipher.open(row['dm'])}")

    def found_by(row: Any) -> bytes:
        proof = cipher.proof("feed", cipher.open(row["staff"]), row["hash"].hex())
        return bytes(row["hash"][:HALF]) + base64.urlsafe_b64decode(proof + "==")

    _change(POST, "surface", "fingerprint", _anew(posts, "surface", shows))
    _change(PERSON, "identity", "dm", _anew(people, "identity", room))
    _change(FEED, "staff", "hash", _anew(feeds, "staff", found_by))


def downgrade() -> None:
    """Leave the proofs out. Whoever has a feed address needs a new one: of the old only half of its hash is known."""
    op.execute(sa.delete(FEED))
    posts, people = _rows(POST), _with_room()
    if not posts and not people:
        return
    cipher = _cipher()

    def shows(row: Any) -> str:
        return cipher.seal(cipher.open(row["fingerprint"]).rpartition("|")[0])

    def room(row: Any) -> str:
        return cipher.seal(cipher.open(row["dm"]).partition(" ")[2])

    _change(POST, "surface", "fingerprint", _anew(posts, "surface", shows))
    _change(PERSON, "identity", "dm", _anew(people, "identity", room))


def _rows(table: sa.TableClause) -> list[Any]:
    return list(op.get_bind().execute(sa.select(table)).mappings())


def _with_room() -> list[Any]:
    return [row for row in _rows(PERSON) if row["dm"]]


def _anew(rows: list[Any], key: str, kept: Callable[[Any], str | bytes]) -> list[dict[str, Any]]:
    found = []
    for row in rows:
        with contextlib.suppress(Undecipherable):
            found.append({"of": row[key], "new": kept(row)})
    return found


def _change(table: sa.TableClause, key: str, column: str, anew: list[dict[str, Any]]) -> None:
    change = sa.update(table).values({column: sa.bindparam("new")}).where(table.c[key] == sa.bindparam("of"))
    for start in range(0, len(anew), AT_A_TIME):
        op.get_bind().execute(change, anew[start : start + AT_A_TIME])


def _cipher() -> AddressCipher:
    wrapped = op.get_bind().execute(sa.select(KEY.c.wrapped)).scalar()
    keyring: Keyring | None = context.config.attributes.get("keyring")
    if wrapped is None or keyring is None:
        raise Invalid("keys.missing")
    return AddressCipher(keyring.open(wrapped, PLACE_OF_KEY))
