"""The short way to the database: what is handed in is done at once, on the thread of the story itself.

To hand a job to a thread and fetch its outcome computes about a tenth of a story. What is done stays the same:
the queue's own way with a job, the sessions and their transactions. The threads work where people act at the very same
moment (`test_twice.py`), in the whole job (`test_main_job.py`), in `tests/stories`, `tests/whole` and `tests/storage`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

import pytest

from storage.engine import database
from storage.engine.jobs import Job, JobQueue, Session

PATIENCE = 15.0


class QueueAtHand(JobQueue):
    """A queue without threads: who hands something in works on it. All do so on one thread, as SQLite demands."""

    def __init__(self, name: str, open_session: Callable[[], Session], threads: int) -> None:
        super().__init__(name, open_session, threads=0)
        self._session = open_session()
        self._thread = threading.get_ident()
        self._loop: asyncio.AbstractEventLoop | None = None
        with suppress(RuntimeError):
            self._loop = asyncio.get_running_loop()

    def hand_in(self, job: Job | Future[None]) -> None:
        super().hand_in(job)
        while self.backlog:
            self._serve(self._session, self._queue.get())

    def close(self) -> None:
        """Close the session where it was opened; a bot that stops closes its database on another thread, and waits."""
        super().close()
        if threading.get_ident() == self._thread:
            self._session.close()
            return
        assert self._loop is not None
        ended = threading.Event()
        self._loop.call_soon_threadsafe(self._session.close)
        self._loop.call_soon_threadsafe(ended.set)
        assert ended.wait(PATIENCE)


@contextmanager
def at_hand() -> Iterator[None]:
    """Let every database that is opened from now on work on what is handed in at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "JobQueue", QueueAtHand)
        yield
