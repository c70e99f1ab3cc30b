"""Hands mails to the operator's mail server by SMTP and says what became of each one."""

from __future__ import annotations

import asyncio
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, unquote

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from bot.delivery.outcome import Never, NotSent, Outcome, Receipt, Sent, Unknown
from bot.mail.mime import MailMessage
from bot.mail.place import parts_of


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Longest waits in seconds: for a connection with greeting, TLS and login, a command, the data."""

    connect: float = 20.0
    command: float = 30.0
    data: float = 60.0


@dataclass(frozen=True, slots=True)
class SmtpPlace:
    """Where and how to connect, read from `SIPBOT_SMTP_URL`."""

    host: str
    port: int
    user: str | None
    password: str | None
    tls: str  # "direct" from the first byte, "require" or "offer" STARTTLS, "off"

    @classmethod
    def from_url(cls, url: str) -> SmtpPlace:
        """Reads `smtp://user:pw@host:25` or `smtps://…`.

        STARTTLS with a checked certificate is required where a password would travel to another machine;
        otherwise it is used, unchecked, when offered. `?tls=require`, `?tls=offer` and `?tls=off` override
        this.

        Raises ValueError for what cannot be meant.
        """
        parts = parts_of(url, "smtp://user:password@host:25")
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("a mail server is written smtp://host:25 or smtps://host")
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        tls = parse_qs(parts.query).get("tls", ["require" if user and not local else "offer"])[0]
        if tls not in ("require", "offer", "off"):
            raise ValueError("tls is require, offer or off")
        if parts.scheme == "smtps":
            tls = "direct"
        return cls(parts.hostname, parts.port or (465 if tls == "direct" else 25), user, password, tls)


_OURS_TO_MEND: Final = frozenset({530, 534, 535, 538})
"""Replies about login and encryption: the operator can mend them, so no mail dies of them."""

_PAUSE: Final = 300.0
"""Seconds to wait after a refusal of the whole connection: nothing changes within a minute."""


class SmtpSender:
    """Sends mails over a few connections that are kept open between the mails of a burst.

    One recipient a mail, so each outcome belongs to one person. A mail whose line broke after the data had
    begun is `Unknown`. Sending that same mail again is harmless: Message-ID, UID, SEQUENCE and DTSTAMP are
    the same, so a client shows it once or updates the entry with itself.
    """

    def __init__(
        self,
        url: str,
        *,
        connections: int = 4,
        keep_open: float = 10.0,
        timeouts: Timeouts | None = None,
    ) -> None:
        self._place = SmtpPlace.from_url(url)
        self._timeouts = timeouts or Timeouts()
        self._keep_open = keep_open
        self._slots = asyncio.Semaphore(connections)
        self._idle: list[tuple[SMTP, float]] = []

    async def send(self, message: MailMessage) -> Outcome:
        """Sends one mail. Every wait ends; no error of the mail server or the line leaves as an exception."""
        async with self._slots:
            kept = self._take()
            if kept is not None:
                outcome = await self._deliver(kept, message)
                if outcome is not None:
                    return outcome
                # The server had closed the kept line, before any data: a new one tells more.
            opened = await self._connect()
            if isinstance(opened, NotSent):
                return opened
            return await self._deliver(opened, message) or NotSent("connection_lost")

    async def check(self) -> str | None:
        """Connects and logs in without sending: None when that works, else why not (for `sipbot doctor`)."""
        opened = await self._connect()
        if isinstance(opened, NotSent):
            return opened.why
        await self._part(opened)
        return None

    async def close(self) -> None:
        """Says goodbye on all kept connections."""
        while self._idle:
            await self._part(self._idle.pop()[0])

    def _take(self) -> SMTP | None:
        """The kept connection used last, if it is still fresh; those gone stale are dropped."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            client, since = self._idle.pop()
            if client.is_connected and now - since < self._keep_open:
                return client
            client.close()
        return None

    def _keep(self, client: SMTP) -> None:
        self._idle.append((client, asyncio.get_running_loop().time()))

    async def _part(self, client: SMTP) -> None:
        try:
            async with asyncio.timeout(self._timeouts.command):
                await client.quit()
        except (SMTPException, OSError, TimeoutError):
            client.close()  # it is leaving anyway; nothing of ours hangs on its goodbye

    async def _connect(self) -> SMTP | NotSent:
        place = self._place
        client = SMTP(
            hostname=place.host,
            port=place.port,
            username=place.user,
            password=place.password,
            local_hostname=socket.gethostname(),
            timeout=self._timeouts.connect,
            use_tls=place.tls == "direct",
            start_tls={"require": True, "offer": None}.get(place.tls, False),
            validate_certs=place.tls != "offer",
        )
        try:
            async with asyncio.timeout(self._timeouts.connect):
                await client.connect()
        except SMTPResponseException as error:
            client.close()
            return NotSent(f"connect {_codes(error)}", _PAUSE)
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            return NotSent(f"connect {type(error).__name__}")
        except BaseException:
            client.close()
            raise
        return client

    async def _deliver(self, client: SMTP, message: MailMessage) -> Outcome | None:
        """One mail over one connection; None when the line was gone before any data had left."""
        try:
            refusal = await self._announce(client, message)
            if refusal is not None:
                return await self._after(client, refusal)
        except (SMTPException, OSError, TimeoutError):
            client.close()
            return None
        except BaseException:
            client.close()
            raise
        try:
            async with asyncio.timeout(self._timeouts.data):
                await client.data(message.data, timeout=self._timeouts.data)
        except SMTPResponseException as error:
            return await self._after(client, _refused("data", error))
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            return Unknown(f"data {type(error).__name__}")
        except BaseException:
            client.close()
            raise
        self._keep(client)
        return Sent(Receipt(message=message.message_id))

    async def _announce(self, client: SMTP, message: MailMessage) -> NotSent | Never | None:
        """Sender and recipient; None when both are welcome. Raises when the line is gone."""
        wait = self._timeouts.command
        stage = "sender"
        try:
            async with asyncio.timeout(2 * wait):
                await client.mail(message.envelope_from, timeout=wait)
                stage = "recipient"
                await client.rcpt(message.recipient, timeout=wait)
        except SMTPResponseException as error:
            if error.code == 421:  # noqa: PLR2004 - "closing transmission channel" (RFC 5321 4.2.2)
                raise OSError("the server closed the channel") from error
            return _refused(stage, error)
        return None

    async def _after(self, client: SMTP, outcome: NotSent | Never) -> NotSent | Never:
        """Makes the connection usable again after a refusal, or drops it."""
        try:
            async with asyncio.timeout(self._timeouts.command):
                await client.rset(timeout=self._timeouts.command)
            self._keep(client)
        except (SMTPException, OSError, TimeoutError):
            client.close()
        return outcome


def _refused(stage: str, error: SMTPResponseException) -> NotSent | Never:
    """A refusal by code: 4xx may pass later, 5xx never will, login trouble is ours to mend."""
    why = f"{stage} {_codes(error)}"
    if error.code in _OURS_TO_MEND:
        return NotSent(why, _PAUSE)
    return Never(why) if 500 <= error.code < 600 else NotSent(why)  # noqa: PLR2004 - SMTP's own classes


_ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def _codes(error: SMTPResponseException) -> str:
    """The reply's numbers alone: its text may repeat the address."""
    enhanced = _ENHANCED.search(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)
