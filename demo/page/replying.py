"""Answers to invites, as a calendar program sends them: by mail, with a REPLY in it (RFC 5546, 3.2.3)."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal, TypeAlias

import aiosmtplib

from demo.page.mailbox import event_of
from demo.world.world import World

Answer: TypeAlias = Literal["ACCEPTED", "TENTATIVE", "DECLINED"]

_WORD = {"ACCEPTED": "Accepted", "TENTATIVE": "Tentative", "DECLINED": "Declined"}


class NoSuchInvite(LookupError):
    """There is no invite in that mail that could be answered."""


async def reply(world: World, number: int, answer: Answer) -> None:
    """Send the answer to the invite in a mail to its organizer, who is the bot.

    Raises:
        NoSuchInvite: that mail holds none.
    """
    lmtp = world.bot.answers.lmtp if world.bot.answers is not None else None
    mail = world.postbox.find(number)
    written = None if mail is None else _written(world, mail.data, mail.recipient, answer)
    if lmtp is None or mail is None or written is None:
        raise NoSuchInvite(number)
    await aiosmtplib.send(
        written, sender=mail.recipient, recipients=[str(written["To"])], hostname="127.0.0.1", port=lmtp.port
    )


def _written(world: World, invite: bytes, attendee: str, answer: Answer) -> EmailMessage | None:
    from icalendar import Calendar, Event, vCalAddress  # noqa: PLC0415 - needed only once there are mails

    asked = event_of(invite)
    if asked is None or "ORGANIZER" not in asked:
        return None
    event = Event()
    for name in ("UID", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER"):
        if name in asked:
            event[name] = asked[name]
    event.add("DTSTAMP", world.clock.now())
    who = vCalAddress(f"mailto:{attendee}")
    who.params["PARTSTAT"] = answer
    event["ATTENDEE"] = who
    calendar = Calendar()
    calendar.add("PRODID", "-//Demo//Calendar//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "REPLY")
    calendar.add_component(event)
    message = EmailMessage()
    message["From"] = attendee
    message["To"] = str(asked["ORGANIZER"]).removeprefix("mailto:")
    message["Subject"] = f"{_WORD[answer]}: {asked.get('SUMMARY', '')}"
    message["Date"] = format_datetime(world.now())
    message["Message-ID"] = make_msgid(domain="exempel.invalid")
    message.set_content(f"{_WORD[answer]}.")
    message.add_alternative(calendar.to_ical().decode(), subtype="calendar", params={"method": "REPLY"})
    return message
