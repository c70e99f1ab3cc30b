"""Jobs: functions that want a transaction, queued for the threads that have a connection."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeAlias

from domain.errors import Unavailable

_log = logging.getLogger(__name__)

_CLOSING = 15.0  # seconds that the job under way gets when the program ends


class Job:
    """One function to be run in a transaction, and the promise of its outcome.

    `writes`: it gets a `Transaction`, otherwise a `Reader`.
    """

    __slots__ = ("function", "future", "writes")

    def __init__(self, function: Callable[[Any], Any], *, writes: bool) -> None:
        self.function = function
        self.writes = writes
        self.future: Future[Any] = Future()


# A bare future asks for upkeep; none tells a thread to end.
_Item: TypeAlias = Job | Future[None] | None


class Session(Protocol):
    """One connection to the database, used by one thread alone."""

    most: int  # how many jobs may share one transaction

    def run(self, jobs: list[Job]) -> None:
        """Run jobs (perhaps none) and keep their promises. What fails, fails in the job's future."""
        ...

    def tidy(self) -> None:
        """Do the upkeep that must happen between transactions."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class JobQueue:
    """A first-come, first-served queue of jobs, and the threads that work on them, each with its own session.

    A session is made by the thread that uses it, and connects when the first job comes. A job that nobody
    waits for any more is passed over.
    """

    def __init__(self, name: str, open_session: Callable[[], Session], threads: int) -> None:
        self._queue: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._open_session = open_session
        self._lock = threading.Lock()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"sipbot-{name}-{number}", daemon=True)
            for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def backlog(self) -> int:
        """How many jobs wait."""
        return self._queue.qsize()

    def hand_in(self, job: Job | Future[None]) -> None:
        """Queue a job; after closing, it fails at once. A bare future asks for upkeep and tells when it is done."""
        with self._lock:
            if not self._closed:
                self._queue.put(job)
                return
        future = job.future if isinstance(job, Job) else job
        future.set_exception(Unavailable("database.closed"))

    def close(self) -> None:
        """Finish what is queued, then close the sessions. Waits, but not for ever."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
        for thread in self._threads:
            thread.join(_CLOSING)
            if thread.is_alive():
                _log.error("a database thread did not end within %s seconds", _CLOSING)

    def _work(self) -> None:
        session = self._open_session()
        try:
            while self._serve(session, self._queue.get()):
                pass
        finally:
            session.close()

    def _serve(self, session: Session, item: _Item) -> bool:
        """Work on an item and on those that wait right behind it; say whether to go on."""
        jobs: list[Job] = []
        while isinstance(item, Job):
            if item.future.set_running_or_notify_cancel():
                jobs.append(item)
            if len(jobs) == session.most:
                _run(session, jobs)
                return True
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                _run(session, jobs)
                return True
        _run(session, jobs)
        if item is not None and item.set_running_or_notify_cancel():
            _tidy(session, item)
        return item is not None


def _run(session: Session, jobs: list[Job]) -> None:
    try:
        session.run(jobs)
    except BaseException as error:  # noqa: BLE001 - it is raised where the outcomes are waited for
        # A session keeps its promises itself. Should it fail to, nobody must wait for ever, and the thread lives on.
        _log.exception("a database session failed")
        for job in jobs:
            if not job.future.done():
                job.future.set_exception(error)


def _tidy(session: Session, promise: Future[None]) -> None:
    try:
        session.tidy()
    except Exception as error:  # noqa: BLE001 - it is raised where the promise is waited for
        promise.set_exception(error)
    else:
        promise.set_result(None)
