"""The regions' rules as data: those that are shipped (process 7E), and what a file of one's own may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.admin.profile_command import profile_app, unread_in
from bot.profile_file import SHIPPED, BadProfile, read_profile
from domain.directory import AgencyKind
from domain.profile import Basis, ForChildren, LocalDocument, Number, ReminderPlan
from domain.reminders.due import ReminderKind
from tests.conftest import ROOT
from tests.domain.makers import GOTLAND


@pytest.mark.parametrize(
    "name, school, fossam, single",
    [
        ("gotland", True, True, True),  # R2, R101, R114
        ("blekinge", True, False, True),  # R5, R115
        ("stockholm", False, False, False),
        ("national", False, False, False),  # R117
        ("vastra-gotaland", True, False, False),
        ("jonkoping", True, False, False),
        ("norrbotten", False, False, True),  # R5
        ("arvika-eda", False, False, False),
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
    assert set(profile.reminders) == set(ReminderKind)
    assert {plan.basis for plan in profile.reminders.values()} == {Basis.DEFAULT}
    assert (profile.opens, profile.closes) == (time(8), time(16, 30))  # days 5B.6


@pytest.mark.parametrize(
    "name, thirty, four",
    [
        ("gotland", Basis.AGREEMENT, Basis.AGREEMENT),  # R90, R161: its own manual
        ("blekinge", Basis.DEFAULT, Basis.DEFAULT),
        ("stockholm", Basis.DEFAULT, Basis.DEFAULT),
        ("national", Basis.DEFAULT, Basis.DEFAULT),
        ("vastra-gotaland", Basis.DEFAULT, Basis.DEFAULT),
        ("jonkoping", Basis.DEFAULT, Basis.DEFAULT),
        ("norrbotten", Basis.DEFAULT, Basis.DEFAULT),
        ("arvika-eda", Basis.DEFAULT, Basis.DEFAULT),
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


@pytest.mark.parametrize("unseen", ["\\u001f", "\\u200b", "\\n", "\\t"])
def test_a_name_with_signs_that_nobody_sees_is_refused_as_it_would_not_be_the_one_that_cases_name(
    tmp_path: Path, unseen: str
) -> None:
    shipped = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    path = tmp_path / "egen.toml"
    path.write_text(shipped.replace('name = "gotland"', f'name = "gotland{unseen}"'), encoding="utf-8")
    with pytest.raises(BadProfile, match="name: remove line ends, tabs and characters that nobody sees"):
        read_profile(str(path))


def test_a_file_from_before_may_call_reminders_by_their_numbers(tmp_path: Path) -> None:
    """Version 0.1 wrote `[nags.T4]`: a region's own file must not lose its days by an upgrade."""
    today = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    before = today.replace("[reminders.name_attendees]", "[nags.T4]").replace("[reminders.first_meeting]", "[nags.T2]")
    own = tmp_path / "own.toml"
    own.write_text(before, encoding="utf-8")
    assert before != today
    assert read_profile(str(own)) == read_profile("gotland")


def test_7e_an_agency_may_be_obliged_by_a_local_agreement() -> None:
    """In Arvika and Eda the employment and social insurance agencies have taken on equal duties."""
    profile = read_profile("arvika-eda")
    assert profile.obliges(AgencyKind.OTHER, "forsakringskassan")
    assert not profile.obliges(AgencyKind.OTHER, "polisen")


def test_7e_in_jonkoping_guardians_always_consent() -> None:
    assert not read_profile("jonkoping").child_may_consent
    assert GOTLAND.child_may_consent  # R70


@pytest.mark.parametrize(
    "name, url",
    [("Rutin", "http://exempel.invalid"), ("Rutin", "https://exempel.invalid/a b"), ("", "https://x.invalid")],
)
def test_r209_a_document_that_no_link_can_lead_to_is_refused(name: str, url: str) -> None:
    with pytest.raises(ValueError, match="document"):
        LocalDocument(name, url)


def test_r129_a_child_has_other_ways_in_when_nothing_is_ongoing() -> None:
    found = (("Alla", ForChildren.ALL), ("Pågår", ForChildren.ONGOING), ("Nya", ForChildren.NEW), ("Riktlinje", None))
    documents = tuple(LocalDocument(name, "https://exempel.invalid", whom) for name, whom in found)
    profile = replace(GOTLAND, documents=documents)
    assert [one.name for one in profile.contacts_for_children(ongoing=True)] == ["Alla", "Pågår"]
    assert [one.name for one in profile.contacts_for_children(ongoing=False)] == ["Alla", "Nya"]


def test_r129_a_profile_says_which_document_is_a_list_of_contacts_for_children(tmp_path: Path) -> None:
    more = '\n[[documents]]\nname = "Kontaktlista"\nurl = "https://exempel.invalid/barn"\nfor_children = "new"\n'
    (document,) = read_profile(_own(tmp_path, {}, more)).documents
    assert document == LocalDocument("Kontaktlista", "https://exempel.invalid/barn", ForChildren.NEW)


def _own(folder: Path, changes: Mapping[str, str], more: str = "") -> str:
    text = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "own.toml"
    path.write_text(text + more, encoding="utf-8")
    return str(path)


def test_a_profile_is_checked_with_what_each_number_rests_on(tmp_path: Path) -> None:
    more = '[[documents]]\nname = "Riktlinje SIP"\nurl = "https://exempel.invalid/riktlinje"\n'
    found = CliRunner().invoke(profile_app, ["check", _own(tmp_path, {}, more)])
    assert found.exit_code == 0
    assert "days_to_meeting = 30 (agreement) R90" in found.output
    assert "must attend: health_care, school, social_services" in found.output
    assert "document Riktlinje SIP, https://exempel.invalid/riktlinje" in found.output


@pytest.mark.parametrize(
    "old, new, named",
    [
        ("fossam = true", "fosam = true\nfossam = true", "fosam is read by nobody"),
        ("manager = 31", "manger = 31", "manger in [reminders.first_meeting]"),
    ],
)
def test_a_slip_in_a_profile_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    found = CliRunner().invoke(profile_app, ["check", _own(tmp_path, {old: new})])
    assert named in found.output


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_passes_the_check(name: str) -> None:
    assert CliRunner().invoke(profile_app, ["check", name]).exit_code == 0


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_profile_says_what_nobody_reads(name: str) -> None:
    """A misspelt setting would leave the default in force, without a word."""
    assert list(unread_in(ROOT / "bot" / "profiles" / f"{name}.toml")) == []
