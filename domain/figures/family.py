"""Families of numbers: those that are told or kept back together, since one could be worked out from another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from domain.figures.sums import Tally

Number: TypeAlias = tuple[str, ...]
"""A tally, or with further ones what is left of it when those are taken off."""


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers that are told together or not at all, of a unit, of a track and of all.

    `numbers`: none of them may be small where they are told. `of`: what they are parts of. `inside`: the names of a
    family that must be told for this one to be. `both`: two numbers that only ever follow from this family together;
    some of what is kept back must be able to count for both, so that it could as well be another unit's.
    """

    numbers: tuple[Number, ...]
    of: Number = ()
    inside: str = ""
    both: tuple[str, str] | None = None


def _share(name: str, of: str) -> Family:
    return Family(((name,), (of, name)), of=(of,), inside=of)


_NEEDS = Family(
    (
        (Tally.DENIED,),
        (Tally.REFUSED,),
        (Tally.NOTICED, Tally.DENIED),
        (Tally.NOTICED, Tally.REFUSED),
        (Tally.NOTICED, Tally.DENIED, Tally.REFUSED),
    ),
    of=(Tally.NOTICED,),
    inside=Tally.NOTICED,
)

# What has become of the summonses that nobody was named for.
_ANSWERS = Family(
    (
        (Tally.CONFIRMED,),
        (Tally.DECLINED,),
        (Tally.SUMMONED, Tally.CONFIRMED),
        (Tally.SUMMONED, Tally.DECLINED),
        (Tally.SUMMONED, Tally.NAMED, Tally.DECLINED),
        (Tally.CONFIRMED, Tally.NAMED),
        (Tally.CONFIRMED, Tally.DECLINED),
        (Tally.CONFIRMED, Tally.NAMED, Tally.DECLINED),
    ),
    of=(Tally.SUMMONED, Tally.NAMED),
    inside=Tally.NAMED,
)

# First meetings and follow-ups together are the meetings after which a plan is made and those that were the last.
_MEETINGS = Family(((Tally.FIRST_HELD,), (Tally.PLANNED,)))
_FOLLOWED = Family(
    ((Tally.FOLLOWED_UP,), (Tally.FINISHED,)),
    inside=Tally.FIRST_HELD,
    both=(Tally.FOLLOWED_UP, Tally.FINISHED),
)

_FAMILIES: Final[Mapping[str, Family]] = {
    Tally.DENIED: _NEEDS,
    Tally.REFUSED: _NEEDS,
    Tally.FIRST_HELD: _MEETINGS,
    Tally.PLANNED: _MEETINGS,
    Tally.FOLLOWED_UP: _FOLLOWED,
    Tally.FIRST_IN_TIME: _share(Tally.FIRST_IN_TIME, Tally.FIRST_HELD),
    Tally.PLAN_IN_TIME: _share(Tally.PLAN_IN_TIME, Tally.PLANNED),
    Tally.BOOKED: _share(Tally.BOOKED, Tally.PLANNED),
    Tally.NAMED: _share(Tally.NAMED, Tally.SUMMONED),
    Tally.CONFIRMED: _ANSWERS,
    Tally.DECLINED: _ANSWERS,
    Tally.ABSENT: _share(Tally.ABSENT, Tally.EXPECTED),
    Tally.REMEDIED: _share(Tally.REMEDIED, Tally.DEVIATION),
    Tally.FELT: _share(Tally.FELT, Tally.ASKED_FELT),
}


def family_of(name: str) -> Family:
    """Return the family of a number; one that has none stands alone."""
    return _FAMILIES.get(name) or Family(((name,),))
