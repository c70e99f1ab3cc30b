"""Ports for the programs that the tests start, side by side as they may run."""

from __future__ import annotations

import itertools
import os
import random
import socket

from tests.running.worker import NUMBER

# Linux gives outgoing connections the ports from 32768 up. A port chosen there may be somebody else's by the time
# that its program listens; below, only who names a port has it.
_FIRST = 15_000
_EACH = 1_000  # ports of one worker
_WORKERS = 17

_numbers = itertools.count(random.randrange(_EACH))


def free_port() -> int:
    """Pick a port of 127.0.0.1 that nobody listens on, and no other worker of this run will pick."""
    worker = int(os.environ.get(NUMBER, "0"))
    first = _FIRST + worker % _WORKERS * _EACH
    for _ in range(_EACH):
        port = first + next(_numbers) % _EACH
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("every port of this worker is taken")
