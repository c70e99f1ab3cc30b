"""The file of an SQLite database: watched, so that nothing is written into one that is no longer there, and locked."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from typing import IO

from domain.errors import Unavailable


class Swapped(Unavailable):
    """Another file stands under the database's name, or none: what is written now would be lost."""

    def __init__(self) -> None:
        super().__init__("database.unavailable")


class WatchedFile:
    """The file that the first connection opened, known by its device and inode. Safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[int, int] | None = None

    def check(self, *, first: bool = True) -> None:
        """Make sure that the file is still the one opened first. Before that, only the `first` opening sets it.

        Raises:
            Swapped: it is not.
        """
        if self._known is None and not first:
            return
        try:
            found = self.path.stat()
        except OSError as error:
            raise Swapped from error
        identity = (found.st_dev, found.st_ino)
        if self._known is None:
            self._known = identity
        elif self._known != identity:
            raise Swapped


def lock(path: Path) -> IO[str]:
    """Keep the database to this process for as long as the file that is returned stays open.

    It is a file beside the database, so that backups and `sipbot doctor` can look at that meanwhile.

    Raises:
        OSError: another process has it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.lock")
    held = os.fdopen(os.open(beside, os.O_CREAT | os.O_RDWR, 0o600), "r+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = held.read().strip()
        held.close()
        words = f"another `sipbot serve` works on this database (process {other or 'unknown'}); stop it first"
        raise OSError(errno.EBUSY, words, str(path)) from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held
