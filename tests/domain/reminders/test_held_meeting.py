"""T8, T9, T10: the plan, what was left open, the follow-up (R140, R142, R161, R166-R168, R194)."""

from __future__ import annotations

from typing import Any

import pytest

from domain.case import Case
from domain.report import NoFollowUp, NoLead
from tests.domain.makers import (
    ANNA,
    JULIA,
    NOTHING_SETTLED,
    OMAR,
    active_case,
    called,
    day,
    dues,
    held,
    held_case,
    ladder,
    not_held,
    plan_sent,
    summoned_case,
)

HELD_AT = "2026-03-26 15:00"  # the meeting was on Thursday 26 March


# ---- T8 ----------------------------------------------------------------------------------------------------


def t8(case: Case, now: str = HELD_AT) -> list[tuple[str, str, str]]:
    return ladder(case, now, "send_plan")


def test_t8_working_day_2_and_3_and_the_last_day_twice_then_the_manager_and_every_working_day() -> None:
    assert t8(held_case()) == [
        ("2", "person", "Mon 2026-03-30 08:00"),
        ("3", "person", "Tue 2026-03-31 08:00"),
        ("last", "person", "Wed 2026-04-01 08:00"),
        ("last_pm", "person", "Wed 2026-04-01 15:00"),
        ("over", "manager", "Thu 2026-04-02 08:00"),
        ("over-2026-04-02", "person", "Thu 2026-04-02 08:00"),
    ]


def test_t8_overdue_it_is_said_every_working_day() -> None:
    # Over Easter: after Maundy Thursday comes Tuesday.
    assert t8(held_case(), "2026-04-05 10:00")[-1:] == [("over-2026-04-07", "person", "Tue 2026-04-07 08:00")]
    assert [step for step, *_ in t8(held_case(), "2026-04-08 10:00") if step.startswith("over-")] == [
        "over-2026-04-08",
        "over-2026-04-09",
    ]
    assert [step for step, *_ in t8(held_case(), "2026-04-08 07:00") if step.startswith("over-")] == [
        "over-2026-04-07",
        "over-2026-04-08",
    ]


def test_t8_what_was_said_often_enough_is_said_every_fourth_week() -> None:
    assert [step for step, *_ in t8(held_case(), "2026-04-20 10:00") if step.startswith("over-")] == [
        "over-2026-04-09",
        "over-2026-05-07",
    ]


@pytest.mark.parametrize(
    "meeting, last",
    [
        ("2026-04-02", "Fri 2026-04-10"),  # Easter
        ("2026-04-29", "Wed 2026-05-06"),  # 1 May
        ("2026-05-16", "Thu 2026-05-21"),  # a Saturday
        ("2026-06-17", "Wed 2026-06-24"),  # Midsummer
        ("2026-12-22", "Wed 2026-12-30"),  # Christmas
        ("2026-12-29", "Thu 2027-01-07"),  # New Year, Epiphany
    ],
)
def test_t8_r161_four_working_days_over_holidays(meeting: str, last: str) -> None:
    case = held(summoned_case(f"{meeting} 13:00"), f"{meeting} 15:00", follow_up_on=day("2027-06-01"))
    assert [at for step, _, at in t8(case, f"{meeting} 15:00") if step == "last"] == [f"{last} 08:00"]


def test_t8_r194_the_coordinator_sends_the_first_plan_and_the_lead_the_later_ones() -> None:
    """R48."""
    assert {(due.who, due.unit) for due in dues(held_case(), HELD_AT, "send_plan")} == {(ANNA, "soc")}
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "soc", "skola")
    case = held(case, "2026-06-01 15:00", lead=OMAR, lead_agency="skola", follow_up_on=day("2026-10-01"))
    assert {(due.who, due.unit) for due in dues(case, "2026-06-01 15:00", "send_plan")} == {(OMAR, "skola")}


def test_t8_done_means_gone() -> None:
    assert t8(plan_sent(held_case(), "2026-03-27 10:00"), "2026-03-27 10:00") == []


def test_t8_where_no_need_remains_there_is_no_plan_to_send() -> None:
    assert t8(held_case(need_remains=False)) == []


def test_t8_told_of_late_only_what_lies_ahead_and_the_manager_the_next_morning() -> None:
    assert t8(held_case("2026-04-01 11:00"), "2026-04-01 11:00") == [
        ("last_pm", "person", "Wed 2026-04-01 15:00"),
        ("over", "manager", "Thu 2026-04-02 08:00"),
        ("over-2026-04-02", "person", "Thu 2026-04-02 08:00"),
    ]
    assert t8(held_case("2026-04-13 17:30"), "2026-04-13 17:30") == [
        ("over", "manager", "Tue 2026-04-14 08:00"),
        ("over-2026-04-14", "person", "Tue 2026-04-14 08:00"),
    ]


