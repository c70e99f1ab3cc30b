"""One conversation of the way in for calendar answers: what is said, command by command (RFC 5321, RFC 2033)."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from bot.mail.addresses import TokenAddress, parse_address

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail as the operator's server handed it over: whose address it came to, who sent it, its bytes."""

    address: TokenAddress
    recipient: str = field(repr=False)
    envelope_from: str = field(repr=False)
    data: bytes = field(repr=False)


Known = Callable[[TokenAddress], Awaitable[bool]]
Admits = Callable[[TokenAddress, str], bool]
"""Says whether this address and this sender may bring one more mail now."""
Receive = Callable[[Arrived], Awaitable[None]]
"""Keeps the mail (commits) and returns; raising means it was not kept, and the sender tries again later."""
Count = Callable[[str], None]
"""Hears why a mail was turned away, in one word, for the metrics."""


@dataclass(frozen=True, slots=True)
class DoorRules:
    """Sizes in bytes, waits in seconds, and how much is let in.

    `wait` is for one whole command, `data_wait` for a whole mail, `keep_wait` for our own keeping of it, `lasting` for
    a connection from its beginning to its end. When `connections` are open, the one that has been silent longest and
    is not in the middle of a mail makes room for a new one; when all are, the one that has brought its mail for
    longest, and for more than `haste`: a mail server has the whole mail before it calls, an attacker takes their time.
    """

    domain: str
    largest: int = 1_000_000
    wait: float = 60.0
    data_wait: float = 120.0
    keep_wait: float = 30.0
    lasting: float = 600.0
    haste: float = 5.0
    connections: int = 50


@dataclass(frozen=True, slots=True)
class Listener:
    """What all conversations share."""

    rules: DoorRules
    known: Known
    admits: Admits
    receive: Receive
    count: Count


class _Gone(OSError):
    """The other side closed the connection."""


CHUNK: Final = 64 * 1024
_LONGEST_COMMAND: Final = 2048
_MOST_COMMANDS: Final = 1000
_PATH: Final = re.compile(r"(?i)(FROM|TO):\s*<?([^<>\s]*)>?((?:\s+\S+)*)\s*")
_SIZE: Final = re.compile(r"(?i)(?:^|\s)SIZE=(\d{1,12})(?:\s|$)")

_NO_SUCH: Final = "550 5.1.1 No such address"


