"""The mail: what the bot sent to whom, and what the calendars of those who got it answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.transport import Delivery, Halted
from bot.mail.addresses import parse_address
from bot.mail.reply import Trust
from demo.memory.faults import Fault, Faults
from domain.calendar.invites import Invite
from handlers.calendar_replies import CalendarMail
from handlers.ui.outgoing import InviteMail, Outgoing, PlainMail
from storage.outbox.letter import Rank
from storage.posts import Post

MAIL = "mail:"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it was sent; `key` is that of its letter."""

    to: str
    key: str
    content: InviteMail | PlainMail

    @property
    def invite(self) -> Invite | None:
        """The calendar object in it, if it has one."""
        return self.content.invite if isinstance(self.content, InviteMail) else None


class Mailbox:
    """Everybody's mail: the courier's way to it, and what lies there. A mail that comes twice lies there once."""

    prefix = MAIL

    def __init__(self, faults: Faults) -> None:
        self.mails: list[Mail] = []
        self._faults = faults
        self._answers = 0

    def pause(self, _address: str) -> float:
        """No pause."""
        return 0.0

    async def alive(self) -> bool:
        """It is always there."""
        return True

    async def room(self, _rank: Rank) -> None:
        """There is always room for one more."""

    async def deliver(self, address: str, composed: Outgoing, key: str, _post: Post | None) -> Delivery:
        """Take one mail."""
        to = address.removeprefix(MAIL)
        if not isinstance(composed, InviteMail | PlainMail):
            return Never("not_for_mail")
        match self._faults.meet(to):
            case Fault.REFUSED:
                return Never("recipient_refused")
            case Fault.FAILED:
                return NotSent("failed")
            case Fault.HALTED:
                return Halted("halted")
            case Fault.LOST:
                self._keep(Mail(to, key, composed))
                return Unknown("lost")
        self._keep(Mail(to, key, composed))
        return Sent(Receipt(message=f"<{key}>"))

    async def find(
        self, _address: str, _composed: Outgoing, _key: str, _since: datetime, _post: Post | None
    ) -> Receipt | None:
        """Nothing is looked for: a second copy is the same mail."""
        return None

    def _keep(self, mail: Mail) -> None:
        if all(kept.key != mail.key for kept in self.mails):
            self.mails.append(mail)

    def to(self, address: str) -> list[Mail]:
        """Return the mails to one address, oldest first."""
        return [mail for mail in self.mails if mail.to == address]

    def invites(self, address: str) -> list[Invite]:
        """Return the calendar objects that one address got, oldest first."""
        return [mail.invite for mail in self.to(address) if mail.invite is not None]

    def answer(
        self, address: str, kind: str, at: datetime, *, by: str = "", proposed: datetime | None = None
    ) -> CalendarMail:
        """Return what the calendar at an address answers to the newest invite there, as the mail side would read it.

        `kind` is "accepted", "tentative", "declined", "counter" or "refresh"; `by` is who answers when it is another
        than the one who was asked, `proposed` the start that a counter-proposal names.
        """
        newest = [mail.content for mail in self.to(address) if isinstance(mail.content, InviteMail)][-1]
        self._answers += 1
        return CalendarMail(
            key=f"answer:{self._answers}",
            token=_answer_token(newest),
            kind=kind,
            uid=newest.invite.uid,
            sequence=newest.invite.sequence,
            # An answer is made after what it answers, and a later one after an earlier one (RFC 5546 2.1.5).
            stamp=at + timedelta(seconds=self._answers),
            attendee=by or address,
            trust_for=lambda _invited: Trust.TOKEN.value,
            proposed=proposed,
        )


def _answer_token(mail: InviteMail) -> str:
    """Return the secret part of the address that answers to an invite go to."""
    domain = mail.invite.organizer_address.rpartition("@")[2]
    address = parse_address(mail.invite.organizer_address, domain)
    return "" if address is None else address.token
