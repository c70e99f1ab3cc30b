"""The chat platforms that the bot can be on, any number at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from bot.matrix.kind import Matrix
from bot.platform import Capability, PlatformKind
from bot.settings import Settings
from bot.slack.kind import Slack
from handlers.services import in_codes

PLATFORMS: Final[tuple[PlatformKind, ...]] = (Slack(), Matrix())


def set_up(settings: Settings) -> tuple[PlatformKind, ...]:
    """Return those that the settings ask for."""
    return tuple(kind for kind in PLATFORMS if kind.is_set_up(settings))


def worded(settings: Settings) -> Callable[[Collection[str]], bool]:
    """Return what says whether purpose and questions may stand in words before people, by identity (law 4D).

    They may where not even the server reads them, and everybody's is the operator's own or trusted.
    """
    if settings.sipbot_chat_policy != "text":
        return in_codes
    sealed = {kind.name: kind for kind in PLATFORMS if Capability.SEALED in kind.capabilities}

    def may_stand(readers: Collection[str]) -> bool:
        kinds = [(sealed.get(reader.partition(":")[0]), reader) for reader in readers]
        return all(kind is not None and kind.is_own(settings, reader) for kind, reader in kinds)

    return may_stand
