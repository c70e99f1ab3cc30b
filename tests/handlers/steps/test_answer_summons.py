"""The agencies' answers, by button (R114-R117, R122, R125-R128)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from domain.attendee import Wish
from domain.directory import Directory
from domain.summons import DeclineReason, Standing, Summons
from tests.handlers import town
from tests.handlers.story import NAMED, Story, Table, buttons, merged, plain

OTHERS = "Kim Exempelask, Psykolog, kim.exempelask@exempel.invalid"


async def summons_of(story: Story, agency: str) -> Summons:
    meeting = (await story.case()).meeting
    assert meeting is not None
    summons = meeting.summons_of(agency)
    assert summons is not None
    return summons


async def standing_of(story: Story, agency: str) -> Standing | None:
    meeting = (await story.case()).meeting
    return meeting.standing_of(agency) if meeting is not None else None


async def refused_at(story: Story, action: str, values: dict[str, Any]) -> set[str]:
    await story.julia.press(action)
    await story.form(story.julia)
    outcome = await story.submit(story.julia, values, checked=False)
    return set(outcome.errors)


async def notes_to(story: Story, who: str, key: str, **params: str) -> list[str]:
    """Return what stands in somebody's direct messages under a note's title."""
    title = story.says(f"{key}.title", code=story.code, target="", **params).strip()
    return [text for m in story.messages(who) if title in (text := plain(m.blocks))]


# ---- receipt ---------------------------------------------------------------------------------------------------


async def test_receipt_is_confirmed_by_one_press(story: Story) -> None:
    """R125."""
    await story.summoned()
    await story.press(story.julia, "summons.received")
    assert await standing_of(story, "bup") is Standing.RECEIVED
    received = (await summons_of(story, "bup")).received
    assert received is not None
    assert received.by == "slack:T0/U0JULIA"
    assert story.says("answer.received.text", code=story.code).strip() in story.whispered(story.julia)
    assert "summons.received" not in buttons(story.shown("bup").blocks)


# ---- names -----------------------------------------------------------------------------------------------------


async def test_people_are_picked_from_the_chat_or_written_on_a_line(story: Story) -> None:
    """R122, R127, R128, with mandate (R51)."""
    await story.summoned()
    outcome = await story.names(story.julia, "julia", "sven", others=OTHERS, wish="met")
    assert not outcome.errors
    naming = (await summons_of(story, "bup")).naming
    assert naming is not None
    assert [a.name for a in naming.attendees] == ["Julia Påhittlind", "Sven Exempelsjö", "Kim Exempelask"]
    assert [a.staff != "" for a in naming.attendees] == [True, True, False]
    assert naming.wish is Wish.MET
    assert await standing_of(story, "bup") is Standing.NAMED


async def test_a_naming_that_cannot_be_used_is_mended_at_its_field(story: Story) -> None:
    """R51."""
    table: Table = [
        ({}, {"attendees"}),
        ({"attendees": ["omar"]}, {"attendees"}),  # R122: of another agency
        ({"attendees": ["ove"]}, {"attendees"}),
        ({"others": "Kim Exempelask"}, {"others"}),
        ({"others": "Kim Exempelask, Psykolog"}, {"others"}),
        ({"others": "Kim Exempelask, Psykolog, kim@"}, {"others"}),
        ({"others": f"{OTHERS}\n{OTHERS}"}, {"others"}),
        ({"others": "\n".join(f"Kim Ask, Psykolog, kim{n}@exempel.invalid" for n in range(21))}, {"others"}),
        ({"others": "Kim Ask, Psykolog, 19121212-1212@exempel.invalid"}, {"others"}),
    ]
    await story.summoned()
    await story.julia.press("summons.name")
    await story.refusals(story.julia, await story.form(story.julia), NAMED, table)
    assert await standing_of(story, "bup") is Standing.SENT
    assert {mail.recipient for mail in story.postbox.mails} <= {"anna@exempel.invalid"}, "nobody new is invited"


async def test_the_coordinator_hears_when_the_persons_wish_could_not_be_met(story: Story) -> None:
    """R122, R127."""
    await story.summoned()
    await story.names(story.julia, "julia", wish="not_met")
    assert len(await notes_to(story, "anna", "note.wish_not_met", agency="Barn- och ungdomspsykiatrin")) == 1


async def test_names_can_be_changed_until_the_meeting(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.names(story.julia, "sven")
    naming = (await summons_of(story, "bup")).naming
    assert naming is not None
    assert [a.name for a in naming.attendees] == ["Sven Exempelsjö"]
    await story.until("2026-12-08 12:59")
    await story.press(story.julia, "summons.name", source=story.messages("bup")[0])
    await story.form(story.julia)
    await story.until("2026-12-08 13:05")
    assert "summons.name" not in buttons(story.messages("bup")[0].blocks), "the card is drawn anew when it begins"
    await story.submit(story.julia, {"attendees": ["julia"]})
    assert story.says("answer.too_late", code=story.code).strip() in story.answered


async def test_the_form_is_filled_with_those_already_named_without_their_addresses(story: Story) -> None:
    """An untouched line keeps its address, so none need be shown in chat again."""
    await story.summoned()
    await story.names(story.julia, "julia", others=OTHERS)
    await story.julia.press("summons.name")
    view = await story.form(story.julia)
    assert "Kim Exempelask, Psykolog" in plain(view.blocks)
    assert "@" not in plain(view.blocks)
    outcome = await story.submit(story.julia, {"attendees": ["julia", "sven"], "mandate": ["yes"]})
    assert not outcome.errors
    naming = (await summons_of(story, "bup")).naming
    assert naming is not None
    assert [a.email for a in naming.attendees][-1] == "kim.exempelask@exempel.invalid"
    assert len(story.mails("kim.exempelask@exempel.invalid")) == 1


async def test_staff_without_a_mail_address_are_named_all_the_same(story: Story) -> None:
    await story.summoned(agencies=["bup", "vc"])
    known = town.directory()
    bare = {id_: replace(person, email="") for id_, person in known.staff.items()}
    await story.writing(lambda tx: tx.replace_directory(Directory(known.agencies, bare), "operator"))
    story.postbox.mails.clear()
    await story.names(story.julia, "julia", "sven")
    await story.names(story.julia, "sven", "julia")
    naming = (await summons_of(story, "bup")).naming
    assert naming is not None
    assert len({attendee.key for attendee in naming.attendees}) == 2
    assert story.postbox.mails == []
    assert await story.reading(lambda reader: reader.outbox.dead_letters(5)) == ()


# ---- another time ------------------------------------------------------------------------------------------------


async def test_another_time_is_proposed_and_the_coordinator_decides(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.propose", {"date": "2026-12-11", "start": "10:00"})
    assert await standing_of(story, "bup") is Standing.PROPOSED
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.clock == "13:00"
    assert "10.00" in plain(story.messages("anna")[-1].blocks)


@pytest.mark.parametrize("start", ["2026-11-20 10:00", "2026-12-08 13:00"])
async def test_a_time_that_is_past_or_the_same_is_no_proposal(story: Story, start: str) -> None:
    await story.summoned()
    day, clock = start.split()
    assert await refused_at(story, "summons.propose", {"date": day, "start": clock}) == {"date"}
    assert await standing_of(story, "bup") is Standing.SENT


# ---- no ----------------------------------------------------------------------------------------------------------


async def test_an_invited_agency_may_decline(story: Story) -> None:
    """R117: it is done with that, and nobody's manager hears of it."""
    await story.summoned()
    await story.press(story.leif, "summons.decline", {"reason": "no_contact"})
    summons = await summons_of(story, "fk")
    assert summons.decline is not None
    assert summons.decline.reason is DeclineReason.NO_CONTACT
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert "fk" not in {s.agency for s in meeting.missing()}


