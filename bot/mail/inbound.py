"""Where calendar answers come in.

By LMTP or from a mailbox; read, checked against their token, and handed to the case.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable

from bot.mail.addresses import TokenAddress
from bot.mail.bounce import Bounce
from bot.mail.imap import ImapReader
from bot.mail.lmtp import Arrived, DoorRules, LmtpServer
from bot.mail.reply import CalendarAnswer, Refusal, ReplyRules, read_reply
from bot.metrics import Metrics
from bot.settings import Settings
from handlers import calendar_replies
from handlers.services import Services
from storage.engine.database import Database
from storage.transaction import Transaction

_logger = logging.getLogger(__name__)

PLATFORM = "mail"


class CalendarGateway:
    """Takes mails to our own addresses. What is kept is committed before the mail server hears "250"."""

    def __init__(
        self, database: Database, services: Services, rules: ReplyRules, metrics: Metrics, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._services = services
        self._rules = rules
        self.metrics = metrics
        self._wake = wake

    async def known(self, address: TokenAddress) -> bool:
        """Say whether an address is one that we have given out and that still lives."""
        found = await asyncio.wrap_future(self._database.read(lambda reader: reader.tokens.code_of(address.token)))
        return found is not None

    async def receive(self, arrived: Arrived) -> None:
        """Take one mail from the operator's mail server."""
        await self.take(arrived.data, arrived.recipient, arrived.envelope_from)

    async def read(self, data: bytes) -> None:
        """Take one mail from a mailbox."""
        await self.take(data)

    async def take(self, data: bytes, recipient: str | None = None, envelope_from: str | None = None) -> str:
        """Read one mail and act on it; return what became of it. Nothing of it is logged, and nobody is answered."""
        reading = await asyncio.to_thread(
            read_reply, data, self._rules, recipient=recipient, envelope_from=envelope_from
        )
        if isinstance(reading, Refusal):
            self.metrics.refused(PLATFORM, reading.reason.value)
            return reading.reason.value
        result = await asyncio.wrap_future(self._database.write(lambda tx: self._act(tx, reading)))
        self.metrics.inbound(PLATFORM, result)
        self._wake()
        return result

    def _act(self, tx: Transaction, reading: CalendarAnswer | Bounce) -> str:
        if isinstance(reading, Bounce):
            failed = reading.delivery == "failed"
            return calendar_replies.bounced(self._services, tx, reading.token) if failed else reading.delivery
        if reading.token is None:
            return "no_token"
        return calendar_replies.receive(self._services, tx, _mail(reading, reading.token))


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
        gateway = CalendarGateway(database, services, rules, metrics, wake)

        def turned_away(why: str) -> None:
            metrics.refused(PLATFORM, why)

        lmtp = None
        if settings.sipbot_lmtp_port is not None:
            lmtp = LmtpServer(
                DoorRules(domain),
                gateway.known,
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
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
