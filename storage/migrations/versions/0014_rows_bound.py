"""Posts, direct rooms and feed addresses prove that their parts stand together (`storage/posts.py`, `people.py`).

Without it, one row's sealed parts could be put into another's by whoever writes the database without the keys.
"""

from __future__ import annotations

import base64
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from domain.errors import Invalid
from storage.encryption.address_seal import PLACE_OF_KEY, AddressCipher
from storage.encryption.cipher import Keyring

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
    anew = []
    for row in posts:
        parts = (cipher.open(row["surface"]), cipher.open(row["address"]), cipher.open(row["place"]), row["message"])
        shows = cipher.open(row["fingerprint"]) + "|" + cipher.proof("post", *parts)
        anew.append({"of": row["surface"], "new": cipher.seal(shows)})
    _change(POST, "surface", "fingerprint", anew)
    anew = [
        {"of": row["identity"], "new": cipher.seal(f"{cipher.open(row['identity'])} {cipher.open(row['dm'])}")}
        for row in people
    ]
    _change(PERSON, "identity", "dm", anew)
    anew = []
    for row in feeds:
        proof = cipher.proof("feed", cipher.open(row["staff"]), row["hash"].hex())
        anew.append({"of": row["staff"], "new": row["hash"][:HALF] + base64.urlsafe_b64decode(proof + "==")})
    _change(FEED, "staff", "hash", anew)


def downgrade() -> None:
    """Leave the proofs out. Whoever has a feed address needs a new one: of the old only half of its hash is known."""
    op.execute(sa.delete(FEED))
    posts, people = _rows(POST), _with_room()
    if not posts and not people:
        return
    cipher = _cipher()
    anew = [
        {"of": row["surface"], "new": cipher.seal(cipher.open(row["fingerprint"]).rpartition("|")[0])} for row in posts
    ]
    _change(POST, "surface", "fingerprint", anew)
    anew = [{"of": row["identity"], "new": cipher.seal(cipher.open(row["dm"]).partition(" ")[2])} for row in people]
    _change(PERSON, "identity", "dm", anew)


def _rows(table: sa.TableClause) -> list[Any]:
    return list(op.get_bind().execute(sa.select(table)).mappings())


def _with_room() -> list[Any]:
    return [row for row in _rows(PERSON) if row["dm"]]


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
