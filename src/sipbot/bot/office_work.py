"""What the operator does from the command line with the database: import, verify, rotate, export, copy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sipbot.bot.clock import SystemClock
from sipbot.bot.settings import Settings
from sipbot.domain.code import WrongCode, parse_code
from sipbot.domain.directory import Directory
from sipbot.domain.errors import NotFound
from sipbot.storage.backup import backup
from sipbot.storage.cipher import Keyring
from sipbot.storage.database import Database, open_database
from sipbot.storage.export import export
from sipbot.storage.schema import is_current, migrate

T = TypeVar("T")
OPERATOR = "operator"


def _open(settings: Settings) -> Database:
    if settings.sipbot_database_url.startswith("sqlite") and not is_current(settings.sipbot_database_url):
        migrate(settings.sipbot_database_url)
    return open_database(settings.sipbot_database_url, Keyring(settings.keys), SystemClock())


def replace_directory(settings: Settings, directory: Directory) -> list[str]:
    """Keep this directory; return one line a change."""
    database = _open(settings)
    try:
        changes = database.write(lambda tx: tx.replace_directory(directory, OPERATOR)).result(60)
    finally:
        database.close()
    return [str(change) for change in changes]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the journal found: the first broken link, or how much there is and its anchor."""

    broken: str
    rows: int
    chains: int
    anchor: str


def export_case(settings: Settings, text: str) -> str:
    """Return all that is held on one case as JSON.

    Raises:
        LookupError: no such case, or a code that was mistyped.
    """
    try:
        code = parse_code(text)
    except WrongCode as wrong:
        meant = f"; did you mean {wrong.suggestion}?" if wrong.suggestion else ""
        raise LookupError(f"{text[:20]!r} is no case code{meant}") from wrong
    database = _open(settings)
    try:
        found = database.write(lambda tx: export(tx, code)).result(60)
    except NotFound as missing:
        raise LookupError(f"there is no case {code}") from missing
    finally:
        database.close()
    return json.dumps(found, ensure_ascii=False, indent=2, default=str)


def back_up(settings: Settings, target: Path) -> str:
    """Copy the database and check the copy; return what was done in words."""
    return str(backup(settings.sipbot_database_url, target))
