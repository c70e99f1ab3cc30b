"""consent_expiry: the consent runs out (R64, R72). T14, T16: the end is told and confirmed (R77, R174)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from domain.case import Case
from domain.reminders.due import To
from domain.reminders.kinds import KIND_OF
from tests.domain.makers import (
    ANNA,
    JULIA,
    active_case,
    closed,
    closing_case,
    confirmed,
    consented,
    day,
    dues,
    instant,
    ladder,
    opened,
    summoned_case,
    withdrawn,
)

# ---- T11 ---------------------------------------------------------------------------------------------------


def t11(case: Case, now: str = "2026-03-03 10:00") -> list[tuple[str, str, str]]:
    return ladder(case, now, "consent_expiry")


def test_t11_30_14_and_3_days_before_and_the_working_morning_after() -> None:
    case = consented(opened(), valid_until=day("2026-05-31"))
    assert t11(case) == [
        ("-30", "person", "Thu 2026-04-30 08:00"),  # 1 May is a holiday
        ("-14", "person", "Fri 2026-05-15 08:00"),
        ("-3", "person", "Thu 2026-05-28 08:00"),
        ("expired", "person", "Mon 2026-06-01 08:00"),
    ]


def test_t11_over_christmas() -> None:
    case = consented(opened(), valid_until=day("2026-12-29"))
    assert [at for *_, at in t11(case)] == [
        "Fri 2026-11-27 08:00",
        "Tue 2026-12-15 08:00",
        "Wed 2026-12-23 08:00",
        "Wed 2026-12-30 08:00",
    ]


def test_t11_to_the_one_who_is_responsible_now() -> None:
    assert {(due.who, due.unit) for due in dues(summoned_case(), "2026-03-09 10:00", "consent_expiry")} == {
        (ANNA, "soc")
    }
    assert {(due.who, due.unit) for due in dues(active_case(), "2026-03-27 10:00", "consent_expiry")} == {
        (JULIA, "bup")
    }


def test_t11_a_short_consent_starts_with_the_next_step() -> None:
    case = consented(opened(), valid_until=day("2026-03-13"))
    assert [step for step, *_ in t11(case)] == ["-3", "expired"]


def test_t11_a_renewed_consent_has_its_own_days_and_keys() -> None:
    case = consented(opened(), valid_until=day("2026-05-31"))
    renewed = consented(case, "2026-05-29 10:00", valid_until=day("2026-09-30"))
    old, new = ({due.key for due in dues(c, "2026-05-29 10:00", "consent_expiry")} for c in (case, renewed))
    assert old.isdisjoint(new)
    assert t11(renewed, "2026-05-29 10:00")[0] == ("-30", "person", "Mon 2026-08-31 08:00")


def test_t11_renewed_with_the_same_last_day_what_has_passed_is_not_said_again() -> None:
    case = consented(opened(), valid_until=day("2026-05-31"))
    again = consented(case, "2026-05-18 10:00", valid_until=day("2026-05-31"))
    assert [step for step, *_ in t11(again, "2026-05-18 10:00")] == ["-3", "expired"]


def test_t11_a_consent_without_a_last_day_does_not_run_out() -> None:
    assert t11(consented(opened(), valid_until=None)) == []


AFTERWARDS = "2026-08-10 12:00"


@pytest.mark.parametrize(
    "case, now",
    [
        (consented(opened(), valid_until=day("2026-03-20")), "2026-03-24 10:00"),
        (consented(opened(), valid_until=day("2026-03-20")), "2026-05-04 10:00"),
        (consented(active_case(), "2026-06-01 10:00", valid_until=day("2026-08-05")), AFTERWARDS),
        (consented(active_case(), "2026-06-01 10:00", valid_until=day("2026-08-05")), "2026-11-10 12:00"),
        (consented(summoned_case(), valid_until=day("2026-03-12")), "2026-03-16 12:00"),
    ],
)
def test_r64_after_the_last_day_nobody_is_asked_to_call_or_to_phone_an_agency(case: Case, now: str) -> None:
    """Not even when the word that it has run out was put off: what comes in its place asks for the consent too."""
    asked = [due for due in dues(case, now) if due.to is To.PERSON and due.kind != "consent_expiry"]
    calling = re.compile(r"(summon|book|overdue|passed|phone|undelivered|misdirected|dialogue)$")
    assert asked
    assert [due.text for due in asked if calling.search(due.text)] == []


def test_r64_what_asks_to_call_asks_for_the_consent_first_and_leads_there() -> None:
    case = consented(active_case(), "2026-06-01 10:00", valid_until=day("2026-08-05"))
    found = {due.text for due in dues(case, AFTERWARDS, "follow_up") if due.to is To.PERSON}
    assert "reminder.follow_up.renew" in found
    assert KIND_OF["follow_up"].step_by_text["reminder.follow_up.renew"] == "consent"
    renewed = consented(case, AFTERWARDS, valid_until=day("2026-12-31"))
    assert "reminder.follow_up.renew" not in {due.text for due in dues(renewed, AFTERWARDS, "follow_up")}


def test_r64_what_waits_for_the_consent_stays_open_so_that_it_is_said_again_once_that_is_renewed() -> None:
    """What is settled is never said again: nobody was told to phone an agency that had not answered."""
    given = consented(summoned_case(), valid_until=day("2026-12-31"))
    over = consented(summoned_case(), valid_until=day("2026-03-12"))
    asked, still = ({d.key for d in dues(c, "2026-03-16 12:00") if d.kind == "confirm_receipt"} for c in (given, over))
    assert asked
    assert still == asked


# ---- T14 ---------------------------------------------------------------------------------------------------

# Withdrawn on a Saturday night.
ENDED = "2026-03-14 22:10"


def t14(case: Case, agency: str = "bup") -> list[tuple[str, str, str]]:
    return ladder(case, ENDED, "phone_ending", agency=agency)


def test_t14_r77_undelivered_every_quarter_of_an_hour_at_any_hour_and_after_one_hour_the_manager() -> None:
    assert t14(withdrawn(summoned_case(), ENDED)) == [
        ("15", "person", "Sat 2026-03-14 22:25"),
        ("30", "person", "Sat 2026-03-14 22:40"),
        ("45", "person", "Sat 2026-03-14 22:55"),
        ("60", "manager", "Sat 2026-03-14 23:10"),
    ]


def test_t14_about_each_agency_that_was_not_reached_and_to_the_responsible_unit() -> None:
    found = dues(withdrawn(summoned_case(), ENDED), ENDED, "phone_ending")
    assert {due.agency for due in found} == {"bup", "skola", "fk"}
    assert {(due.who, due.unit) for due in found} == {(ANNA, "soc")}


def test_t14_over_the_change_of_clocks_a_quarter_of_an_hour_is_a_quarter_of_an_hour() -> None:
    case = withdrawn(summoned_case("2026-04-09 13:00"), "2026-03-29 01:50")
    assert [at for *_, at in ladder(case, "2026-03-29 01:50", "phone_ending", agency="bup")] == [
        "Sun 2026-03-29 03:05",
        "Sun 2026-03-29 03:20",
        "Sun 2026-03-29 03:35",
        "Sun 2026-03-29 03:50",
    ]


def test_t14_done_means_gone_when_it_was_delivered_or_somebody_phoned() -> None:
    case = withdrawn(summoned_case(), ENDED)
    assert case.closure is not None
    told = replace(case.closure.notices[0], delivered_at=instant("2026-03-14 22:11"))
    delivered = replace(case, closure=case.closure.with_notice(told))
    assert t14(delivered) == []
    assert t14(delivered, "skola") != []
    assert t14(confirmed(case, "bup", "2026-03-14 22:12")) == []


def test_t14_an_ordinary_end_is_no_alarm() -> None:
    assert t14(closed(closing_case(), "2026-06-02 10:00")) == []


# ---- T16 ---------------------------------------------------------------------------------------------------


def t16(case: Case, now: str, agency: str = "skola") -> list[tuple[str, str, str]]:
    return ladder(case, now, "confirm_ending", agency=agency)


def test_t16_r174_unconfirmed_after_3_and_6_working_days_the_unit_and_the_lead() -> None:
    # Closed on Tuesday 2 June; Saturday 6 June is the National Day.
    case = closed(closing_case(), "2026-06-02 10:00")
    assert t16(case, "2026-06-02 10:00") == [
        ("3", "unit", "Fri 2026-06-05 08:00"),
        ("3", "person", "Fri 2026-06-05 08:00"),
        ("6", "unit", "Wed 2026-06-10 08:00"),
        ("6", "person", "Wed 2026-06-10 08:00"),
        # Who answers for the case is asked every fourth week until somebody has phoned.
        ("over-2026-07-08", "person", "Wed 2026-07-08 08:00"),
    ]
    to_whom = {
        (d.to.value, d.who, d.unit) for d in dues(case, "2026-06-02 10:00", "confirm_ending") if d.agency == "fk"
    }
    assert to_whom == {("unit", "", "fk"), ("person", JULIA, "bup")}


def test_t16_over_midsummer() -> None:
    case = withdrawn(summoned_case(), "2026-06-17 10:00")
    assert [at for _, to, at in t16(case, "2026-06-17 10:00") if to == "unit"] == [
        "Tue 2026-06-23 08:00",
        "Fri 2026-06-26 08:00",
    ]


def test_t16_done_means_gone() -> None:
    case = confirmed(closed(closing_case(), "2026-06-02 10:00"), "skola", "2026-06-02 11:00")
    assert t16(case, "2026-06-02 11:00") == []
    assert t16(case, "2026-06-02 11:00", "fk") != []


def test_t16_delivered_is_not_confirmed() -> None:
    case = closed(closing_case(), "2026-06-02 10:00")
    assert case.closure is not None
    told = replace(case.closure.notices[0], delivered_at=instant("2026-06-02 10:01"))
    assert t16(replace(case, closure=case.closure.with_notice(told)), "2026-06-02 10:01") != []
