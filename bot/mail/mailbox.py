"""A mailbox on an IMAP server: where it is, and one login in it. `imap.py` says what is read there, and when."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import parse_qs, unquote

from aioimaplib import IMAP4, IMAP4_SSL, AioImapException

from bot.mail.place import parts_of

# The library logs the lines it reads, and a mail's lines are nobody's business.
logging.getLogger("aioimaplib").setLevel(logging.ERROR)

_NUMBERS: Final = re.compile(rb"[\d\s]+")
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where the answers lie and what becomes of those read: `seen`, `delete`, or `move` to another folder."""

    host: str
    port: int
    user: str
    password: str
    tls: bool
    folder: str
    afterwards: str
    move_to: str | None

    @classmethod
    def from_url(cls, url: str) -> Mailbox:
        """Reads `imaps://user:pw@host:993/Folder?after=seen`; the folder is INBOX when left out.

        `?after=delete` removes each mail that was read, `?after=move:Folder` files it. Plain `imap://` is for
        this machine alone, since the password would travel readably.

        Raises ValueError for what cannot be meant.
        """
        parts = parts_of(url, "imaps://user:password@host:993/Folder")
        if parts.scheme not in ("imap", "imaps") or not parts.hostname:
            raise ValueError("a mailbox is written imaps://user:password@host/Folder")
        if not parts.username or parts.password is None:
            raise ValueError("a mailbox needs a user and a password")
        tls = parts.scheme == "imaps"
        if not tls and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ValueError("a mailbox on another machine needs imaps://")
        after, _, move_to = parse_qs(parts.query).get("after", ["seen"])[0].partition(":")
        if after not in ("seen", "delete", "move") or (after == "move") != bool(move_to):
            raise ValueError("after is seen, delete or move:Folder")
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if tls else 143),
            user=unquote(parts.username),
            password=unquote(parts.password),
            tls=tls,
            folder=unquote(parts.path.strip("/")) or "INBOX",
            afterwards=after,
            move_to=move_to or None,
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: for an answer of the server, between looks without IDLE, of one IDLE, of pauses after errors.

    An IDLE is renewed early: what arrives in the moment between looking and waiting is not told of by every
    server, and is then found at the next renewal.
    """

    answer: float = 30.0
    look: float = 60.0
    idle: float = 120.0
    first_pause: float = 2.0
    longest_pause: float = 300.0


class MailboxTrouble(Exception):
    """The mailbox or the line to it failed; the next try opens a new one."""


class Session:
    """One login. All failures come out as MailboxTrouble; every wait ends."""

    def __init__(self, mailbox: Mailbox, pace: Pace) -> None:
        self._mailbox = mailbox
        self._pace = pace
        self._lost = asyncio.Event()
        self._imap: Any = None

    async def __aenter__(self) -> Self:
        mailbox = self._mailbox
        kind = IMAP4_SSL if mailbox.tls else IMAP4
        extra = {"ssl_context": ssl.create_default_context()} if mailbox.tls else {}
        self._imap = kind(
            host=mailbox.host,
            port=mailbox.port,
            timeout=self._pace.answer,
            conn_lost_cb=lambda _error: self._lost.set(),
            **extra,
        )
        try:
            await self._do("connect", self._imap.wait_hello_from_server())
            await self._ok("login", self._imap.login(_quoted(mailbox.user), mailbox.password))
            await self._ok("open the folder", self._imap.select(_quoted(mailbox.folder)))
        except BaseException:
            await self._leave()
            raise
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._leave()

    async def _leave(self) -> None:
        """Closes the line at once; a LOGOUT would only be a courtesy to a server that may hang."""
        protocol = self._imap.protocol
        if protocol is not None and protocol.transport is not None:
            protocol.transport.close()
        self._imap._client_task.cancel()  # noqa: SLF001 - the library has no way to give up connecting

    async def unseen(self) -> list[str]:
        """UIDs of mails nobody has read, oldest first."""
        lines = await self._ok("search", self._imap.uid_search("UNSEEN", charset=None))
        numbers = bytes(lines[0]) if lines else b""
        return [uid.decode() for uid in numbers.split()] if _NUMBERS.fullmatch(numbers) else []

    async def size(self, uid: str) -> int:
        """The mail's size in bytes; 0 when it has gone meanwhile."""
        lines = await self._ok("size", self._imap.uid("fetch", uid, "(RFC822.SIZE)"))
        found = _SIZE.search(b" ".join(bytes(line) for line in lines))
        return int(found[1]) if found else 0

    async def fetch(self, uid: str) -> bytes | None:
        """The whole mail, left unmarked; None when it has gone meanwhile."""
        lines = await self._ok("fetch", self._imap.uid("fetch", uid, "(BODY.PEEK[])"))
        return next((bytes(line) for line in lines if isinstance(line, bytearray)), None)

    async def set_aside(self, uid: str, *, kept: bool) -> None:
        """Marks, moves or removes a mail that was read; one that was not kept stays, seen and flagged."""
        if not kept:
            await self._ok("flag", self._imap.uid("store", uid, r"+FLAGS.SILENT (\Seen \Flagged)"))
            return
        await self._ok("mark", self._imap.uid("store", uid, r"+FLAGS.SILENT (\Seen)"))
        folder = self._mailbox.move_to
        if folder and self._imap.has_capability("MOVE"):
            await self._ok("file", self._imap.uid("move", uid, _quoted(folder)))
            return
        if folder:
            await self._ok("file", self._imap.uid("copy", uid, _quoted(folder)))
        if self._mailbox.afterwards != "seen":
            await self._remove(uid)

    async def _remove(self, uid: str) -> None:
        """Removes this mail alone where the server can; else it stays marked until somebody tidies up."""
        await self._ok("remove", self._imap.uid("store", uid, r"+FLAGS.SILENT (\Deleted)"))
        if self._imap.has_capability("UIDPLUS"):
            await self._ok("remove", self._imap.uid("expunge", uid))

    async def wait_for_news(self) -> None:
        """Returns when the server tells of something, or after a while: by IDLE, or by looking again."""
        if not self._imap.has_capability("IDLE"):
            await self._until_lost(self._pace.look)
            await self._ok("look", self._imap.noop())
            return
        idle = await self._do("idle", self._imap.idle_start(timeout=self._pace.idle + self._pace.answer))
        try:
            await self._first_news()
        finally:
            self._imap.idle_done()
        await self._do("end idle", asyncio.wait_for(idle, self._pace.answer))

    async def _first_news(self) -> None:
        """Waits for a push, the end of this IDLE, or the loss of the line, whichever is first."""
        push = asyncio.ensure_future(self._imap.wait_server_push(timeout=None))
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({push, lost}, timeout=self._pace.idle, return_when=asyncio.FIRST_COMPLETED)
        finally:
            push.cancel()
            lost.cancel()
        if self._lost.is_set():
            raise MailboxTrouble("the line was lost")

    async def _until_lost(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._lost.wait()
        except TimeoutError:
            return
        raise MailboxTrouble("the line was lost")

    async def _ok(self, what: str, doing: Awaitable[Any]) -> list[bytes | bytearray]:
        answer = await self._do(what, doing)
        if answer.result != "OK":
            raise MailboxTrouble(f"{what}: refused")
        return list(answer.lines)

    async def _do(self, what: str, doing: Awaitable[Any]) -> Any:
        """One command's answer. The library waits on after the line is lost, so the loss is watched here."""
        answer = asyncio.ensure_future(doing)
        lost = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({answer, lost}, timeout=self._pace.answer, return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                return answer.result()
        except (AioImapException, OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise MailboxTrouble(f"{what}: {type(error).__name__}") from error
        finally:
            answer.cancel()
            lost.cancel()
        raise MailboxTrouble(f"{what}: {'the line was lost' if self._lost.is_set() else 'no answer'}")


def _quoted(name: str) -> str:
    """An IMAP quoted string; folder names outside ASCII would need an encoding of their own."""
    if not name.isascii() or any(ord(char) < 32 for char in name):  # noqa: PLR2004 - control characters
        raise ValueError("names in a mailbox address are plain ASCII")
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
