"""Is something kept already? Then only the key it was written with will do, and a fresh one must not be offered."""

from __future__ import annotations

from bot.settings import Settings
from domain.errors import SipError
from storage.engine.database import path_of


def is_kept(settings: Settings) -> bool:
    """Say whether the database's file is there. Of one on a server it is not known, since it is not asked."""
    try:
        path = path_of(settings.sipbot_database_url)
    except SipError:
        return False
    return path is not None and path.exists()


def with_its_own_key(settings: Settings) -> str:
    """Say that what is kept needs the key it was written with; the address of a file holds no secret."""
    path = path_of(settings.sipbot_database_url)
    return (
        f"{path} is read only with the key it was written with: take that from your vault. A fresh one reads nothing."
    )
