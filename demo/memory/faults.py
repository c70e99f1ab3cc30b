"""What goes wrong on the way to a place, when a test or a demo wants it to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One way in which a delivery goes wrong."""

    REFUSED = "refused"  # it will never arrive
    FAILED = "failed"  # it did not arrive this time
    LOST = "lost"  # it arrived, and the word that it did was lost
    HALTED = "halted"  # the platform refuses the bot as such


@dataclass(slots=True)
class _Standing:
    place: str
    fault: Fault
    left: int | None


class Faults:
    """The faults that wait: each strikes at its place (a room, a mail address), or with "" everywhere."""

    def __init__(self) -> None:
        self._standing: list[_Standing] = []

    def strike(self, fault: Fault, place: str = "", *, times: int | None = None) -> None:
        """Let deliveries to a place go wrong, so many times or until `clear`."""
        self._standing.append(_Standing(place, fault, times))

    def clear(self) -> None:
        """Let everything go well again."""
        self._standing.clear()

    def meet(self, place: str) -> Fault | None:
        """Return what befalls a delivery to a place now, and count it."""
        for standing in self._standing:
            if standing.place in ("", place) and standing.left != 0:
                if standing.left is not None:
                    standing.left -= 1
                return standing.fault
        return None
