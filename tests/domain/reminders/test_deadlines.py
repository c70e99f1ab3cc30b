"""What all reminders have in common: keys, order, hours, snoozes, and what they cost (process 7D, days 5B.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time

import pytest

from bot.holidays import is_holiday
from domain.case import Case, Flag
from domain.days import WorkCalendar
from domain.reminders.deadlines import deadlines, next_due
from domain.rules import Rules, meeting_deadline, plan_deadline
from domain.snooze import Snooze
from domain.summons import Summons
from tests.domain.makers import (
    CALENDAR,
    GOTLAND,
    NOTHING_SETTLED,
    RULES,
    SWEDEN,
    active_case,
    attendee,
    called,
    closed,
    closing_case,
    coming,
    consented,
    day,
    denied,
    dues,
    fired,
    held_case,
    instant,
    ladder,
    named,
    on_the_wall,
    opened,
    refused,
    summoned_case,
    withdrawn,
)

LATE_PLAN = "2026-04-20 12:00"

ANY_CASE: dict[str, tuple[Case, str]] = {
    "assessed": (opened(), "2026-03-02 10:00"),
    "assessed, overdue": (opened(), "2026-05-02 10:00"),
    "preparing": (consented(opened()), "2026-03-03 10:00"),
    "summoned": (summoned_case(), "2026-03-09 10:00"),
    "named": (named(summoned_case(), "bup", "2026-03-10 09:00"), "2026-03-10 09:00"),
    "not told of": (summoned_case(), "2026-04-20 10:00"),
    "plan draft": (held_case(), "2026-03-26 15:00"),
    "plan late, all left open": (held_case(**NOTHING_SETTLED), LATE_PLAN),
    "active": (active_case(), "2026-03-27 10:00"),
    "follow-up late": (active_case(), "2026-08-01 10:00"),
    "closing": (closing_case(), "2026-06-01 15:00"),
    "closed": (closed(closing_case(), "2026-06-02 10:00"), "2026-06-02 10:00"),
    "withdrawn": (withdrawn(summoned_case(), "2026-03-14 22:10"), "2026-03-14 22:10"),
    "protected": (
        called(consented(opened(flags=frozenset({Flag.PROTECTED}))), "2026-03-26 13:00", "2026-03-09 10:00"),
        "2026-03-09 10:00",
    ),
}
each_case = pytest.mark.parametrize("case, now", ANY_CASE.values(), ids=ANY_CASE.keys())


@each_case
def test_every_key_is_there_once(case: Case, now: str) -> None:
    keys = [due.key for due in dues(case, now)]
    assert len(keys) == len(set(keys))


@each_case
def test_they_come_in_order_of_time(case: Case, now: str) -> None:
    times = [due.at for due in dues(case, now)]
    assert times == sorted(times)


@each_case
def test_5b6_reminders_come_in_working_hours_but_those_of_a_withdrawal(case: Case, now: str) -> None:
    for due in dues(case, now):
        if due.kind != "phone_ending":
            assert CALENDAR.within_hours(due.at, GOTLAND.opens, GOTLAND.closes), due


@each_case
def test_what_is_past_stays_listed_so_that_a_fired_key_is_not_forgotten(case: Case, now: str) -> None:
    after = fired(case, now)
    assert after.fired <= {due.key for due in dues(after, now)}


@each_case
def test_an_endless_ladder_is_listed_up_to_its_first_step_ahead(case: Case, now: str) -> None:
    ahead = [due.group for due in dues(case, now) if due.at > instant(now) and "over-" in due.step]
    assert len(ahead) == len(set(ahead))


@pytest.mark.parametrize("case", [denied(), refused(opened())], ids=["denied", "refused"])
def test_a_case_that_was_never_begun_reminds_of_nothing(case: Case) -> None:
    assert dues(case, "2026-09-01 10:00") == ()


def test_r77_a_case_that_is_over_reminds_of_its_notices_alone() -> None:
    assert {due.kind for due in dues(closed(closing_case(), "2026-06-02 10:00"), "2026-06-02 10:00")} == {
        "confirm_ending"
    }
    assert {due.kind for due in dues(withdrawn(held_case(), "2026-03-27 10:00"), "2026-03-27 10:00")} == {
        "phone_ending",
        "confirm_ending",
    }


# ---- the clock ---------------------------------------------------------------------------------------------


def test_the_next_one_is_the_earliest_that_has_not_fired() -> None:
    case, now = opened(), "2026-03-02 10:00"
    assert next_due(case, dues(case, now)) == instant("2026-03-12 08:00")
    case = fired(case, "2026-03-17 08:00")
    assert next_due(case, dues(case, "2026-03-17 08:00")) == instant("2026-03-20 08:00")


def test_one_that_is_overdue_for_the_clock_is_next() -> None:
    assert next_due(opened(), dues(opened(), "2026-03-15 10:00")) == instant("2026-03-12 08:00")


def test_an_endless_ladder_always_has_a_next_one() -> None:
    case = fired(opened(), "2027-01-15 10:00")
    assert next_due(case, dues(case, "2027-01-15 10:00")) == instant("2027-01-28 08:00")


def test_where_nothing_is_due_there_is_none() -> None:
    assert next_due(denied(), dues(denied(), "2026-03-02 10:00")) is None
    assert next_due(closing_case(), ()) is None


def test_a_month_of_standstill_sends_one_of_each_ladder() -> None:
    case = held_case()
    late = [due for due in dues(case, "2026-05-04 09:30", "send_plan") if due.at <= instant("2026-05-04 09:30")]
    newest = {due.group: due.step for due in late}
    assert newest == {"send_plan:1:person": "over-2026-04-09", "send_plan:1:manager": "over"}


# ---- snoozes -----------------------------------------------------------------------------------------------


def snoozed(case: Case, group: str, until: str) -> Case:
    return replace(case, snoozes={**case.snoozes, group: Snooze(day(until), "agreed")})


T8_PERSON = "send_plan:1:person"


def test_a_snoozed_ladder_is_silent_until_the_day_and_speaks_then() -> None:
    case = snoozed(held_case(), T8_PERSON, "2026-04-01")
    assert ladder(case, "2026-03-30 10:00", "send_plan") == [
        ("snoozed-2026-04-01", "person", "Wed 2026-04-01 08:00"),
        ("last_pm", "person", "Wed 2026-04-01 15:00"),
        ("over", "manager", "Thu 2026-04-02 08:00"),
        ("over-2026-04-02", "person", "Thu 2026-04-02 08:00"),
    ]


def test_escalations_do_not_wait() -> None:
    case = snoozed(held_case(), T8_PERSON, "2026-04-15")
    assert ladder(case, "2026-04-08 10:00", "send_plan") == [
        ("over", "manager", "Thu 2026-04-02 08:00"),
        ("snoozed-2026-04-15", "person", "Wed 2026-04-15 08:00"),
    ]


def test_a_snooze_to_a_day_off_ends_on_the_next_working_day() -> None:
    case = snoozed(held_case(), T8_PERSON, "2026-04-04")
    assert ("snoozed-2026-04-04", "person", "Tue 2026-04-07 08:00") in ladder(case, "2026-04-02 10:00", "send_plan")


def test_after_it_the_ladder_goes_on() -> None:
    case = snoozed(held_case(), T8_PERSON, "2026-04-07")
    assert ladder(case, "2026-04-08 10:00", "send_plan")[1:] == [
        ("snoozed-2026-04-07", "person", "Tue 2026-04-07 08:00"),
        ("over-2026-04-08", "person", "Wed 2026-04-08 08:00"),
        ("over-2026-04-09", "person", "Thu 2026-04-09 08:00"),
    ]


def test_it_says_what_the_newest_silenced_step_would_have_said() -> None:
    case = snoozed(held_case(), T8_PERSON, "2026-04-15")
    (again,) = [due for due in dues(case, "2026-04-08 10:00", "send_plan") if due.step.startswith("snoozed")]
    assert again.text == "reminder.send_plan.overdue"


def test_snoozed_twice_the_second_day_counts_with_a_key_of_its_own() -> None:
    first = snoozed(held_case(), T8_PERSON, "2026-04-08")
    second = snoozed(fired(first, "2026-04-08 09:00"), T8_PERSON, "2026-04-15")
    steps = [step for step, to, _ in ladder(second, "2026-04-08 10:00", "send_plan") if to == "person"]
    assert steps == ["snoozed-2026-04-15"]
    assert next_due(second, dues(second, "2026-04-08 10:00", "send_plan")) == instant("2026-04-15 08:00")


def test_only_the_snoozed_ladder_is_silent() -> None:
    case = snoozed(summoned_case(), "confirm_receipt:1.1:bup:0:unit", "2026-03-20")
    assert [
        step for step, to, _ in ladder(case, "2026-03-10 10:00", "confirm_receipt", agency="bup") if to == "unit"
    ] == ["snoozed-2026-03-20"]
    assert ladder(case, "2026-03-10 10:00", "confirm_receipt", agency="skola") == ladder(
        summoned_case(), "2026-03-10 10:00", "confirm_receipt", agency="skola"
    )


def test_done_means_gone_for_a_snooze_too() -> None:
    case = snoozed(summoned_case(), "confirm_receipt:1.1:bup:0:unit", "2026-03-20")
    assert ladder(named(case, "bup", "2026-03-11 10:00"), "2026-03-11 10:00", "confirm_receipt", agency="bup") == []


@each_case
def test_any_one_ladder_may_be_snoozed(case: Case, now: str) -> None:
    for group in {due.group for due in dues(case, now)}:
        after = dues(snoozed(case, group, "2026-12-01"), now)
        silent = [due for due in after if due.group == group and due.at < instant("2026-12-01 08:00")]
        assert silent == []
        others = [due for due in after if due.group != group]
        assert others == [due for due in dues(case, now) if due.group != group]


# ---- other hours -------------------------------------------------------------------------------------------


def test_a_profile_with_other_hours_is_kept_to() -> None:
    late = Rules(replace(GOTLAND, opens=time(10), closes=time(15)), CALENDAR)
    case = named(summoned_case(), "bup", "2026-03-10 09:00")
    times = {due.at.astimezone(SWEDEN).time() for due in dues(case, "2026-03-10 09:00", rules=late)}
    assert times == {time(10)}
    held = {on_the_wall(due.at)[-5:] for due in dues(held_case(), "2026-03-26 15:00", "send_plan", rules=late)}
    assert held == {"10:00"}


def test_5b1_a_local_bridge_day_is_no_working_day() -> None:
    bridge = WorkCalendar(is_holiday, SWEDEN, frozenset({day("2026-05-15")}))
    found = dues(active_case(), "2026-03-27 10:00", "follow_up", rules=Rules(GOTLAND, bridge))
    assert [on_the_wall(due.at) for due in found][1:3] == ["Tue 2026-05-12 08:00", "Wed 2026-05-13 08:00"]


# ---- the two deadlines that boards show ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "noticed, last", [("2026-01-31", "2026-03-02"), ("2026-03-04", "2026-04-03"), ("2026-11-24", "2026-12-24")]
)
def test_r90_the_meeting_is_due_thirty_days_after_the_need_was_noticed(noticed: str, last: str) -> None:
    assert meeting_deadline(opened(noticed), GOTLAND, CALENDAR) == day(last)
    assert RULES.meeting_deadline(opened(noticed)) == day(last)


def test_r91_or_on_the_day_the_person_wishes() -> None:
    """R198."""
    assert meeting_deadline(opened(wish="2026-08-01"), GOTLAND, CALENDAR) == day("2026-08-01")


@pytest.mark.parametrize("meeting, last", [("2026-04-02", "2026-04-10"), ("2026-12-29", "2027-01-07")])
def test_r161_the_plan_is_due_four_working_days_after_the_meeting(meeting: str, last: str) -> None:
    held = coming(summoned_case(f"{meeting} 13:00"))
    assert plan_deadline(held, GOTLAND, CALENDAR) == day(last)
    assert RULES.plan_deadline(held) == day(last)


# ---- what it costs -----------------------------------------------------------------------------------------


def big_case() -> Case:
    """A case with eight summonses that nobody has answered."""
    case = summoned_case()
    summonses = tuple(Summons(f"enhet-{n}", True, instant("2026-03-09 10:00"), answer_round=1) for n in range(8))
    return case.with_meeting(replace(coming(case), summonses=summonses))


def counting_calendar() -> tuple[WorkCalendar, Callable[[], int]]:
    looked_up: list[date] = []

    def count_holidays(when: date) -> bool:
        looked_up.append(when)
        return is_holiday(when)

    return WorkCalendar(count_holidays, SWEDEN), lambda: len(looked_up)


def test_working_days_are_looked_up_once_and_then_remembered() -> None:
    calendar, looked_up = counting_calendar()
    rules, now = Rules(GOTLAND, calendar), instant("2026-03-10 10:00")
    deadlines(big_case(), rules, now)
    once = looked_up()
    assert once > 0
    deadlines(big_case(), rules, now)
    deadlines(replace(big_case(), code="SIP-4T9WX-0"), rules, now)
    assert looked_up() == once


def test_who_is_named_is_told_of_the_day_before_with_every_summons_answered() -> None:
    case = big_case()
    for n in range(8):
        case = named(case, f"enhet-{n}", "2026-03-10 09:00", attendee(f"person-{n}"))
    assert {due.kind for due in dues(case, "2026-03-10 10:00")} == {
        "ready_meeting",
        "day_before",
        "report_meeting",
        "consent_expiry",
    }
