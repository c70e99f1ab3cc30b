"""What is known of a case without opening it: the few facts by which lists, ticks and reminders find it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Party:
    """One agency of a case. `waiting`: it owes an answer; `urgent_at`: by when (UTC)."""

    agency: str
    waiting: bool
    urgent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """One case as lists show it, free of anything about the person.

    `state` is where it stands; `step` the name of what is to be done next; `owner` the staff id of the one
    who is responsible now; `urgent_at` the instant (UTC) by which the list is ordered, or none when nothing
    presses.
    """

    state: str
    step: str
    owner: str
    urgent_at: datetime | None
    open: bool
    protected: bool
    parties: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class ListedCase:
    """One line of a list. For the list of an agency, `urgent_at` is when that agency's own answer is due."""

    code: str
    state: str
    step: str
    owner: str
    urgent_at: datetime | None
    protected: bool
