"""`/sip samtycke`: the gate of everything that is told to another agency (R60-R75, R80, R81)."""

from __future__ import annotations

from datetime import date
from typing import Any

from domain.case import State
from domain.consent import Decision
from domain.summons import Standing
from tests.handlers.story import CONSENT, Story, Table, as_asked, buttons, plain


async def refused_at(story: Story, **changes: Any) -> set[str]:
    outcome = await story.records_consent(**changes)
    assert (await story.case()).consent is None
    return set(outcome.errors)


async def standings(story: Story) -> dict[str, Standing]:
    meeting = (await story.case()).meeting
    assert meeting is not None
    return {summons.agency: summons.standing(meeting.round) for summons in meeting.summonses}


async def test_both_parts_scope_period_and_form_are_kept(story: Story) -> None:
    """R61-R66."""
    await story.opens()
    await story.records_consent(extras=["premeeting", "exclusions"], form="written")
    consent = (await story.case()).consent
    assert consent is not None
    assert consent.agencies == {"bup", "skola", "fk"}
    assert consent.topics == {"responsibility", "school"}
    assert consent.parts == {"exchange", "plan"}
    assert consent.valid_until is not None
    assert consent.valid_until.isoformat() == "2027-05-31"
    assert consent.extras == {"premeeting", "exclusions"}


async def test_both_guardians_consent_for_a_child(story: Story) -> None:
    """R69."""
    await story.opens()
    assert await refused_at(story, given_by=["guardian_1"]) == {"given_by"}
    await story.records_consent(given_by=["guardian_1", "guardian_2"])
    assert (await story.case()).state is State.PREPARING


async def test_a_child_may_consent_when_it_has_been_judged_able_to(story: Story) -> None:
    """R70."""
    await story.opens()
    assert await refused_at(story, given_by=["child"]) == {"child_judged"}
    await story.records_consent(given_by=["child"], child_judged=["able"])
    assert (await story.case()).state is State.PREPARING


async def test_guardians_do_not_consent_for_an_adult(story: Story) -> None:
    await story.opens(age_band="adult")
    view = await story.ask(story.anna, f"samtycke {story.code}")
    await as_asked(story.anna, view, CONSENT, {"given_by": ["person"]})
    offered = next(b["element"]["options"] for b in view.blocks if b["block_id"] == "given_by")
    assert [option["value"] for option in offered] == ["person", "attorney", "representative"]
    guardians = {"type": "multi_static_select", "selected_options": [{"value": "guardian_1"}, {"value": "guardian_2"}]}
    outcome = await story.submit(story.anna, {}, tampered={"given_by": guardians})
    assert set(outcome.errors) == {"given_by"}
    assert (await story.case()).consent is None
    await story.records_consent(given_by=["person"])
    assert (await story.case()).state is State.PREPARING


async def test_what_is_missing_in_a_consent_is_asked_for_at_its_field(story: Story) -> None:
    table: Table = [
        ({"agencies": []}, {"agencies"}),
        ({"topics": []}, {"topics"}),
        ({"parts": []}, {"parts"}),
        ({"parts": ["plan"]}, {"parts"}),
        ({"valid_until": "2026-11-22"}, {"valid_until"}),
    ]
    await story.opens()
    view = await story.ask(story.anna, f"samtycke {story.code}")
    await story.refusals(story.anna, view, CONSENT, table)
    assert (await story.case()).consent is None


async def test_a_refusal_is_kept_and_can_be_asked_about_again(story: Story) -> None:
    """R71, R80, R81."""
    await story.opens()
    await story.records_consent(decision="refused", parts=None, agencies=None, topics=None)
    case = await story.case()
    assert case.state is State.REFUSED
    assert [row.entry.action for row in await story.journal("consent.refused")] == ["consent.refused"]

    await story.until("2027-01-10 12:00")
    assert story.reminders() == []

    await story.records_consent()
    assert (await story.case()).state is State.PREPARING


