"""What is agreed with the person before a meeting: how they take part, what they wish, what is done (R103-R113)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Task(StrEnum):
    """What is to be done before the meeting, in its order."""

    INFORMED = "informed"  # the person knows what a plan is, and their rights (R104)
    PURPOSE = "purpose"  # purpose and questions are worked out together (R107, R110)
    PEOPLE = "people"  # whom to summon and whom to invite is settled together (R106)
    CALLED = "called"  # the agencies have been rung first (R100, R119)
    CHILD_HEARD = "child_heard"  # the child has had its say in its own way (R21, R112)
    AIDS = "aids"  # interpreter or aids are booked (R105)
    ROOM = "room"  # the room is booked, or the link is made and its platform judged safe (R148)


class TakingPart(StrEnum):
    """How the person takes part (R19, R20, R111); several may be true."""

    WHOLE = "whole"
    PART = "part"
    PHONE = "phone"
    DIGITAL = "digital"
    LETTER = "letter"
    FILM = "film"
    SUPPORTER = "supporter"
    NOT = "not"


class ToldAfter(StrEnum):
    """How the person is told of what was said, above all one who was not there (R20, R111)."""

    TALK = "talk"
    PHONE = "phone"
    LETTER = "letter"
    SUPPORTER = "supporter"


class PlaceWish(StrEnum):
    """Where the person wishes to meet (R111), as categories: an address never stands here."""

    NO_MATTER = "no_matter"
    WITH_US = "with_us"
    KNOWN_PLACE = "known_place"
    HOME = "home"
    DIGITAL = "digital"


class Premeeting(StrEnum):
    """A meeting of professionals beforehand, in which nothing is decided (R103)."""

    NOT_NEEDED = "not_needed"
    PLANNED = "planned"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Preparation:
    """How far the preparation has come, and what the person wishes.

    `wanted` are those whom the person wishes to come (R110, R126), `lead_wish` whom they wish as huvudansvarig (R37,
    R197), as staff ids; "" and empty where they have no wish.
    """

    done: frozenset[Task] = frozenset()
    ways: frozenset[TakingPart] = frozenset()
    told_after: ToldAfter | None = None
    place: PlaceWish | None = None
    wanted: tuple[str, ...] = ()
    lead_wish: str = ""
    premeeting: Premeeting | None = None


NOTHING_PREPARED = Preparation()
