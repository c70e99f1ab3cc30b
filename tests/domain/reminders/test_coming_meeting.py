"""T3, T4, T6, T7: receipts, names, the day before, and how it went (R125, R128, R191)."""

from __future__ import annotations

from domain.case import Case
from domain.profile import ReminderPlan
from domain.rules import Rules
from tests.domain.makers import (
    ANNA,
    JULIA,
    OMAR,
    RULES,
    active_case,
    attendee,
    called,
    coming,
    consented,
    declined,
    dues,
    forwarded,
    held,
    instant,
    ladder,
    moved,
    named,
    opened,
    proposed,
    received,
    rules_with,
    summoned_case,
    withdrawn,
)

# Summoned on Monday 9 March to Thursday 26 March at 13.
NOW = "2026-03-09 10:00"
CASE = summoned_case()


def t3(case: Case, now: str, agency: str = "bup", rules: Rules = RULES) -> list[tuple[str, str, str]]:
    return ladder(case, now, "confirm_receipt", agency=agency, rules=rules)


def t4(case: Case, now: str, agency: str = "bup") -> list[tuple[str, str, str]]:
    return ladder(case, now, "name_attendees", agency=agency)


# ---- T3 ----------------------------------------------------------------------------------------------------


def test_t3_unconfirmed_after_2_and_3_working_days_then_the_mailbox_then_the_manager_and_a_telephone() -> None:
    """R191."""
    assert t3(CASE, NOW) == [
        ("2", "unit", "Wed 2026-03-11 08:00"),
        ("3", "unit", "Thu 2026-03-12 08:00"),
        ("4", "mailbox", "Fri 2026-03-13 08:00"),
        ("6", "manager", "Tue 2026-03-17 08:00"),
        ("6", "person", "Tue 2026-03-17 08:00"),
    ]


def test_t3_each_agency_has_its_own() -> None:
    assert {due.agency for due in dues(CASE, NOW, "confirm_receipt")} == {"bup", "skola", "fk"}
    assert t3(CASE, NOW, "skola") == t3(CASE, NOW, "bup")


def test_an_agency_that_is_only_invited_is_asked_again_and_nobody_is_told_about_it() -> None:
    """R117: it owes no answer, so neither its mailbox nor a manager is troubled."""
    assert {(step, to) for step, to, _ in t3(CASE, NOW, "fk")} == {("2", "unit"), ("3", "unit"), ("6", "person")}
    assert {to for _, to, _ in t4(CASE, NOW, "fk")} == {"unit"}


def test_t3_the_unit_its_mailbox_and_its_manager_and_the_one_who_summoned() -> None:
    found = {(due.to.value, due.unit, due.who) for due in dues(CASE, NOW, "confirm_receipt") if due.agency == "bup"}
    assert found == {("unit", "bup", ""), ("mailbox", "bup", ""), ("manager", "bup", ""), ("person", "soc", ANNA)}


def test_t3_at_a_follow_up_the_lead_is_told_to_phone() -> None:
    case = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "skola")
    found = {(due.unit, due.who) for due in dues(case, "2026-05-11 10:00", "confirm_receipt") if due.to == "person"}
    assert found == {("bup", JULIA)}


def test_t3_done_means_gone_with_any_answer() -> None:
    for answer in (received, named, proposed, declined):
        assert t3(answer(CASE, "bup", "2026-03-10 09:00"), "2026-03-10 09:00") == []
    assert t3(forwarded(CASE, "bup", "vc", "2026-03-10 09:00"), "2026-03-10 09:00") == []
    assert t3(received(CASE, "bup", "2026-03-10 09:00"), "2026-03-10 09:00", "skola") != []


def test_t3_pointless_once_the_meeting_has_begun() -> None:
    assert {due.until for due in dues(CASE, NOW, "confirm_receipt")} == {instant("2026-03-26 13:00")}


