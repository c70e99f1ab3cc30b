"""The database as the operator's commands open it, and the code of a case as it is typed."""

from __future__ import annotations

from errno import ENOENT

from bot.clock import SystemClock
from bot.settings import Settings
from domain.code import WrongCode, parse_code
from storage.encryption.cipher import Keyring
from storage.engine.database import Database, kind_of, open_database, path_of
from storage.migrate import migrate

OPERATOR = "operator"

# The longest wait in seconds for one piece of work.
WAIT = 60.0


def opened(settings: Settings) -> Database:
    """Open the database; on SQLite it is made if need be, and brought to the newest schema."""
    url, keyring = settings.sipbot_database_url, Keyring(settings.keys)
    if kind_of(url) == "sqlite":
        migrate(url, keyring)
    return open_database(url, keyring, SystemClock())


def opened_existing(settings: Settings) -> Database:
    """Open a database that is there: of an empty new one nothing can be told that is worth knowing."""
    require_file(settings.sipbot_database_url)
    return opened(settings)


def require_file(url: str) -> None:
    """Refuse the address of an SQLite file that is not there.

    Raises:
        FileNotFoundError: there is none; the words say what to check.
    """
    path = path_of(url)
    if path is not None and not path.exists():
        raise FileNotFoundError(ENOENT, "there is no database; check SIPBOT_DATABASE_URL", str(path))


def code_of(text: str) -> str:
    """Return the case code in what the operator typed.

    Raises:
        LookupError: it is none; the code that was probably meant stands in the words.
    """
    try:
        return parse_code(text)
    except WrongCode as wrong:
        meant = f"; did you mean {wrong.suggestion}?" if wrong.suggestion else ""
        raise LookupError(f"{text[:20]!r} is no case code{meant}") from wrong
