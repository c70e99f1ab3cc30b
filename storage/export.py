"""The register extract (registerutdrag): all that is held on one case, for the one who asks what is known (GDPR 15)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from domain.errors import NotFound
from storage.journal import READ, JournalRow
from storage.transaction import Reader

FORMAT: Final = 1

# What opens something: secret parts of mail addresses, sealed tokens of buttons, an address at which a platform is
# answered. Whoever gets the extract is to read of them, not to use them.
OPENS_SOMETHING: Final = frozenset({"token", "bounce", "card", "reply_to"})


def export_case(reader: Reader, code: str) -> dict[str, Any]:
    """Return all that is held on a case, ready for JSON.

    `document` is the case itself (none once it is erased), `listing` what lists show of it, `journal` every step and
    `accesses` those of its rows that tell who was shown the case; then what was written to whom (`letters`), what
    stands in chat (`posts`), and the reminders (`nags`). What opens something is left out: it holds no secret.

    Raises:
        NotFound: nothing is held under this code (`case.unknown`).
    """
    rows = reader.journal.read(code)
    document = listing = due_at = None
    if reader.cases.exists(code):
        document = reader.cases.get(code)
        listing, due_at = reader.cases.listing(code)
    elif not rows or not code:
        raise NotFound("case.unknown", {"code": code})
    held = {
        "format": FORMAT,
        "code": code,
        "exported_at": reader.now,
        "document": document,
        "listing": listing,
        "due_at": due_at,
        "journal": [_row(row) for row in rows],
        "accesses": [_row(row) for row in rows if row.entry.action.startswith(READ)],
        "letters": reader.outbox.of_case(code),
        "posts": reader.posts.of_case(code),
        "reminders": reader.reminders.of_case(code),
    }
    plain = msgspec.to_builtins(held, order="deterministic")
    kept: dict[str, Any] = _without_secrets(plain)
    return kept


def _without_secrets(held: Any) -> Any:
    if isinstance(held, dict):
        return {name: _without_secrets(value) for name, value in held.items() if name not in OPENS_SOMETHING}
    return [_without_secrets(value) for value in held] if isinstance(held, (list, tuple)) else held


def _row(row: JournalRow) -> dict[str, Any]:
    entry = row.entry
    secret = None if entry.secret is None else entry.secret.decode(errors="replace")
    return {
        "seq": row.seq,
        "at": row.at,
        "action": entry.action,
        "actor": entry.actor,
        "agency": entry.agency,
        "before": entry.before,
        "after": entry.after,
        "details": entry.details,
        "text": secret,
        "erased": row.erased,
    }
