"""What follows once a backup stands in the database's place, on either kind of database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from bot.admin.database import OPERATOR, WAIT, opened_existing
from bot.app import build_services
from bot.clock import SystemClock
from bot.settings import Settings
from domain.code import is_code
from handlers.services import Services
from handlers.set_back import take_over, went_on
from storage.encryption.cipher import Keyring
from storage.engine.database import Database, open_database
from storage.outbox.letter import LetterState
from storage.posts import Post
from storage.transaction import Reader, Transaction

_MOST_CODES: Final = 100_000
# Cases that are gone through in one transaction.
_AT_ONCE: Final = 50

UNKNOWN = (
    "What was there before is not known, or cannot be read. Messages from after the backup stay in chat as they are; "
    "what was erased or withdrawn since you must know yourself, and letters that waited then go out once more. Whoever "
    "is responsible for an open case is told when the bot starts"
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What the operator is told of a database that was put back, and what is to be done before the bot starts."""

    told: tuple[str, ...]
    to_do: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What the database that was replaced holds beyond the backup: messages, keys of letters, and codes of cases."""

    standing: tuple[Post, ...] = ()
    sent: tuple[str, ...] = ()
    gone_on: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()


def follow_up(settings: Settings, before_url: str) -> Restored:
    """Have chat follow, tell those who are responsible, and return what the operator is told of it.

    `before_url` is the database that was replaced; "" when there is none any more.
    """
    database = opened_existing(settings)
    try:
        newest = database.read(lambda reader: reader.journal.newest()).result(WAIT)
        waiting = database.read(lambda reader: reader.outbox.waiting_keys()).result(WAIT)
        before = _before(settings, before_url, partial(_beyond, newest, waiting)) if before_url else None
        known = before or Before()
        database.write(lambda tx: take_over(tx, known.standing, sent=known.sent)).result(WAIT)
        if before is None:
            _tell(settings, database, told := _open_codes(database))
            return Restored((), (f"{UNKNOWN}: {len(told)}.",))
        held = database.read(lambda reader: {one for one in known.gone_on if reader.cases.exists(one)}).result(WAIT)
        told = [code for code in known.gone_on if code in held and code not in known.erased]
        _tell(settings, database, told)
    finally:
        database.close()
    news = {
        "Went on since the backup; whoever is responsible is told when the bot starts": told,
        "Opened since the backup, and gone here": [code for code in known.gone_on if code not in held],
    }
    to_do = {
        "Erased since the backup, and here again; erase them anew before the bot starts": known.erased,
        "Withdrawn since the backup: have `/sip återta` said at once, before anything more is told": known.withdrawn,
    }
    return Restored(_lines(news), _lines(to_do))


def _lines(found: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(f"{line}: {', '.join(codes)}." for line, codes in found.items() if codes)


def _tell(settings: Settings, database: Database, codes: Sequence[str]) -> None:
    services = build_services(settings, Keyring(settings.keys))
    for first in range(0, len(codes), _AT_ONCE):
        database.write(partial(_went_on, services, codes[first : first + _AT_ONCE])).result(WAIT)


def _went_on(services: Services, codes: Sequence[str], tx: Transaction) -> None:
    went_on(services, tx, codes, OPERATOR)


def _open_codes(database: Database) -> list[str]:
    found: list[str] = []
    while some := database.read(partial(_page, found[-1] if found else "")).result(WAIT):
        found += some
    return found


def _page(after: str, reader: Reader) -> tuple[str, ...]:
    return reader.cases.open_codes(after, 1000)


def _before(settings: Settings, url: str, beyond: Callable[[Reader], Before]) -> Before | None:
    """Return what the replaced database holds; None when it cannot be read, which may be why it was replaced."""
    try:
        database = open_database(url, Keyring(settings.keys), SystemClock())
    except Exception:  # noqa: BLE001 - whatever a damaged file answers
        return None
    try:
        return database.read(beyond).result(WAIT)
    except Exception:  # noqa: BLE001 - as above
        return None
    finally:
        database.close()


def _beyond(newest: datetime | None, waiting: Iterable[str], reader: Reader) -> Before:
    since = newest or datetime(1970, 1, 1, tzinfo=UTC)
    codes = [code for code in reader.journal.codes_since(since, "", _MOST_CODES) if is_code(code)]
    acts = {code: {row.entry.action for row in reader.journal.acts(code) if row.at > since} for code in codes}
    return Before(
        standing=reader.posts.at(""),
        sent=tuple(key for key in waiting if reader.outbox.state_of(key) is LetterState.SENT),
        gone_on=tuple(code for code in codes if acts[code]),
        erased=tuple(code for code in codes if acts[code] and not reader.cases.exists(code)),
        withdrawn=tuple(code for code in codes if "consent.withdrawn" in acts[code]),
    )
