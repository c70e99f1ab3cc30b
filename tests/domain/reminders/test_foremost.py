"""One line a case: of all that is open for one reader, the next thing, and never two that contradict each other."""

from __future__ import annotations

import pytest

from domain.case import Case
from domain.reminders.due import ReminderKind, To
from domain.reminders.foremost import escalates, foremost, matter_of, rank
from tests.domain.makers import active_case, consented, day, dues, held_case, instant, opened, summoned_case, withdrawn


def the_line(case: Case, now: str) -> str:
    """Return the words that a coordinator's list has about a case, with all that has fallen due until now."""
    past = {due.key: due for due in dues(case, now) if due.to is To.PERSON and due.at <= instant(now)}
    return past[foremost(past, past)].text


def test_after_an_unreported_meeting_the_question_is_how_it_went_and_not_that_it_is_late() -> None:
    assert the_line(summoned_case("2026-04-13 13:00"), "2026-04-20 10:00") == "reminder.report_meeting"


def test_once_the_consent_has_run_out_nobody_is_asked_to_summon() -> None:
    """R64: after its last day nothing may be exchanged, so that comes before the follow-up whose day has passed."""
    lasting, over = (
        consented(active_case(), "2026-04-30 10:00", valid_until=last) for last in (None, day("2026-05-20"))
    )
    assert the_line(lasting, "2026-06-03 10:00") == "reminder.follow_up.passed"
    assert the_line(over, "2026-06-03 10:00") == "reminder.consent_expiry.expired"


def test_a_withdrawal_that_has_not_arrived_stands_before_everything() -> None:
    gone = withdrawn(held_case(), "2026-03-27 10:00")
    assert min(dues(gone, "2026-03-27 12:00"), key=rank).kind is ReminderKind.PHONE_ENDING


@pytest.mark.parametrize(
    "case", [opened(), summoned_case(), held_case(), active_case(), withdrawn(held_case(), "2026-03-27 10:00")]
)
def test_whom_a_reminder_is_for_stands_in_its_key(case: Case) -> None:
    found = [due for now in ("2026-03-12 10:00", "2026-05-12 10:00", "2026-09-12 10:00") for due in dues(case, now)]
    assert found
    assert all(escalates(due.key) is (due.to is To.MANAGER) for due in found)


def test_the_steps_of_a_ladder_are_one_matter_until_the_words_change() -> None:
    first, second, *_, last = [
        due for due in dues(opened(), "2026-03-02 10:00") if due.step in {"20", "25", "28"} or "over" in due.step
    ]
    assert matter_of(first) == matter_of(second)
    assert matter_of(first) != matter_of(last)
