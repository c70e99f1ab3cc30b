"""A watchdog over network waits.

A server that is alive and silent holds a client for ever: neither keepalives nor the server's own timeouts
end a wait for a peer whose kernel still answers (measured). Shutting the socket down from another thread
does, at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_log = logging.getLogger(__name__)

_LOOKS = 0.5  # seconds between two looks


class Watchdog:
    """Shuts the socket of whoever takes longer than `patience` seconds."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._lock = threading.Lock()
        self._watched: dict[int, float] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sipbot-watchdog", daemon=True)
        self._thread.start()

    @contextmanager
    def over(self, descriptor: int) -> Iterator[None]:
        """Watch over a socket while the block runs. The block must not close it."""
        with self._lock:
            self._watched[descriptor] = time.monotonic() + self._patience
        try:
            yield
        finally:
            with self._lock:
                self._watched.pop(descriptor, None)

    def stop(self) -> None:
        """Stop watching."""
        self._stopped.set()
        self._thread.join(_LOOKS * 4)

    def _watch(self) -> None:
        while not self._stopped.wait(_LOOKS):
            with self._lock:
                now = time.monotonic()
                for descriptor in [known for known, until in self._watched.items() if until < now]:
                    del self._watched[descriptor]
                    _shut(descriptor)


def _shut(descriptor: int) -> None:
    _log.error("the database did not answer in time; its connection is shut")
    # The lock is held, so the descriptor is still that of the connection and cannot be another's.
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as connection:
        connection.shutdown(socket.SHUT_RDWR)
