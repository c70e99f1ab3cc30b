"""The unit that answers for the process comes to its meetings without being asked (R26, R35, R40)."""

from __future__ import annotations

from domain.case import Case, State
from domain.matters.closure import Ground
from domain.next_step import Step, next_step
from domain.steps.deliver_summons import mark_undelivered, undelivered
from domain.steps.deviations import suggestions
from domain.steps.hand_over import change_lead
from domain.steps.record_answer import answerable
from tests.domain.makers import (
    ANNA,
    DIRECTORY,
    OMAR,
    RULES,
    active_case,
    called,
    closed,
    coming,
    day,
    declined,
    dues,
    fired,
    held,
    instant,
    ladder,
    stamp,
)

ASKED = "2026-05-11 10:00"


def led_by_one_asked(*, answered: bool = False) -> Case:
    """Return a follow-up that Julia called, of which a unit that she had summoned has the lead since the day after."""
    case = called(active_case(), "2026-06-01 13:00", ASKED, "skola", "vc")
    case = declined(case, "skola", "2026-05-11 11:00", OMAR) if answered else case
    return change_lead(case, DIRECTORY.staff[OMAR], "", stamp(OMAR, "2026-05-12 10:00"))


def test_r35_whose_unit_was_summoned_before_is_not_told_to_phone_themselves() -> None:
    for reminder in ("confirm_receipt", "name_attendees"):
        assert ladder(led_by_one_asked(), ASKED, reminder, agency="skola") == []
        assert ladder(led_by_one_asked(), ASKED, reminder, agency="vc") != []
    assert {due.who for due in dues(led_by_one_asked(), ASKED, "confirm_receipt") if due.to == "person"} == {OMAR}


def test_the_meeting_waits_for_the_others_alone() -> None:
    case = called(active_case(), "2026-06-01 13:00", ASKED, "skola")
    assert case.state is State.FOLLOWUP_SUMMONED
    led = change_lead(case, DIRECTORY.staff[OMAR], "", stamp(OMAR, "2026-05-12 10:00"))
    assert led.state is State.FOLLOWUP_READY
    assert next_step(led, RULES, instant("2026-05-12 10:00")).step is Step.MEET


def test_r125_that_its_summons_did_not_come_is_nothing_to_see_to() -> None:
    lost = mark_undelivered(led_by_one_asked(), 2, "skola", instant("2026-05-12 11:00"))
    assert undelivered(lost) == ()
    assert ladder(lost, ASKED, "confirm_receipt", agency="skola") == []


def test_its_own_answer_can_still_be_written_down_and_comes_last() -> None:
    assert answerable(led_by_one_asked(), coming(led_by_one_asked())) == ("vc", "skola")


def test_r182_no_deviation_is_suggested_against_it_for_its_own_meeting() -> None:
    for case in (led_by_one_asked(), led_by_one_asked(answered=True)):
        before = {(s.agency) for s in suggestions(case, RULES, day("2026-05-29"))}
        assert before == {"vc"}
        after = held(case, "2026-06-01 15:00", lead="", lead_agency="", attended=frozenset({"bup"}))
        assert {s.agency for s in suggestions(after, RULES, day("2026-06-02"))} == {"vc"}


def test_r182_one_that_stayed_away_and_got_the_lead_there_is_suggested_still() -> None:
    """It was asked as any other then."""
    case = called(active_case(), "2026-06-01 13:00", ASKED, "skola")
    after = held(case, "2026-06-01 15:00", lead=OMAR, lead_agency="skola", attended=frozenset({"bup"}))
    assert after.lead == OMAR
    assert {s.agency for s in suggestions(after, RULES, day("2026-06-02"))} == {"skola"}


def test_r161_the_lead_is_not_told_to_phone_their_own_unit_about_the_plan() -> None:
    found = {(due.to.value, due.agency) for due in dues(active_case(), "2026-03-27 10:00", "confirm_plan")}
    assert ("unit", "bup") in found
    assert ("person", "bup") not in found
    assert ("person", "skola") in found


def test_the_unit_that_had_the_case_before_is_asked_from_then_on() -> None:
    """It owed no answer until then, so nobody is told at once that it has been silent for weeks."""
    case = called(active_case(), "2026-06-01 13:00", ASKED, "bup", "vc")
    assert ladder(case, ASKED, "confirm_receipt", agency="bup") == []
    led = change_lead(case, DIRECTORY.staff[OMAR], "", stamp(OMAR, "2026-05-20 10:00"))
    assert ladder(led, "2026-05-20 10:00", "confirm_receipt", agency="bup")[0][2] == "Fri 2026-05-22 08:00"
    assert ladder(led, "2026-05-20 10:00", "confirm_receipt", agency="vc")[0][2] == "Wed 2026-05-13 08:00"


def test_r161_whoever_takes_over_phones_the_unit_that_had_it_before_from_the_next_morning_on() -> None:
    """The one before was not told to phone their own unit, so it comes anew; all else is due as it was."""
    case = fired(active_case(), "2026-05-20 09:00")
    led = change_lead(case, DIRECTORY.staff[ANNA], "", stamp(ANNA, "2026-05-20 10:00"))
    own, before = led.responsible_agency, case.responsible_agency
    phoned = [due for due in dues(led, "2026-05-20 10:00", "confirm_plan") if due.to == "person"]
    assert {due.at for due in phoned if due.agency == before} == {instant("2026-05-21 08:00")}
    others = [due for due in phoned if due.agency != before]
    assert others
    assert {(due.key, due.at) for due in others} == {
        (due.key, due.at)
        for due in dues(case, "2026-05-20 10:00", "confirm_plan")
        if due.to == "person" and due.agency != own
    }


def test_r174_whoever_answers_for_the_case_is_not_told_to_phone_their_own_unit_about_the_end() -> None:
    """After a change of lead the unit that called the meetings has a notice, and so has the one that leads now."""
    over = held(led_by_one_asked(), "2026-06-01 15:00", need_remains=False, lead="", lead_agency="", follow_up_on=None)
    case = closed(over, "2026-06-01 16:00", Ground.NO_NEED)
    found = {(due.to.value, due.agency) for due in dues(case, "2026-06-10 10:00", "confirm_ending")}
    assert ("unit", "skola") in found
    assert ("person", "skola") not in found
    assert ("person", "vc") in found
