"""`/sip ny`: a need is noticed and assessed (R25, R87-R101)."""

from __future__ import annotations

from typing import Any

import pytest

from demo.slack.delivery import payloads
from demo.slack.delivery.delivery import Delivery
from demo.slack.people.modal import fill_in, names_of
from domain.case import State
from domain.rules import meeting_deadline
from tests.handlers.story import OPENING, Story, as_asked, buttons, merged, plain


async def refused_at(story: Story, **changes: Any) -> set[str]:
    """Return the fields that were mended, after making sure that no case came of it."""
    outcome = await story.fill(story.anna, "ny", OPENING, changes, "")
    assert not (await story.writing(lambda tx: tx.cases.own(story.anna.user.id, 1)))
    assert outcome.action == "errors"
    return set(outcome.errors)


async def test_the_thirty_days_run_from_the_day_the_need_was_noticed(story: Story) -> None:
    """R90: not from the day on which the case was opened."""
    await story.opens(noticed_on="2026-11-10")
    case, rules = await story.case(), story.bot.services.rules
    assert meeting_deadline(case, rules.profile, rules.calendar).isoformat() == "2026-12-10"


async def test_the_persons_own_wish_goes_before_the_thirty_days(story: Story) -> None:
    """R91."""
    await story.opens(meeting_by="2027-01-20")
    case, rules = await story.case(), story.bot.services.rules
    assert meeting_deadline(case, rules.profile, rules.calendar).isoformat() == "2027-01-20"


async def test_whoever_opens_a_case_is_its_coordinator_and_gets_the_board(story: Story) -> None:
    """R26."""
    await story.opens(story.julia)
    case = await story.case()
    assert (case.coordinator, case.agency) == ("slack:T0/U0JULIA", "bup")
    assert story.code in story.shown("julia").text


async def test_the_answer_leads_straight_to_the_consent(story: Story) -> None:
    await story.opens()
    assert story.code in story.answered
    await story.press(story.anna, "case.step", source=story.shown("anna"))
    view = await story.form(story.anna)
    assert view.callback_id == "consent.record"


async def test_a_case_of_one_administration_alone_is_opened_with_a_warning(story: Story) -> None:
    """R2, R99."""
    await story.opens(story.julia, agencies=["vc"])
    assert story.says("open.warn_one_administration") in story.answered


async def test_no_agency_hears_of_a_case_that_is_only_opened(story: Story) -> None:
    """R60: without consent nothing is told."""
    await story.opens()
    assert [story.messages(place) for place in ("bup", "skola", "fk", "vc", "soc")] == [[], [], [], [], []]
    assert story.postbox.mails == []


async def test_a_denial_needs_a_reason_and_bears_a_name(story: Story) -> None:
    """R96."""
    assert await refused_at(story, decision="deny") == {"denial_reason"}

    await story.opens(decision="deny", denial_reason="Behoven möts redan av en enda verksamhet")
    case = await story.case()
    assert case.state is State.DENIED
    assert case.denial is not None
    assert case.denial.decided.by == "slack:T0/U0ANNA"
    assert case.denial.reason == "Behoven möts redan av en enda verksamhet"


async def test_a_no_to_the_person_takes_one_more_thought(story: Story) -> None:
    """R95: when the person asks for it, a plan is as a rule started."""
    reason = {"decision": "deny", "noticed_by": "person", "denial_reason": "Bara en verksamhet berörs"}
    assert await refused_at(story, **reason) == {"denial_certain"}
    await story.opens(**reason, denial_certain=["yes"])
    assert (await story.case()).state is State.DENIED


async def test_nobody_is_reminded_of_a_case_that_was_denied(story: Story) -> None:
    await story.opens(decision="deny", denial_reason="Bara en verksamhet berörs")
    await story.until("2027-01-10 12:00")
    assert story.reminders() == []


@pytest.mark.parametrize("answer", ["contacted", "over_16"])
async def test_a_child_without_measures_goes_by_fossam_first(story: Story, answer: str) -> None:
    """R101, on Gotland."""
    assert await refused_at(story, ongoing="no") == {"fossam"}
    await story.opens(ongoing="no", fossam=answer)
    assert (await story.case()).state is State.ASSESSED


@pytest.mark.parametrize("changes", [{"ongoing": "yes"}, {"ongoing": "no", "age_band": "adult"}])
async def test_fossam_is_for_children_without_measures_alone(story: Story, changes: dict[str, str]) -> None:
    await story.opens(**changes)


@pytest.mark.parametrize(
    "field, value", [("noticed_on", "2026-11-24"), ("meeting_by", "2026-11-22")]
)  # fmt: skip
async def test_a_day_on_the_wrong_side_of_today_is_mended_at_its_field(story: Story, field: str, value: str) -> None:
    assert await refused_at(story, **{field: value}) == {field}


