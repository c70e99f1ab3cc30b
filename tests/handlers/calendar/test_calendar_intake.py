"""What comes to calendar addresses and is no answer: told when it may be one, bounded however it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from bot.mail.imap import TooSoon
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.people import disclosure


@pytest.fixture
async def calendars(folder: Path, empty_database: Path) -> AsyncIterator[Calendars]:
    async with answering(folder, empty_database) as found:
        await found.story.summoned()
        await found.story.names(found.story.julia, "julia", "sven")
        yield found
        disclosure.check(found.story, [await found.story.case(code) for code in found.story.codes])


async def lines(calendars: Calendars) -> list[str]:
    """Return what the journal tells of calendars, in order."""
    return [row.entry.action for row in await calendars.story.journal() if row.entry.action.startswith("calendar.")]


async def test_what_cannot_be_read_is_told_once_an_hour(calendars: Calendars) -> None:
    """Words, Microsoft's container, a calendar of noise: nothing from a known address is lost in silence."""
    invitation = calendars.newest("julia")
    words = EmailMessage()
    words["From"], words["To"] = invitation.attendee, invitation.organizer
    words.set_content("Påhittat: jag kommer gärna.")
    winmail = EmailMessage()
    winmail["From"], winmail["To"] = invitation.attendee, invitation.organizer
    winmail.add_attachment(b"x", maintype="application", subtype="ms-tnef", filename="winmail.dat")
    for mail in (words, winmail, words):
        await calendars.deliver(mail)
    (told,) = calendars.told("note.calendar_unread")
    assert "gärna" not in told
    assert await lines(calendars) == ["calendar.unread"]
    await calendars.later(minutes=61)
    await calendars.deliver(words)
    assert len(calendars.told("note.calendar_unread")) == 2


async def test_a_program_that_answers_by_itself_is_not_told(calendars: Calendars) -> None:
    invitation = calendars.newest("julia")
    away = EmailMessage()
    away["From"], away["To"], away["Auto-Submitted"] = invitation.attendee, invitation.organizer, "auto-replied"
    away.set_content("Påhittat: på semester.")
    await calendars.deliver(away)
    assert calendars.told("note.calendar_unread") == []


async def test_a_calendar_gone_wild_is_told_of_once_an_hour(calendars: Calendars) -> None:
    """Yes and no in turn change the case each time; the board follows, the coordinator is not called each time."""
    for partstat in ("DECLINED", "ACCEPTED") * 3:
        await calendars.later(seconds=5)
        await calendars.answers("julia", partstat)
    assert len(calendars.told("note.calendar_declined")) == 1


async def test_only_so_much_comes_in_by_whatever_way(calendars: Calendars) -> None:
    answers = calendars.story.bot.answers
    assert answers is not None
    mail = calendars.reply(calendars.newest("julia"), "ACCEPTED").as_bytes()
    for _ in range(20):
        await answers.gateway.read(mail)
    with pytest.raises(TooSoon):
        await answers.gateway.read(mail)
    code, _ = await calendars.deliver(mail, calendars.newest("julia").organizer)
    assert code == 451, "the same allowance for the mailbox and the port"


async def test_a_strangers_mail_in_the_mailbox_is_not_even_parsed(calendars: Calendars) -> None:
    answers = calendars.story.bot.answers
    assert answers is not None
    known = calendars.newest("julia")
    unknown = known.organizer.replace(known.token, "a" * 26).encode()
    bomb = b'From: x@ond.invalid\r\nTo: %s\r\nContent-Type: text/plain; a="' + b";" * 900_000
    for to in (b"nobody@exempel.invalid", unknown):
        await answers.gateway.read(bomb % to)
    assert calendars.metric("sipbot_inbound_refused", platform="mail", why="unknown_address") == 2
