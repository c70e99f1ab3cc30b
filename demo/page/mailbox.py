"""Mails as the page shows them: inbox, one mail with its invite, and the meetings in somebody's calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Any

from demo.slack.state.records import Json
from demo.world.people import PEOPLE
from demo.world.postbox import Mail
from demo.world.world import World

CALENDAR = "text/calendar"


@dataclass(frozen=True, slots=True)
class Invite:
    """A calendar object in a mail: what a mail program shows of it."""

    method: str
    uid: str
    sequence: int
    summary: str
    start: datetime
    end: datetime
    location: str
    organizer: str
    attendee: str
    cancelled: bool

    @property
    def kind(self) -> str:
        """Return what it is to whoever gets it: a fresh invite, a changed one, or the end of one."""
        if self.cancelled:
            return "cancelled"
        return "changed" if self.sequence > 0 else "fresh"


def unread_mails(world: World, address: str) -> int:
    """Count the mails to an address that nobody has opened."""
    return sum(mail.number not in world.postbox.opened for mail in world.postbox.to(address))


def inbox(world: World, person: str) -> Json:
    """Return a person's mails, the newest first, and those to addresses that belong to nobody here."""
    own = {world.person(name).user.email.casefold() for _, name, _, _ in PEOPLE}
    address = world.person(person).user.email
    others = [mail for mail in world.postbox.mails if mail.recipient.casefold() not in own]
    return {
        "address": address,
        "mails": [_line(world, mail) for mail in reversed(world.postbox.to(address))],
        "others": [_line(world, mail) for mail in reversed(others)],
    }


def _line(world: World, mail: Mail) -> Json:
    message = _parsed(mail)
    found = invite_of(message)
    return {
        "number": mail.number,
        "to": mail.recipient,
        "subject": str(message["subject"]),
        "from": _sender(message),
        "at": _sent(world, message),
        "opened": mail.number in world.postbox.opened,
        "invite": None if found is None else found.kind,
    }


def opened(world: World, number: int) -> Json | None:
    """Return one mail, which counts as read from now on."""
    mail = world.postbox.find(number)
    if mail is None:
        return None
    world.postbox.opened.add(number)
    message = _parsed(mail)
    body = message.get_body(("plain", "html"))
    found = invite_of(message)
    return _line(world, mail) | {
        "address": _address(message),
        "text": "" if body is None else str(body.get_content()),
        "invite": None if found is None else _shown(world, found),
        "raw": mail.data.decode("utf-8", "replace"),
        "calendar": next(iter(_calendars(message)), ""),
    }


def calendar_file(world: World, number: int) -> bytes | None:
    """Return the calendar object in a mail."""
    mail = world.postbox.find(number)
    found = None if mail is None else next(iter(_calendars(_parsed(mail))), None)
    return None if found is None else found.encode()


def meetings(world: World, address: str) -> list[Json]:
    """Return the meetings in the calendar of whoever reads the mails to an address: the newest word on each counts."""
    newest: dict[str, Invite] = {}
    for mail in world.postbox.to(address):
        found = invite_of(_parsed(mail))
        if found is not None and (found.uid not in newest or found.sequence >= newest[found.uid].sequence):
            newest[found.uid] = found
    return [_shown(world, found) for found in newest.values() if not found.cancelled]


def _parsed(mail: Mail) -> EmailMessage:
    return message_from_bytes(mail.data, policy=default)


def _sender(message: EmailMessage) -> str:
    addresses = message["from"].addresses
    return str(addresses[0].display_name or addresses[0].addr_spec) if addresses else ""


def _address(message: EmailMessage) -> str:
    addresses = message["from"].addresses
    return str(addresses[0].addr_spec) if addresses else ""


def _sent(world: World, message: EmailMessage) -> str:
    return parsedate_to_datetime(str(message["date"])).astimezone(world.zone).isoformat()


def _calendars(message: EmailMessage) -> Iterator[str]:
    for part in message.walk():
        if part.get_content_type() == CALENDAR:
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content.decode("utf-8", "replace")


def invite_of(message: EmailMessage) -> Invite | None:
    """Return the invite in a mail, as a general calendar library reads it."""
    for method, event in _events(message):
        return Invite(
            method=method,
            uid=str(event["UID"]),
            sequence=int(event.get("SEQUENCE", 0)),
            summary=str(event.get("SUMMARY", "")),
            start=event.decoded("DTSTART"),
            end=event.decoded("DTEND"),
            location=str(event.get("LOCATION", "")),
            organizer=_named(event.get("ORGANIZER")),
            attendee=_named(event.get("ATTENDEE")),
            cancelled=method == "CANCEL" or str(event.get("STATUS", "")) == "CANCELLED",
        )
    return None


def event_of(data: bytes) -> Any:
    """Return the calendar library's event in a mail, or nothing."""
    return next((event for _, event in _events(message_from_bytes(data, policy=default))), None)


def _events(message: EmailMessage) -> Iterator[tuple[str, Any]]:
    """Yield the events in a mail, each with the method of its calendar object."""
    from icalendar import Calendar  # noqa: PLC0415 - needed only once there are mails

    for source in _calendars(message):
        calendar = Calendar.from_ical(source)
        for event in calendar.walk("VEVENT"):
            yield str(calendar.get("METHOD", "PUBLISH")), event


def _named(address: Any) -> str:
    if address is None:
        return ""
    return str(address.params.get("CN", "") or str(address).removeprefix("mailto:").removeprefix("MAILTO:"))


def _shown(world: World, found: Invite) -> Json:
    return {
        "method": found.method,
        "uid": found.uid,
        "sequence": found.sequence,
        "summary": found.summary,
        "start": found.start.astimezone(world.zone).isoformat(),
        "end": found.end.astimezone(world.zone).isoformat(),
        "location": found.location,
        "organizer": found.organizer,
        "attendee": found.attendee,
        "cancelled": found.cancelled,
        "kind": found.kind,
    }