def test_t3_over_easter() -> None:
    case = summoned_case("2026-04-28 13:00", at="2026-03-31 10:00")
    assert t3(case, "2026-03-31 10:00") == [
        ("2", "unit", "Thu 2026-04-02 08:00"),
        ("3", "unit", "Tue 2026-04-07 08:00"),
        ("4", "mailbox", "Wed 2026-04-08 08:00"),
        ("6", "manager", "Fri 2026-04-10 08:00"),
        ("6", "person", "Fri 2026-04-10 08:00"),
    ]


def test_t3_a_summons_sent_on_a_day_off_counts_from_that_day() -> None:
    assert t3(summoned_case(at="2026-03-07 10:00"), "2026-03-07 10:00")[0] == ("2", "unit", "Tue 2026-03-10 08:00")


def test_t3_late_in_the_evening_it_is_still_that_day_in_sweden() -> None:
    assert t3(summoned_case(at="2026-03-09 23:30"), "2026-03-09 23:30")[0] == ("2", "unit", "Wed 2026-03-11 08:00")


def test_t3_a_new_time_asks_anew_with_keys_of_its_own() -> None:
    case = moved(received(CASE, "bup", "2026-03-10 09:00"), "2026-03-27 09:00", "2026-03-12 10:00")
    assert t3(case, "2026-03-12 10:00")[0] == ("2", "unit", "Mon 2026-03-16 08:00")
    old, new = ({due.key for due in dues(c, NOW, "confirm_receipt")} for c in (CASE, case))
    assert old.isdisjoint(new)


def test_t3_a_summons_sent_on_to_another_unit_counts_from_then() -> None:
    case = forwarded(CASE, "bup", "vc", "2026-03-12 10:00")
    assert t3(case, "2026-03-12 10:00", "vc")[0] == ("2", "unit", "Mon 2026-03-16 08:00")


def test_t3_one_that_is_held_back_is_not_reminded_of_and_one_let_through_counts_from_then() -> None:
    case = forwarded(CASE, "bup", "vc", "2026-03-10 10:00", covered=False)
    assert t3(case, "2026-03-10 10:00", "vc") == []
    case = consented(case, "2026-03-16 10:00")
    assert t3(case, "2026-03-16 10:00", "vc")[0] == ("2", "unit", "Wed 2026-03-18 08:00")


def test_t3_one_that_is_recalled_and_asked_again_has_keys_of_its_own() -> None:
    case = consented(CASE, "2026-03-10 09:00", agencies=frozenset({"bup", "fk"}))
    assert t3(case, "2026-03-10 09:00", "skola") == []
    case = called(consented(case, "2026-03-16 09:00"), "2026-03-26 13:00", "2026-03-16 10:00", "skola")
    assert t3(case, "2026-03-16 10:00", "skola")[0] == ("2", "unit", "Wed 2026-03-18 08:00")
    old, new = ({due.key for due in dues(c, NOW, "confirm_receipt") if due.agency == "skola"} for c in (CASE, case))
    assert old.isdisjoint(new)


def test_t3_a_profile_may_leave_the_mailbox_and_the_manager_out() -> None:
    assert t3(CASE, NOW, rules=rules_with(confirm_receipt=ReminderPlan(steps=(1,)))) == [
        ("1", "unit", "Tue 2026-03-10 08:00")
    ]


# ---- T4 ----------------------------------------------------------------------------------------------------


def test_t4_nobody_named_5_3_and_2_working_days_before_and_then_the_manager_too() -> None:
    assert t4(CASE, NOW) == [
        ("-5", "unit", "Thu 2026-03-19 08:00"),
        ("-3", "unit", "Mon 2026-03-23 08:00"),
        ("-2", "unit", "Tue 2026-03-24 08:00"),
        ("-2", "manager", "Tue 2026-03-24 08:00"),
    ]


def test_t4_a_receipt_alone_names_nobody() -> None:
    assert t4(received(CASE, "bup", "2026-03-19 09:00"), "2026-03-19 09:00") == t4(CASE, NOW)


