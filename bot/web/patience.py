"""What one connection may take: how long, how much, and of how many. What takes more is closed, and others get in.

uvicorn has no bound for any of this, and each connection holds one of the process's files: when those have run out,
nothing comes in, nothing goes out, and the database cannot be opened either.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

ARRIVAL = 15.0
"""Seconds from a connection's beginning, or from a request's first byte, until the whole request is here; likewise
for an answer that the other side does not take."""
CONNECTIONS = 500
"""So many at once, of the 1,024 files that a process has where nobody has set more."""
LARGEST_HEAD = 64 * 1024
"""Bytes of a request's line and headers. The parser keeps them all until they end."""
LARGEST_REQUEST = 4 * 1024 * 1024
"""Bytes of a whole request. More than any address takes, so that what is too large can be answered there."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's protocol with bounds."""

    arrival: ClassVar[float] = ARRIVAL
    most: ClassVar[int] = CONNECTIONS
    heard_at = 0.0
    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _arrived = 0
    _in_head = True

    @staticmethod
    def count(why: str) -> None:
        """Hear why a connection was closed, in one word, for the metrics."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request; when there are too many, the one that waits longest makes room."""
        full = len(self.connections) >= self.most
        super().connection_made(transport)
        self.heard_at = self.loop.time()
        self._wait()
        if full:
            self.count("made_room")
            self._longest_waiting().transport.abort()

    def _longest_waiting(self) -> PatientProtocol:
        """Return the connection on which nothing is being answered for longest: this one when all others are."""
        open_ones = (one for one in self.connections if isinstance(one, PatientProtocol))
        waiting = (one for one in open_ones if not one.answering and not one.transport.is_closing())
        return min(waiting, key=lambda one: one.heard_at, default=self)

    @property
    def answering(self) -> bool:
        """Whether a request that is here whole is being answered to somebody who takes the answer."""
        cycle = cast("Any", self.cycle)  # None until the first request, whatever its type says
        return cycle is not None and not cycle.response_complete and not (self._deadline or self._unread)

    def data_received(self, data: bytes) -> None:
        """Take what has come; close on what is larger than anybody sends."""
        self._arrived += len(data)
        super().data_received(data)
        if self._arrived > (LARGEST_HEAD if self._in_head else LARGEST_REQUEST) and not self.transport.is_closing():
            self.count("too_large")
            self.send_400_response("Request too large.")

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request."""
        super().on_message_begin()
        self._arrived, self._in_head = 0, True
        self._wait()

    def on_headers_complete(self) -> None:
        """Leave the head behind."""
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no more: the request is here."""
        super().on_message_complete()
        self._arrived, self.heard_at = 0, self.loop.time()
        self._rest()

    def pause_writing(self) -> None:
        """Begin to wait for the other side to take its answer."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(self.arrival, self._give_up)

    def resume_writing(self) -> None:
        """Wait no more: it was taken."""
        self._taken()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._rest()
        self._taken()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.arrival, self._give_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _taken(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _give_up(self) -> None:
        self.count("too_slow")
        self.transport.abort()
