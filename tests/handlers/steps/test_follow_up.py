"""Follow-up by the same machinery, and the end: every actor is told and confirms (R166-R176)."""

from __future__ import annotations

from domain.case import State
from domain.matters.closure import Ground
from tests.handlers.story import Story, buttons, plain


async def followed_up(story: Story, **changes: object) -> None:
    """Hold the follow-up meeting on 10 February."""
    await story.active()
    await story.until("2027-01-26 09:00")
    await story.summons(story.julia, date="2027-02-10", agencies=["bup", "skola"], chair="julia")
    await story.names(story.omar, "omar")
    await story.until("2027-02-10 14:30")
    outcome = await story.reports(story.julia, attended=["bup", "skola"], **changes)
    assert not outcome.errors


async def test_the_lead_summons_to_the_follow_up(story: Story) -> None:
    """R166, R46."""
    await story.active()
    await story.until("2027-01-26 09:00")
    view = await story.ask(story.julia, f"kalla {story.code}")
    day = next(b["element"]["initial_date"] for b in view.blocks if b["block_id"] == "date")
    assert day == "2027-02-10"
    await story.julia.cancel()
    await story.summons(story.julia, date="2027-02-10", agencies=["bup", "skola"], chair="julia")
    assert (await story.case()).state is State.FOLLOWUP_SUMMONED
    assert "summons.received" in buttons(story.messages("skola")[-1].blocks)


async def test_a_follow_up_is_called_what_it_is(story: Story) -> None:
    await story.active()
    await story.until("2027-01-26 09:00")
    await story.summons(story.julia, date="2027-02-10", agencies=["skola"], chair="julia")
    assert any(
        story.says("summons.title.obliged_follow_up", code=story.code) in plain(m.blocks)
        for m in story.messages("skola")
    )


async def test_a_need_that_remains_makes_a_new_version_and_a_next_date(story: Story) -> None:
    """R170, R171, R158."""
    await followed_up(story, lead=None, follow_up_on="2027-05-12")
    assert (await story.case()).state is State.PLAN_DRAFT
    await story.until("2027-02-11 09:00")
    outcome = await story.sends_plan(story.julia, recipients=["person", "bup", "skola"])
    assert not outcome.errors
    case = await story.case()
    assert [plan.version for plan in case.plans] == [1, 2]
    assert case.state is State.ACTIVE
    assert case.last_held is not None
    assert case.last_held.report is not None
    assert case.last_held.report.follow_up_on is not None
    assert case.last_held.report.follow_up_on.isoformat() == "2027-05-12"


async def test_a_new_lead_may_be_named_at_the_follow_up(story: Story) -> None:
    """R39."""
    await followed_up(story, lead="omar", follow_up_on="2027-05-12")
    assert (await story.case()).responsible == "slack:T0/U0OMAR"


async def test_a_case_is_closed_only_where_no_need_remains(story: Story) -> None:
    """R174, R199, R49."""
    await story.active()
    outcome = await story.command(story.julia, f"avsluta {story.code}")
    assert story.julia.view is None
    assert story.says("close.need_remains", code=story.code).strip() in plain(outcome.messages[-1].blocks)


async def test_every_actor_is_told_and_confirms(story: Story) -> None:
    """R174, R175."""
    await story.closing()
    await story.closes(ground="no_need")
    case = await story.case()
    assert case.state is State.CLOSED
    assert case.closure is not None
    assert case.closure.ground is Ground.NO_NEED
    assert [notice.agency for notice in case.closure.notices] == ["bup", "skola", "fk", "soc"]
    await story.press(story.omar, "closing.confirm")
    confirmed = (await story.case()).closure
    assert confirmed is not None
    assert [notice.agency for notice in confirmed.notices if notice.confirmed] == ["skola"]
    assert "closing.confirm" not in buttons(story.messages("skola")[-1].blocks)


async def test_the_person_has_agreed(story: Story) -> None:
    """R175."""
    await story.closing()
    await story.ask(story.julia, f"avsluta {story.code}")
    outcome = await story.submit(story.julia, {"ground": "goals_met"}, checked=False)
    assert set(outcome.errors) == {"agreed"}
    assert (await story.case()).state is State.CLOSING


async def test_withdrawal_is_no_ground_in_this_form(story: Story) -> None:
    await story.closing()
    await story.ask(story.julia, f"avsluta {story.code}")
    tampered = {"ground": {"type": "static_select", "selected_option": {"value": "withdrawn"}}}
    outcome = await story.submit(story.julia, {"agreed": ["yes"]}, checked=False, tampered=tampered)
    assert set(outcome.errors) == {"ground"}


async def test_only_the_agency_itself_confirms(story: Story) -> None:
    await story.closing()
    await story.closes()
    story.slack.directory.channels["C0SKOLA"].members.append("U0SVEN")
    notice = story.shown("skola", "closing.confirm")
    await story.press(story.sven, "closing.confirm", source=notice)
    assert story.says("right.answering").strip() in story.whispered(story.sven)


async def test_a_closed_case_takes_no_further_steps(story: Story) -> None:
    await story.closing()
    await story.closes()
    for word in ("samtycke", "kalla", "flytta", "hållet", "plan", "avsluta", "återta"):
        outcome = await story.command(story.julia, f"{word} {story.code}")
        assert story.julia.view is None, word
        assert outcome.text, word


async def test_r142_r172_a_day_that_nobody_works_or_that_the_consent_does_not_reach_is_said_and_not_forbidden(
    story: Story,
) -> None:
    """Midsummer's day after the consent's last day was taken without a word, and so was a slip of the year."""
    off, beyond = story.says("follow_up.day_off"), story.says("follow_up.beyond", until="måndag 31 maj 2027")
    await story.active(lead="anna", follow_up_on="2026-12-25")
    await story.fill(story.anna, "uppföljning", {"reason": "practical"}, {"date": "2027-06-26"})
    assert off in story.answered
    assert beyond in story.answered
    await story.fill(story.anna, "uppföljning", {"reason": "practical"}, {"date": "2027-03-30"})
    assert off not in story.answered
    assert beyond not in story.answered


async def test_r142_r172_the_report_of_a_meeting_says_the_same_of_its_follow_up(story: Story) -> None:
    await story.held(lead="anna", follow_up_on="2027-06-26")
    assert story.says("follow_up.day_off") in story.answered
    assert story.says("follow_up.beyond", until="måndag 31 maj 2027") in story.answered


async def test_a_meeting_that_has_been_reported_is_not_said_never_to_have_been(story: Story) -> None:
    """Whoever comes back to mend the report is told where what it said is changed."""
    await story.held(lead="anna")
    await story.command(story.anna, f"hållet {story.code}")
    told = story.whispered(story.anna)
    assert story.says("held.reported.text", code=story.code, day="tisdag 8 december 2026") in told
