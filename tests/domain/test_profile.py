"""The regions' rules as data: the four that are shipped (process 7E), and what a file of one's own may say."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bot.profile_file import SHIPPED, BadProfile, read_profile
from domain.directory import AgencyKind
from domain.profile import Basis, Number, ReminderPlan
from tests.domain.makers import GOTLAND

REMINDERS = {
    "first_meeting",
    "confirm_receipt",
    "name_attendees",
    "day_before",
    "report_meeting",
    "send_plan",
    "open_points",
    "follow_up",
    "consent_expiry",
    "phone_ending",
    "confirm_ending",
    "confirm_plan",
    "promised_answer",
    "vacancy",
    "discharge",
    "deviation",
    "assess",
}


@pytest.mark.parametrize(
    "name, school, fossam, single",
    [
        ("gotland", True, True, True),  # R2, R101, R114
        ("blekinge", True, False, True),  # R5, R115
        ("stockholm", False, False, False),
        ("national", False, False, False),  # R117
    ],
)
def test_7e_the_regions_differ(name: str, *, school: bool, fossam: bool, single: bool) -> None:
    """R5, R115."""
    profile = read_profile(name)
    assert profile.name == name
    assert profile.obliges(AgencyKind.SOCIAL_SERVICES)
    assert profile.obliges(AgencyKind.HEALTH_CARE)
    assert not profile.obliges(AgencyKind.OTHER)
    assert (profile.obliges(AgencyKind.SCHOOL), profile.fossam, profile.allow_single_principal) == (
        school,
        fossam,
        single,
    )


@pytest.mark.parametrize("name", SHIPPED)
def test_every_region_plans_every_reminder_and_marks_it_as_a_default(name: str) -> None:
    profile = read_profile(name)
    assert set(profile.reminders) == REMINDERS
    assert {plan.basis for plan in profile.reminders.values()} == {Basis.DEFAULT}
    assert (profile.opens, profile.closes) == (time(8), time(16, 30))  # days 5B.6


@pytest.mark.parametrize(
    "name, thirty, four",
    [
        ("gotland", Basis.AGREEMENT, Basis.AGREEMENT),  # R90, R161: its own manual
        ("blekinge", Basis.DEFAULT, Basis.DEFAULT),
        ("stockholm", Basis.DEFAULT, Basis.DEFAULT),
        ("national", Basis.DEFAULT, Basis.DEFAULT),
    ],
)
def test_every_number_says_what_it_rests_on(name: str, thirty: Basis, four: Basis) -> None:
    profile = read_profile(name)
    assert (profile.days_to_meeting.value, profile.days_to_meeting.basis) == (30, thirty)
    assert (profile.plan_working_days.value, profile.plan_working_days.basis) == (4, four)
    assert profile.notice_working_days == Number(10, Basis.DEFAULT, "R192")
    assert profile.meeting_roll == "none"


def test_a_reminder_that_a_profile_leaves_out_is_off() -> None:
    assert GOTLAND.reminder("T99") == ReminderPlan()


@pytest.mark.parametrize(
    "plan",
    [{"steps": (0,)}, {"steps": (5, -1)}, {"manager": 0}, {"mailbox": 0}, {"repeat": 0}, {"repeat": -7}],
)
def test_steps_that_no_calendar_can_count_are_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        ReminderPlan(**plan)


def test_hours_and_numbers_are_sound() -> None:
    with pytest.raises(ValueError, match="before"):
        replace(GOTLAND, opens=time(17))
    with pytest.raises(ValueError, match="at least 1"):
        replace(GOTLAND, plan_working_days=Number(0, Basis.LAW))


def test_a_file_with_such_steps_is_refused_with_the_reason(tmp_path: Path) -> None:
    shipped = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    path = tmp_path / "egen.toml"
    path.write_text(shipped.replace("repeat = 7", "repeat = 0"), encoding="utf-8")
    with pytest.raises(BadProfile, match="at least 1"):
        read_profile(str(path))


def test_a_file_from_before_may_call_reminders_by_their_numbers(tmp_path: Path) -> None:
    """Version 0.1 wrote `[nags.T4]`: a region's own file must not lose its days by an upgrade."""
    today = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    before = today.replace("[reminders.name_attendees]", "[nags.T4]").replace("[reminders.first_meeting]", "[nags.T2]")
    own = tmp_path / "own.toml"
    own.write_text(before, encoding="utf-8")
    assert before != today
    assert read_profile(str(own)) == read_profile("gotland")
