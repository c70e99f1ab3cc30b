"""Between meetings: a case is handed over, the lead changes, the follow-up gets another day (R35, R40, R167)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.handlers.story import Story, plain

OUTSIDE = "Robin Exempelgran, sjuksköterska, Hälsohuset Exempel"


async def refused(story: Story, word: str, values: dict[str, Any]) -> set[str]:
    await story.ask(story.anna, f"{word} {story.code}")
    outcome = await story.submit(story.anna, values, checked=False)
    return set(outcome.errors)


async def sends(story: Story, word: str, values: dict[str, Any]) -> None:
    await story.fill(story.anna, word, values, {})


# ---- handing over ----------------------------------------------------------------------------------------------


async def test_a_colleague_takes_the_case_over_and_has_the_board(story: Story) -> None:
    """R40, R26."""
    await story.summoned()
    await sends(story, "lämna", {"to": "maria"})
    case = await story.case()
    assert (case.responsible, case.responsible_agency) == ("slack:T0/U0MARIA", "soc")
    assert any(story.code in plain(m.blocks) for m in story.messages("maria"))


async def test_another_unit_cannot_take_it_over(story: Story) -> None:
    """R40: the unit answers for the process."""
    await story.summoned()
    assert await refused(story, "lämna", {"to": "julia"}) == {"to"}
    assert (await story.case()).responsible == "slack:T0/U0ANNA"


async def test_who_has_it_already_is_not_asked_to_take_it(story: Story) -> None:
    await story.summoned()
    assert await refused(story, "lämna", {"to": "anna"}) == {"to"}


async def test_all_cases_of_one_who_leaves_go_on_together(story: Story) -> None:
    """R40."""
    await story.summoned()
    first = story.code
    await story.opens()
    second = story.code
    assert first != second
    await sends(story, "lämna", {"to": "maria", "all": ["yes"]})
    owners = await story.reading(lambda reader: [reader.cases.get(code).responsible for code in (first, second)])
    assert owners == ["slack:T0/U0MARIA"] * 2


async def test_it_stands_in_the_journal_who_handed_over_to_whom(story: Story) -> None:
    await story.summoned()
    await sends(story, "lämna", {"to": "maria"})
    (row,) = await story.journal("case.handed_over")
    assert (row.entry.actor, row.entry.details["to"]) == ("slack:T0/U0ANNA", "slack:T0/U0MARIA")


# ---- huvudansvarig ---------------------------------------------------------------------------------------------


async def test_before_the_first_meeting_there_is_no_lead_to_change(story: Story) -> None:
    """R35."""
    await story.summoned()
    await story.command(story.anna, f"huvudansvarig {story.code}")
    assert (await story.case()).lead == ""
    assert story.says("change_lead.too_early", code=story.code).strip() in str(story.whispered(story.anna))


async def test_another_lead_is_named_between_meetings(story: Story) -> None:
    """R35, R40."""
    await story.held(lead="anna")
    await sends(story, "huvudansvarig", {"lead": "julia", "reason": "changed_work"})
    case = await story.case()
    assert (case.lead, case.lead_agency) == ("slack:T0/U0JULIA", "bup")


async def test_a_lead_outside_the_directory_is_named_and_the_coordinator_is_asked_on(story: Story) -> None:
    """R140, R35: huvudansvarig need not be in the chat."""
    await story.held(lead="anna")
    await sends(story, "huvudansvarig", {"lead": None, "lead_outside": OUTSIDE, "reason": "person_wish"})
    case = await story.case()
    assert (case.lead, case.lead_outside, case.responsible) == ("", OUTSIDE, "slack:T0/U0ANNA")


@pytest.mark.parametrize(
    "values, fields",
    [
        ({"lead": None, "reason": "other"}, {"lead"}),
        ({"lead": None, "lead_outside": "Robin", "reason": "other"}, {"lead_outside"}),
        ({"lead": "pia", "reason": "other"}, {"lead"}),
        ({"lead": "julia"}, {"reason"}),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(story: Story, values: dict[str, Any], fields: set[str]) -> None:
    """R62: somebody of an agency outside the consent gets to see nothing."""
    await story.held(lead="anna")
    assert await refused(story, "huvudansvarig", values) == fields
    assert (await story.case()).lead == "slack:T0/U0ANNA"


# ---- the follow-up ---------------------------------------------------------------------------------------------


async def follow_up_of(story: Story) -> date | None:
    held = (await story.case()).last_held
    assert held is not None
    assert held.report is not None
    return held.report.follow_up_on


async def test_the_follow_up_is_brought_forward_when_the_needs_change(story: Story) -> None:
    """R167, R168."""
    await story.held(lead="anna")
    before = await follow_up_of(story)
    assert before is not None
    await sends(story, "uppföljning", {"date": "2027-01-20", "reason": "changed_needs"})
    assert await follow_up_of(story) == date(2027, 1, 20)


async def test_a_day_that_has_passed_is_refused(story: Story) -> None:
    await story.held(lead="anna")
    before = await follow_up_of(story)
    assert await refused(story, "uppföljning", {"date": "2026-11-24", "reason": "practical"}) == {"date"}
    assert await follow_up_of(story) == before


async def test_r35_before_the_first_meeting_nobody_is_called_huvudansvarig(story: Story) -> None:
    await story.summoned()
    await sends(story, "lämna", {"to": "karin"})
    told = "\n".join(plain(m.blocks) for m in story.messages("anna"))
    assert story.says("board.handed.before", name="Karin Provdal") in told
    assert story.says("board.handed.text", name="Karin Provdal") not in told
