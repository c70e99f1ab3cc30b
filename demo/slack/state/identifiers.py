"""Makes the ids Slack would make. They count upwards, so that every run of a test or a demo is the same."""

from __future__ import annotations

import hashlib

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Identifiers:
    """A source of ids: unique within one stand-in, and the same in every run."""

    def __init__(self) -> None:
        #: How far has been counted.
        self.counted = 0

    def fresh(self, prefix: str) -> str:
        """Return an id such as `C00000001A`: the prefix and nine letters or digits."""
        number, letters = self._next(), ""
        while number:
            number, rest = divmod(number, len(_DIGITS))
            letters = _DIGITS[rest] + letters
        return prefix + letters.rjust(9, "0")

    def token(self, length: int = 24) -> str:
        """Return a string nobody guesses by accident, in hexadecimal."""
        return hashlib.sha256(f"stand-in {self._next()}".encode()).hexdigest()[:length]

    def _next(self) -> int:
        self.counted += 1
        return self.counted
