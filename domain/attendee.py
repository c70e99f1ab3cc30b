"""Those an agency names for a meeting, and what they answer from their calendars (R122, R128)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class CalendarResponse:
    """What an attendee answered from a calendar.

    Its kind, the SEQUENCE it was about, its DTSTAMP, when it came, how far it is trusted, and whether it is about a
    time that no longer holds.
    """

    kind: str
    sequence: int
    stamp: datetime
    at: datetime
    trust: str = "unproven"
    old_time: bool = False

    @property
    def is_no(self) -> bool:
        """Say whether it says no to the present time; who sends somebody else does not come either."""
        return self.kind in {"declined", "delegated"} and not self.old_time


@dataclass(frozen=True, slots=True)
class Attendee:
    """One named member of staff (R128).

    `key` is random and stays with the person through changes; `token` is the secret part of the calendar answer
    address, `bounce` that of the address to which reports of failed deliveries come, which no mail shows (empty for
    those named in version 0.1, whose one token serves for both); `asked` is the SEQUENCE of the invite that last asked
    this person anew; `staff` is the directory's id, empty for those named by a line of text. `confirmed_at` is when the
    agency last said anew that this person comes. `mandate` is whether they can decide for it, as far as the agency has
    said (R51).
    """

    key: str
    token: str
    name: str
    title: str
    email: str
    staff: str = ""
    undelivered: bool = False
    response: CalendarResponse | None = None
    asked: int = 0
    confirmed_at: datetime | None = None
    bounce: str = ""
    mandate: bool | None = None

    @property
    def stays_away(self) -> bool:
        """Say whether the last word about this person is a no from the calendar."""
        return self.response is not None and self.response.is_no


@dataclass(frozen=True, slots=True)
class Host:
    """One who runs a meeting: who is responsible for the case, chair or secretary (R30, R55); `agency` is their unit.

    They have the meeting in the calendar like those whom the agencies name.
    """

    agency: str
    who: Attendee


class Wish(StrEnum):
    """Whether the agency could meet the person's wish on who comes (R122, R127)."""

    MET = "met"
    NOT_MET = "not_met"


@dataclass(frozen=True, slots=True)
class Naming:
    """Who comes, said by the agency itself (R122, R128), with mandate (R51), for the meeting's time of that round."""

    attendees: tuple[Attendee, ...]
    wish: Wish | None = None
    round: int = 1

    @property
    def deserted_at(self) -> datetime | None:
        """The instant since which nobody of those named comes, by their calendars; none while somebody does."""
        noes = [who.response.at for who in self.attendees if who.response is not None and who.response.is_no]
        return max(noes) if noes and len(noes) == len(self.attendees) else None
