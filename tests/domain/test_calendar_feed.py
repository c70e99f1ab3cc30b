"""One person's own overview: their meetings, time and code alone (law 4D, R62, R78, R109)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from domain.calendar.feed import LOOKS_BACK, feed_entries, kept_until
from domain.case import Case, Flag
from tests.domain.makers import (
    ANNA,
    JULIA,
    KARIN,
    OMAR,
    SVEN,
    attendee,
    called,
    coming,
    consented,
    held,
    instant,
    moved,
    named,
    not_held,
    opened,
    summoned_case,
    withdrawn,
)

AT, LATER = "2026-03-10 09:00", "2026-03-11 09:00"


def named_case() -> Case:
    return named(summoned_case(), "bup", AT, attendee("julia", staff=JULIA), attendee("kim"))


def cancelled(case: Case, staff: str) -> list[bool]:
    return [entry.cancelled for entry in feed_entries(case).get(staff, ())]


def test_the_responsible_the_chair_and_those_named_have_the_meeting() -> None:
    case = called(consented(opened()), "2026-03-26 13:00", "2026-03-09 10:00", "bup", chair=OMAR, secretary=KARIN)
    case = named(case, "bup", AT, attendee("julia", staff=JULIA), attendee("kim"))
    assert set(feed_entries(case)) == {ANNA, OMAR, KARIN, JULIA}
    (entry,) = feed_entries(case)[JULIA]
    assert (entry.uid, entry.start) == (coming(case).uid, instant("2026-03-26 13:00"))


def test_before_a_meeting_is_called_there_is_nothing() -> None:
    assert feed_entries(consented(opened())) == {}


def test_who_is_taken_off_sees_that_and_everybody_else_still_has_the_meeting() -> None:
    case = named(named_case(), "bup", LATER, attendee("sven", staff=SVEN))
    assert (cancelled(case, JULIA), cancelled(case, SVEN), cancelled(case, ANNA)) == ([True], [False], [False])


def test_a_meeting_called_off_is_called_off_for_everybody() -> None:
    case = not_held(named_case(), LATER)
    assert (cancelled(case, JULIA), cancelled(case, ANNA)) == ([True], [True])


def test_a_move_changes_the_engagement() -> None:
    before = feed_entries(named_case())[JULIA]
    after = feed_entries(moved(named_case(), "2026-03-27 10:00", LATER))[JULIA]
    assert after != before
    assert after[0].sequence == 1


def test_that_others_answer_changes_nothing_for_the_chair() -> None:
    assert feed_entries(named_case())[ANNA] == feed_entries(summoned_case())[ANNA]


def test_r78_after_a_withdrawal_nothing_of_a_coming_meeting_is_left() -> None:
    assert feed_entries(withdrawn(named_case(), LATER)) == {}


def test_a_meeting_that_was_held_stays_for_a_while_with_the_follow_up_beside_it() -> None:
    case = held(named_case(), "2026-03-26 15:00")
    assert cancelled(case, JULIA) == [False]
    case = called(case, "2026-06-01 13:00", "2026-05-11 10:00", "soc", "bup")
    assert [e.start for e in feed_entries(case)[JULIA]] == [instant("2026-03-26 13:00"), instant("2026-06-01 13:00")]


def test_r109_a_protected_case_stands_in_no_overview() -> None:
    case = named_case()
    assert feed_entries(replace(case, flags=case.flags | {Flag.PROTECTED})) == {}


def test_overviews_forget_a_meeting_a_month_after_it() -> None:
    assert timedelta(days=30) == LOOKS_BACK
    assert kept_until(feed_entries(named_case())[JULIA]) == instant("2026-03-26 14:00") + LOOKS_BACK
