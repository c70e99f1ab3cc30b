"""A decision that could not be made at the meeting: who gives an answer, when, and what happens meanwhile (R145)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.stamp import Stamp


class Awaited(StrEnum):
    """What the decision waits for."""

    ASSESSMENT = "assessment"  # somebody examines first
    INQUIRY = "inquiry"  # an inquiry is made first
    DECISION = "decision"  # somebody with the mandate decides
    OTHER = "other"


class Meanwhile(StrEnum):
    """What happens until then."""

    GOES_ON = "goes_on"  # what is given today goes on
    CONTACT = "contact"  # somebody keeps in touch
    TEMPORARY = "temporary"  # something else is given for the time being
    NOTHING = "nothing"  # nothing is needed meanwhile


@dataclass(frozen=True, slots=True)
class Promise:
    """An answer that an agency has promised by a day; `answered` is who noted that the person has got it, and when."""

    number: int
    meeting: int
    agency: str
    awaits: Awaited
    meanwhile: Meanwhile
    by: date
    promised: Stamp
    answered: Stamp | None = None