async def test_what_was_wrong_can_be_mended_in_the_same_form(story: Story) -> None:
    await story.ask(story.anna, "ny")
    wrong = await story.submit(story.anna, merged(OPENING, {"noticed_on": "2026-11-24"}), stay=True)
    assert set(wrong.errors) == {"noticed_on"}
    mended = await story.submit(story.anna, merged(OPENING, {}))
    assert mended.action == "updated"
    assert buttons(story.shown("anna").blocks)


async def test_the_record_reference_and_the_reason_stay_in_the_case(story: Story) -> None:
    """They are nobody else's business: `disclosure.check` finds them nowhere that anybody reads. R98."""
    await story.opens(record_ref="DNR 2026-XYZ-17")
    assert (await story.case()).record_ref == "DNR 2026-XYZ-17"
    await story.command(story.anna, f"visa {story.code}")
    await story.command(story.anna, "lista")


async def test_the_journal_tells_who_opened_the_case(story: Story) -> None:
    await story.opens()
    (row,) = await story.journal("case.opened")
    assert (row.entry.actor, row.entry.agency, row.entry.after) == ("slack:T0/U0ANNA", "soc", "assessed")


# ---- the form follows its answers ----------------------------------------------------------------------------------


async def test_the_form_changes_while_it_is_open_and_what_was_typed_stays(story: Story) -> None:
    """Issue 9: fields by branch. Nothing is kept of a form in progress."""
    view = await story.ask(story.anna, "ny")
    rows = await story.reading(lambda reader: reader.outbox.counts())
    first = names_of(view)
    assert {"decision", "denial_reason", "denial_certain", "fossam", "findings", "reasons"}.isdisjoint(first)
    assert await story.anna.answer({"ongoing": "yes"})
    assert names_of(view) == first | {"decision", "findings"}
    first = names_of(view)
    assert await story.anna.answer({"noticed_on": "2026-11-19", "decision": "deny"})
    assert names_of(view) == first | {"denial_reason"}
    assert await story.anna.answer({"denial_reason": "Bara en verksamhet berörs", "noticed_by": "person"})
    assert names_of(view) == first | {"denial_reason", "denial_certain"}
    assert view.values["noticed_on"]["noticed_on"]["selected_date"] == "2026-11-19"
    assert view.values["denial_reason"]["denial_reason"]["value"] == "Bara en verksamhet berörs"
    assert await story.anna.answer({"decision": "later"})
    assert names_of(view) == first - {"findings"}
    assert not await story.anna.answer({"flags": ["acute"]}), "of what steers nothing nobody is told"
    assert await story.reading(lambda reader: reader.outbox.counts()) == rows
    assert await story.writing(lambda tx: tx.cases.own("slack:T0/U0ANNA", 5)) == ()


async def test_what_is_sent_for_a_question_that_is_not_asked_does_not_count(story: Story) -> None:
    view = await story.ask(story.anna, "ny")
    await as_asked(story.anna, view, OPENING, {})
    fill_in(view, OPENING, {})
    slipped = {"type": "plain_text_input", "value": "Ring 070-174 06 05"}
    state = {"values": {**view.values, "denial_reason": {"denial_reason": slipped}}}
    outcome = await story.submit(story.anna, {}, altered={"state": state})
    assert not outcome.errors
    (listed,) = await story.writing(lambda tx: tx.cases.own("slack:T0/U0ANNA", 5))
    case = await story.case(listed.code)
    assert (case.denial, case.state) == (None, State.ASSESSED)


async def test_a_form_that_was_sent_before_it_was_drawn_anew_asks_for_the_rest(story: Story) -> None:
    view = await story.ask(story.anna, "ny")
    await story.anna.answer({"ongoing": "yes"})
    fill_in(view, {**OPENING, "decision": "deny"}, {})
    payload = payloads.view_submission(story.slack.state, story.anna.user, view)
    answer = await story.slack.dispatch.send(Delivery("interactive", payload))
    said = answer.json() or {}
    assert said["response_action"] == "update"
    assert "denial_reason" in {block.get("block_id") for block in said["view"]["blocks"]}
    assert story.says("open.denial_reason_needed") in plain(said["view"]["blocks"])


async def test_r90_whoever_opens_it_reads_the_last_day_and_the_one_to_plan_for(story: Story) -> None:
    """Days 5B.3: the thirtieth is a Sunday, and that is what is agreed on."""
    await story.opens()
    assert "söndag 20 december 2026" in story.answered.partition(story.says("fact.meeting_by"))[2]
    assert "fredag 18 december 2026" in story.answered.partition(story.says("fact.planned_for"))[2]
