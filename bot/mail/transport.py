"""Carries letters by mail: calendar invites, and short words when chat cannot be used."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime

from bot.delivery.outcome import Never, Receipt
from bot.delivery.transport import Delivery
from bot.mail.addresses import bounce_address
from bot.mail.mime import InviteWords, Mailbox, MailMessage, compose_invite, compose_plain
from bot.mail.sender import SmtpSender
from domain.clock import Clock
from domain.errors import Invalid
from handlers.ui.outgoing import InviteMail, Outgoing, PlainMail
from storage.outbox.letter import Rank
from storage.posts import Post

_logger = logging.getLogger(__name__)
_MAIL = "mail:"


def _anywhere(_address: str) -> bool:
    return True


class MailTransport:
    """The courier's way to the operator's mail server.

    `mail_from` is the sender of plain mails and gives the domain of all our addresses; `name` is how we are called;
    `allowed` says of an address whether it may be mailed to.
    """

    prefix = _MAIL

    def __init__(
        self, sender: SmtpSender, mail_from: str, name: str, clock: Clock, allowed: Callable[[str], bool] = _anywhere
    ) -> None:
        self._sender = sender
        self._mail_from = mail_from
        self._domain = mail_from.rpartition("@")[2]
        self._name = name
        self._clock = clock
        self._allowed = allowed

    def pause(self, _address: str) -> float:
        """No pause: the mail server paces itself."""
        return 0.0

    async def room(self, _rank: Rank) -> None:
        """There is always room for one more mail."""

    async def alive(self) -> bool:
        """Greet the mail server."""
        return await self._sender.check() is None

    async def deliver(self, address: str, composed: Outgoing, key: str, _post: Post | None) -> Delivery:
        """Hand one mail to the server; see `Transport.deliver`."""
        if not self._allowed(address):
            # It was written when this was allowed, or the directory names it.
            return Never("domain_not_allowed")
        try:
            message = self._message(address.removeprefix(_MAIL), composed, key)
        except (Invalid, ValueError):
            # An address or a link that no mail can carry will not get better by waiting.
            _logger.exception("a mail could not be written", extra={"what": type(composed).__name__})
            return Never("not_a_mail")
        return Never("not_for_mail") if message is None else await self._sender.send(message)

    async def find(
        self, _address: str, _composed: Outgoing, _key: str, _since: datetime, _post: Post | None
    ) -> Receipt | None:
        """Nothing is looked for: the same Message-ID, UID and SEQUENCE make a second copy harmless."""
        return None

    def _message(self, recipient: str, composed: Outgoing, key: str) -> MailMessage | None:
        message_id = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{self._domain}>"
        match composed:
            case InviteMail(invite, subject, text, description, summary, bounce_token):
                words = InviteWords(subject, text, summary, description, self._name)
                return compose_invite(invite, words, message_id, bounce_address(bounce_token, self._domain))
            case PlainMail(subject, text):
                return compose_plain(
                    subject,
                    text,
                    sender=Mailbox(self._mail_from, self._name),
                    recipient=Mailbox(recipient),
                    message_id=message_id,
                    bounce_address=self._mail_from,
                    date=self._clock.now(),
                )
            case _:
                return None
