"""first_meeting: the first meeting within 30 days (R90), or by the day the person wishes (R91)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.case import Case, State
from domain.profile import ReminderPlan
from domain.rules import Rules
from domain.summons import Forward
from tests.domain.makers import (
    CALENDAR,
    GOTLAND,
    RULES,
    called,
    consented,
    day,
    dues,
    held_case,
    instant,
    ladder,
    moved,
    not_held,
    opened,
    refused,
    rules_with,
    summoned_case,
)

BOOKED_IN_TIME = summoned_case("2026-04-01 13:00")
BOOKED_LATE = summoned_case("2026-04-13 13:00")


def t2(case: Case, now: str, rules: Rules = RULES) -> list[tuple[str, str, str]]:
    return ladder(case, now, "first_meeting", rules=rules)


def test_no_decision_on_consent_day_10_no_summons_day_15_no_meeting_day_20_25_28_and_overdue_day_31() -> None:
    # Noticed on Monday 2 March: day 10 is Thursday the 12th, day 15 Tuesday the 17th, day 20 Sunday the 22nd.
    assert t2(opened(), "2026-03-02 10:00") == [
        ("10", "person", "Thu 2026-03-12 08:00"),
        ("15", "person", "Tue 2026-03-17 08:00"),
        ("20", "person", "Fri 2026-03-20 08:00"),
        ("25", "person", "Fri 2026-03-27 08:00"),
        ("28", "person", "Mon 2026-03-30 08:00"),
        ("over-2026-04-02", "person", "Thu 2026-04-02 08:00"),
        ("over-2026-04-02", "manager", "Thu 2026-04-02 08:00"),
    ]


def test_what_each_step_says() -> None:
    assert [due.text for due in dues(opened(), "2026-03-02 10:00", "first_meeting")] == [
        "reminder.first_meeting.consent",
        "reminder.first_meeting.summon",
        "reminder.first_meeting.book",
        "reminder.first_meeting.book",
        "reminder.first_meeting.book",
        "reminder.first_meeting.overdue",
        "reminder.first_meeting.overdue_manager",
    ]


def test_to_the_coordinator_and_the_manager_of_their_unit() -> None:
    found = dues(opened(), "2026-03-02 10:00", "first_meeting")
    assert {due.who for due in found} == {opened().coordinator}
    assert {(due.to.value, due.unit) for due in found} == {("person", "soc"), ("manager", "soc")}
    assert {due.day for due in found} == {RULES.meeting_deadline(opened())}


def test_done_means_gone_with_consent_the_reminder_about_consent() -> None:
    steps = [step for step, *_ in t2(consented(opened()), "2026-03-03 10:00")]
    assert steps == ["15", "20", "25", "28", "over-2026-04-02", "over-2026-04-02"]


def test_done_means_gone_with_a_meeting_in_time_all_of_them() -> None:
    # Whether it was held is asked for by T7, however long nobody tells.
    assert t2(BOOKED_IN_TIME, "2026-03-09 10:00") == []
    assert t2(BOOKED_IN_TIME, "2026-06-09 10:00") == []


def test_of_a_meeting_called_too_late_there_is_one_word_and_the_manager_hears_nothing() -> None:
    assert t2(BOOKED_LATE, "2026-03-09 10:00") == [("late-1.1-2026-03-10", "person", "Tue 2026-03-10 08:00")]
    assert {due.text for due in dues(BOOKED_LATE, "2026-03-09 10:00", "first_meeting")} == {
        "reminder.first_meeting.late_booking"
    }


def test_while_the_meeting_is_far_away_the_word_comes_again_every_fourth_week() -> None:
    case = called(consented(opened()), "2026-06-15 13:00", "2026-03-09 09:00")
    assert [at for _, _, at in t2(case, "2026-04-20 10:00")] == ["Tue 2026-04-07 08:00", "Tue 2026-05-05 08:00"]


def test_a_meeting_to_which_nobody_is_called_any_more_is_as_good_as_none() -> None:
    assert BOOKED_LATE.meeting is not None
    case = BOOKED_LATE.with_meeting(replace(BOOKED_LATE.meeting, summonses=()))
    assert [step for step, *_ in t2(case, "2026-03-12 10:00")][:2] == ["15", "20"]


def test_r90_met_when_the_meeting_is_held() -> None:
    assert t2(held_case(), "2026-03-26 15:00") == []


def test_r80_a_refused_case_is_not_spoken_of() -> None:
    assert t2(refused(opened()), "2026-03-03 10:00") == []


# ---- overdue -----------------------------------------------------------------------------------------------


def test_overdue_it_is_said_every_week() -> None:
    # Of weekly reminders only the newest counts and the next to come.
    found = [at for step, to, at in t2(opened(), "2026-04-20 10:00") if step.startswith("over") and to == "person"]
    assert found == ["Thu 2026-04-16 08:00", "Thu 2026-04-23 08:00"]


def test_overdue_on_a_day_off_it_is_said_on_the_next_working_day() -> None:
    # Noticed on 21 May: day 31 is the Sunday after Midsummer.
    assert t2(opened("2026-05-21"), "2026-05-21 10:00")[-2:] == [
        ("over-2026-06-22", "person", "Mon 2026-06-22 08:00"),
        ("over-2026-06-22", "manager", "Mon 2026-06-22 08:00"),
    ]


def test_a_clock_that_went_wrong_by_years_makes_two_reminders_and_not_hundreds() -> None:
    found = [due for due in dues(opened(), "2036-04-20 10:00", "first_meeting") if due.step.startswith("over")]
    assert [due.to.value for due in found] == ["person", "manager", "person", "manager"]


# ---- holidays ----------------------------------------------------------------------------------------------


def test_over_easter_reminders_come_on_the_last_working_day_before() -> None:
    # Noticed on 9 March: day 25 is Good Friday, day 28 Easter Monday, day 30 Wednesday 8 April.
    case = consented(opened("2026-03-09"), "2026-03-10 10:00")
    assert t2(case, "2026-03-10 10:00") == [
        ("15", "person", "Tue 2026-03-24 08:00"),
        ("20", "person", "Fri 2026-03-27 08:00"),
        ("25", "person", "Thu 2026-04-02 08:00"),
        ("28", "person", "Thu 2026-04-02 08:00"),
        ("over-2026-04-09", "person", "Thu 2026-04-09 08:00"),
        ("over-2026-04-09", "manager", "Thu 2026-04-09 08:00"),
    ]


def test_over_midsummer() -> None:
    # Noticed on 20 May: day 30 is Midsummer Eve; day 31 a Saturday.
    assert [at for *_, at in t2(opened("2026-05-20"), "2026-05-20 10:00")[3:]] == [
        "Fri 2026-06-12 08:00",
        "Wed 2026-06-17 08:00",
        "Mon 2026-06-22 08:00",
        "Mon 2026-06-22 08:00",
    ]


def test_over_christmas() -> None:
    # Noticed on 24 November: day 30 is Christmas Eve, day 31 Christmas Day.
    assert [at for *_, at in t2(opened("2026-11-24"), "2026-11-24 10:00")[2:]] == [
        "Mon 2026-12-14 08:00",
        "Fri 2026-12-18 08:00",
        "Tue 2026-12-22 08:00",
        "Mon 2026-12-28 08:00",
        "Mon 2026-12-28 08:00",
    ]


# ---- the person's own wish ---------------------------------------------------------------------------------


def test_r91_the_persons_own_wish_is_counted_back_from() -> None:
    assert t2(opened(wish="2026-05-15"), "2026-03-02 10:00") == [
        ("20", "person", "Tue 2026-05-05 08:00"),
        ("25", "person", "Fri 2026-05-08 08:00"),
        ("28", "person", "Wed 2026-05-13 08:00"),
        ("over-2026-05-18", "person", "Mon 2026-05-18 08:00"),
        ("over-2026-05-18", "manager", "Mon 2026-05-18 08:00"),
    ]


def test_r91_keys_hold_the_deadline_so_that_another_one_has_its_own() -> None:
    keys = {due.key for due in dues(opened(wish="2026-05-15"), "2026-03-02 10:00", "first_meeting")}
    assert keys.isdisjoint(due.key for due in dues(opened(), "2026-03-02 10:00", "first_meeting"))


# ---- nobody is reminded of what they have just seen to ------------------------------------------------------


def test_a_case_that_is_opened_late_is_not_reminded_of_at_once() -> None:
    # Noticed on 2 March and opened on the 25th: day 10, 15 and 20 have passed.
    assert t2(opened(at="2026-03-25 17:45"), "2026-03-25 17:45") == [
        ("25", "person", "Fri 2026-03-27 08:00"),
        ("28", "person", "Mon 2026-03-30 08:00"),
        ("over-2026-04-02", "person", "Thu 2026-04-02 08:00"),
        ("over-2026-04-02", "manager", "Thu 2026-04-02 08:00"),
    ]


def test_a_case_that_is_opened_when_the_thirty_days_have_passed_is_reminded_of_within_a_week() -> None:
    assert t2(opened(at="2026-05-05 10:00"), "2026-05-05 10:00") == [
        ("over-2026-05-07", "person", "Thu 2026-05-07 08:00"),
        ("over-2026-05-07", "manager", "Thu 2026-05-07 08:00"),
    ]


def test_a_need_noticed_years_ago_is_reminded_of_like_any_other() -> None:
    assert len(t2(opened("2019-01-07", at="2026-03-02 10:00"), "2026-03-02 10:00")) == 2


def test_a_meeting_that_is_called_off_late_brings_back_what_lies_ahead_only() -> None:
    case = not_held(BOOKED_IN_TIME, "2026-03-29 21:00")
    assert case.state is State.PREPARING
    assert [step for step, *_ in t2(case, "2026-03-29 21:00")] == ["28", "over-2026-04-02", "over-2026-04-02"]


def test_a_meeting_that_is_moved_past_day_thirty_likewise() -> None:
    case = moved(BOOKED_IN_TIME, "2026-04-13 13:00", "2026-03-27 10:00")
    assert [step for step, *_ in t2(case, "2026-03-27 10:00")] == ["late-1.2-2026-03-30"]


def test_r81_after_a_late_yes_all_is_counted_from_that() -> None:
    case = consented(refused(opened()), "2026-03-27 10:00")
    assert [when for step, _, when in t2(case, "2026-03-27 10:00") if step == "15"] == ["Fri 2026-04-10 08:00"]


def test_a_consent_that_is_only_renewed_hushes_nothing() -> None:
    case = consented(consented(opened()), "2026-03-27 10:00")
    assert "15" in [step for step, *_ in t2(case, "2026-03-27 10:00")]


# ---- other profiles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plan, steps",
    [
        (ReminderPlan(), []),
        (ReminderPlan(steps=(10,)), ["10", "over-2026-04-02"]),
        (ReminderPlan(steps=(10, 15)), ["10", "15", "over-2026-04-02"]),
        (ReminderPlan(steps=(10, 15, 20)), ["10", "15", "20", "over-2026-04-02"]),
        (ReminderPlan(manager=33), ["over-2026-04-04", "over-2026-04-04"]),
    ],
)
def test_a_profile_may_have_fewer_steps_or_none(plan: ReminderPlan, steps: list[str]) -> None:
    found = [step for step, *_ in t2(opened(), "2026-03-02 10:00", rules_with(first_meeting=plan))]
    assert found == [step.replace("2026-04-04", "2026-04-07") for step in steps]  # the 4th is Easter Saturday


def test_5b3_a_profile_may_roll_the_thirtieth_day() -> None:
    # Noticed on 4 March: day 30 is Good Friday.
    rolled = {
        roll: Rules(replace(GOTLAND, meeting_roll=roll), CALENDAR).meeting_deadline(opened("2026-03-04")).isoformat()
        for roll in ("none", "next", "previous")
    }
    assert rolled == {"none": "2026-04-03", "next": "2026-04-07", "previous": "2026-04-02"}


def test_more_agencies_asked_later_change_nothing() -> None:
    case = called(BOOKED_LATE, "2026-04-13 13:00", "2026-03-10 10:00", "vc")
    assert t2(case, "2026-03-10 10:00") == t2(BOOKED_LATE, "2026-03-10 10:00")


@pytest.mark.parametrize(
    "change", [{"recalled": True}, {"forward": Forward("vc")}, {"sent_at": instant("2026-03-17 08:00")}]
)
def test_that_it_comes_late_is_not_said_anew_when_who_was_called_first_no_longer_is(change: dict[str, Any]) -> None:
    """Nobody got on with it: an agency was dropped from the consent, was the wrong one, or was sent it again."""
    case = called(BOOKED_LATE, "2026-04-13 13:00", "2026-03-16 08:00", "vc")
    assert case.meeting is not None
    meeting = case.meeting
    for summons in meeting.summonses:
        if summons.agency != "vc":
            meeting = meeting.with_summons(replace(summons, **change))
    changed = consented(case.with_meeting(meeting), "2026-03-17 08:00")
    assert t2(changed, "2026-03-17 08:00") == t2(BOOKED_LATE, "2026-03-17 08:00")


def test_r90_r91_after_a_no_of_the_person_the_thirty_days_run_from_their_yes() -> None:
    """It is a new initiative (R80, R81): nothing is late because nobody met while the person did not wish it."""
    case = consented(refused(opened("2026-03-02")), "2026-04-20 10:00")
    assert RULES.meeting_deadline(case) == day("2026-05-20")
    assert dues(case, "2026-04-20 10:00", "first_meeting")[0].at > instant("2026-04-20 10:00")
    renewed = consented(case, "2026-05-04 10:00")
    assert RULES.meeting_deadline(renewed) == day("2026-05-20"), "renewed is not asked anew"
    assert RULES.meeting_deadline(consented(opened("2026-03-02"))) == day("2026-04-01")


def test_a_narrower_consent_that_leaves_one_who_was_called_later_does_not_call_the_meeting_anew() -> None:
    """Whoever records it would at once be told again, of a day past, that the meeting is late."""
    case = called(consented(opened(wish="2026-03-20")), "2026-05-13 13:00", "2026-03-09 10:00", "bup")
    case = called(consented(case, "2026-03-11 10:00"), "2026-05-13 13:00", "2026-03-12 10:00", "skola")
    narrowed = consented(case, "2026-03-18 10:00", agencies=frozenset({"skola"}))
    late = [{due.key for due in dues(each, "2026-03-18 10:00", "first_meeting")} for each in (case, narrowed)]
    assert late[0]
    assert late[1] == late[0]
