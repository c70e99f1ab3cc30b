"""Whether the database takes what is written: known from the last attempt that failed, until one succeeds."""

from __future__ import annotations

from typing import Final

_WORDS: Final = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_READONLY": "read-only",
    "25006": "read-only",
    "53100": "the disk is full",
}


class Health:
    """What is known of writing. Set from any thread; a plain attribute is enough for that."""

    __slots__ = ("fault",)

    def __init__(self) -> None:
        self.fault = ""

    def failed(self, error: BaseException, why: str = "") -> None:
        """Take note that a write failed for a reason that lies with the database."""
        code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or ""
        self.fault = why or _WORDS.get(str(code), "cannot be written")

    def proved(self) -> None:
        """Take note that something was written and kept."""
        self.fault = ""
