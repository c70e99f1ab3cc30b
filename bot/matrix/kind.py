"""Matrix's entry in the list of platforms. It loads nothing of Matrix until the settings ask for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bot.findings import Line, fail, note
from bot.matrix.names import NAME, own_servers, server_of
from bot.platform import Capability, Platform, Surroundings
from bot.rooms import RememberedRooms
from bot.settings import Settings
from bot.time_guard import guarding
from domain.directory import Directory
from handlers.redraw import redraw
from storage.encryption.cipher import Keyring

if TYPE_CHECKING:
    from bot.matrix.server.session import MatrixSettings

MISSING = "the packages for Matrix are missing; install sipbot[matrix]"


class Matrix:
    """Matrix's entry in the list of platforms."""

    name = NAME
    capabilities = frozenset(Capability) - {Capability.FORMS, Capability.PRIVATE}

    def is_set_up(self, settings: Settings) -> bool:
        """Say whether there is a token."""
        return settings.matrix

    def build(self, around: Surroundings) -> Platform:
        """Make the bot's side that faces Matrix."""
        from bot.matrix.platform import MatrixPlatform  # noqa: PLC0415 - half a second and 40 MB for who needs it

        async def directory() -> Directory:
            return await asyncio.wrap_future(around.database.read(lambda reader: reader.directory))

        async def redrawn(device: str) -> None:
            await asyncio.wrap_future(around.database.write(lambda tx: redraw(tx, NAME, device)))

        calendar = around.services.rules.calendar
        return MatrixPlatform(
            reach(around.settings),
            gateway=around.gateway,
            words_for=around.services.words_for,
            remembered=RememberedRooms(around.database),
            render=around.calendar_file,
            directory=directory,
            today=lambda: calendar.local_date(around.clock.now()),
            keyring=Keyring(around.settings.keys),
            metrics=around.metrics,
            redraw=redrawn,
            guard=guarding(around.clock),
        )

    def way_in(self, settings: Settings) -> str:
        """Say at which server the bot reads what comes."""
        return f"at {settings.matrix_homeserver}"

    def is_own(self, settings: Settings, identity: str) -> bool:
        """Say whether somebody's server is the bot's own, or one whose people are believed."""
        return server_of(identity.removeprefix(f"{NAME}:")) in own_servers(settings)

    def missing(self, settings: Settings) -> Iterable[str]:
        """Name what the bot needs beside its token."""
        needed = {
            "MATRIX_HOMESERVER": settings.matrix_homeserver,
            "MATRIX_USER": settings.matrix_user,
            "MATRIX_RECOVERY_KEY": settings.matrix_recovery_key.get_secret_value(),
        }
        return (name for name, value in needed.items() if not value)

    async def checks(self, settings: Settings) -> AsyncIterator[Line]:
        """Ask the server what it knows of the bot, and look at each agency's room."""
        if not settings.matrix:
            yield note(NAME, "not set up; `sipbot matrix login` begins it")
            return
        if find_spec("mautrix") is None or find_spec("vodozemac") is None:
            yield fail(NAME, MISSING)
            return
        from bot.matrix.checks import findings  # noqa: PLC0415 - as above

        async for line in findings(settings):
            yield line


def reach(settings: Settings) -> MatrixSettings:
    """Return how the server is reached."""
    from bot.matrix.server.session import MatrixSettings  # noqa: PLC0415 - as above

    return MatrixSettings(
        homeserver=settings.matrix_homeserver,
        user=settings.matrix_user,
        token=settings.matrix_token.get_secret_value(),
        recovery_key=settings.matrix_recovery_key.get_secret_value(),
        store=Path(settings.matrix_store),
        only_signed=settings.matrix_unsigned_devices == "refuse",
        trusted=frozenset(settings.matrix_trusted_servers),
    )
