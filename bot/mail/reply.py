"""Reads a mail that may be an answer to an invite: a pure function of bytes and rules.

Everything in such a mail comes from outside. What is well-formed becomes a `CalendarAnswer`, a delivery
report a `Bounce`, and all the rest a `Refusal` with its reason; nothing raises, and nothing is ever answered
by mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from bot.mail import arrival
from bot.mail.addresses import TokenAddress
from bot.mail.bounce import Bounce, is_delivery_report, is_report, read_bounce
from bot.mail.content_lines import BrokenCalendar
from bot.mail.scheduling import Attendee, CalendarObject, Event, read_calendar
from bot.mail.screening import Limits, is_too_much

Kind = Literal["accepted", "tentative", "declined", "delegated", "counter", "refresh"]


class Trust(StrEnum):
    """How well an answer is proven to come from the attendee, strongest first. Stored and shown."""

    TOKEN_AND_DMARC = "token+dmarc"  # noqa: S105 - the name of a mark, not a secret
    TOKEN = "token"  # noqa: S105 - as above
    UNPROVEN = "unproven"


class Reason(StrEnum):
    """Why a mail is no answer. Also the label of the counter."""

    TOO_BIG = "too_big"
    TOO_DEAR = "too_dear"  # reading it did not end in time
    BROKEN_MAIL = "broken_mail"
    LOOP = "loop"
    DELIVERY_REPORT = "delivery_report"
    READ_RECEIPT = "read_receipt"
    AUTO_REPLY = "auto_reply"
    MAILING_LIST = "mailing_list"
    NO_CALENDAR = "no_calendar"
    WINMAIL = "winmail"  # Microsoft's own container, which is not read
    BROKEN_CALENDAR = "broken_calendar"
    WRONG_METHOD = "wrong_method"
    NO_UID = "no_uid"
    SEVERAL_EVENTS = "several_events"
    NO_ATTENDEE = "no_attendee"
    SEVERAL_ATTENDEES = "several_attendees"
    NO_PARTSTAT = "no_partstat"


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """What reading depends on: our domain, our mail server's name in Authentication-Results, the limits."""

    domain: str
    authserv_id: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The mail is no answer. `token` tells whose address it came to, if it was one of ours."""

    reason: Reason
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """What an attendee's calendar answered.

    `attendee` is who the calendar says answered: the caller compares it with the token's attendee.
    `sequence` and `stamp` (UTC) may be missing. `proposed_start` and `proposed_end` (UTC) belong to a
    counter-proposal and are None when it proposes none that we can read. `comment` is free text about a
    meeting about a person: encrypt it, show it to the coordinator alone, never log it. Personal data is
    kept out of `repr`. `message_id` tells a mail delivered twice from a second answer of the same content.
    """

    kind: Kind
    uid: str
    sequence: int | None
    stamp: datetime | None
    attendee: str | None = field(repr=False)
    delegate_to: str | None = field(repr=False)
    proposed_start: datetime | None
    proposed_end: datetime | None
    comment: str | None = field(repr=False)
    from_address: str | None = field(repr=False)
    reply_to_address: str | None = field(repr=False)
    token: str | None = field(repr=False)
    trust: Trust
    message_id: str = field(default="", repr=False, compare=False)

    def trust_for(self, expected: str) -> Trust:
        """The mark once the token's own attendee is known: an answer in another's name is unproven."""
        return self.trust if arrival.same_address(self.attendee, expected) else Trust.UNPROVEN


Reading: TypeAlias = CalendarAnswer | Bounce | Refusal

_KINDS: Final[dict[str, Kind]] = {
    "ACCEPTED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
    "DELEGATED": "delegated",
}
_METHODS: Final = ("REPLY", "COUNTER", "REFRESH")
_GOOGLE: Final = "calendar-notification@google.com"


def read_reply(
    data: bytes, rules: ReplyRules, *, recipient: str | None = None, envelope_from: str | None = None
) -> Reading:
    """Reads one mail.

    `recipient` and `envelope_from` come from the envelope, where there is one (LMTP).
    """
    limits = rules.limits
    if is_too_much(data, limits):
        return Refusal(Reason.TOO_BIG)
    try:
        message = message_from_bytes(data)
        address = arrival.token_of(message, recipient, rules.domain)
        return _read(message, rules, address, envelope_from)
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError):
        # The standard library's mail parser answers some malformed mails with such errors.
        return Refusal(Reason.BROKEN_MAIL)


def _read(message: Message, rules: ReplyRules, address: TokenAddress | None, envelope_from: str | None) -> Reading:
    token = address.token if address else None
    unread = _refused_by_headers(message, rules.limits, envelope_from)
    if address is not None and unread is not Reason.LOOP:
        bounce = read_bounce(message, address, envelope_from)
        if bounce is not None:
            return bounce
    if unread is not None:
        return Refusal(unread, token)
    found = _answer_in(message, rules.limits)
    if isinstance(found, Reason):
        return Refusal(found, token)
    from_address = arrival.only_address(message, "from")
    answer = replace(
        found,
        from_address=from_address,
        reply_to_address=arrival.only_address(message, "reply-to"),
        token=token,
        message_id=arrival.header(message, "message-id").strip(),
    )
    dmarc = arrival.dmarc_passed(message, rules.authserv_id, from_address)
    return replace(answer, trust=_trust(answer, dmarc=dmarc))


def _refused_by_headers(message: Message, limits: Limits, envelope_from: str | None) -> Reason | None:
    if len(message.get_all("received", [])) > limits.hops:
        return Reason.LOOP
    if is_delivery_report(message):
        return Reason.DELIVERY_REPORT
    if is_report(message):
        return Reason.READ_RECEIPT
    if arrival.answers_by_itself(message, envelope_from):
        return Reason.AUTO_REPLY
    if arrival.came_by_list(message):
        return Reason.MAILING_LIST
    return None


def _trust(answer: CalendarAnswer, *, dmarc: bool) -> Trust:
    """The token weighs most, DMARC adds to it; both only where the sender is the attendee (RFC 6047 2.2).

    Whoever was forwarded the invite has its token too, and can write the attendee's name into the calendar.
    """
    sent_by_attendee = arrival.same_address(answer.from_address, answer.attendee) or (
        answer.from_address == _GOOGLE and arrival.same_address(answer.reply_to_address, answer.attendee)
    )
    if answer.token is None or not sent_by_attendee:
        return Trust.UNPROVEN
    return Trust.TOKEN_AND_DMARC if dmarc else Trust.TOKEN


def _answer_in(message: Message, limits: Limits) -> CalendarAnswer | Reason:
    """The first calendar part that is an answer, else why the first one is none."""
    reason = Reason.NO_CALENDAR
    for _, part in sorted(_calendar_parts(message), key=lambda ranked: ranked[0]):
        found = _answer_of(part, limits)
        if not isinstance(found, Reason):
            return found
        if reason is Reason.NO_CALENDAR:
            reason = found
    return Reason.WINMAIL if reason is Reason.NO_CALENDAR and _is_winmail(message) else reason


def _is_winmail(message: Message) -> bool:
    return any(
        part.get_content_type() in ("application/ms-tnef", "application/vnd.ms-tnef")
        or (part.get_filename() or "").lower() == "winmail.dat"
        for part in message.walk()
    )


def _calendar_parts(message: Message) -> Iterator[tuple[int, Message]]:
    """Calendar parts with a rank: those that call themselves an answer first, attachments last.

    A mail inside the mail is passed over: what somebody forwards is not their answer.
    """
    kind = message.get_content_type()
    if message.get_content_maintype() == "multipart":
        payload = message.get_payload()
        for part in payload if isinstance(payload, list) else []:
            if isinstance(part, Message):
                yield from _calendar_parts(part)
    elif kind == "text/calendar":
        yield (0 if _method_of(message) in _METHODS else 1), message
    elif kind == "application/ics" or (
        kind in ("application/octet-stream", "text/plain") and (message.get_filename() or "").lower().endswith(".ics")
    ):
        yield 2, message


def _method_of(part: Message) -> str:
    value = part.get_param("method", "")
    return value.strip().upper() if isinstance(value, str) else ""


def _answer_of(part: Message, limits: Limits) -> CalendarAnswer | Reason:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return Reason.NO_CALENDAR
    if len(data) > limits.calendar:
        return Reason.TOO_BIG
    charset = part.get_param("charset", None)
    try:
        calendar = read_calendar(data, charset if isinstance(charset, str) else None, max_lines=limits.lines)
    except BrokenCalendar:
        return Reason.BROKEN_CALENDAR
    method = calendar.method or _method_of(part)
    if method not in _METHODS:
        return Reason.WRONG_METHOD
    event = _only_event(calendar)
    return event if isinstance(event, Reason) else _answer_about(event, method)


def _only_event(calendar: CalendarObject) -> Event | Reason:
    """The event answered. Our meetings do not recur, so exceptions of a series beside it are passed over."""
    events = [event for event in calendar.events if not event.is_exception] or list(calendar.events)
    if any(event.uid is None for event in events):
        return Reason.NO_UID
    return events[0] if len(events) == 1 else Reason.SEVERAL_EVENTS


def _answer_about(event: Event, method: str) -> CalendarAnswer | Reason:
    answering = _answering(event.attendees)
    # A counter-proposal may leave out who makes it (RFC 5546 3.2.7): the token tells.
    may_be_missing = method == "COUNTER" and answering is Reason.NO_ATTENDEE
    if isinstance(answering, Reason) and not may_be_missing:
        return answering
    attendee = None if isinstance(answering, Reason) else answering
    kind = _kind(method, attendee.partstat if attendee else "")
    if kind is None:
        return Reason.NO_PARTSTAT
    counter = kind == "counter"
    return CalendarAnswer(
        kind=kind,
        uid=event.uid or "",
        sequence=event.sequence,
        stamp=event.stamp,
        attendee=attendee.address if attendee else None,
        delegate_to=attendee.delegated_to if attendee and kind == "delegated" else None,
        proposed_start=event.start if counter else None,
        proposed_end=event.end if counter else None,
        comment=event.comment or (attendee.note if attendee else None),
        from_address=None,
        reply_to_address=None,
        token=None,
        trust=Trust.UNPROVEN,
    )


def _answering(attendees: tuple[Attendee, ...]) -> Attendee | Reason:
    """Who answers. Beside one who delegates stands the delegate (RFC 5546 3.2.3), who is not asked by us."""
    named = {attendee.address: attendee for attendee in attendees if "@" in attendee.address}
    ours = [attendee for attendee in named.values() if not attendee.delegated_from] or list(named.values())
    if not ours:
        return Reason.NO_ATTENDEE
    return ours[0] if len(ours) == 1 else Reason.SEVERAL_ATTENDEES


def _kind(method: str, partstat: str) -> Kind | None:
    if method == "COUNTER":
        return "counter"
    if method == "REFRESH":
        return "refresh"
    return _KINDS.get(partstat)
