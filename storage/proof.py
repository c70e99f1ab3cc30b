"""Whether a case's document is the one that was saved last: the head of its chain names it, under a key.

Whoever writes the database without the keys can put an older document back, but not the seal that names it; with the
older head too, the rows that came after it are in the way. Who removes those as well is found by an anchor that is
kept elsewhere (`audit.py`).
"""

from __future__ import annotations

import hmac
from typing import Final

from sqlalchemy import Column, ScalarSelect, bindparam, func, select

from storage.encryption.cipher import Keyring
from storage.journal import SavedDocument, seal_of_head
from storage.schema.tables import case_, chain, journal
from storage.sql.link import Row
from storage.sql.statement import Statement

_HEAD = (chain.c.seq, chain.c.head, chain.c.version, chain.c.document, chain.c.key_id, chain.c.seal)


def _last_row_of(code: Column[str]) -> ScalarSelect[int]:
    return select(func.max(journal.c.seq)).where(journal.c.code == code).scalar_subquery()


# Columns of a query over `case_` joined with `chain`; and the same for one code, asked alone.
PROOF: Final = (*_HEAD, _last_row_of(case_.c.code))
PROOF_OF: Final = Statement(select(*_HEAD, _last_row_of(chain.c.code)).where(chain.c.code == bindparam("code")))


def is_proven(keyring: Keyring, code: str, document: SavedDocument, proof: Row) -> bool:
    """Say whether the head of the chain names this document, and no row comes after it.

    A case that has not been saved since version 0.1 names none, and is believed.

    Raises:
        Undecipherable: the head was sealed with a key that is not on the ring, or is retired.
    """
    seq, head, version, digest, key_id, seal, last = proof
    if seq is None or seq != (last or 0):
        return False
    if digest is not None and (version, digest) != (document.version, document.digest):
        return False
    return hmac.compare_digest(seal_of_head(keyring, code, (seq, head, version, digest), key_id), seal)
