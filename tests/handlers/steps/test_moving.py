"""`/sip flytta`: everybody is told and asked again (process 7C, RFC 5546 2.1.4)."""

from __future__ import annotations

from dataclasses import replace

from demo.slack.people.modal import names_of
from domain.directory import AgencyKind, Directory
from domain.summons import Standing
from tests.handlers.story import Story, buttons, calendar_value, plain


async def standings(story: Story) -> dict[str, Standing]:
    meeting = (await story.case()).meeting
    assert meeting is not None
    return {summons.agency: summons.standing(meeting.round) for summons in meeting.summonses}


async def test_everybody_answers_anew_for_the_new_time(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.press(story.omar, "summons.received")
    await story.moves()
    assert await standings(story) == {"bup": Standing.SENT, "skola": Standing.SENT, "fk": Standing.SENT}
    assert "09.30" in plain(story.messages("bup")[0].blocks)
    assert "summons.received" in buttons(story.messages("bup")[0].blocks)


async def test_a_change_in_place_is_noticed_by_a_word_beside_it(story: Story) -> None:
    await story.summoned()
    await story.moves()
    for place in ("bup", "skola", "fk"):
        summons, notice = story.messages(place)
        assert notice.thread_ts == summons.ts


async def test_an_invited_agency_that_declined_is_left_in_peace(story: Story) -> None:
    await story.summoned()
    await story.press(story.leif, "summons.decline", {"reason": "time"})
    await story.moves()
    assert (await standings(story))["fk"] is Standing.DECLINED
    assert [m for m in story.messages("fk") if m.thread_ts] == []


async def test_calendars_get_the_new_time_under_the_same_uid(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.moves()
    first, second = story.mails_to("julia")
    assert story.methods_to("julia") == ["REQUEST 0", "REQUEST 1"]
    assert calendar_value(first, "UID") == calendar_value(second, "UID")
    assert "20261210T0930" in calendar_value(second, "DTSTART")


async def test_what_speaks_against_the_new_time_is_said_as_soon_as_it_is_chosen(story: Story) -> None:
    """R90, R120: when moving too, before anything is sent. The time that the meeting has is warned of no more."""
    await story.summoned()
    view = await story.ask(story.anna, f"flytta {story.code}")
    assert "confirmed" not in names_of(view)
    assert await story.anna.answer({"date": "2026-12-24", "start": "03:00"})
    assert "confirmed" in names_of(view)
    assert story.says("summon.warn_hours") in plain(view.blocks)
    assert await story.anna.answer({"date": "2026-12-10", "start": "09:30"})
    assert "confirmed" not in names_of(view)
    await story.anna.cancel()
    outcome = await story.moves(date="2026-12-24", start="03:00", confirmed=None)
    assert set(outcome.errors) == {"confirmed"}
    assert not (await story.moves(date="2026-12-24", start="03:00")).errors
    assert "confirmed" not in names_of(await story.ask(story.anna, f"flytta {story.code}"))
    await story.anna.cancel()


async def test_naming_the_same_people_again_mails_them_nothing_new(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.moves()
    await story.names(story.julia, "julia")
    assert story.methods_to("julia") == ["REQUEST 0", "REQUEST 1"]
    assert (await standings(story))["bup"] is Standing.NAMED


async def test_mending_the_place_asks_nobody_again_but_mends_the_calendars(story: Story) -> None:
    await story.summoned(place="Sammanträdesrum 3")
    await story.names(story.julia, "julia")
    await story.moves(date="2026-12-08", start="13:00", place="Sammantradesrum 3")
    assert (await standings(story))["bup"] is Standing.NAMED
    assert story.methods_to("julia") == ["REQUEST 0", "REQUEST 0"]


async def test_another_room_asks_everybody_again(story: Story) -> None:
    await story.summoned(place="Sammanträdesrum 3")
    await story.names(story.julia, "julia")
    await story.moves(date="2026-12-08", start="13:00", place="Sammanträdesrum 4")
    assert (await standings(story))["bup"] is Standing.SENT


async def test_moving_to_where_it_is_is_no_move(story: Story) -> None:
    await story.summoned()
    outcome = await story.moves(date="2026-12-08", start="13:00")
    assert set(outcome.errors) == {"date"}


async def test_the_person_is_asked_first(story: Story) -> None:
    """R118."""
    await story.summoned()
    await story.ask(story.anna, f"flytta {story.code}")
    outcome = await story.submit(story.anna, {"date": "2026-12-10", "start": "09:30"}, checked=False)
    assert set(outcome.errors) == {"consulted"}


async def test_a_meeting_that_has_begun_is_reported_and_not_moved(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-08 13:10")
    outcome = await story.command(story.anna, f"flytta {story.code}")
    assert story.says("summon.report_first", code=story.code) in plain(outcome.messages[-1].blocks)


async def test_without_a_consent_that_holds_nobody_could_be_told_of_the_move(story: Story) -> None:
    """R64: it is renewed first."""
    await story.opens()
    await story.records_consent(valid_until="2026-11-24")
    await story.summons()
    await story.until("2026-11-25 09:00")
    outcome = await story.command(story.anna, f"flytta {story.code}")
    assert story.says("summon.renew_consent", code=story.code) in plain(outcome.messages[-1].blocks)


async def test_a_proposed_time_is_taken_over_by_one_press(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.propose", {"date": "2026-12-11", "start": "10:00"})
    proposal = [m for m in story.messages("anna") if "10.00" in plain(m.blocks)][-1]
    await story.press(story.anna, "case.step", {"consulted": ["yes"]}, source=proposal)
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert (meeting.day.isoformat(), meeting.clock) == ("2026-12-11", "10:00")


async def test_a_meeting_keeps_its_wall_time_over_the_change_of_clocks(story: Story) -> None:
    """Days 5B.6: a meeting at nine stays at nine."""
    await story.opens(meeting_by="2027-05-01")
    await story.records_consent()
    await story.summons(date="2027-04-06", start="09:00")
    meeting = (await story.case()).meeting
    assert meeting is not None
    assert meeting.start.strftime("%H:%M") == "07:00"
    assert meeting.clock == "09:00"


async def test_r114_r117_who_is_asked_anew_is_asked_by_the_duty_that_holds_today(story: Story) -> None:
    """One that was invited and has said no is obliged since the directory says what it is; another is invited now."""
    await story.summoned()
    await story.press(story.leif, "summons.decline", {"reason": "not_concerned"})
    known = await story.reading(lambda reader: reader.directory)
    kinds = {"fk": AgencyKind.HEALTH_CARE, "skola": AgencyKind.OTHER}
    mended = {unit: replace(known.agencies[unit], kind=kind) for unit, kind in kinds.items()}
    await story.writing(
        lambda tx: tx.replace_directory(Directory({**known.agencies, **mended}, known.staff), "operator")
    )
    await story.moves()
    assert story.says("summons.title.obliged", code=story.code) in plain(story.shown("fk", "summons.received").blocks)
    assert story.says("summons.title.invited", code=story.code) in plain(story.shown("skola", "summons.name").blocks)