async def test_a_consent_that_was_given_is_withdrawn_and_not_refused(story: Story) -> None:
    """R77: a withdrawal tells everybody, so it is not hidden in a form about something else."""
    await story.summoned()
    outcome = await story.records_consent(decision="refused")
    assert set(outcome.errors) == {"decision"}
    assert (await story.case()).state is State.SUMMONED


async def test_without_the_part_about_the_plan_nobody_is_summoned(story: Story) -> None:
    """R61b."""
    await story.opens()
    await story.records_consent(parts=["exchange"])
    outcome = await story.command(story.anna, f"kalla {story.code}")
    assert story.anna.view is None
    assert outcome.text


async def test_an_agency_outside_the_consent_is_summoned_only_when_it_is_widened(story: Story) -> None:
    """R62, R75."""
    await story.opens()
    await story.records_consent(agencies=["bup"])
    outcome = await story.summons(agencies=["bup", "skola"])
    assert set(outcome.errors) == {"agencies"}
    assert "Påhittskolan" in outcome.errors["agencies"]
    assert story.messages("skola") == []

    await story.records_consent(agencies=["bup", "skola"])
    assert not (await story.summons(agencies=["bup", "skola"])).errors
    assert "summons.received" in buttons(story.shown("skola").blocks)


async def test_a_question_outside_the_consent_is_raised_only_when_it_is_widened(story: Story) -> None:
    """R63, R75."""
    await story.opens()
    await story.records_consent(topics=["school"])
    outcome = await story.summons(purpose=["responsibility"])
    assert set(outcome.errors) == {"purpose"}
    await story.records_consent(topics=["school", "responsibility"])
    assert not (await story.summons(purpose=["responsibility"])).errors


async def test_every_decision_is_kept(story: Story) -> None:
    """R71: the latest counts, the earlier ones are history."""
    await story.opens()
    await story.records_consent(agencies=["bup"])
    await story.records_consent(agencies=["bup", "skola"])
    case = await story.case()
    assert [sorted(consent.agencies) for consent in case.consents] == [["bup"], ["bup", "skola"]]
    assert all(consent.decision is Decision.GIVEN for consent in case.consents)


# ---- narrowed -------------------------------------------------------------------------------------------------


async def test_an_agency_that_leaves_the_scope_is_recalled(story: Story) -> None:
    await story.summoned()
    await story.names(story.omar, "omar")
    await story.records_consent(agencies=["bup", "fk"])

    assert await standings(story) == {"bup": Standing.SENT, "skola": Standing.RECALLED, "fk": Standing.SENT}
    first, *_, last = story.messages("skola")
    assert buttons(first.blocks) == []
    assert last.thread_ts == first.ts
    assert story.methods_to("omar") == ["REQUEST 0", "CANCEL 1"]


async def test_r77_an_agency_that_is_dropped_while_no_meeting_is_ahead_is_told_to_stop(story: Story) -> None:
    """R62: it may exchange nothing more, and hears so at once and once."""
    await story.active()
    before = {where: len(story.messages(where)) for where in ("bup", "skola", "fk")}
    await story.records_consent(story.julia, agencies=["bup", "fk"])
    await story.records_consent(story.julia, agencies=["bup", "fk"])
    fresh = {where: story.messages(where)[count:] for where, count in before.items()}
    assert [plain(m.blocks) for m in fresh["skola"]] == [plain_card(story, "narrowed")]
    assert fresh["bup"] == []
    assert fresh["fk"] == []


async def test_r62_what_a_dropped_agency_was_told_beside_its_card_is_taken_back(story: Story) -> None:
    await story.active()
    await story.fill(story.julia, "huvudansvarig", {"lead": "omar", "reason": "person_wish"}, {})
    told = story.says("lead_changed.title", code=story.code)
    assert told in plain(story.messages("fk")[-1].blocks)
    await story.records_consent(story.omar, agencies=["bup", "skola"])
    assert told not in "\n".join(plain(message.blocks) for message in story.messages("fk"))
    assert told in "\n".join(plain(message.blocks) for message in story.messages("bup"))


