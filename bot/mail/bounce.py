"""Reads delivery reports (RFC 3464): did a mail of ours arrive, wait or fail?

Reports are built in many ways: the part that tells is looked for wherever it stands, and read by its lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final, Literal

from bot.mail import arrival
from bot.mail.addresses import TokenAddress

Delivery = Literal["failed", "delayed", "delivered", "unclear"]

_ACTIONS: Final[dict[str, Delivery]] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a mail server says became of the mail that belongs to `token`.

    Only `failed` is final; `unclear` is a report that does not say, or that anybody could have written. `status` is
    the RFC 3463 code such as `5.1.1`, or None when the report has none.
    """

    token: str = field(repr=False)
    delivery: Delivery
    status: str | None = None


_STATUS_PARTS: Final = ("message/delivery-status", "message/global-delivery-status")
_REPORT_TYPES: Final = ("delivery-status", "global-delivery-status", "")


def is_delivery_report(message: Message) -> bool:
    """Whether the mail is a machine's report about another mail; read receipts are not."""
    return (is_report(message) and _report_type(message) in _REPORT_TYPES) or _status_part(message) is not None


def is_report(message: Message) -> bool:
    """Whether the mail is a report of any kind."""
    return message.get_content_type() == "multipart/report"


def _report_type(message: Message) -> str:
    value = message.get_param("report-type", "")
    return value.strip().lower() if isinstance(value, str) else ""


_MACHINES: Final = ("mailer-daemon@", "postmaster@", "noreply@", "no-reply@", "microsoftexchange")


def _is_machines_note(message: Message, envelope_from: str | None) -> bool:
    """Whether an old server tells of a delivery in words. Out-of-office notes come that way too, but from a person."""
    if is_report(message):
        return False
    sender = arrival.only_address(message, "from") or ""
    return "x-failed-recipients" in message or (
        sender.startswith(_MACHINES) or (not sender and arrival.null_sender(message, envelope_from))
    )


_ACTION: Final = re.compile(r"^Action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS: Final = re.compile(r"^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
_WAITS: Final = re.compile(r"\b(?:delay(?:ed)?|warning|still trying|deferred)\b|fördröj", re.IGNORECASE)
_LONGEST_NOTE: Final = 20_000


def read_bounce(message: Message, address: TokenAddress, envelope_from: str | None) -> Bounce | None:
    """The report's outcome; None when the mail is no report. One mail has one recipient, so the first outcome counts.

    A report that came to an answer's address is `unclear`: everybody who has the invite knows that address. The
    bounce address alone stands in no mail, only on its envelope.
    """
    if is_delivery_report(message):
        told = _status_part(message) or ""
        action, status = _ACTION.search(told), _STATUS.search(told)
        delivery = _ACTIONS.get(action[1].lower(), "unclear") if action else _by_class(status)
        code = status[1] if status else None
    elif address.purpose == "bounce" and _is_machines_note(message, envelope_from):
        subject = arrival.header(message, "subject")
        delivery, code = "delayed" if _WAITS.search(subject) else "failed", None
    else:
        return None
    return Bounce(address.token, delivery if address.purpose == "bounce" else "unclear", code)


def _by_class(status: re.Match[str] | None) -> Delivery:
    """The outcome by the first digit of an RFC 3463 code."""
    classes: dict[str, Delivery] = {"5": "failed", "4": "delayed", "2": "delivered"}
    return "unclear" if status is None else classes[status[1][0]]


def _status_part(message: Message) -> str | None:
    """The part that tells, decoded; None when there is none. What is inside the returned mail is not looked at."""
    for part in _outer_parts(message):
        if part.get_content_type() in _STATUS_PARTS:
            return _text_of(part)
    return None


def _outer_parts(message: Message) -> Iterator[Message]:
    payload = message.get_payload()
    if message.get_content_maintype() == "multipart" and isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _outer_parts(part)
    else:
        yield message


def _rows_of(block: Message) -> str:
    """A block as it came. Written out by the standard library it would be folded anew, which is quadratic."""
    fields = [f"{name}: {value}" for name, value in block.raw_items()]
    body = block.get_payload()
    return "\n".join([*fields, "", body if isinstance(body, str) else ""])


def _text_of(part: Message) -> str:
    """The rows of a status part. The parser takes them for headers of mails within it, encoded or not."""
    payload = part.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    raw = "\n\n".join(map(_rows_of, blocks)) if blocks else str(payload)
    if str(part.get("content-transfer-encoding", "")).strip().lower() not in ("base64", "quoted-printable"):
        return raw[:_LONGEST_NOTE]
    encoded = Message()
    encoded["Content-Transfer-Encoding"] = str(part["content-transfer-encoding"])
    encoded.set_payload(raw.strip())
    decoded = encoded.get_payload(decode=True)
    return decoded.decode("utf-8", "replace")[:_LONGEST_NOTE] if isinstance(decoded, bytes) else ""
