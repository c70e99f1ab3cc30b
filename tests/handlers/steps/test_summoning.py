"""`/sip kalla`: who is asked, under which conditions, where, and what they read (R109, R114-R124)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from demo.slack.delivery import payloads
from demo.slack.delivery.delivery import Delivery
from demo.slack.people.inputs import interactive
from demo.slack.people.modal import fill_in, names_of
from domain.consent import Topic
from domain.directory import Directory
from domain.summons import Standing
from handlers.steps.summons import summon
from tests.handlers import town
from tests.handlers.people import disclosure
from tests.handlers.story import SUMMONS, Story, Table, buttons, plain, telling


async def consented(story: Story, **changes: Any) -> None:
    await story.opens()
    await story.records_consent(**changes)


async def duties(story: Story) -> dict[str, bool]:
    meeting = (await story.case()).meeting
    assert meeting is not None
    return {summons.agency: summons.obliged for summons in meeting.summonses}


async def test_each_agency_gets_one_message_in_its_own_channel(story: Story) -> None:
    """R62, R121: never one channel for all."""
    await story.summoned()
    for place in ("bup", "skola", "fk"):
        assert "summons.received" in buttons(story.shown(place).blocks)
    assert [story.messages(place) for place in ("soc", "vc")] == [[], []]
    assert list(story.slack.state.messages.in_channel("C0ALLA")) == []


async def test_a_summons_tells_what_the_receiver_needs(story: Story) -> None:
    """R123, R124, R86: purpose, time, length, place, who calls, chair, and what may be told of the consent."""
    await story.summoned()
    words, card = story.bot.services.speak("sv"), plain(story.shown("bup").blocks)
    for told in ("13.00", "60", "Sammanträdesrum 3", "Anna Exempelberg", words("topic.responsibility"), "31 maj 2027"):
        assert told in card


async def test_obliged_or_invited_follows_from_the_profile(story: Story) -> None:
    """R114, R117, R106: on Gotland school is obliged."""
    await story.summoned()
    assert await duties(story) == {"bup": True, "skola": True, "fk": False}
    assert plain(story.shown("bup").blocks) != plain(story.shown("fk").blocks)


@pytest.fixture
async def national(folder: Path, empty_database: Path) -> AsyncIterator[Story]:
    async with telling(folder, empty_database, sipbot_profile="national") as told:
        yield told
        disclosure.check(told, [await told.case(code) for code in told.codes])


async def test_school_is_invited_where_the_law_alone_rules(national: Story) -> None:
    """R117."""
    await national.summoned()
    assert await duties(national) == {"bup": True, "skola": False, "fk": False}


async def test_what_stands_in_the_way_is_told_at_its_field(story: Story) -> None:
    table: Table = [
        ({"consulted": None}, {"consulted"}),  # R118
        ({"date": "2026-11-20"}, {"date"}),
        ({"date": "2026-11-23", "start": "08:00"}, {"date"}),
        ({"place": None}, {"place"}),
        ({"mode": "digital", "place": None, "link": "http://exempel.invalid/m"}, {"link"}),
        ({"agencies": ["bup", "vc"]}, {"agencies"}),  # R62
        ({"purpose": ["needs"]}, {"purpose"}),  # R63
        ({"chair": "U0OVE"}, {"chair"}),
        ({"chair": "pia"}, {"chair"}),
        ({"secretary": "U0OVE"}, {"secretary"}),
    ]
    await consented(story)
    view = await story.ask(story.anna, f"kalla {story.code}")
    await story.refusals(story.anna, view, SUMMONS, table)
    assert (await story.case()).meetings == ()
    assert story.messages("bup") == []


async def test_a_digital_meeting_needs_no_place_and_its_link_is_kept_to_itself(story: Story) -> None:
    """Law 4D: the link stands nowhere, not even in the form that moves the meeting. R151."""
    await consented(story)
    await story.summons(mode="digital", place=None, link="https://mote.exempel.invalid/hemlig-lank")
    assert not (await story.moves()).errors
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.link == "https://mote.exempel.invalid/hemlig-lank"


async def test_past_the_thirty_days_is_warned_of_and_not_forbidden(story: Story) -> None:
    """R90."""
    await consented(story)
    await story.summons(date="2027-01-12")
    assert "Det är rätt bara om personen själv vill vänta." in story.answered
    assert "summons.received" in buttons(story.shown("bup").blocks)


async def test_what_speaks_against_a_time_is_said_as_soon_as_it_is_chosen(story: Story) -> None:
    """R64, R90, R120, R192: before anything is sent; and only then there is something to confirm."""
    await consented(story)
    view = await story.ask(story.anna, f"kalla {story.code}")
    assert "confirmed" not in names_of(view)
    assert await story.anna.answer({"date": "2026-12-12"})
    assert "confirmed" in names_of(view)
    assert story.says("summon.warn_day_off", day="lördag 12 december 2026") in plain(view.blocks)
    assert await story.anna.answer({"date": "2026-12-08", "start": "06:30"})
    assert story.says("summon.warn_hours") in plain(view.blocks)
    assert await story.anna.answer({"start": "13:00"})
    assert "confirmed" not in names_of(view)


async def test_a_form_that_was_sent_before_it_could_warn_warns_then(story: Story) -> None:
    await consented(story)
    view = await story.ask(story.anna, f"kalla {story.code}")
    fill_in(view, {"date": "2026-12-12", "place": "Rum 3", "consulted": ["yes"]}, {})
    answer = await story.slack.dispatch.send(
        Delivery("interactive", payloads.view_submission(story.slack.state, story.anna.user, view))
    )
    said = answer.json() or {}
    assert said["response_action"] == "update"
    assert "confirmed" in {block.get("block_id") for block in said["view"]["blocks"]}
    assert story.says("summon.warn_day_off", day="lördag 12 december 2026") in plain(said["view"]["blocks"])
    assert (await story.case()).meetings == ()


async def test_what_is_not_asked_for_is_as_the_form_says(story: Story) -> None:
    """Length, questions, chair and secretary have answers already, and are asked of whoever wants others."""
    await consented(story)
    aside = {"minutes": None, "purpose": None, "chair": None}
    view = await story.ask(story.anna, f"kalla {story.code}")
    assert story.says("summon.more.minutes", now="60 minuter") in plain(view.blocks)
    await story.anna.cancel()
    await story.summons(**aside)
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert (meeting.length, meeting.chair, meeting.secretary) == (60, "slack:T0/U0ANNA", "")
    assert meeting.purpose == (Topic.RESPONSIBILITY, Topic.SCHOOL), "all that the consent covers"
    await story.records_consent(agencies=["bup", "skola", "fk", "polis"])
    await story.summons(**aside, agencies=["polis"], secretary="karin")
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert (meeting.chair, meeting.secretary) == ("slack:T0/U0ANNA", "slack:T0/U0KARIN")
    assert meeting.purpose == (Topic.RESPONSIBILITY, Topic.SCHOOL)


#: Of what stands aside, something else than the form says. `aim` is asked in encrypted rooms only, and tried there.
OTHERWISE: dict[str, Any] = {"minutes": "90", "purpose": ["school"], "chair": "karin", "secretary": "karin"}


async def test_what_was_said_otherwise_stays_while_an_agency_is_added(story: Story) -> None:
    assert {*OTHERWISE, "aim"} == set(summon.ASIDE), "of a new field, say here what else it may be"
    await consented(story)
    await story.summons(agencies=["bup"], **OTHERWISE)
    before = (await story.case()).meeting
    await story.summons(agencies=["skola"], **dict.fromkeys(OTHERWISE))
    after = (await story.case()).meeting
    assert before is not None
    assert after is not None
    assert len(after.live()) == len(before.live()) + 1
    assert replace(after, summonses=before.summonses) == before


async def test_short_notice_is_warned_of_and_not_forbidden(story: Story) -> None:
    """R120, R192."""
    await consented(story)
    await story.summons(date="2026-12-04")
    assert story.says("summon.warn_notice", days=10) in story.answered
    await story.summoned(date="2026-12-08")
    assert story.says("summon.warn_notice", days=10) not in story.answered


async def test_an_acute_case_gets_no_warning_of_short_notice(story: Story) -> None:
    """R89."""
    await story.opens(flags=["acute"])
    await story.records_consent()
    await story.summons(date="2026-11-24")
    assert story.says("summon.warn_notice", days=10) not in story.answered


async def test_an_agency_without_a_channel_is_told_of_to_the_coordinator(story: Story) -> None:
    """R121."""
    await story.summoned(agencies=["bup", "polis"])
    assert "Polisen" in story.answered
    titles = [plain(m.blocks) for m in story.messages("anna")]
    told = story.says("note.no_channel.title", code=story.code, agency="Polisen", target="")
    assert sum(told in title for title in titles) == 1


async def test_r121_that_an_agency_has_no_channel_is_told_once_a_meeting_and_whoever_moves_it_reads_it_there(
    story: Story,
) -> None:
    await story.summoned(agencies=["bup", "polis"])
    await story.moves()
    assert story.says("move.no_channel", names="Polisen") in story.answered
    told = story.says("note.no_channel.title", code=story.code, agency="Polisen", target="")
    assert sum(told in plain(m.blocks) for m in story.messages("anna")) == 1


async def test_further_agencies_are_added_to_the_coming_meeting(story: Story) -> None:
    await consented(story)
    await story.summons(agencies=["bup"])
    outcome = await story.summons(agencies=["skola"])
    assert not outcome.errors
    case = await story.case()
    assert len(case.meetings) == 1
    assert sorted(await duties(story)) == ["bup", "skola"]
    assert len(story.messages("bup")) == len(story.messages("skola")) == 1


async def test_r55_r123_chair_and_secretary_are_changed_without_calling_anybody_else(story: Story) -> None:
    """Nobody who was left out is ticked beforehand; those summoned read the new names, and are not asked again."""
    await consented(story)
    await story.summons(agencies=["bup"])
    await story.press(story.julia, "summons.received")
    outcome = await story.summons(agencies=None, chair="karin", secretary="anna")
    assert not outcome.errors
    meeting = (await story.case()).meetings[-1]
    assert (meeting.chair, meeting.secretary) == ("slack:T0/U0KARIN", "slack:T0/U0ANNA")
    assert list(await duties(story)) == ["bup"]
    assert story.messages("skola") == []
    (card,) = story.messages("bup")
    assert "Karin" in plain(card.blocks)
    assert "summons.received" not in buttons(card.blocks)


async def test_time_and_place_are_not_changed_while_adding_an_agency(story: Story) -> None:
    """They are not asked for; in a form that an earlier version opened, what is typed is not lost silently."""
    await consented(story)
    await story.summons(agencies=["bup"])
    view = await story.ask(story.anna, f"kalla {story.code}")
    assert [block["block_id"] for block, _ in interactive(view.blocks)] == ["agencies", "more"]
    typed: dict[str, Any] = {
        "date": {"type": "datepicker", "selected_date": "2026-12-09"},
        "start": {"type": "timepicker", "selected_time": "13:00"},
        "minutes": {"type": "static_select", "selected_option": {"value": "90"}},
        "mode": {"type": "static_select", "selected_option": {"value": "phone"}},
        "agencies": {"type": "multi_static_select", "selected_options": [{"value": "skola"}]},
        "purpose": {"type": "multi_static_select", "selected_options": [{"value": "responsibility"}]},
        "chair": {"type": "users_select", "selected_user": "U0ANNA"},
        "consulted": {"type": "checkboxes", "selected_options": [{"value": "yes"}]},
    }
    state = {"values": {name: {name: entry} for name, entry in typed.items()}}
    outcome = await story.submit(story.anna, {}, altered={"state": state})
    assert story.code in outcome.errors["agencies"]
    assert len((await story.case()).meetings[-1].summonses) == 1


async def test_asking_the_same_agencies_again_is_pointless_and_said_so(story: Story) -> None:
    await story.summoned()
    assert set((await story.summons()).errors) == {"agencies"}


async def test_a_recalled_agency_can_be_asked_anew(story: Story) -> None:
    await story.summoned()
    await story.records_consent(agencies=["bup", "fk"])
    await story.records_consent()
    outcome = await story.summons(agencies=["skola"])
    assert not outcome.errors
    assert "summons.received" in buttons(story.messages("skola")[0].blocks)
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.standing_of("skola") is Standing.SENT


async def test_a_held_meeting_is_reported_before_the_next_is_called(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-08 15:00")
    outcome = await story.command(story.anna, f"kalla {story.code}")
    assert story.says("summon.report_first", code=story.code) in plain(outcome.messages[-1].blocks)


async def test_a_message_the_agency_already_has_is_updated_in_place(story: Story) -> None:
    await story.summoned()
    first = story.shown("bup").ts
    await story.press(story.julia, "summons.received")
    await story.names(story.julia, "julia")
    assert [m.ts for m in story.messages("bup") if m.thread_ts is None] == [first]


async def test_the_others_are_named_once_they_are_named_and_covered(story: Story) -> None:
    """R123; law 4D.3."""
    await story.summoned()
    assert "Omar Testholm" not in plain(story.shown("bup").blocks)
    await story.names(story.omar, "omar")
    await story.names(story.julia, "julia")
    assert "Omar Testholm" in plain(story.messages("bup")[0].blocks)


async def test_the_first_telling_is_in_the_journal_and_the_updates_are_not(story: Story) -> None:
    """PDL 3:11: who was told what, and when."""
    await story.summoned()
    await story.press(story.julia, "summons.received")
    await story.names(story.julia, "julia")
    rows = await story.journal("letter.summons")
    assert sorted(row.entry.agency for row in rows) == ["bup", "fk", "skola"]
    invited = [row.entry.agency for row in await story.journal("letter.invite")]
    assert invited == ["soc", "bup"], "who runs the meeting has it in the calendar too"


async def test_somebody_of_another_workspace_of_the_same_grid_can_be_picked(story: Story) -> None:
    """Anna sees Karin in her own workspace; the directory has her in the one that Karin works in."""
    known, karin = town.directory(), town.BY_NAME["karin"].id
    elsewhere = karin.replace("T0/", "T1/")
    staff = {key: replace(who, identities=(elsewhere,)) if key == karin else who for key, who in known.staff.items()}
    await story.writing(lambda tx: tx.replace_directory(Directory(known.agencies, staff), "operator"))
    await story.summoned(secretary="karin")
    meeting = (await story.case()).coming_meeting
    assert meeting is not None
    assert meeting.secretary == karin


async def test_r129_the_contacts_for_children_stand_where_agencies_are_chosen(
    folder: Path, empty_database: Path
) -> None:
    """In the summons of a child's case, and on its checklist; not in that of an adult."""
    address = "https://exempel.invalid/barn"
    own = folder / "own.toml"
    shipped = files("bot").joinpath("profiles", "gotland.toml").read_text(encoding="utf-8")
    entry = f'\n[[documents]]\nname = "Kontaktlista"\nurl = "{address}"\nfor_children = "ongoing"\n'
    own.write_text(shipped + entry, encoding="utf-8")
    async with telling(folder, empty_database, sipbot_profile=str(own)) as told:
        for band, givers in (("child", ["guardian_1", "guardian_2"]), ("adult", ["person"])):
            await told.opens(age_band=band)
            await told.records_consent(given_by=givers)
            view = await told.ask(told.anna, f"kalla {told.code}")
            assert (address in str(view.blocks)) is (band == "child")
            await told.anna.cancel(view)
            await told.command(told.anna, f"förbered {told.code}")
            assert (address in told.whispered(told.anna)) is (band == "child")


async def test_r191_what_to_do_by_when_and_the_ways_to_answer_come_before_what_one_may_look_up(story: Story) -> None:
    """A duty officer reads it on a phone: what is asked and how to answer is seen without scrolling."""
    await story.summoned()
    card = plain(story.messages("bup")[0].blocks)
    order = [
        story.says("summons.by", day="tis 1 dec"),
        story.says("summons.status.sent"),
        story.says("fact.when"),
        story.says("summons.propose.do"),
        story.says("fact.consent"),
        story.says("summons.footer"),
    ]
    assert sorted(order, key=card.index) == order
    assert story.says("summons.footer.asked", manager=True) in card, "and what follows without an answer"
    invited = plain(story.messages("fk")[0].blocks)
    assert story.says("summons.footer.asked", manager=False) in invited, "its manager is not told (R117)"
