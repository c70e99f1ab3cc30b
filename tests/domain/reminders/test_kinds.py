"""The table of reminder kinds is whole: a part that was forgotten when a kind was added fails here."""

from __future__ import annotations

import re

import pytest

from bot.profile_file import SHIPPED, read_profile
from domain.reminders.due import ReminderKind
from domain.reminders.kinds import KIND_OF, KINDS, Kind, current_key
from handlers.steps.by_name import ALIASES, STEPS
from templates import load
from tests.conftest import ROOT

RULES = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.name))


def test_every_name_has_its_row_and_no_row_stands_twice() -> None:
    assert sorted(KIND_OF) == sorted(ReminderKind)
    assert len({kind.number for kind in KINDS}) == len(KINDS)


@by_kind
def test_its_number_stands_in_the_rule_book(kind: Kind) -> None:
    assert re.search(rf"\b{kind.number}\b", RULES)


@by_kind
@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_has_a_name_that_people_read(kind: Kind, language: str) -> None:
    assert load(language).has(f"reminder.{kind.name}.name")


@by_kind
def test_its_steps_are_ones_that_can_be_taken(kind: Kind) -> None:
    for step in {kind.step, *kind.step_by_text.values()} - {"", "next"}:
        assert ALIASES.get(step, step) in STEPS


@by_kind
@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_its_step_depends_on_is_said_somewhere(kind: Kind, language: str) -> None:
    for text in kind.step_by_text:
        assert load(language).has(text)


@pytest.mark.parametrize("profile", SHIPPED)
def test_every_shipped_profile_says_when_each_goes_out(profile: str) -> None:
    assert set(read_profile(profile).reminders) == set(ReminderKind)


@by_kind
def test_the_keys_of_version_0_1_mean_the_same(kind: Kind) -> None:
    assert current_key(f"{kind.number}:1.2:bup:unit:3") == f"{kind.name}:1.2:bup:unit:3"
    assert current_key(f"{kind.name}:1.2:bup:unit:3") == f"{kind.name}:1.2:bup:unit:3"
