"""The mail server of the stories: a real one on loopback that keeps every mail, and may put senders off."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived for one recipient."""

    recipient: str
    data: bytes = field(repr=False)


class PostOffice:
    """Keeps mails. While it is `away` it asks senders to try again later; an address it `refuses` it does not know."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.away = False
        self.refuses: set[str] = set()
        self._server: asyncio.Server | None = None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.away:
            return "451 4.3.2 Try again later"
        if address in self.refuses:
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails += [Mail(recipient, content) for recipient in envelope.rcpt_tos]
        return "250 Kept"

    async def open(self) -> str:
        """Listen on a free port of this machine; return the address as `SIPBOT_SMTP_URL` takes it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", 0)
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def to(self, address: str) -> list[Mail]:
        """Return the mails to one address, oldest first."""
        return [mail for mail in self.mails if mail.recipient.casefold() == address.casefold()]

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
