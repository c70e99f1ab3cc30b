"""A mail server for the tests, by aiosmtpd, with each kind of bad day."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Post:
    """What the server has taken: envelope and bytes, as sent."""

    envelope_from: str
    recipient: str
    data: bytes


@dataclass
class MailServer:
    """Answers each command as its fields say; empty means welcome."""

    on_mail: str = ""
    on_rcpt: str = ""
    on_data: str = ""
    drop_after_data: bool = False
    hang_on_data: bool = False
    password: str | None = None
    taken: list[Post] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    _server: asyncio.Server | None = None
    _sessions: list[SMTP] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_mail:
            return self.on_mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.on_rcpt:
            return self.on_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.on_data:
            return self.on_data
        assert isinstance(envelope.content, bytes)
        self.taken.append(Post(envelope.mail_from or "", envelope.rcpt_tos[0], envelope.content))
        if self.hang_on_data:
            await asyncio.sleep(60)
        if self.drop_after_data:
            assert server.transport is not None
            server.transport.close()
            await asyncio.sleep(60)
        return "250 OK"

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        return AuthResult(success=given.password.decode() == self.password, handled=False)

    def _session(self) -> SMTP:
        self.connections += 1
        session = SMTP(
            self,
            hostname="mail.example.se",
            loop=asyncio.get_running_loop(),
            authenticator=self.authenticate if self.password else None,
            auth_required=self.password is not None,
            auth_require_tls=False,
        )
        self._sessions.append(session)
        return session

    async def __aenter__(self) -> Self:
        self._server = await asyncio.get_running_loop().create_server(self._session, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up()
        await self._server.wait_closed()
        await asyncio.sleep(0)

    def hang_up(self) -> None:
        """Closes every open connection from the server's side."""
        for session in self._sessions:
            if session.transport is not None:
                session.transport.close()
        self._sessions.clear()
