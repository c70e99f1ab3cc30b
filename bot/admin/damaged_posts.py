"""`sipbot damaged-posts`: messages of which the database does not say what was written, and their being put right.

Somebody who goes round the bot changed such a row, or the disk did. Where its message stands is not known for certain,
so the bot neither changes it nor takes it back. Only somebody who looks into the chat can do that. A reminder's row
says in whose list it stands; what is to be done is known from the case, and so it is put into the lists anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from bot.admin.database import OPERATOR, WAIT, opened_existing
from bot.app import build_services
from bot.settings import Settings
from domain.code import is_code
from domain.directory import Directory
from handlers.redraw import drawn_anew
from handlers.reminders import remind_again
from handlers.save import put_letters
from handlers.services import Services
from storage.encryption.cipher import Keyring
from storage.errors import Undecipherable
from storage.posts import DamagedPost
from storage.reminders import DamagedReminder
from storage.transaction import Reader, Transaction

D = TypeVar("D", DamagedPost, DamagedReminder)

_AT_ONCE = 500


def damaged_posts(settings: Settings, *, replace: bool) -> list[str]:
    """Return one line for each message whose row is not what was written; with `replace` they are posted anew."""
    database = opened_existing(settings)
    try:
        if replace:
            services = build_services(settings, Keyring(settings.keys))
            return database.write(partial(put_right, services)).result(WAIT)
        return database.read(lines).result(WAIT)
    finally:
        database.close()


def put_right(services: Services, tx: Transaction) -> list[str]:
    """Forget the rows, and have drawn and reminded anew of what they showed; return a line for each."""
    return [*_replace_posts(tx), *_remind_again(services, tx)]


def lines(reader: Reader) -> list[str]:
    """Return a line for each row that is not what was written."""
    return [
        *(_line(one, _directory(reader)) for one in _all(reader.posts.damaged)),
        *map(_line_of_reminder, _all(reader.reminders.damaged)),
    ]


def _remind_again(services: Services, tx: Transaction) -> list[str]:
    """Forget the rows of reminders, and remind anew of what is still to be done; each case's journal says so."""
    found = _all(tx.reminders.damaged)
    of_case: dict[str, list[DamagedReminder]] = {}
    for damaged in found:
        tx.reminders.forget_damaged(damaged)
        of_case.setdefault(damaged.code, []).append(damaged)
    for code, some in of_case.items():
        if is_code(code) and tx.cases.exists(code):
            tx.journal.write(code, "reminders.replaced", OPERATOR, details={"reminders": len(some)})
            remind_again(services, tx, code, some)
    return [_line_of_reminder(one) for one in found]


def _line_of_reminder(damaged: DamagedReminder) -> str:
    code = damaged.code if is_code(damaged.code) else "-"
    return f"{code}  reminder:{damaged.subject}"


def _all(page: Callable[[str, int], tuple[tuple[D, ...], str | None]]) -> list[D]:
    """Return what is damaged, from all pages."""
    found: list[D] = []
    after: str | None = ""
    while after is not None:
        more, after = page(after, _AT_ONCE)
        found += more
    return found


def _replace_posts(tx: Transaction) -> list[str]:
    """Forget the rows, and have drawn anew what they showed; the journal of each case says so."""
    found, directory = _all(tx.posts.damaged), _directory(tx)
    told: dict[str, int] = {}
    for damaged in found:
        tx.posts.forget_damaged(damaged)
        put_letters(tx, drawn_anew(tx, damaged, f"mended:{tx.now.isoformat()}"))
        told[damaged.code] = told.get(damaged.code, 0) + 1
    for code, count in told.items():
        if is_code(code) and tx.cases.exists(code):
            tx.journal.write(code, "messages.replaced", OPERATOR, details={"messages": count})
    return [_line(one, directory) for one in found]


def _directory(reader: Reader) -> Directory:
    try:
        return reader.directory
    except Undecipherable:
        return Directory()


def _line(damaged: DamagedPost, directory: Directory) -> str:
    agency = next((a.id for a in directory.agencies.values() if damaged.address in map(str, a.addresses)), "")
    place = f"in the channel of {agency}" if agency else "to a person" if damaged.address else "it is not known where"
    code = damaged.code if is_code(damaged.code) else "-"
    return f"{code}  {damaged.mark}  {damaged.platform or '-'}, {place}  {damaged.shown_at:%Y-%m-%d %H:%M} UTC"
