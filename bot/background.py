"""Work that goes on after an answer. Each task is held until it is done, and its failure is heard."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterable
from typing import Any

from bot.error_log import report

_logger = logging.getLogger(__name__)

#: Seconds that a cancelled task may take to tidy up before it is cancelled anew.
_TIDYING = 5.0


async def ended(tasks: Iterable[asyncio.Task[Any]], again: float = _TIDYING) -> None:
    """Cancel tasks and return when they have ended; what still runs is cancelled anew every `again` seconds.

    One cancellation can be lost: `asyncio.wait_for` of Python 3.11 returns its result instead when that comes in the
    same moment (libraries use it too), and a task without end would then be waited for without end.
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=again)


class Background:
    """A set of running tasks; asyncio itself keeps only weak references and loses their errors."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run `work`; an error it does not handle is logged under `name`."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def finish(self, seconds: float) -> None:
        """Wait for what is running and what it starts meanwhile, at most `seconds`; the rest is cancelled."""
        until = time.monotonic() + seconds
        while running := self._tasks - {asyncio.current_task()}:
            _, late = await asyncio.wait(running, timeout=max(0.0, until - time.monotonic()))
            await ended(late)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            report(_logger, "a task in the background failed", error, task=task.get_name())
