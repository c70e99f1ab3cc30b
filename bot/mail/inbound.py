"""Where calendar answers come in.

By LMTP or from a mailbox; read, checked against their token, and handed to the case.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.background import ended
from bot.mail.addresses import TokenAddress
from bot.mail.allowance import Allowance
from bot.mail.bounce import Bounce
from bot.mail.imap import ImapReader, TooSoon
from bot.mail.lmtp import LmtpServer
from bot.mail.lmtp_conversation import Arrived, DoorRules
from bot.mail.reading_process import ReadingProcess
from bot.mail.reply import CalendarAnswer, Reading, Reason, Refusal, ReplyRules
from bot.mail.screening import address_in, sender_in
from bot.metrics import Metrics
from bot.settings import Settings
from handlers import calendar_replies
from handlers.services import Services
from storage.engine.database import Database
from storage.transaction import Transaction

PLATFORM = "mail"


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """How much comes in, whatever the way: so many mails at once, then one every so many seconds."""

    per_token: tuple[int, float] = (20, 60.0)
    per_sender: tuple[int, float] = (60, 10.0)


_UNTOLD: Final = frozenset({Reason.LOOP, Reason.AUTO_REPLY, Reason.MAILING_LIST, Reason.READ_RECEIPT})
"""What nobody needs to hear of: programs that answer by themselves. All else from a known address is told."""


class CalendarGateway:
    """Takes mails to our own addresses. What is kept is committed before the mail server hears "250"."""

    def __init__(
        self,
        database: Database,
        services: Services,
        reader: ReadingProcess,
        metrics: Metrics,
        wake: Callable[[], None],
        allowed: IntakeRules | None = None,
    ) -> None:
        self._database = database
        self._services = services
        self._reader = reader
        self.metrics = metrics
        self._wake = wake
        allowed = allowed or IntakeRules()
        self._tokens, self._senders = Allowance(*allowed.per_token), Allowance(*allowed.per_sender)

    async def known(self, address: TokenAddress) -> bool:
        """Say whether an address is one that we have given out and that still lives."""
        found = await asyncio.wrap_future(self._database.read(lambda reader: reader.tokens.code_of(address.token)))
        return found is not None

    def admits(self, address: TokenAddress, sender: str) -> bool:
        """Say whether this sender and this address may bring one more mail now; it counts as brought.

        Delivery reports have no sender; they are bounded by their token.
        """
        of_sender = not sender or self._senders.take(sender.lower())
        return of_sender and self._tokens.take(address.token)

    async def receive(self, arrived: Arrived) -> None:
        """Take one mail from the operator's mail server, whose address and allowance were looked at before it came."""
        await self._take(arrived.data, arrived.address, arrived.recipient, arrived.envelope_from)

    async def read(self, data: bytes) -> None:
        """Take one mail from a mailbox.

        Raises:
            TooSoon: its sender or its address has brought so many that it must wait in the mailbox.
        """
        domain = self._reader.rules.domain
        address = address_in(data, domain)
        if address is None or not await self.known(address):
            self.metrics.refused(PLATFORM, "unknown_address")
            return
        if not self.admits(address, sender_in(data)):
            self.metrics.refused(PLATFORM, "too_many")
            raise TooSoon
        # The address that was looked up is the one that counts, whatever else the parser might find.
        await self._take(data, address, address.written(domain), None)

    async def _take(self, data: bytes, address: TokenAddress, recipient: str, envelope_from: str | None) -> None:
        """Read one mail and act on it. Nothing of it is logged, and nobody is answered."""
        reading = await self._reader.read(data, recipient=recipient, envelope_from=envelope_from)
        if isinstance(reading, Refusal):
            self.metrics.refused(PLATFORM, reading.reason.value)
            if reading.reason in _UNTOLD:
                return
        result = await asyncio.wrap_future(self._database.write(lambda tx: self._act(tx, address, reading)))
        self.metrics.inbound(PLATFORM, result)
        self._wake()

    def _act(self, tx: Transaction, address: TokenAddress, reading: Reading) -> str:
        token, to_bounce = address.token, address.purpose == "bounce"
        match reading:
            case Refusal():
                return calendar_replies.unread(tx, token, of_delivery=to_bounce, to_bounce=to_bounce)
            case Bounce(delivery="failed"):
                return calendar_replies.bounced(self._services, tx, token)
            case Bounce(delivery="unclear"):
                return calendar_replies.unread(tx, token, of_delivery=True, to_bounce=to_bounce)
            case Bounce(delivery=delivery):
                return delivery
            case CalendarAnswer() if to_bounce:
                # A program that answers to the envelope: whoever was asked has said something that is not taken here.
                calendar_replies.unread(tx, token, of_delivery=False, to_bounce=True)
                return "wrong_address"
            case CalendarAnswer():
                return calendar_replies.receive(self._services, tx, _mail(reading, token))

    async def stop(self) -> None:
        """End the process that reads."""
        await self._reader.close()


def _mail(answer: CalendarAnswer, token: str) -> calendar_replies.CalendarMail:
    """Return an answer in the handlers' words. Its key is the same for one mail that is delivered twice."""
    proposed = answer.proposed_start
    said = (token, answer.kind, answer.sequence, answer.stamp, proposed, answer.attendee, answer.comment)
    facts = (*said, answer.message_id)
    return calendar_replies.CalendarMail(
        key=hashlib.sha256(repr(facts).encode()).hexdigest(),
        token=token,
        kind=answer.kind,
        uid=answer.uid,
        sequence=answer.sequence,
        stamp=answer.stamp,
        attendee=answer.attendee or "",
        trust_for=lambda invited: answer.trust_for(invited or "").value,
        proposed=proposed,
        comment=answer.comment or "",
    )


class CalendarAnswers:
    """The ways in that the operator has set up: an LMTP port behind their mail server, a mailbox, or both."""

    def __init__(self, gateway: CalendarGateway, lmtp: LmtpServer | None, mailbox: ImapReader | None) -> None:
        self.gateway = gateway
        self.lmtp = lmtp
        self._mailbox = mailbox
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def of(
        cls, settings: Settings, database: Database, services: Services, metrics: Metrics, wake: Callable[[], None]
    ) -> CalendarAnswers | None:
        """Return what the settings ask for, or nothing when invites are not mailed at all."""
        if not settings.mail_from:
            return None
        domain = settings.mail_from.rpartition("@")[2]
        rules = ReplyRules(domain, settings.sipbot_authserv_id or None)
        gateway = CalendarGateway(database, services, ReadingProcess(rules), metrics, wake)

        def turned_away(why: str) -> None:
            metrics.refused(PLATFORM, why)

        lmtp = None
        if settings.sipbot_lmtp_port is not None:
            lmtp = LmtpServer(
                DoorRules(domain),
                gateway.known,
                gateway.admits,
                gateway.receive,
                host=settings.sipbot_host,
                port=settings.sipbot_lmtp_port,
                count=turned_away,
            )
        imap = settings.sipbot_imap_url.get_secret_value()
        mailbox = ImapReader(imap, gateway.read, count=turned_away) if imap else None
        return cls(gateway, lmtp, mailbox)

    async def start(self) -> None:
        """Listen and watch."""
        if self.lmtp is not None:
            await self.lmtp.start()
        if self._mailbox is not None:
            self._watching = asyncio.get_running_loop().create_task(self._mailbox.run(), name="mailbox")

    async def stop(self) -> None:
        """Stop; what is just being kept is kept."""
        if self.lmtp is not None:
            await self.lmtp.stop()
        if self._watching is not None:
            await ended([self._watching])
        await self.gateway.stop()