class Conversation:
    """One connection, command by command."""

    def __init__(self, lmtp: Listener, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._listener = lmtp
        self._reader = reader
        self._writer = writer
        self._buffer = bytearray()
        self.busy = False
        self.heard_at = monotonic()
        self.bringing_since: float | None = None
        self._sender: str | None = None
        self._recipient: tuple[str, TokenAddress] | None = None

    async def turn_away(self) -> None:
        """Say that there is no room, so that the other side comes again later."""
        await self._say("421 4.3.2 Too many connections")

    async def run(self) -> None:
        """Answer until the other side says goodbye, leaves, or asks too much."""
        await self._say("220 Calendar answers LMTP")
        for _ in range(_MOST_COMMANDS):
            line = await self._command()
            word, _, rest = line.partition(" ")
            if word.upper() == "QUIT":
                await self._say("221 2.0.0 Bye")
                return
            await self._say(await self._answer(word.upper(), rest.strip()))
        await self._say("421 4.7.0 Too many commands")

    async def _answer(self, word: str, rest: str) -> str:
        commands: Mapping[str, Callable[[str], Awaitable[str]]] = {
            "LHLO": self._hello,
            "EHLO": self._hello,
            "HELO": self._hello,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._reset,
            "NOOP": self._nothing,
        }
        handle = commands.get(word)
        return await handle(rest) if handle else "500 5.5.1 Unknown command"

    async def _hello(self, _rest: str) -> str:
        self._forget()
        size = self._listener.rules.largest
        offers = ("Calendar answers", f"SIZE {size}", "PIPELINING", "8BITMIME")
        return "".join(f"250-{offer}\r\n" for offer in offers) + "250 ENHANCEDSTATUSCODES"

    async def _nothing(self, _rest: str) -> str:
        return "250 2.0.0 OK"

    async def _reset(self, _rest: str) -> str:
        self._forget()
        return "250 2.0.0 OK"

    async def _mail(self, rest: str) -> str:
        path = _PATH.fullmatch(rest)
        if path is None or path[1].upper() != "FROM":
            return "501 5.5.4 MAIL FROM:<address>"
        self._forget()
        size = _SIZE.search(path[3])
        if size and int(size[1]) > self._listener.rules.largest:
            self._listener.count("too_big")
            return "552 5.3.4 Message too big"
        self._sender = path[2]
        return "250 2.1.0 OK"

    async def _rcpt(self, rest: str) -> str:
        path = _PATH.fullmatch(rest)
        if path is None or path[1].upper() != "TO":
            return "501 5.5.4 RCPT TO:<address>"
        if self._sender is None:
            return "503 5.5.1 MAIL first"
        if self._recipient is not None:
            return "452 4.5.3 One recipient at a time"
        address = parse_address(path[2], self._listener.rules.domain)
        if address is None:
            self._listener.count("unknown_address")
            return _NO_SUCH
        refusal = await self._unwelcome(address)
        if refusal is None:
            self._recipient = (path[2], address)
        return refusal or "250 2.1.5 OK"

    async def _unwelcome(self, address: TokenAddress) -> str | None:
        try:
            async with asyncio.timeout(self._listener.rules.keep_wait):
                known = await self._listener.known(address)
        except Exception as error:  # noqa: BLE001 - whatever failed in asking, the sender must try again
            return self._not_now("checked", error)
        if not known:
            self._listener.count("unknown_address")
            return _NO_SUCH
        if not self._listener.admits(address, self._sender or ""):
            self._listener.count("too_many")
            return "451 4.7.1 Too much mail, try later"
        return None

    def _not_now(self, what: str, error: Exception) -> str:
        """Temporary failure. Only the error's kind is logged: its text may hold what was in the mail."""
        kind = type(error).__name__
        _LOG.error("calendar answer not %s: %s", what, kind)
        self._listener.count(f"not_{what}")
        return "451 4.3.0 Not now, try later"

    async def _data(self, _rest: str) -> str:
        if self._sender is None or self._recipient is None:
            return "503 5.5.1 RCPT first"
        recipient, address = self._recipient
        sender = self._sender
        self._forget()
        self.busy = True
        try:
            self.bringing_since = monotonic()
            await self._say("354 End with a dot on its own line")
            async with asyncio.timeout(self._listener.rules.data_wait):
                data = await self._body()
            self.bringing_since = None
            if data is None:
                self._listener.count("too_big")
                return "552 5.3.4 Message too big"
            return await self._keep(Arrived(address, recipient, sender, data))
        finally:
            self.busy = False

    async def _keep(self, arrived: Arrived) -> str:
        """Promises the mail only after it is kept; keeping goes on even if the other side leaves."""
        keeping = asyncio.ensure_future(self._listener.receive(arrived))
        try:
            done, _ = await asyncio.wait({keeping}, timeout=self._listener.rules.keep_wait)
        except asyncio.CancelledError:
            await asyncio.wait({keeping}, timeout=self._listener.rules.keep_wait)
            raise
        finally:
            keeping.cancel()  # does nothing to one that is done
        if not done:
            return self._not_now("kept", TimeoutError())
        error = keeping.exception()
        if isinstance(error, Exception):
            return self._not_now("kept", error)
        return "250 2.0.0 Kept"

    async def _body(self) -> bytes | None:
        """The mail up to the lone dot, dots undone; None when too big, and then nothing of it is held.

        Only CR LF ends a line here, so nobody can hide a second mail inside the first.
        """
        largest = self._listener.rules.largest
        self._buffer[:0] = b"\r\n"  # so that a dot on the very first line is found the same way
        dropped = 0
        searched = 0
        while (end := self._buffer.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(self._buffer) - 4)
            if len(self._buffer) > largest + CHUNK:
                dropped += searched
                del self._buffer[:searched]
                searched = 0
                if dropped > 20 * largest:
                    await self._say("552 5.3.4 Message too big")
                    raise _Gone("closed on a sender that did not stop")
            await self._more()
        body = bytes(self._buffer[2 : end + 2])
        del self._buffer[: end + 5]
        if dropped or len(body) > largest:
            return None
        return body.removeprefix(b".").replace(b"\r\n.", b"\r\n")

    async def _command(self) -> str:
        # One deadline for the whole line: who sends a byte now and then is as silent as who sends nothing.
        async with asyncio.timeout(self._listener.rules.wait):
            while (end := self._buffer.find(b"\n")) < 0:
                if len(self._buffer) > _LONGEST_COMMAND:
                    await self._say("500 5.5.6 Line too long")
                    raise _Gone("closed on an endless command")
                await self._more()
        self.heard_at = monotonic()
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line.decode("ascii", "replace")

    async def _more(self) -> None:
        chunk = await self._reader.read(CHUNK)
        if not chunk:
            raise _Gone("closed by the other side")
        self._buffer += chunk

    async def _say(self, line: str) -> None:
        self._writer.write(line.encode("ascii") + b"\r\n")
        async with asyncio.timeout(self._listener.rules.wait):
            await self._writer.drain()

    def _forget(self) -> None:
        self._sender = None
        self._recipient = None