def test_t8_goes_on_while_a_follow_up_is_called() -> None:
    case = called(held_case(), "2026-06-01 13:00", "2026-03-30 10:00")
    assert t8(case) == t8(held_case())


# ---- T9 ----------------------------------------------------------------------------------------------------


def t9(case: Case, now: str) -> list[tuple[str, str, str]]:
    return ladder(case, now, "open_points")


def test_t9_every_working_day_and_the_manager_after_three() -> None:
    case = held_case(**NOTHING_SETTLED)
    assert t9(case, HELD_AT) == [
        ("2026-03-27", "person", "Fri 2026-03-27 08:00"),
        ("3", "manager", "Tue 2026-03-31 08:00"),
    ]
    assert t9(case, "2026-03-30 12:00") == [
        ("2026-03-30", "person", "Mon 2026-03-30 08:00"),
        ("3", "manager", "Tue 2026-03-31 08:00"),
        ("2026-03-31", "person", "Tue 2026-03-31 08:00"),
    ]


@pytest.mark.parametrize(
    "told, text, who",
    [
        (NOTHING_SETTLED, "reminder.open_points.both", ANNA),
        ({"lead": "", "lead_agency": "", "no_lead": NoLead.NOT_PRESENT}, "reminder.open_points.lead", ANNA),
        ({"follow_up_on": None, "no_follow_up": NoFollowUp.CALENDARS}, "reminder.open_points.follow_up", JULIA),
    ],
)
def test_t9_says_what_is_missing_to_the_one_who_is_responsible(told: dict[str, Any], text: str, who: str) -> None:
    found = [due for due in dues(held_case(**told), HELD_AT, "open_points") if due.to == "person"]
    assert {(due.text, due.who) for due in found} == {(text, who)}


def test_t9_done_means_gone() -> None:
    assert t9(held_case(), HELD_AT) == []
    assert t9(held(held_case(**NOTHING_SETTLED), "2026-03-30 10:00"), "2026-03-30 10:00") == []


def test_t9_half_done_the_rest_goes_on_with_keys_of_its_own() -> None:
    case = held_case(**NOTHING_SETTLED)
    half = held(case, "2026-03-30 10:00", follow_up_on=None, no_follow_up=NoFollowUp.CALENDARS)
    assert t9(half, "2026-03-30 10:00") == [
        ("3", "manager", "Tue 2026-03-31 08:00"),
        ("2026-03-31", "person", "Tue 2026-03-31 08:00"),
    ]
    old, new = ({due.key for due in dues(c, "2026-03-30 10:00", "open_points")} for c in (case, half))
    assert old.isdisjoint(new)


def test_t9_told_again_that_it_is_still_open_it_goes_on_the_next_day_and_the_manager_still_hears() -> None:
    case = held(held_case(**NOTHING_SETTLED), "2026-03-30 10:00", **NOTHING_SETTLED)
    assert t9(case, "2026-03-30 10:00") == [
        ("3", "manager", "Tue 2026-03-31 08:00"),
        ("2026-03-31", "person", "Tue 2026-03-31 08:00"),
    ]


def test_t9_half_done_after_the_manager_was_told_nothing_goes_out_the_same_evening() -> None:
    case = held(held_case(**NOTHING_SETTLED), "2026-04-01 18:00", follow_up_on=None, no_follow_up=NoFollowUp.CALENDARS)
    assert t9(case, "2026-04-01 18:00") == [
        ("3", "manager", "Thu 2026-04-02 08:00"),
        ("2026-04-02", "person", "Thu 2026-04-02 08:00"),
    ]


def test_t9_once_the_next_meeting_is_called_both_are_settled_there() -> None:
    case = called(held_case(**NOTHING_SETTLED), "2026-06-01 13:00", "2026-03-30 10:00")
    assert t9(case, "2026-03-30 10:00") == []
    assert t9(not_held(case, "2026-04-20 10:00"), "2026-04-20 10:00") != []


def test_t9_a_meeting_called_and_called_off_the_same_day_brings_back_what_lies_ahead_only() -> None:
    case = held_case(**NOTHING_SETTLED)
    again = not_held(called(case, "2026-06-01 13:00", "2026-03-30 09:00"), "2026-03-30 17:00")
    assert ("2026-03-30", "person", "Mon 2026-03-30 08:00") in t9(case, "2026-03-30 09:00")
    assert t9(again, "2026-03-30 17:00") == [
        ("2026-03-31", "person", "Tue 2026-03-31 08:00"),
        ("3", "manager", "Thu 2026-04-02 08:00"),  # three working days from then
    ]
    old, new = ({due.key for due in dues(c, "2026-03-30 17:00", "open_points")} for c in (case, again))
    assert old.isdisjoint(new)


# ---- T10 ---------------------------------------------------------------------------------------------------


def t10(case: Case, now: str) -> list[tuple[str, str, str]]:
    return ladder(case, now, "follow_up")


