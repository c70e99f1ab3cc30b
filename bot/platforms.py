"""The chat platforms that the bot can be on, any number at once."""

from __future__ import annotations

from typing import Final

from bot.matrix.kind import Matrix
from bot.platform import Capability, PlatformKind
from bot.settings import Settings
from bot.slack.platform import Slack

PLATFORMS: Final[tuple[PlatformKind, ...]] = (Slack(), Matrix())


def set_up(settings: Settings) -> tuple[PlatformKind, ...]:
    """Return those that the settings ask for."""
    return tuple(kind for kind in PLATFORMS if kind.is_set_up(settings))


def worded(settings: Settings) -> frozenset[str]:
    """Return the names of those on which purpose and questions may stand in words: not even their servers read them."""
    sealed = frozenset(kind.name for kind in PLATFORMS if Capability.SEALED in kind.capabilities)
    return sealed if settings.sipbot_chat_policy == "text" else frozenset()
