"""What one case adds to the figures, and when (R207)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.case import AgeBand, Case
from domain.figures.counting import WAY, counted, grown
from domain.figures.quarter import Quarter
from domain.figures.sums import Key, Sum, Tally
from domain.matters.admission import Admission
from domain.steps.evaluate import LAST_DAY
from domain.steps.hand_over import change_lead
from tests.domain.makers import (
    ANNA,
    DIRECTORY,
    OMAR,
    RULES,
    active_case,
    called,
    closed,
    closing_case,
    consented,
    day,
    declined,
    denied,
    held,
    held_case,
    named,
    opened,
    received,
    refused,
    stamp,
    summoned_case,
    withdrawn,
)


def counts(case: Case, agency: str = "", quarter: str = "") -> dict[str, int]:
    """Return how many of each a case adds, of one unit or all."""
    found: dict[str, int] = {}
    for key, one in counted(case, RULES).items():
        if agency in {"", key.agency} and quarter in {"", key.quarter}:
            found[key.name] = found.get(key.name, 0) + one.count
    return found


def total(case: Case, name: Tally) -> int:
    return sum(one.total for key, one in counted(case, RULES).items() if key.name == name)


def test_a_need_counts_in_the_quarter_in_which_it_was_noticed() -> None:
    assert counted(opened("2026-03-31"), RULES) == {Key("2026-1", "soc", "adult", "noticed"): Sum(1)}


def test_a_no_to_start_and_a_refused_consent_are_told_apart() -> None:
    """R80, R96."""
    assert counts(denied()) == {"noticed": 1, "denied": 1}
    assert counts(refused(opened())) == {"noticed": 1, "refused": 1}


def test_answers_count_for_the_unit_that_was_asked() -> None:
    """R125, R128: one has named somebody, one has confirmed only, one has said no."""
    case = named(summoned_case(), "bup", "2026-03-10 10:00")
    case = received(case, "skola", "2026-03-11 10:00")
    case = declined(case, "fk", "2026-03-11 10:00")
    assert counts(case, "bup") == {"summoned": 1, "confirmed": 1, "named": 1}
    assert counts(case, "skola") == {"summoned": 1, "confirmed": 1}
    assert counts(case, "fk") == {"summoned": 1, "confirmed": 1, "declined": 1}
    assert total(case, Tally.CONFIRMED) == 24 + 48 + 48


def test_the_first_meeting_counts_its_days_from_the_need_and_whether_they_were_kept() -> None:
    """R90: noticed on 2 March, held on 26 March."""
    case = held_case()
    assert counts(case, "soc", "2026-1") == {
        "noticed": 1,
        "first_held": 1,
        "first_in_time": 1,
        "planned": 1,
        "booked": 1,
    }
    assert total(case, Tally.FIRST_HELD) == 24


def test_a_meeting_after_the_last_day_is_not_in_time_unless_the_person_wished_so() -> None:
    """R90, R91."""
    late = replace(held_case(), noticed_on=day("2026-02-01"))
    assert "first_in_time" not in counts(late)
    assert counts(replace(late, meeting_by=day("2026-03-26")))["first_in_time"] == 1


def test_an_obliged_agency_that_stays_away_is_counted_and_an_invited_one_is_not() -> None:
    """R114, R117, R182."""
    case = held(summoned_case(), "2026-03-26 15:00", attended=frozenset({"soc", "bup"}))
    assert counts(case, "skola")["absent"] == 1
    assert counts(case, "bup")["expected"] == 1
    assert "expected" not in counts(case, "fk")


def test_a_plan_is_in_time_within_four_working_days() -> None:
    """R161."""
    case = active_case()
    assert counts(case)["plan_in_time"] == 1
    late = case.with_plan(replace(case.plans[0], sent_on=day("2026-04-02")))
    assert "plan_in_time" not in counts(late)


def test_a_follow_up_counts_apart_from_the_first_meeting_and_asks_for_no_plan_when_nothing_remains() -> None:
    """R141, R166."""
    found = counts(closing_case(), quarter="2026-2")
    assert found["followed_up"] == 1
    assert not {"first_held", "planned", "booked"} & found.keys()


def test_the_end_counts_by_its_ground() -> None:
    """R175."""
    assert counts(closed(closing_case(), "2026-06-02 10:00"), quarter="2026-2")["goals_met"] == 1
    assert counts(withdrawn(consented(opened()), "2026-03-05 10:00"))["withdrawn"] == 1


@pytest.mark.parametrize("band,track", [(AgeBand.CHILD, "child"), (AgeBand.ADULT, "adult"), (AgeBand.OLDER, "adult")])
def test_the_track_follows_from_the_age(band: AgeBand, track: str) -> None:
    """R207."""
    assert {key.track for key in counted(replace(opened(), age_band=band), RULES)} == {track}


def test_whoever_has_been_in_hospital_is_of_the_track_of_discharge() -> None:
    """R180, R207."""
    stay = Admission(day("2026-03-05"), stamp(ANNA, "2026-03-05 10:00"))
    assert {key.track for key in counted(replace(opened(), admissions=(stay,)), RULES)} == {"discharge"}


def test_a_step_adds_only_what_is_new_and_takes_back_what_is_so_no_longer() -> None:
    before = replace(summoned_case(), counted=WAY)
    after = named(before, "bup", "2026-03-10 10:00")
    assert {(key.name, one.count) for key, one in grown(before, after, RULES).items()} == {
        ("confirmed", 1),
        ("named", 1),
    }
    again = declined(after, "bup", "2026-03-11 10:00")
    assert {(key.name, one.count) for key, one in grown(after, again, RULES).items()} == {
        ("named", -1),
        ("declined", 1),
    }


def test_a_case_from_before_there_were_figures_comes_in_whole() -> None:
    old = summoned_case()
    assert grown(old, old, RULES) == counted(old, RULES)
    known = replace(old, counted=WAY)
    assert grown(known, known, RULES) == {}


def test_nothing_that_is_counted_tells_which_case_it_was() -> None:
    """Law 4D: a key holds quarter, unit, track and name alone."""
    case = closed(closing_case(), "2026-06-02 10:00")
    assert not [key for key in counted(case, RULES) if any(case.code in part for part in key)]


@pytest.mark.parametrize(
    "typed,meant",
    [
        ("2026-4", Quarter(2026, 4)),
        ("2026-k4", Quarter(2026, 4)),
        ("2026Q1", Quarter(2026, 1)),
        ("2026", None),
        ("2026-5", None),
    ],
)
def test_a_quarter_is_typed_in_the_usual_ways(typed: str, meant: Quarter | None) -> None:
    assert Quarter.read(typed) == meant


def test_a_quarter_settles_thirty_days_after_its_last_and_is_told_a_day_later() -> None:
    """R207: the day between keeps apart whoever still writes and whoever reads first."""
    first = Quarter.of(day("2026-03-31"))
    assert (first, first.before, first.last_day) == (Quarter(2026, 1), Quarter(2025, 4), day("2026-03-31"))
    assert [first.is_settled(day(one)) for one in ("2026-04-30", "2026-05-01")] == [False, True]
    assert [first.is_told(day(one)) for one in ("2026-05-01", "2026-05-02")] == [False, True]
    assert [Quarter.last_told(day(one)) for one in ("2026-05-01", "2026-05-02")] == [first.before, first]
    assert Quarter(2026, 4).told_from == day("2027-02-01")


def test_a_meeting_on_the_last_day_of_a_quarter_is_evaluated_while_that_has_not_settled() -> None:
    """R147, R207."""
    quarter = Quarter(2026, 1)
    assert not quarter.is_settled(quarter.last_day + LAST_DAY)
    assert quarter.is_settled(quarter.last_day + LAST_DAY + timedelta(days=1))


def test_the_unit_that_answers_for_the_process_is_not_counted_as_asked_to_its_own_meeting() -> None:
    """R26, R35: it owes no answer, so it neither declined nor stayed away; the others count as before."""
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "skola", "vc")
    case = declined(case, "skola", "2026-05-11 11:00", OMAR)
    assert counts(case, "skola", "2026-2") == {"summoned": 1, "confirmed": 1, "declined": 1}
    led = change_lead(case, DIRECTORY.staff[OMAR], "", stamp(OMAR, "2026-05-12 10:00"))
    after = held(led, "2026-06-01 15:00", lead="", lead_agency="", attended=frozenset({"bup"}))
    assert not {"summoned", "confirmed", "declined", "expected", "absent"} & counts(after, "skola", "2026-2").keys()
    assert counts(after, "vc", "2026-2") == {"summoned": 1, "expected": 1, "absent": 1}
    # It is taken off when the lead changes, and no other number with it.
    known = replace(case, counted=WAY)
    change = {(key.agency, key.name): one.count for key, one in grown(known, led, RULES).items()}
    assert change == {("skola", "summoned"): -1, ("skola", "confirmed"): -1, ("skola", "declined"): -1}


def test_a_case_that_was_counted_by_an_earlier_way_is_not_counted_twice() -> None:
    """It stands in the figures already: what it added by that way is taken off, and what it adds by this one comes."""
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "skola", "vc")
    led = change_lead(case, DIRECTORY.staff[OMAR], "", stamp(OMAR, "2026-05-12 10:00"))
    before = replace(led, counted=1)
    change = {(key.agency, key.name): one for key, one in grown(before, replace(led, counted=WAY), RULES).items()}
    assert change == {("skola", "summoned"): Sum(-1)}
    plain = summoned_case()
    assert grown(replace(plain, counted=1), replace(plain, counted=WAY), RULES) == {}