def test_t10_prepare_talk_summon_and_summon_again_every_week_then_it_has_passed() -> None:
    # The follow-up is on Monday 1 June 2026: 30 days before is Saturday 2 May, and 14 May is Ascension Day.
    assert t10(active_case(), "2026-03-27 10:00") == [
        ("-30", "person", "Thu 2026-04-30 08:00"),
        ("-20", "person", "Tue 2026-05-12 08:00"),
        ("-15", "person", "Fri 2026-05-15 08:00"),
        ("-8", "person", "Fri 2026-05-22 08:00"),
        ("-1", "person", "Fri 2026-05-29 08:00"),
        ("+1", "person", "Tue 2026-06-02 08:00"),
        ("+5", "manager", "Mon 2026-06-08 08:00"),
        ("over-2026-06-09", "person", "Tue 2026-06-09 08:00"),
    ]


def test_t10_what_each_step_says_and_to_whom() -> None:
    found = dues(active_case(), "2026-03-27 10:00", "follow_up")
    assert [due.text.removeprefix("reminder.follow_up.") for due in found] == [
        "prepare",
        "dialogue",
        "summon",
        "summon",
        "summon",
        "passed",
        "manager",
        "passed",
    ]
    assert {(due.who, due.unit) for due in found} == {(JULIA, "bup")}


def test_t10_over_midsummer_and_over_christmas() -> None:
    assert [at for *_, at in t10(active_case("2026-06-22"), "2026-03-27 10:00")[3:6]] == [
        "Fri 2026-06-12 08:00",
        "Thu 2026-06-18 08:00",
        "Tue 2026-06-23 08:00",
    ]
    assert [at for *_, at in t10(active_case("2027-01-04"), "2026-03-27 10:00")[2:7]] == [
        "Fri 2026-12-18 08:00",  # fifteen days before is a Sunday
        "Wed 2026-12-23 08:00",  # eight days before is a Sunday after Boxing Day
        "Wed 2026-12-30 08:00",
        "Tue 2027-01-05 08:00",
        "Tue 2027-01-12 08:00",
    ]


def test_t10_done_means_gone_once_the_follow_up_is_called() -> None:
    assert t10(called(active_case(), "2026-06-03 13:00", "2026-05-11 10:00"), "2026-05-11 10:00") == []


def test_t10_a_follow_up_date_so_near_that_steps_have_passed_starts_with_the_next() -> None:
    assert [step for step, *_ in t10(held_case(follow_up_on=day("2026-04-20")), HELD_AT)][:3] == ["-20", "-15", "-8"]
    assert [step for step, *_ in t10(held_case(follow_up_on=day("2026-04-08")), HELD_AT)][:3] == ["-8", "-1", "+1"]


def test_t10_a_date_that_is_completed_later_counts_from_then() -> None:
    case = held(held_case(**NOTHING_SETTLED), "2026-05-18 10:00")
    assert [step for step, *_ in t10(case, "2026-05-18 10:00")][:3] == ["-8", "-1", "+1"]


def test_t10_a_follow_up_that_was_called_off_is_to_be_called_anew() -> None:
    case = not_held(called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00"), "2026-05-20 17:00")
    assert [step for step, *_ in t10(case, "2026-05-20 17:00")] == ["-8", "-1", "+1", "+5", "over-2026-06-09"]


def test_t10_one_that_was_not_held_after_all_is_not_forgotten() -> None:
    case = not_held(called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00"), "2026-06-04 17:00")
    assert t10(case, "2026-06-04 17:00") == [
        ("+1", "person", "Fri 2026-06-05 08:00"),
        ("+5", "manager", "Thu 2026-06-11 08:00"),
        ("over-2026-06-12", "person", "Fri 2026-06-12 08:00"),
    ]
    old, new = ({due.key for due in dues(c, "2026-06-04 17:00", "follow_up")} for c in (active_case(), case))
    assert old.isdisjoint(new)


def test_t10_passed_it_is_said_every_week_and_later_every_fourth() -> None:
    assert [step for step, *_ in t10(active_case(), "2026-08-01 10:00")][-2:] == ["over-2026-07-28", "over-2026-08-25"]


def test_t10_without_a_date_t9_asks_for_one() -> None:
    assert t10(held_case(**NOTHING_SETTLED), HELD_AT) == []
    assert t9(held_case(**NOTHING_SETTLED), HELD_AT) != []


def test_t9_a_case_that_needs_no_more_coordination_is_closed_and_not_forgotten() -> None:
    """R174: the meeting found that no need remains, so what is left open is the closing itself."""
    case = held_case(need_remains=False)
    found = ladder(case, "2026-03-27 07:00", "open_points")
    assert found[0] == ("2026-03-27", "person", "Fri 2026-03-27 08:00")
    assert ("3", "manager", "Tue 2026-03-31 08:00") in found