async def test_an_agency_without_chat_is_told_in_its_mailbox_that_it_is_dropped(story: Story) -> None:
    await story.summoned(agencies=["bup", "polis"])
    await story.records_consent(agencies=["bup"])
    (mail,) = story.mails("polis.brevlada@exempel.invalid")
    assert story.says("narrowed.title", code=story.code) == str(mail["Subject"])


def plain_card(story: Story, key: str) -> str:
    return story.says(f"{key}.title", code=story.code) + "\n" + story.says(f"{key}.text")


async def test_a_recalled_agency_sees_no_more_of_the_case(story: Story) -> None:
    """R62: it looks as if there were no such case."""
    await story.summoned()
    await story.records_consent(agencies=["bup", "fk"])
    outcome = await story.command(story.omar, f"visa {story.code}")
    assert outcome.text
    assert story.says("case.unknown", code=story.code) in plain(outcome.messages[-1].blocks)


async def test_questions_that_leave_the_scope_leave_the_summons(story: Story) -> None:
    """R63: every agency's message is brought up to date."""
    await story.opens()
    await story.records_consent()
    await story.summons(purpose=["responsibility", "school"])
    assert story.says("topic.school").lower() in plain(story.shown("bup").blocks).lower()
    await story.records_consent(topics=["responsibility"])
    assert story.says("topic.school").lower() not in plain(story.shown("bup").blocks).lower()
    assert story.says("topic.responsibility").lower() in plain(story.shown("bup").blocks).lower()


async def test_a_new_period_is_shown_where_the_old_one_stood(story: Story) -> None:
    """R124."""
    await story.summoned()
    words = story.bot.services.speak("sv")
    await story.records_consent(valid_until="2027-03-31")
    assert words.day(date(2027, 3, 31)) in plain(story.shown("bup").blocks)


async def test_limits_are_told_of_without_what_they_are(story: Story) -> None:
    """R65, law 4D: exclusions stand nowhere, that there are some does."""
    await story.opens()
    await story.records_consent(extras=["exclusions"])
    await story.summons()
    without = story.says("summons.consent", day="måndag 31 maj 2027", names="–", parties=3, limited=False)
    limited = story.says("summons.consent", day="måndag 31 maj 2027", names="–", parties=3, limited=True)
    assert limited.removeprefix(without).strip() in plain(story.shown("bup").blocks)


# ---- expired: checked at every send -----------------------------------------------------------------------------


async def test_a_summons_that_waits_when_the_consent_runs_out_is_not_sent(story: Story) -> None:
    """R64: consent is asked for at the moment of telling, not when somebody pressed a button."""
    await story.opens()
    await story.records_consent(valid_until="2026-11-24")
    arrives_again = story.nothing_arrives()
    await story.summons()
    await story.days_pass_unseen("2026-11-25 09:00")
    arrives_again()
    await story.until("2026-11-25 12:00")
    assert [story.messages(place) for place in ("bup", "skola", "fk")] == [[], [], []]
    assert {kept.why for kept in await story.letters("summons")} == {"consent"}

    await story.records_consent()
    assert "summons.received" in buttons(story.shown("bup").blocks)


async def test_names_given_when_the_consent_has_run_out_are_held_until_it_is_renewed(story: Story) -> None:
    """R62, R64, R75: no invite, no calendar file, and the coordinator is told why."""
    await story.opens()
    await story.records_consent(valid_until="2026-11-30")
    await story.summons()
    await story.until("2026-12-01 09:00")
    await story.names(story.julia, "julia")

    assert story.mails_to("julia") == []
    assert story.slack.state.files.all() == []
    held = [
        m
        for m in story.messages("anna")
        if story.says("note.names_held.title", code=story.code, agency="Barn- och ungdomspsykiatrin", target="")
        in plain(m.blocks)
    ]
    assert len(held) == 1

    await story.records_consent()
    assert story.methods_to("julia") == ["REQUEST 0"]
    assert len(story.slack.state.files.all()) == 1


