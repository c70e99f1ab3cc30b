"""The directory as it is kept, for what `doctor` asks of a platform."""

from __future__ import annotations

import asyncio

from bot.clock import SystemClock
from bot.settings import Settings
from domain.directory import Directory
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database, path_of


async def kept_directory(settings: Settings) -> Directory:
    """Return the directory; an empty one where there is no database yet, or none that can be read."""
    return await asyncio.to_thread(_kept, settings)


def _kept(settings: Settings) -> Directory:
    url = settings.sipbot_database_url
    try:
        path = path_of(url)
        if path is not None and not path.exists():
            return Directory()
        database = open_database(url, Keyring(settings.keys), SystemClock())
    except Exception:  # noqa: BLE001 - doctor has a line of its own for the database
        return Directory()
    try:
        return database.read(lambda reader: reader.directory).result(10)
    except Exception:  # noqa: BLE001 - as above
        return Directory()
    finally:
        database.close()