def test_t4_done_means_gone_with_names_and_with_the_no_of_an_invited_agency() -> None:
    assert t4(named(CASE, "bup", "2026-03-10 09:00"), "2026-03-10 09:00") == []
    assert t4(declined(CASE, "fk", "2026-03-10 09:00"), "2026-03-10 09:00", "fk") == []


def test_t4_r114_the_no_of_an_obliged_agency_leaves_names_owed() -> None:
    assert t4(declined(CASE, "bup", "2026-03-10 09:00"), "2026-03-10 09:00") == t4(CASE, NOW)


def test_t4_over_easter() -> None:
    # Before Thursday 9 April: the 8th, the 7th, Maundy Thursday, 1 April, 31 March.
    assert t4(summoned_case("2026-04-09 13:00"), NOW) == [
        ("-5", "unit", "Tue 2026-03-31 08:00"),
        ("-3", "unit", "Thu 2026-04-02 08:00"),
        ("-2", "unit", "Tue 2026-04-07 08:00"),
        ("-2", "manager", "Tue 2026-04-07 08:00"),
    ]


def test_t4_over_midsummer_and_over_christmas() -> None:
    assert [at for *_, at in t4(summoned_case("2026-06-23 13:00"), NOW)][:3] == [
        "Mon 2026-06-15 08:00",
        "Wed 2026-06-17 08:00",
        "Thu 2026-06-18 08:00",
    ]
    assert [at for *_, at in t4(summoned_case("2026-12-29 13:00"), NOW)][:3] == [
        "Fri 2026-12-18 08:00",
        "Tue 2026-12-22 08:00",
        "Wed 2026-12-23 08:00",
    ]


def test_t4_at_short_notice_only_what_comes_after_the_day_of_the_summons() -> None:
    case = summoned_case(at="2026-03-20 10:00")
    assert [step for step, *_ in t4(case, "2026-03-20 10:00")] == ["-3", "-2", "-2"]


def test_t4_whoever_takes_names_back_is_not_reminded_of_them_the_same_hour() -> None:
    case = proposed(named(CASE, "bup", "2026-03-10 09:00"), "bup", "2026-03-23 10:00")
    assert [step for step, *_ in t4(case, "2026-03-23 10:00")] == ["-2", "-2"]


def test_t4_a_new_time_is_counted_from_anew() -> None:
    case = moved(named(CASE, "bup", "2026-03-10 09:00"), "2026-04-23 09:00", "2026-03-12 10:00")
    assert t4(case, "2026-03-12 10:00")[0] == ("-5", "unit", "Thu 2026-04-16 08:00")
    old, new = ({due.key for due in dues(c, NOW, "name_attendees")} for c in (CASE, case))
    assert old.isdisjoint(new)


# ---- T6 ----------------------------------------------------------------------------------------------------


def test_t6_the_working_day_before_to_everybody_named() -> None:
    case = named(CASE, "bup", "2026-03-10 09:00", attendee("julia"))
    assert ladder(case, NOW, "day_before") == [("1", "attendees", "Wed 2026-03-25 08:00")]


def test_t6_before_a_monday_it_is_friday_and_over_easter_maundy_thursday() -> None:
    for when, expected in (("2026-03-30 09:00", "Fri 2026-03-27 08:00"), ("2026-04-07 13:00", "Thu 2026-04-02 08:00")):
        case = named(summoned_case(when), "bup", "2026-03-10 09:00")
        assert ladder(case, NOW, "day_before") == [("1", "attendees", expected)]


def test_t6_where_nobody_is_named_there_is_nobody_to_tell() -> None:
    assert ladder(CASE, NOW, "day_before") == []
    gone = declined(named(CASE, "bup", "2026-03-10 09:00"), "bup", "2026-03-11 09:00")
    assert ladder(gone, NOW, "day_before") == []


