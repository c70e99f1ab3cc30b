"""`/sip plan`: sent to everybody who attended and to the person, within four working days (R143, R144, R161, R195)."""

from __future__ import annotations

from domain.case import State
from domain.matters.measure import Measure
from tests.handlers.story import PLAN, Story, Table, buttons, merged, plain


async def test_what_is_wrong_is_told_at_its_field(story: Story) -> None:
    """R38, R157."""
    table: Table = [
        ({"approved": None}, {"approved"}),  # R144
        ({"recipients": ["person", "soc"]}, {"recipients"}),  # R161: bup attended
        ({"recipients": ["soc", "bup"]}, {"recipients"}),  # R195: the person
        ({"recipients": ["person", "soc", "bup", "vc"]}, {"recipients"}),  # outside the consent
        ({"sent_on": "2026-12-09"}, {"sent_on"}),
        ({"sent_on": "2026-12-07"}, {"sent_on"}),
    ]
    await story.held()
    view = await story.ask(story.anna, f"plan {story.code}")
    await story.refusals(story.anna, view, merged(PLAN, {"sent_on": "2026-12-08"}), table)
    assert (await story.case()).state is State.PLAN_DRAFT


async def test_each_recipient_is_a_line_of_the_journal(story: Story) -> None:
    """PDL 3:11: who got a copy, how and when. R143."""
    await story.held()
    await story.sends_plan()
    rows = await story.journal("plan.sent")
    assert [row.entry.agency for row in rows] == ["bup", "person", "soc"]
    assert all(row.entry.details["channel"] == "secure_mail" for row in rows)


async def test_each_agency_confirms_that_it_has_come(story: Story) -> None:
    """R44."""
    await story.held()
    await story.sends_plan()
    notice = story.shown("bup", "plan.received")
    assert notice.thread_ts is None
    await story.press(story.sven, "plan.received", source=notice)
    (row,) = await story.journal("plan.received")
    assert (row.entry.actor, row.entry.agency, row.entry.details) == ("slack:T0/U0SVEN", "bup", {"version": 1})


async def test_a_plan_may_also_go_to_an_agency_within_the_consent_that_was_absent(story: Story) -> None:
    """R195."""
    await story.held()
    outcome = await story.sends_plan(recipients=["person", "soc", "bup", "skola"])
    assert not outcome.errors
    assert "plan.received" in buttons(story.messages("skola")[-1].blocks)


async def test_r161_who_attended_and_has_left_the_consent_since_is_not_suggested(story: Story) -> None:
    """R62, R195: sent as it was suggested, the form was refused for an agency that it had ticked itself."""
    await story.held(attended=["soc", "bup", "skola"])
    await story.records_consent(story.julia, agencies=["bup", "fk"])
    outcome = await story.sends_plan(recipients=None)
    assert not outcome.errors
    assert (await story.case()).plans[-1].recipients == {"person", "soc", "bup"}


async def test_the_plan_is_sent_once_a_meeting(story: Story) -> None:
    await story.active()
    outcome = await story.command(story.anna, f"plan {story.code}")
    assert story.says("plan.nothing_to_send", code=story.code).strip() in plain(outcome.messages[-1].blocks)


async def test_there_is_no_plan_before_a_meeting(story: Story) -> None:
    await story.summoned()
    outcome = await story.command(story.anna, f"plan {story.code}")
    assert story.says("plan.nothing_to_send", code=story.code).strip() in plain(outcome.messages[-1].blocks)


async def test_nothing_of_the_plan_itself_is_kept(story: Story) -> None:
    """R13, R163: it stands in the agencies' own systems; here are categories, numbers and days, and no prose."""
    await story.active()
    (plan,) = (await story.case()).plans
    assert set(type(plan).__dataclass_fields__) == {
        "version", "meeting", "responsible", "recipients", "channel", "sent_on", "recorded", "notices",
        "channels", "approved_on", "contacts_checked", "measures",
    }  # fmt: skip
    assert set(Measure.__dataclass_fields__) == {
        "number", "sort", "bearer", "noted", "agency", "starts", "ends", "reports_on", "progress", "changed",
    }  # fmt: skip


async def test_r47_r83_whom_the_person_wishes_to_have_the_plan_is_a_recipient_and_ticked_off(story: Story) -> None:
    """One by one, each in the way agreed on; without consent nobody close is even offered."""
    await story.held(lead="anna")
    await story.records_consent(extras=["relatives"])
    await story.fill(story.anna, "närstående", {"role": "related", "does": ["plan"]}, {})
    outcome = await story.sends_plan()
    assert set(outcome.errors) == {"recipients"}, "whoever is to have it may not be left out unnoticed"
    outcome = await story.sends_plan(recipients=["person", "soc", "bup", "related:1"], exceptions=["related:1:post"])
    assert not outcome.errors
    rows = {
        row.entry.details.get("recipient"): row.entry.details["channel"] for row in await story.journal("plan.sent")
    }
    assert rows["related:1"] == "post"
    assert (await story.case()).told() == ("bup", "skola", "fk"), "nobody close counts as an agency"
    who, how = story.says("companion.related", number=1), story.says("channel.post")
    day = story.bot.services.speak("sv").short_day(story.today())
    assert story.says("board.plan_sent_to", who=who, day=day, how=how) in plain(story.messages("anna")[0].blocks)


async def test_r83_a_consent_that_leaves_out_those_close_takes_them_off_the_plan(story: Story) -> None:
    await story.held(lead="anna")
    await story.records_consent(extras=["relatives"])
    await story.fill(story.anna, "närstående", {"role": "related", "does": ["plan"]}, {})
    await story.records_consent(extras=[])
    view = await story.ask(story.anna, f"plan {story.code}")
    assert "related:1" not in str(view.blocks)
    await story.anna.cancel(view)


async def test_r64_r194_who_still_sends_the_first_plan_asks_the_lead_to_renew_the_consent(story: Story) -> None:
    """The consent is the lead's to record by now: whoever was told to renew it was refused when they did."""
    await story.opens()
    await story.records_consent(valid_until="2026-12-08")
    await story.summons()
    await story.names(story.julia, "julia")
    await story.until("2026-12-09 09:00")
    await story.reports(lead="julia")
    refused = (await story.sends_plan()).errors["recipients"]
    assert "Julia Påhittlind" in refused
    assert "/sip samtycke" not in refused
    await story.records_consent(story.julia)
    assert not (await story.sends_plan()).errors
