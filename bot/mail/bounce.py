"""Reads delivery reports (RFC 3464): did a mail of ours arrive, wait or fail?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from typing import Final, Literal

from bot.mail import arrival
from bot.mail.addresses import TokenAddress

Delivery = Literal["failed", "delayed", "delivered"]

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

    Only `failed` is final. `status` is the RFC 3463 code such as `5.1.1`, or None when the report has none.
    """

    token: str = field(repr=False)
    delivery: Delivery
    status: str | None = None


def is_delivery_report(message: Message) -> bool:
    """Whether the mail is a machine's report about another mail; read receipts are not."""
    return message.get_content_type() == "multipart/report" and _report_type(message) in (
        "delivery-status",
        "",
    )


def is_report(message: Message) -> bool:
    """Whether the mail is a report of any kind."""
    return message.get_content_type() == "multipart/report"


def _report_type(message: Message) -> str:
    value = message.get_param("report-type", "")
    return value.lower() if isinstance(value, str) else ""


_MACHINES: Final = ("mailer-daemon@", "postmaster@")


def is_about_delivery(message: Message, address: TokenAddress) -> bool:
    """Whether the mail tells of a delivery: a proper report, or an old server's note to our bounce address.

    Out-of-office notes come to that address too, but from a person.
    """
    if is_report(message):
        return is_delivery_report(message)
    sender = arrival.only_address(message, "from") or ""
    return address.purpose == "bounce" and sender.startswith(_MACHINES)


_ACTION = re.compile(rb"^Action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"^Status:[ \t]*([245]\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)


def read_bounce(data: bytes, token: TokenAddress) -> Bounce:
    """The report's outcome. One mail has one recipient here, so the first outcome in it is the one.

    Found by its lines, not by its structure: reports are often built wrongly, the lines are not. A report
    that tells no action is taken as a failure, since only failures must be reported.
    """
    action = _ACTION.search(data)
    status = _STATUS.search(data)
    word = action[1].decode("ascii").lower() if action else "failed"
    return Bounce(
        token=token.token,
        delivery=_ACTIONS.get(word, "failed"),
        status=status[1].decode("ascii") if status else None,
    )
