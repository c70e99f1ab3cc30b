"""What is kept beside a case for calendars: the answer addresses that live, and who has meetings in it."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from domain.calendar.feed import feed_entries, kept_until
from domain.calendar.replies import tokens_until
from domain.case import Case
from storage.transaction import Transaction


def keep_calendaring(tx: Transaction, before: Case | None, after: Case) -> None:
    """Write what is different after a case has changed; most changes of a case write nothing here."""
    if before is None or before.meetings is not after.meetings or before.closure is not after.closure:
        _keep_tokens(tx, before, after)
        _keep_feed_entries(tx, before, after)


def _keep_tokens(tx: Transaction, before: Case | None, after: Case) -> None:
    known = {} if before is None else tokens_until(before)
    changed: defaultdict[datetime, list[str]] = defaultdict(list)
    for token, until in tokens_until(after).items():
        if known.get(token) != until:
            changed[until].append(token)
    for until, tokens in changed.items():
        tx.tokens.keep(after.code, tokens, until)


def _keep_feed_entries(tx: Transaction, before: Case | None, after: Case) -> None:
    had, has = {} if before is None else feed_entries(before), feed_entries(after)
    for staff, found in has.items():
        if had.get(staff) != found:
            tx.feeds.enter(after.code, [staff], kept_until(found))
    tx.feeds.leave(after.code, [staff for staff in had if staff not in has])