def test_t6_who_has_just_been_asked_or_moved_to_tomorrow_need_not_hear_it_again() -> None:
    case = named(summoned_case(at="2026-03-25 08:00"), "bup", "2026-03-25 10:00")
    assert ladder(case, "2026-03-25 10:00", "day_before") == []
    case = moved(named(CASE, "bup", "2026-03-10 09:00"), "2026-03-20 09:00", "2026-03-19 14:00")
    assert ladder(case, "2026-03-19 14:00", "day_before") == []


def test_t6_who_is_named_after_that_is_not_told_at_once_at_any_hour() -> None:
    case = summoned_case("2026-03-30 09:00")
    assert ladder(named(case, "bup", "2026-03-29 20:00"), "2026-03-29 20:00", "day_before") == []
    both = named(named(case, "skola", "2026-03-20 09:00"), "bup", "2026-03-29 20:00")
    assert ladder(both, "2026-03-29 20:00", "day_before") == [("1", "attendees", "Fri 2026-03-27 08:00")]


# ---- T7 ----------------------------------------------------------------------------------------------------


def t7(case: Case, now: str = "2026-03-26 14:00", rules: Rules = RULES) -> list[tuple[str, str, str]]:
    return ladder(case, now, "report_meeting", rules=rules)


def test_t7_the_same_day_at_16_the_next_working_day_the_manager_after_two_and_then_every_week() -> None:
    assert t7(CASE) == [
        ("0", "person", "Thu 2026-03-26 16:00"),
        ("1", "person", "Fri 2026-03-27 08:00"),
        ("2", "manager", "Mon 2026-03-30 08:00"),
        ("over-2026-04-07", "person", "Tue 2026-04-07 08:00"),  # a week after the 27th is Good Friday
    ]


def test_t7_it_does_not_fall_silent_until_somebody_tells() -> None:
    # Four weeks in a row, then every fourth.
    assert t7(CASE, "2026-05-20 10:00")[-2:] == [
        ("over-2026-04-24", "person", "Fri 2026-04-24 08:00"),
        ("over-2026-05-22", "person", "Fri 2026-05-22 08:00"),
    ]


def test_t7_the_chair_is_asked_and_then_the_manager_of_the_responsible_unit() -> None:
    case = called(consented(opened()), "2026-03-26 13:00", NOW, chair=OMAR)
    assert {(due.to.value, due.who, due.unit) for due in dues(case, NOW, "report_meeting")} == {
        ("person", OMAR, "soc"),
        ("manager", OMAR, "soc"),
    }
    follow_up = called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "skola", chair=JULIA)
    assert {due.unit for due in dues(follow_up, NOW, "report_meeting")} == {"bup"}


def test_t7_a_meeting_that_ends_after_16_or_is_on_a_day_off_is_asked_about_the_next_working_day() -> None:
    assert t7(summoned_case("2026-03-26 15:30"))[0] == ("1", "person", "Fri 2026-03-27 08:00")
    assert t7(summoned_case("2026-03-28 10:00"))[0] == ("1", "person", "Mon 2026-03-30 08:00")
    assert t7(summoned_case("2026-04-02 13:00"))[:3] == [
        ("0", "person", "Thu 2026-04-02 16:00"),
        ("1", "person", "Tue 2026-04-07 08:00"),
        ("2", "manager", "Wed 2026-04-08 08:00"),
    ]


def test_t7_done_means_gone() -> None:
    assert t7(held(CASE, "2026-03-26 15:00"), "2026-03-26 15:00") == []
    assert t7(withdrawn(CASE, "2026-03-26 15:00"), "2026-03-26 15:00") == []


def test_t7_a_new_time_has_keys_of_its_own() -> None:
    old, new = (
        {due.key for due in dues(c, NOW, "report_meeting")} for c in (CASE, moved(CASE, "2026-03-27 09:00", NOW))
    )
    assert old.isdisjoint(new)
    assert coming(CASE).round == 1
