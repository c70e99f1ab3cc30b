"""What a deadline rests on is said wherever it is shown (R90, R91, R161): no default of the bot reads as a duty."""

from __future__ import annotations

import pytest

from domain.rules import Rules
from templates import load
from tests.domain.makers import CALENDAR, NATIONAL, RULES, opened

DUTIES = (
    "ska hållas",
    "ska skickas",
    "skulle ha",
    "försenat",
    "sista dagen",
    "is to be",
    "was to be",
    "late",
    "last day",
)
KEYS = [
    *(f"reminder.first_meeting.{what}" for what in ("consent", "summon", "book", "late_booking", "overdue")),
    "reminder.first_meeting.overdue_manager",
    "reminder.send_plan",
    *(f"reminder.send_plan.{what}" for what in ("last_day", "overdue", "overdue_manager")),
]


def text_of(key: str, language: str, basis: str) -> str:
    return load(language)(key, code="SIP-7K3Q2-M", day="fredag 1 maj 2026", agency="", when="", basis=basis)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_r90_a_number_that_no_source_gives_is_never_worded_as_a_duty(key: str, language: str) -> None:
    """R161."""
    text = text_of(key, language, "default")
    assert [duty for duty in DUTIES if duty in text] == []
    assert "riktvärde" in text or "guideline" in text
    assert text_of(key, language, "agreement") != text


def test_r90_r91_what_the_last_day_of_the_first_meeting_rests_on() -> None:
    assert RULES.meeting_basis(opened()) == "agreement"
    assert Rules(NATIONAL, CALENDAR).meeting_basis(opened()) == "default"
    assert RULES.meeting_basis(opened(wish="2026-05-15")) == "wish"
    assert (RULES.plan_basis, Rules(NATIONAL, CALENDAR).plan_basis) == ("agreement", "default")