async def test_an_obliged_agency_reads_the_duty_gives_a_reason_and_stays_open(story: Story) -> None:
    """R114, R116: its manager is told, by name of the reason's kind."""
    await story.summoned()
    await story.julia.press("summons.decline")
    view = await story.form(story.julia)
    assert story.says("summons.decline.duty", code=story.code).strip() in plain(view.blocks)
    await story.submit(story.julia, {"reason": "no_staff"})

    assert await standing_of(story, "bup") is Standing.DECLINED
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert "bup" in {s.agency for s in meeting.missing()}
    told = {"agency": "Barn- och ungdomspsykiatrin", "reason": story.says("decline_reason.no_staff")}
    assert len(await notes_to(story, "birgit", "note.manager_declined", **told)) == 1
    assert len(await notes_to(story, "anna", "note.declined_obliged", **told)) == 1


async def test_a_no_can_become_a_yes(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.decline", {"reason": "time"})
    await story.names(story.julia, "julia")
    assert await standing_of(story, "bup") is Standing.NAMED
    assert story.methods_to("julia") == ["REQUEST 0"]


async def test_a_yes_can_become_a_no_and_the_calendar_is_cleared(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.press(story.julia, "summons.decline", {"reason": "time"})
    assert story.methods_to("julia") == ["REQUEST 0", "CANCEL 1"]


async def test_a_no_needs_a_reason(story: Story) -> None:
    await story.summoned()
    assert await refused_at(story, "summons.decline", {}) == {"reason"}


# ---- wrong unit --------------------------------------------------------------------------------------------------


async def test_a_summons_goes_on_to_the_right_unit(story: Story) -> None:
    await story.opens()
    await story.records_consent(agencies=["bup", "vc"])
    await story.summons(agencies=["bup"])
    await story.press(story.julia, "summons.forward", {"agency": "vc"})
    assert await standing_of(story, "bup") is Standing.FORWARDED
    assert await standing_of(story, "vc") is Standing.SENT
    assert buttons(story.shown("bup").blocks) == ["summons.take_back"]
    assert "summons.received" in buttons(story.shown("vc").blocks)


async def test_what_was_sent_on_by_mistake_is_taken_back_until_it_is_answered(story: Story) -> None:
    """R126: the button goes with the other agency's answer, and who was asked for a moment hears that it is over."""
    await story.opens()
    await story.records_consent(agencies=["bup", "vc"])
    await story.summons(agencies=["bup"])
    await story.press(story.julia, "summons.forward", {"agency": "vc"})
    await story.press(story.julia, "summons.take_back")
    assert await standing_of(story, "bup") is Standing.RECEIVED
    assert "summons.name" in buttons(story.shown("bup").blocks)
    vc = [plain(m.blocks) for m in story.messages("vc")]
    assert any(story.says("summons.over.recalled.text") in text for text in vc)
    await story.press(story.julia, "summons.forward", {"agency": "vc"})
    await story.press(story.pia, "summons.decline", {"reason": "no_staff"})
    assert buttons(story.shown("bup").blocks) == []


async def test_a_wrong_unit_that_does_not_know_the_right_one_leaves_that_to_the_coordinator(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.press(story.julia, "summons.forward", {"agency": "?"})
    assert await standing_of(story, "bup") is Standing.MISDIRECTED
    assert story.says("note.misdirected.title", code=story.code) in [
        plain(m.blocks).splitlines()[0] for m in story.messages("anna")
    ]
    await story.until("2026-12-03 09:00")
    assert {(r.where, r.key.partition(":")[0]) for r in story.reminders()} == {("anna", "name_attendees")}


async def test_outside_the_consent_it_is_held_back_until_that_is_widened(story: Story) -> None:
    """R75."""
    await story.summoned(agencies=["bup"])
    await story.press(story.julia, "summons.forward", {"agency": "vc"})
    assert await standing_of(story, "vc") is Standing.HELD_BACK
    assert story.messages("vc") == []

    widen = [m for m in story.messages("anna") if m.thread_ts is None][-1]
    await story.anna.press("case.step", source=widen)
    assert (await story.form(story.anna)).callback_id == "consent.record"
    await story.submit(story.anna, merged({}, {
        "decision": "given", "given_by": ["guardian_1", "guardian_2"], "parts": ["exchange", "plan"],
        "agencies": ["bup", "vc"], "topics": ["responsibility"], "form": "oral",
    }))  # fmt: skip
    assert await standing_of(story, "vc") is Standing.SENT
    assert "summons.received" in buttons(story.shown("vc").blocks)


async def test_it_does_not_go_to_an_agency_that_is_asked_already(story: Story) -> None:
    await story.summoned()
    await story.julia.press("summons.forward")
    view = await story.form(story.julia)
    offered = next(b["element"]["options"] for b in view.blocks if b["block_id"] == "agency")
    assert {option["value"] for option in offered} == {"polis", "vc", "?"}
    tampered = {"agency": {"type": "static_select", "selected_option": {"value": "skola"}}}
    outcome = await story.submit(story.julia, {}, checked=False, tampered=tampered)
    assert set(outcome.errors) == {"agency"}


async def test_the_coordinator_hears_where_it_went(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.press(story.julia, "summons.forward", {"agency": "vc"})
    assert any("Vårdcentralen Exempel" in plain(m.blocks) for m in story.messages("anna"))


# ---- who ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "action", ["summons.received", "summons.name", "summons.propose", "summons.decline", "summons.forward"]
)
async def test_only_staff_of_the_agency_answer_for_it(story: Story, action: str) -> None:
    """R122: also when somebody else is in its channel."""
    await story.summoned()
    story.slack.directory.channels["C0BUP"].members.append("U0OMAR")
    await story.press(story.omar, action, source=story.shown("bup"))
    assert story.omar.view is None
    assert story.says("right.answering").strip() in story.whispered(story.omar)
    assert await standing_of(story, "bup") is Standing.SENT


async def test_every_colleague_may_answer(story: Story) -> None:
    await story.summoned()
    await story.press(story.sven, "summons.received")
    assert await standing_of(story, "bup") is Standing.RECEIVED


async def test_each_answer_is_a_line_of_the_journal(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.received")
    await story.press(story.julia, "summons.propose", {"date": "2026-12-11", "start": "10:00"})
    await story.press(story.julia, "summons.decline", {"reason": "time"})
    await story.names(story.julia, "julia")
    actions = [row.entry.action for row in await story.journal() if row.entry.agency == "bup"]
    kinds = [action for action in actions if action.startswith("summons.") and action != "summons.sent"]
    assert kinds == ["summons.received", "summons.proposed", "summons.declined", "summons.named"]


async def test_r114_r116_what_is_no_ground_for_an_obliged_agency_is_not_offered_to_it(story: Story) -> None:
    """R204: whom the other principal judges needed attends."""
    await story.summoned()
    offered = {}
    for name in ("julia", "leif"):
        person = story.slack.people[name]
        await person.press("summons.decline")
        view = await story.form(person)
        (reason,) = [block["element"] for block in view.blocks if block["block_id"] == "reason"]
        offered[name] = {option["value"] for option in reason["options"]}
        await person.cancel()
    assert offered["leif"] - offered["julia"] == {"not_concerned", "no_contact"}
    assert offered["julia"] == {"no_staff", "time", "other"}
