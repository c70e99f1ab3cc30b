"""Fetches calendar answers from a mailbox by IMAP, for operators who have a mailbox but no mail server.

Each unseen mail is sized before it is fetched, fetched without marking it, handed on to be kept, and only
then set aside. A crash in between means that it is read again: what arrives twice counts once further in.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from bot.mail.mailbox import Mailbox, MailboxTrouble, Pace, Session
from domain.errors import Unavailable

_LOG = logging.getLogger(__name__)
Receive = Callable[[bytes], Awaitable[None]]
"""Keeps the mail (commits) and returns; raising means it was not kept, and it is read again later."""
Count = Callable[[str], None]


class TooSoon(Exception):
    """A mail has to wait in the mailbox, because as many as are allowed have come from its sender or to its address."""


_LATER: Final = 60.0  # seconds until a mail that came too soon is looked at again
_WAITING: Final = 500  # so many may wait

_TRIES: Final = 5
"""So often one mail that cannot be kept is read again before it is set aside, lest it block the others."""


class ImapReader:
    """Watches one mailbox until `run` is cancelled."""

    def __init__(
        self,
        url: str,
        receive: Receive,
        *,
        largest: int = 1_000_000,
        pace: Pace | None = None,
        count: Count = lambda _why: None,
    ) -> None:
        self._mailbox = Mailbox.from_url(url)
        self._receive = receive
        self._largest = largest
        self._pace = pace or Pace()
        self._count = count
        self._failed: Counter[str] = Counter()
        self._not_before: dict[str, float] = {}

    async def run(self) -> None:
        """Reads what is there and what comes, reconnecting with growing pauses."""
        pause = self._pace.first_pause
        while True:
            try:
                async with Session(self._mailbox, self._pace) as session:
                    while True:
                        await self._read_all(session)
                        pause = self._pace.first_pause
                        await session.wait_for_news()
            except MailboxTrouble as error:
                _LOG.warning("mailbox: %s; again in %.0f s", error, pause)
                self._count("mailbox_trouble")
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._pace.longest_pause)

    async def check(self) -> str | None:
        """Logs in and opens the folder; None when that works, else why not (for `sipbot doctor`)."""
        try:
            async with Session(self._mailbox, self._pace):
                return None
        except MailboxTrouble as error:
            return str(error)

    async def _read_all(self, session: Session) -> None:
        for uid in await session.unseen():
            if self._not_before.get(uid, 0.0) > monotonic():
                continue
            if await session.size(uid) > self._largest:
                self._count("too_big")
                await session.set_aside(uid, kept=False)
                continue
            data = await session.fetch(uid)
            if data is not None:
                try:
                    await session.set_aside(uid, kept=await self._kept(uid, data))
                except TooSoon:
                    await self._leave_for_later(session, uid)

    async def _leave_for_later(self, session: Session, uid: str) -> None:
        """Leaves a mail unread until its turn; when too many wait, it is left for good, marked."""
        now = monotonic()
        self._not_before = {known: until for known, until in self._not_before.items() if until > now}
        if len(self._not_before) < _WAITING:
            self._not_before[uid] = now + _LATER
        else:
            await session.set_aside(uid, kept=False)

    async def _kept(self, uid: str, data: bytes) -> bool:
        """Hands the mail on. False when it has failed so often that it is to be left where it is, marked."""
        try:
            await self._receive(data)
        except TooSoon:
            raise
        except Unavailable as error:
            # Not the mail's fault, and over one day: it waits, as all others do.
            self._count("not_kept")
            raise MailboxTrouble("a mail was not kept: the database is away") from error
        except Exception as error:
            self._failed[uid] += 1
            kind = type(error).__name__
            self._count("not_kept")
            if self._failed[uid] < _TRIES:
                raise MailboxTrouble(f"a mail was not kept: {kind}") from error
            _LOG.error("a mail could not be kept %d times (%s) and is flagged in the mailbox", _TRIES, kind)
            return False
        self._failed.pop(uid, None)
        return True
