"""Calendar mails to those who are named, and the neutral file in the channel (law 4D, RFC 5546)."""

from __future__ import annotations

from pathlib import Path

from tests.handlers.story import NAMED, Story, calendar_of, calendar_value, merged, method_of, telling


async def test_each_one_named_gets_a_mail_of_their_own(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven", others="Kim Exempelask, Psykolog, kim@exempel.invalid")
    for address in ("julia@exempel.invalid", "sven@exempel.invalid", "kim@exempel.invalid"):
        (mail,) = story.mails(address)
        assert method_of(mail) == "REQUEST"
        assert address in calendar_value(mail, "ATTENDEE")
        assert calendar_of(mail).count("ATTENDEE") == 1


async def test_an_invite_tells_code_time_and_place_alone(story: Story) -> None:
    """Law 4D."""
    await story.summoned()
    await story.names(story.julia, "julia")
    (mail,) = story.mails_to("julia")
    assert story.code in calendar_value(mail, "SUMMARY")
    assert calendar_value(mail, "LOCATION") == "Sammanträdesrum 3"
    assert "TZID=Europe/Stockholm" in calendar_of(mail)
    assert "20261208T130000" in calendar_of(mail)
    assert calendar_value(mail, "SEQUENCE") == "0"


async def test_one_uid_for_the_meeting_and_one_answer_address_for_each(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    (one,), (other,) = story.mails_to("julia"), story.mails_to("sven")
    assert calendar_value(one, "UID") == calendar_value(other, "UID")
    assert calendar_value(one, "ORGANIZER") != calendar_value(other, "ORGANIZER")
    assert story.code not in calendar_value(one, "UID")


async def test_who_is_no_longer_named_is_taken_off(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    await story.names(story.julia, "sven")
    assert story.methods_to("julia") == ["REQUEST 0", "CANCEL 1"]
    assert story.methods_to("sven") == ["REQUEST 0"]


async def test_who_waits_for_an_invite_gets_it_also_when_somebody_else_is_taken_off_meanwhile(story: Story) -> None:
    """The meeting's SEQUENCE has risen for the other's sake; that is no newer mail to this one."""
    await story.summoned()
    story.postbox.away = True
    await story.names(story.julia, "julia", "sven")
    await story.names(story.julia, "sven")
    story.postbox.away = False
    await story.until("2026-11-23 12:00")
    assert story.methods_to("sven") == ["REQUEST 1"]
    assert story.methods_to("julia") == []


async def test_of_two_moves_during_an_outage_only_the_last_is_mailed(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    story.postbox.away = True
    await story.moves(date="2026-12-10")
    await story.moves(date="2026-12-11")
    story.postbox.away = False
    await story.until("2026-11-23 12:00")
    assert story.methods_to("julia") == ["REQUEST 0", "REQUEST 2"]


async def test_who_is_named_again_after_all_is_invited_again(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.names(story.julia, "sven")
    await story.names(story.julia, "julia", "sven")
    assert story.methods_to("julia") == ["REQUEST 0", "CANCEL 1", "REQUEST 2"]
    assert story.methods_to("sven") == ["REQUEST 1"]


async def test_a_file_without_attendees_stands_in_the_agencys_channel(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    (file,) = story.slack.state.files.all()
    calendar = file.content.decode()
    assert "METHOD:PUBLISH" in calendar
    assert "ATTENDEE" not in calendar
    assert [channel for channel, _, _ in file.shares] == ["C0BUP"]


async def test_the_file_is_not_posted_again_for_the_same_time(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.names(story.julia, "julia", "sven")
    assert len(story.slack.state.files.all()) == 1
    await story.moves()
    await story.names(story.julia, "julia")
    assert len(story.slack.state.files.all()) == 2


async def test_a_meeting_that_is_called_off_is_cancelled_in_the_calendars(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.reports(outcome="not_held", consent_confirmed=None, attended=None, lead=None, follow_up_on=None)
    assert story.methods_to("julia") == ["REQUEST 0", "CANCEL 1"]


async def test_a_meeting_that_was_held_is_not_cancelled(story: Story) -> None:
    await story.held()
    assert story.methods_to("julia") == ["REQUEST 0"]


async def test_mail_goes_to_the_domains_that_the_operator_has_named_and_to_no_other(
    folder: Path, empty_database: Path
) -> None:
    """A typed address of a free mail service would take a meeting out of the house."""
    async with telling(folder, empty_database, sipbot_mail_domains=("exempel.invalid",)) as story:
        await story.summoned()
        outside = "Kim Exempelask, Psykolog, kim@exempel.invalid.invalid"
        await story.julia.press("summons.name")
        await story.form(story.julia)
        outcome = await story.submit(story.julia, merged(NAMED, {"others": outside}), stay=True)
        assert story.says("summons.name.mail_domain", domains="exempel.invalid") in str(outcome)
        await story.submit(story.julia, merged(NAMED, {"others": outside.replace("invalid.invalid", "invalid")}))
        await story.settle()
        assert [kept.recipient for kept in story.postbox.mails if "kim" in kept.recipient] == ["kim@exempel.invalid"]
