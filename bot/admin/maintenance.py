"""What the operator does from the command line with the database: import, verify, rotate, export, copy."""

from __future__ import annotations

import json
from dataclasses import dataclass
from errno import ENOENT
from pathlib import Path
from typing import Any

from bot.app import build_services
from bot.clock import SystemClock
from bot.settings import Settings
from domain.code import WrongCode, parse_code
from domain.directory import Directory
from domain.errors import NotFound
from handlers.directory_change import replace_directory as pass_on
from storage.audit import Break, Walk
from storage.backup import backup
from storage.directory import Change
from storage.encryption.cipher import Keyring
from storage.engine.database import Database, kind_of, open_database, path_of
from storage.export import export_case
from storage.migrate import migrate
from storage.rotation import rotate
from storage.transaction import Transaction

OPERATOR = "operator"

# The longest wait in seconds for one piece of work.
WAIT = 60.0


def _open(settings: Settings) -> Database:
    """Open the database; on SQLite it is made if need be, and brought to the newest schema."""
    if kind_of(settings.sipbot_database_url) == "sqlite":
        migrate(settings.sipbot_database_url)
    return open_database(settings.sipbot_database_url, Keyring(settings.keys), SystemClock())


def _open_existing(settings: Settings) -> Database:
    """Open a database that is there: of an empty new one nothing can be told that is worth knowing."""
    _require_file(settings.sipbot_database_url)
    return _open(settings)


def _require_file(url: str) -> None:
    path = path_of(url) if kind_of(url) == "sqlite" else None
    if path is not None and not path.exists():
        raise FileNotFoundError(ENOENT, "there is no database; check SIPBOT_DATABASE_URL", str(path))


def replace_directory(settings: Settings, directory: Directory) -> list[str]:
    """Keep this directory; return one line a change."""
    database = _open(settings)
    try:
        services = build_services(settings, Keyring(settings.keys))
        changes = database.write(lambda tx: pass_on(services, tx, directory, OPERATOR)).result(WAIT)
    finally:
        database.close()
    return [_change_in_words(change) for change in changes]


def _change_in_words(change: Change) -> str:
    fields = f": {', '.join(change.fields)}" if change.fields else ""
    return f"{change.kind.value} {change.thing} {change.id}{fields}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a walk along the journal found: the first broken link, or how much there is and its anchor."""

    broken: str
    rows: int
    chains: int
    anchor: str


def verify_journal(settings: Settings) -> Verdict:
    """Walk all chains of the journal and look for cases that are gone."""
    database = _open_existing(settings)
    walk = Walk()
    try:
        while not walk.done and not walk.breaks:
            database.read(lambda reader: reader.audit.go_on(walk)).result(WAIT)
        gone = database.read(lambda reader: list(reader.audit.gone())).result(WAIT)
        anchor = database.read(lambda reader: reader.audit.anchor(reader.now)).result(WAIT)
    finally:
        database.close()
    found = [*walk.breaks, *gone]
    broken = _in_words(found[0]) if found else ""
    return Verdict(broken, walk.rows, anchor.chains, f"{anchor.root} at {anchor.until.isoformat()}")


def _in_words(found: Break) -> str:
    where = found.code or "the system's own chain"
    return f"{where}, row {found.seq}: {found.fault.value.replace('_', ' ')}"


def rotate_keys(settings: Settings) -> str:
    """Wrap everything with the first key; return what was done in words."""
    database = _open_existing(settings)
    try:
        rotated = rotate(database)
        return f"Wrapped anew: the keys of {rotated.case_keys} cases, and {rotated.letters} letters that wait."
    finally:
        database.close()


def export_all(settings: Settings, text: str) -> str:
    """Return all that is held on one case as JSON.

    Raises:
        LookupError: no such case, or a code that was mistyped.
    """
    try:
        code = parse_code(text)
    except WrongCode as wrong:
        meant = f"; did you mean {wrong.suggestion}?" if wrong.suggestion else ""
        raise LookupError(f"{text[:20]!r} is no case code{meant}") from wrong
    database = _open_existing(settings)
    try:
        found = database.write(lambda tx: _exported(tx, code)).result(WAIT)
    except NotFound as missing:
        raise LookupError(f"there is no case {code}") from missing
    finally:
        database.close()
    return json.dumps(found, ensure_ascii=False, indent=2, default=str)


def _exported(tx: Transaction, code: str) -> dict[str, Any]:
    """Export a case; that it was looked at is a line of its journal, as any other reading (law 4C)."""
    found = export_case(tx, code)
    state = tx.cases.get(code).state.value
    tx.journal.write(code, "case.exported", OPERATOR, before=state, after=state)
    return found


def back_up(settings: Settings, target: Path) -> str:
    """Copy the database and check the copy; return where it is."""
    _require_file(settings.sipbot_database_url)
    return f"Copied and checked: {backup(settings.sipbot_database_url, target)}"
