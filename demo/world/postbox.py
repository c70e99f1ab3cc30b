"""The demo's post office: a real mail server on loopback that keeps every mail for its recipient."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it arrived: number in order of arrival, sender and recipient of the envelope, the whole message."""

    number: int
    sender: str
    recipient: str
    data: bytes = field(repr=False)


class Postbox:
    """Keeps mails, and which of them have been opened; `open` listens on a free port of this machine."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.opened: set[int] = set()
        self._server: asyncio.Server | None = None

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail a recipient."""
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        for recipient in envelope.rcpt_tos:
            self.mails.append(Mail(len(self.mails) + 1, envelope.mail_from or "", recipient, data))
        return "250 Kept"

    async def open(self) -> str:
        """Listen; return the address as `SIPBOT_SMTP_URL` takes it."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: SMTP(self, loop=loop), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"smtp://127.0.0.1:{port}"

    def to(self, address: str) -> list[Mail]:
        """Return the mails to one address, oldest first."""
        return [mail for mail in self.mails if mail.recipient.casefold() == address.casefold()]

    def find(self, number: int) -> Mail | None:
        """Return a mail by its number."""
        return next((mail for mail in self.mails if mail.number == number), None)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
