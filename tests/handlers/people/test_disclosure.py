"""The consent is asked at the moment of telling: what was written before it ended is not told after it (R61-R64)."""

from __future__ import annotations

from dataclasses import replace

import pytest

import templates
from bot.identifiers import RandomIds
from domain.case import Case
from domain.consent import Part
from handlers.disclosure import covers, may_hear
from handlers.services import Services
from handlers.view import View
from storage.encryption.cipher import Keyring, fresh_key
from storage.encryption.token_seal import TokenSeal
from tests.domain.makers import DIRECTORY, RULES, active_case, consented, instant, opened, refused, summoned_case
from tests.handlers.story import Story

NOW = "2026-03-10 10:00"
SERVICES = Services(RULES, templates.load, "sv", TokenSeal(Keyring([fresh_key()])), RandomIds("exempel.invalid"))


def view(now: str = NOW) -> View:
    return View(SERVICES, templates.load("sv"), DIRECTORY, instant(now))


NARROW = consented(summoned_case(), agencies=frozenset({"skola"}))
PLAN_ALONE = consented(summoned_case(), parts=frozenset({Part.PLAN}))


@pytest.mark.parametrize(
    "case, agency, now, hears",
    [
        pytest.param(summoned_case(), "bup", NOW, True, id="R62: the consent names it"),
        pytest.param(summoned_case(), "bup", "2026-12-31 23:00", True, id="R64: on its last day"),
        pytest.param(summoned_case(), "bup", "2027-01-01 00:00", False, id="R64: the day after"),
        pytest.param(NARROW, "bup", NOW, False, id="R62: it names others"),
        pytest.param(PLAN_ALONE, "bup", NOW, False, id="R61: without exchange of information"),
        pytest.param(opened(), "bup", NOW, False, id="R60: nobody has been asked"),
        pytest.param(refused(opened()), "bup", NOW, False, id="R60: the person has said no"),
    ],
)
def test_r60_r64_the_consent_of_this_day_covers_an_agency_or_not(
    case: Case, agency: str, now: str, *, hears: bool
) -> None:
    assert covers(view(now), case, agency) is hears
    assert may_hear(view(now), case, agency) is hears


def test_r35_the_unit_that_answers_for_the_case_hears_of_it_without_being_covered() -> None:
    case = consented(active_case(), "2026-04-01 10:00", agencies=frozenset({"skola"}))
    case = replace(case, lead_agency="bup")
    assert not covers(view(), case, "bup")
    assert may_hear(view(), case, "bup")
    assert not may_hear(view(), case, "soc")


async def test_r64_a_summons_that_waited_until_the_consent_had_run_out_is_not_told(story: Story) -> None:
    await story.opens(agencies=["bup"])
    await story.records_consent(agencies=["bup"], valid_until="2026-11-23")
    arrives_again = story.nothing_arrives()
    await story.summons(agencies=["bup"])
    await story.until("2026-11-24 09:00")
    arrives_again()
    await story.until("2026-11-24 12:00")
    assert story.messages("bup") == []
    assert {letter.why for letter in await story.letters("summons")} == {"consent"}
