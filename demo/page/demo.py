"""One running demo: the world as it is now, who looks at it, and the pulse that keeps it alive."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

from bot.background import ended
from bot.error_log import report
from demo.world.texts import Language
from demo.world.world import World

_logger = logging.getLogger(__name__)

#: Seconds between two looks at what is due, unless somebody acts.
_BEAT = 1.0
#: Seconds in which changes are gathered into one word to those who look.
_GATHERED = 0.04


class Demo:
    """A demo in a folder of its own, or in one that is kept. It can begin afresh at any moment."""

    def __init__(self, folder: Path | None = None, language: Language = "sv") -> None:
        self._kept_folder = folder
        self._language: Language = language
        self._world: World | None = None
        self._own_folder: Path | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._acted = asyncio.Event()
        self._turning = asyncio.Lock()
        self._watchers: set[asyncio.Event] = set()
        self.moving = False
        self.round = 1
        self.closed = False

    @property
    def world(self) -> World:
        """Return the world as it is now.

        Raises:
            RuntimeError: the demo is not open.
        """
        if self._world is None:
            raise RuntimeError("the demo is not open")
        return self._world

    @property
    def is_open(self) -> bool:
        """Say whether there is a world, and it is not being closed."""
        return self._world is not None and not self.closed

    async def open(self) -> None:
        """Make the world and set it going."""
        folder = self._kept_folder
        if folder is None:
            folder = self._own_folder = Path(tempfile.mkdtemp(prefix="sipbot-demo-"))
        folder.mkdir(parents=True, exist_ok=True)
        self._world = World(folder, self._language)
        self._language = self._world.language
        await self._world.open()
        self._world.matrix.changed = self._tell
        self._tasks = [asyncio.create_task(self._listen(self._world)), asyncio.create_task(self._beat(self._world))]

    async def close(self) -> None:
        """Stop the world, and take its folder away unless it is kept."""
        self.closed = True
        self._tell()
        await self._end()

    async def restart(self, language: Language) -> None:
        """Begin afresh: another world in which nothing has happened."""
        async with self._turning:
            await self._end(keep=False)
            self._language = language
            self.round += 1
            self.moving = False
            await self.open()
        self._tell()

    async def _end(self, *, keep: bool = True) -> None:
        world, self._world = self._world, None
        await ended(self._tasks)
        self._tasks = []
        if world is None:
            return
        if self._kept_folder is not None and keep:
            world.keep()
        await world.close()
        if self._own_folder is not None:
            shutil.rmtree(self._own_folder, ignore_errors=True)
        elif not keep:
            _empty(world.folder)

    def acted(self) -> None:
        """Say that somebody did something, so that its consequences come at once."""
        self._acted.set()
        self._tell()

    async def move_to(self, instant: datetime) -> None:
        """Let time pass; two who ask at once are served one after the other."""
        async with self._turning:
            self.moving = True
            try:
                await self.world.move_to(instant)
            finally:
                self.moving = False
        self._keep()
        self.acted()

    async def watch(self) -> AsyncIterator[int]:
        """Yield the demo's round whenever something has changed, and once at the beginning."""
        changed = asyncio.Event()
        changed.set()
        self._watchers.add(changed)
        try:
            while not self.closed:
                await changed.wait()
                await asyncio.sleep(_GATHERED)
                changed.clear()
                yield self.round
        finally:
            self._watchers.discard(changed)

    def _tell(self) -> None:
        for changed in self._watchers:
            changed.set()

    async def _listen(self, world: World) -> None:
        async with contextlib.aclosing(world.slack.state.stream.subscribe()) as happenings:
            async for _ in happenings:
                self._tell()

    async def _beat(self, world: World) -> None:
        """Let happen what is due, as the bot's own clock and courier would."""
        last_kept = time.monotonic()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_BEAT):  # `wait_for` would lose a cancellation when somebody has just acted
                    await self._acted.wait()
            acted = self._acted.is_set()
            self._acted.clear()
            try:
                mails = len(world.postbox.mails)
                await world.pulse()
            except Exception as error:  # noqa: BLE001 - the next beat may do better
                report(_logger, "a beat of the demo failed", error)
                continue
            if len(world.postbox.mails) != mails:
                self._tell()
            if acted and time.monotonic() - last_kept > _BEAT:
                self._keep()
                last_kept = time.monotonic()

    def _keep(self) -> None:
        if self._kept_folder is not None and self._world is not None:
            self._world.keep()


def _empty(folder: Path) -> None:
    """Take away what a world wrote into a kept folder, and nothing else."""
    for name in ("world.json", "sipbot.db", "sipbot.db-wal", "sipbot.db-shm", "key"):
        (folder / name).unlink(missing_ok=True)
