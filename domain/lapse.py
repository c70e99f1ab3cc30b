"""What did not go out as it should have: found by comparing cases and their days with what was really sent."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class LapseKind(StrEnum):
    """What is wrong."""

    OVERDUE = "overdue"  # a reminder's time has passed, and it was never fired
    UNSENT = "unsent"  # somebody should have been told, and there is no letter to them
    WAITING = "waiting"  # a letter could have gone, and has not
    DOUBLED = "doubled"  # the same thing went out more than once
    AWAY = "away"  # a whole platform takes nothing
    REFUSED = "refused"  # a case is not as it was saved last, or cannot be read
    DIRECTORY = "directory"  # rows of the directory are not what was imported, and are not believed
    DAMAGED = "damaged"  # what is kept of a message or of a reminder is not what was written, and is passed over
    UNDRAWN = "undrawn"  # a case cannot be shown: an error of the program, or of what stands beside it
    LEFT = "left"  # somebody of the directory has no account any more


class Lapse(NamedTuple):
    """One thing that is wrong.

    `code` is the case, "" where it is about no one case. `subject` says in our own words what did not go out
    (`summons:1:bup`), or who has left (an identity); it holds no name and nothing about the person.
    """

    kind: LapseKind
    code: str
    subject: str

    @property
    def key(self) -> str:
        """The unique name of it: under this it is told once."""
        return f"{self.kind}|{self.code}|{self.subject}"
