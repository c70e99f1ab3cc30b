"""A quarter's figures settle: what is told of one reads the same whenever it is read, whatever is saved (R207)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from hypothesis import example, given
from hypothesis import strategies as st

from domain.case import AgeBand, Case
from domain.figures.counting import WAY, counted, grown
from domain.figures.quarter import Quarter
from domain.figures.sums import NOTHING, Key, Sum, Sums, open_on
from domain.matters.admission import Admission
from domain.matters.closure import Ground
from tests.domain.makers import (
    ANNA,
    RULES,
    active_case,
    closed,
    closing_case,
    consented,
    day,
    declined,
    denied,
    held_case,
    named,
    opened,
    refused,
    stamp,
    summoned_case,
    withdrawn,
)

FIRST_DAY: Final = day("2026-03-20")
STAY: Final = Admission(day("2026-03-05"), stamp(ANNA, "2026-03-05 10:00"))

# A case as it may be saved. One may follow upon any other: things are answered, put right, moved to another quarter,
# and come to be of another track.
STANDS: Final[tuple[Case, ...]] = (
    opened("2026-03-31"),
    opened("2026-04-01"),
    denied(),
    refused(opened()),
    summoned_case(),
    named(summoned_case(), "bup", "2026-03-10 10:00"),
    declined(summoned_case(), "bup", "2026-03-11 10:00"),
    held_case(),
    replace(held_case(), age_band=AgeBand.CHILD),
    replace(active_case(), admissions=(STAY,)),
    closing_case(),
    closed(closing_case(), "2026-06-02 10:00", Ground.NO_NEED),
    withdrawn(consented(opened()), "2026-03-05 10:00"),
)


@dataclass
class Register:
    """Cases, their figures, and somebody who reads on each day whatever is told then."""

    today: date = FIRST_DAY
    # Two that were there before there were figures; others begin when they are first saved.
    cases: dict[int, Case] = field(default_factory=lambda: {0: STANDS[4], 1: STANDS[7]})
    sums: dict[Key, Sum] = field(default_factory=dict)
    saved: list[tuple[date, int, Case]] = field(default_factory=list)
    read: dict[Quarter, set[frozenset[tuple[Key, Sum]]]] = field(default_factory=dict)

    def wait(self, days: int) -> None:
        for _ in range(days):
            self.today += timedelta(days=1)
            self.look()

    def look(self) -> None:
        for quarter in (Quarter(2026, number) for number in (1, 2, 3, 4)):
            if quarter.is_told(self.today):
                self.read.setdefault(quarter, set()).add(frozenset(of(self.sums, quarter).items()))

    def save(self, which: int, stand: Case) -> None:
        after = replace(stand, counted=WAY)
        for key, one in open_on(self.today, grown(self.cases.get(which), after, RULES)).items():
            self.sums[key] = self.sums.get(key, NOTHING) + one
        self.cases[which] = after
        self.saved.append((self.today, which, after))
        self.look()

    def stood_in(self, quarter: Quarter) -> dict[Key, Sum]:
        """Return what the cases come to as each of them was last saved before the quarter settled."""
        last = {which: case for at, which, case in self.saved if not quarter.is_settled(at)}
        found: dict[Key, Sum] = {}
        for case in last.values():
            for key, one in counted(case, RULES).items():
                found[key] = found.get(key, NOTHING) + one
        return of(found, quarter)


def of(sums: Sums, quarter: Quarter) -> dict[Key, Sum]:
    return {key: one for key, one in sums.items() if key.quarter == str(quarter) and one != NOTHING}


SAVES = st.lists(
    st.tuples(st.integers(0, 45), st.integers(0, 3), st.integers(0, len(STANDS) - 1)), min_size=1, max_size=12
)
# A need that is put right after it was told: of another quarter, and back again.
MOVED = [(0, 2, 0), (60, 2, 1), (1, 2, 0), (1, 2, 1)]
# One that named somebody in time, declined when the quarter had settled, and came back.
LATE = [(0, 2, 5), (42, 2, 6), (1, 2, 5)]


def lived(saves: list[tuple[int, int, int]]) -> Register:
    register = Register()
    for days, which, stand in saves:
        register.wait(days)
        register.save(which, STANDS[stand])
    register.wait(100)
    return register


@given(SAVES)
@example(MOVED)
@example(LATE)
def test_what_is_told_of_a_quarter_never_changes(saves: list[tuple[int, int, int]]) -> None:
    """R207, law 4D: who looks every day sees each quarter one way only."""
    assert {quarter: len(ways) for quarter, ways in lived(saves).read.items() if len(ways) > 1} == {}


@given(SAVES)
@example(MOVED)
@example(LATE)
def test_a_quarter_holds_each_case_once_as_it_stood_when_that_settled(saves: list[tuple[int, int, int]]) -> None:
    """Nothing is added twice nor taken off twice, however often a case is saved afterwards; running ones follow it."""
    register = lived(saves)
    for quarter in (Quarter(2026, number) for number in (1, 2, 3, 4)):
        assert of(register.sums, quarter) == register.stood_in(quarter)


def test_a_case_from_before_there_were_figures_comes_in_with_what_has_not_settled() -> None:
    """Of the first quarter nothing was ever counted, and nothing is when such a case is looked at in June."""
    register = Register()
    register.wait((day("2026-06-01") - FIRST_DAY).days)
    register.save(0, closing_case())
    assert {key.quarter for key in register.sums} == {"2026-2"}