async def test_a_renewed_consent_mails_nobody_twice(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-11-30")
    await story.summons()
    await story.names(story.julia, "julia")
    await story.until("2026-12-01 09:00")
    await story.records_consent()
    assert story.methods_to("julia") == ["REQUEST 0"]


async def test_an_agency_is_not_reminded_while_the_consent_has_run_out(story: Story) -> None:
    """A reminder tells of the case as well as a summons does."""
    await story.opens()
    await story.records_consent(valid_until="2026-11-24")
    await story.summons()
    await story.until("2026-12-02 12:00")
    assert (
        story.reminders("confirm_receipt", "bup")
        == story.reminders("name_attendees", "bup")
        == story.reminders("confirm_receipt", "birgit")
        == []
    )
    assert story.mails("bup.brevlada@exempel.invalid") == []
    missed = {row.entry.details["reminder"] for row in await story.journal("reminder.missed")}
    assert any(str(key).startswith("confirm_receipt") for key in missed)


async def test_a_reminder_that_waits_when_the_consent_runs_out_is_not_sent(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-11-25")
    await story.summons()
    await story.until("2026-11-25 07:59")
    arrives_again = story.nothing_arrives()
    await story.until("2026-11-25 08:01")
    await story.days_pass_unseen("2026-11-26 08:30")
    arrives_again()
    await story.until("2026-11-26 12:00")
    assert story.reminders("confirm_receipt") == []


async def test_an_invite_that_waits_when_the_consent_runs_out_is_not_sent(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-11-24")
    await story.summons()
    story.postbox.away = True
    await story.names(story.julia, "julia")
    assert [kept.state for kept in await story.letters("invite")] == ["sent", "waiting"], "the coordinator has one"
    await story.days_pass_unseen("2026-11-25 09:00")
    await story.settle()
    assert [kept.why for kept in await story.letters("invite")] == ["", "consent"]


async def test_somebody_who_was_never_invited_gets_no_cancellation(story: Story) -> None:
    """It would tell of a meeting that the consent does not cover."""
    await story.opens()
    await story.records_consent(valid_until="2026-11-30")
    await story.summons()
    await story.until("2026-12-01 09:00")
    await story.names(story.julia, "julia")
    await story.withdraws()
    assert story.mails_to("julia") == []


async def test_the_plans_notice_is_not_sent_when_the_consent_is_narrowed_meanwhile(story: Story) -> None:
    await story.held(attended=["soc", "bup", "skola"])
    arrives_again = story.nothing_arrives()
    await story.sends_plan(recipients=["person", "soc", "bup", "skola"])
    await story.records_consent(story.julia, agencies=["bup", "fk"])
    arrives_again()
    await story.until("2026-12-08 18:00")
    assert all("plan.received" not in buttons(m.blocks) for m in story.messages("skola"))


async def test_an_expired_consent_shows_an_agency_nothing_but_that_there_is_a_case(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-11-24")
    await story.summons()
    await story.until("2026-11-25 09:00")
    outcome = await story.command(story.julia, f"visa {story.code}")
    assert "Sammanträdesrum 3" not in plain(outcome.messages[-1].blocks)


async def test_consent_fields_start_from_what_was_recorded(story: Story) -> None:
    await story.opens()
    await story.records_consent(agencies=["bup"])
    view = await story.ask(story.anna, f"samtycke {story.code}")
    await story.anna.answer({"decision": "given"}, view)
    chosen = next(b["element"]["initial_options"] for b in view.blocks if b["block_id"] == "agencies")
    assert [option["value"] for option in chosen] == ["bup"]
    assert CONSENT["agencies"] != ["bup"]


async def test_r64_the_word_that_the_consent_has_run_out_goes_when_it_is_renewed(story: Story) -> None:
    """A summons that holds again stood above a word that nothing may be exchanged."""
    await story.opens()
    await story.records_consent(valid_until="2026-12-04")
    assert not (await story.summons()).errors
    await story.until("2026-12-07 12:00")
    title = story.says("expired.title", code=story.code)
    assert any(title in plain(m.blocks) for m in story.messages("bup"))
    await story.records_consent()
    for agency in ("bup", "skola", "fk"):
        assert not any(title in plain(m.blocks) for m in story.messages(agency))
