"""A summons that never came is known as such: it is not the agency's silence (R125, R182)."""

from __future__ import annotations

from datetime import time, timedelta

from domain.case import State
from domain.next_step import Step, next_step
from domain.steps.deliver_summons import mark_delivered, mark_undelivered, undelivered, without_place
from domain.steps.deviations import suggestions
from domain.summons import Standing
from domain.turning import turns
from tests.domain.makers import (
    DIRECTORY,
    RULES,
    coming,
    day,
    declined,
    held,
    instant,
    ladder,
    moved,
    received,
    summoned_case,
)

SENT = summoned_case()  # on Monday 9 March, to Thursday 26 March at 13
LOST = mark_undelivered(SENT, 1, "bup", instant("2026-03-09 10:05"))


def test_r125_what_did_not_come_stands_as_such_and_is_the_next_thing_to_see_to() -> None:
    assert coming(LOST).standing_of("bup") is Standing.UNDELIVERED
    assert coming(LOST).standing_of("skola") is Standing.SENT
    assert undelivered(LOST) == ("bup",)
    assert LOST.state is State.SUMMONED
    assert next_step(LOST, RULES, instant("2026-03-10 10:00")).step is Step.REACH
    assert next_step(LOST, RULES, instant("2026-03-26 15:00")).step is Step.REPORT


def test_r125_only_whoever_summoned_is_reminded_of_it() -> None:
    """Neither the unit nor its manager hears that it has not confirmed, or named nobody."""
    assert ladder(LOST, "2026-03-09 10:05", "confirm_receipt", agency="bup") == [
        ("2026-03-10", "person", "Tue 2026-03-10 08:00"),
        ("2026-03-11", "person", "Wed 2026-03-11 08:00"),
    ]
    assert ladder(LOST, "2026-03-09 10:05", "name_attendees", agency="bup") == []
    assert ladder(LOST, "2026-03-09 10:05", "name_attendees", agency="skola") != []


def test_r125_an_invited_agency_is_phoned_too() -> None:
    """It owes no answer, but it has not heard that it may come."""
    lost = mark_undelivered(SENT, 1, "fk", instant("2026-03-09 10:05"))
    assert [to for _, to, _ in ladder(lost, "2026-03-09 10:05", "confirm_receipt", agency="fk")] == ["person"] * 2


def test_r182_an_agency_that_never_heard_is_no_deviation() -> None:
    before, after = day("2026-03-25"), day("2026-03-27")
    assert "bup" in {s.agency for s in suggestions(SENT, RULES, before)}
    assert "bup" not in {s.agency for s in suggestions(LOST, RULES, before)}
    absent = frozenset({"soc", "skola"})
    assert "bup" in {s.agency for s in suggestions(held(SENT, "2026-03-26 15:00", attended=absent), RULES, after)}
    assert "bup" not in {s.agency for s in suggestions(held(LOST, "2026-03-26 15:00", attended=absent), RULES, after)}


def test_r182_the_board_turns_on_the_day_from_which_silence_may_be_a_deviation() -> None:
    """Nobody does anything then, and the board went on without the suggestion until the meeting."""
    days = [day("2026-03-09") + timedelta(days=number) for number in range(20)]
    first_suggested = next(at for at in days if suggestions(SENT, RULES, at))
    assert RULES.at(first_suggested, time(0)) in set(turns(SENT, RULES))


def test_r125_an_answer_shows_that_it_came() -> None:
    assert coming(received(LOST, "bup", "2026-03-10 10:00")).standing_of("bup") is Standing.RECEIVED
    answered = declined(SENT, "bup", "2026-03-10 10:00")
    assert mark_undelivered(answered, 1, "bup", instant("2026-03-10 11:00")) == answered


def test_r125_what_arrives_after_all_counts_from_then() -> None:
    """Nobody is late with an answer to what has only just come."""
    come = mark_delivered(LOST, 1, "bup", instant("2026-03-12 14:00"))
    assert coming(come).standing_of("bup") is Standing.SENT
    assert ladder(come, "2026-03-12 14:00", "confirm_receipt", agency="bup")[0] == ("2", "unit", "Mon 2026-03-16 08:00")
    assert mark_delivered(SENT, 1, "bup", instant("2026-03-12 14:00")) == SENT
    assert mark_delivered(LOST, 2, "bup", instant("2026-03-12 14:00")) == LOST


def test_r125_a_new_time_does_not_make_it_come() -> None:
    again = moved(received(SENT, "bup", "2026-03-10 10:00"), "2026-03-30 13:00", "2026-03-11 10:00")
    lost = mark_undelivered(again, 1, "bup", instant("2026-03-11 10:05"))
    assert undelivered(lost) == ("bup",)
    assert undelivered(moved(lost, "2026-03-31 13:00", "2026-03-12 10:00")) == ("bup",)


def test_r121_an_agency_without_a_place_in_chat_is_known_at_once() -> None:
    """Nobody in this region has a channel."""
    assert undelivered(without_place(SENT, DIRECTORY, instant("2026-03-09 10:00"))) == (
        "bup",
        "skola",
        "fk",
    )
