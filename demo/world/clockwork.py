"""How time passes in the demo: from one moment at which something is due to the next, in their order."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from bot.clock import MovableClock
from bot.delivery.courier import Courier
from bot.scheduler import Scheduler
from domain.errors import NotFound
from storage.engine.database import Database
from storage.journal import OPENED, SYSTEM
from storage.transaction import Reader

# Letters that wait are looked at again after a second, two, four … and at last every hour: those of one place
# go out a second apart, those that a trouble holds up much later.
FIRST_LOOK = timedelta(seconds=1)
LAST_LOOK = timedelta(hours=1)
# What is due by now is over within this time: what is gathered into one message goes out after some seconds.
SETTLED_AFTER = timedelta(seconds=31)


def codes_of_all(reader: Reader) -> tuple[str, ...]:
    """Return the codes of all cases there ever were, in the order of their opening."""
    return tuple(row.entry.after for row in reader.journal.read(SYSTEM) if row.entry.action == OPENED)


def next_due(reader: Reader) -> datetime | None:
    """Return when something is next due in any case."""
    found = []
    for code in codes_of_all(reader):
        try:
            _, due_at = reader.cases.listing(code)
        except NotFound:
            continue  # it was erased
        if due_at is not None:
            found.append(due_at)
    return min(found, default=None)


def letters_waiting(reader: Reader) -> int:
    """Return how many letters are not delivered yet."""
    counts = reader.outbox.counts()
    return counts.waiting + counts.taken


class Clockwork:
    """Moves the bot's clock, and lets happen what falls due on the way.

    The clock stands while letters are carried: a letter's lease must not run out because a day was skipped.
    """

    def __init__(self, database: Database, scheduler: Scheduler, courier: Courier, clock: MovableClock) -> None:
        self._database = database
        self._scheduler = scheduler
        self._courier = courier
        self._clock = clock
        self._turn = asyncio.Lock()

    async def pulse(self) -> None:
        """Let happen what is due at this moment."""
        async with self._turn:
            await self._happen()

    async def settle(self) -> None:
        """Let everything happen that begins now: half a minute passes when letters need it."""
        async with self._turn:
            await self._happen()
            wait, end = FIRST_LOOK, self._clock.now() + SETTLED_AFTER
            while await self._waiting() and self._clock.now() < end:
                self._clock.move_to(self._clock.now() + wait)
                await self._happen()
                wait *= 2

    async def move_to(self, instant: datetime) -> None:
        """Let time pass until `instant`, and half a minute more when letters are just then on their way."""
        view = FIRST_LOOK
        waiting = 0
        while (now := self._clock.now()) < instant:
            async with self._turn:
                before, (waiting, due) = waiting, await self._ahead()
                view = FIRST_LOOK if waiting != before else min(view * 2, LAST_LOOK)
                stops = [instant]
                if waiting:
                    stops.append(now + view)
                if due is not None:
                    # What is overdue and stays so is looked at with each step, not waited for.
                    stops.append(due if due > now else now + LAST_LOOK)
                self._clock.move_to(min(stops))
                await self._happen()
        await self.settle()

    async def _happen(self) -> None:
        await self._scheduler.tick()
        await self._courier.deliver_due()

    async def _waiting(self) -> int:
        return await asyncio.wrap_future(self._database.read(letters_waiting))

    async def _ahead(self) -> tuple[int, datetime | None]:
        read = self._database.read(lambda reader: (letters_waiting(reader), next_due(reader)))
        return await asyncio.wrap_future(read)
