"""Erasing a case by an authority's decision (law 4D.5): two administrators, a reference, a line in the journal."""

from __future__ import annotations

from collections.abc import Sequence

from domain.directory import Directory
from domain.text.free_text import find_forbidden
from storage.transaction import Transaction

ADMINS = 2
LONGEST = 80  # characters of a reference

REMAINS = (
    "What is not erased: backups that were made before hold the case and its key until you delete them; what the bot "
    "has posted or mailed stays in the chat, in mailboxes and in calendars; the journal keeps codes and acts."
)


class NotErased(ValueError):
    """Nothing was erased, and why."""


def erase(tx: Transaction, code: str, decision: str, admins: Sequence[str]) -> None:
    """Erase a case: its key and all its rows. The decision and who carried it out stand in the journal.

    `decision` is the reference of the decision in the authority's register, `admins` the staff ids of two
    administrators of today's directory.

    Raises:
        NotErased: not two different administrators, or no reference that may be kept.
        NotFound: there is no such case (`case.unknown`).
    """
    if not decision.strip() or len(decision) > LONGEST or not decision.isprintable() or find_forbidden(decision):
        raise NotErased("--decision is the decision's number in your register, without anything about a person")
    found = _administrators(tx.directory, admins)
    details = {"decision": decision.strip(), "first": found[0], "second": found[1]}
    tx.journal.write(code, "case.erasure_decided", found[0], details=details)
    tx.shred(code)


def _administrators(directory: Directory, given: Sequence[str]) -> list[str]:
    people = [directory.staff.get(one) or directory.by_identity(one) for one in given]
    found = list(dict.fromkeys(person.id for person in people if person is not None and person.admin))
    if len(found) != ADMINS:
        raise NotErased("two different administrators of the directory decide: --admin ID --admin ID")
    return found
