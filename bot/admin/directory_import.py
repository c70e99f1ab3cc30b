"""The directory as it is kept: what importing a file would change, the import itself, and what is there."""

from __future__ import annotations

from bot.admin.database import OPERATOR, WAIT, opened, opened_existing
from bot.app import build_services
from bot.settings import Settings
from domain.directory import Directory
from handlers.directory_change import replace_directory as pass_on
from storage.directory.changes import Change, changes_between
from storage.encryption.cipher import Keyring


def directory_changes(settings: Settings, directory: Directory) -> list[Change]:
    """Return what importing this directory would change; nothing is written."""
    database = opened(settings)
    try:
        before = database.read(lambda reader: reader.kept_directory()).result(WAIT)
    finally:
        database.close()
    return list(changes_between(before, directory))


def kept_directory(settings: Settings) -> Directory:
    """Return the directory as it is kept.

    Raises:
        Undecipherable: it is not what was imported.
    """
    database = opened_existing(settings)
    try:
        return database.read(lambda reader: reader.directory).result(WAIT)
    finally:
        database.close()


def replace_directory(settings: Settings, directory: Directory) -> list[str]:
    """Keep this directory; return one line a change."""
    database = opened(settings)
    try:
        services = build_services(settings, Keyring(settings.keys))
        changes = database.write(lambda tx: pass_on(services, tx, directory, OPERATOR)).result(WAIT)
    finally:
        database.close()
    return [change_in_words(change) for change in changes]


def change_in_words(change: Change) -> str:
    """Return one change in words, with ids alone."""
    fields = f": {', '.join(change.fields)}" if change.fields else ""
    return f"{change.kind.value} {change.thing} {change.id}{fields}"
