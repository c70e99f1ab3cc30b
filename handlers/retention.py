"""What stands in chat about a case has an end: some time after the case's own it is taken back (law 4D.7)."""

from __future__ import annotations

from datetime import timedelta

from domain.case import Case
from handlers import enqueue
from handlers.save import CLOCK, Entry, put_letters, write_entry
from storage.outbox.letter import Rank
from storage.transaction import Transaction

# So many cases are looked at in one transaction, so that a click never waits long behind it.
BATCH = 20


def take_back_ended(tx: Transaction, kept: timedelta, after: str) -> str | None:
    """Take back what stands about cases that ended `kept` ago; return after which case to go on, None at the end.

    Nothing is taken back while somebody has still to hear of the end, or to confirm it (R174).
    """
    before = tx.now - kept
    codes = tx.posts.of_ended(before, after, BATCH)
    for code in codes:
        case = tx.cases.find(code)
        if case is not None and case.ended_at is not None and case.ended_at <= before:
            _take_back(tx, case)
    return codes[-1] if codes else None


def _take_back(tx: Transaction, case: Case) -> None:
    letters = [
        enqueue.take_back(case, post.surface, post.address, tx.now, rank=Rank.REMINDER)
        for post in tx.posts.of_case(case.code)
        if post.message
    ]
    # One that could not be taken back is not tried for ever: its letter stands among the dead.
    new = [letter for letter in letters if tx.outbox.state_of(letter.key) is None]
    if new:
        write_entry(tx, case, Entry("messages.taken_back", CLOCK, "", {"messages": len(new)}), case.state)
        put_letters(tx, new)
