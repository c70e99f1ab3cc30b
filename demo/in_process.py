"""What stands about a platform that is all in this process, among the platforms that the bot could be on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from bot.findings import Line
from bot.settings import Settings


class InProcess:
    """The part of a platform's entry that is the same for each of them: there is nothing to reach or to set up."""

    def way_in(self, _settings: Settings) -> str:
        """Say that all is in one process."""
        return "in memory"

    def is_own(self, _settings: Settings, _identity: str) -> bool:
        """Say no: it is a play."""
        return False

    def missing(self, _settings: Settings) -> Iterable[str]:
        """Miss nothing."""
        return ()

    async def checks(self, _settings: Settings) -> AsyncIterator[Line]:
        """Find nothing: there is nothing that could be set up wrongly."""
        nothing: tuple[Line, ...] = ()
        for line in nothing:
            yield line
