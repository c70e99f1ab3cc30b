"""The chat platforms that the bot can be on, any number at once."""

from __future__ import annotations

from typing import Final

from bot.matrix.kind import Matrix
from bot.platform import PlatformKind
from bot.settings import Settings
from bot.slack.platform import Slack

PLATFORMS: Final[tuple[PlatformKind, ...]] = (Slack(), Matrix())


def set_up(settings: Settings) -> tuple[PlatformKind, ...]:
    """Return those that the settings ask for."""
    return tuple(kind for kind in PLATFORMS if kind.is_set_up(settings))
