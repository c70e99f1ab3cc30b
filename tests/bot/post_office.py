"""A post office for courier tests: a real outbox, a clock that is turned by hand, a carrier that does as it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.delivery.courier import Courier
from bot.delivery.outcome import Receipt, Sent
from bot.delivery.transport import CannotLook, Delivery
from bot.metrics import Metrics
from handlers.ui.cards import Card, Section
from handlers.ui.outgoing import Drop, Elsewhere, Outgoing, Show, Tell
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import Database, open_database
from storage.outbox.outbox import Letter
from storage.posts import Post
from storage.transaction import Reader, Transaction

START = datetime(2026, 12, 1, 8, tzinfo=UTC)


class TurnedClock:
    """Stands still until it is turned."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def turn(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class TestCarrier:
    """Carries to memory. `outcomes` are answered in order; then everything arrives.

    What arrived can be found again by its key, as in a channel's history.
    """

    __test__ = False

    def __init__(self, prefix: str = "chat:", pause: float = 0.0) -> None:
        self.prefix = prefix
        self.seconds = pause
        self.outcomes: list[Delivery | Callable[[], Any]] = []
        self.arrived: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.looked: list[str] = []
        self.blind = False
        self.there = True
        self.busy: set[str] = set()
        self.most_busy = 0

    def pause(self, address: str) -> float:
        return self.seconds

    async def room(self, rank: int) -> None:
        return

    async def alive(self) -> bool:
        return self.there

    async def deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        assert address not in self.busy, "two letters of one address at once"
        self.busy.add(address)
        self.most_busy = max(self.most_busy, len(self.busy))
        try:
            outcome = self.outcomes.pop(0) if self.outcomes else None
            if callable(outcome):
                found = outcome()
                outcome = await found if asyncio.iscoroutine(found) else found
            return outcome if outcome is not None else await self.arrive(address, composed, key)
        finally:
            self.busy.discard(address)

    async def arrive(self, address: str, composed: Outgoing, key: str) -> Delivery:
        await asyncio.sleep(0)
        self.arrived.append((address, key))
        if isinstance(composed, Show | Tell):
            self.texts.append(composed.card.summary)
        return Sent(Receipt(address.rpartition(":")[2], str(len(self.arrived))))

    async def find(
        self, address: str, composed: Outgoing, key: str, since: datetime, post: Post | None
    ) -> Receipt | None:
        self.looked.append(key)
        if self.blind:
            raise CannotLook("ratelimited", 30.0)
        keys = [found for _, found in self.arrived]
        return Receipt("C0", str(keys.index(key) + 1)) if key in keys else None

    @property
    def keys(self) -> list[str]:
        return [key for _, key in self.arrived]


class TestConsequences:
    """Composes a word from the letter's key, and notes what it is told."""

    __test__ = False

    def __init__(self) -> None:
        self.composed: dict[str, Outgoing | Elsewhere | Exception] = {}
        self.delivered_keys: list[tuple[str, str]] = []
        self.undeliverable_keys: list[tuple[str, str]] = []
        self.fails = 0

    def compose(self, reader: Reader, letter: Letter) -> Outgoing | Elsewhere:
        found = self.composed.get(letter.key, tell(letter.key))
        if isinstance(found, Exception):
            raise found
        return found

    def delivered(self, tx: Transaction, letter: Letter, composed: Outgoing, receipt: Receipt) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("no")
        self.delivered_keys.append((letter.key, str(receipt)))

    def undeliverable(self, tx: Transaction, letter: Letter, why: str) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("no")
        self.undeliverable_keys.append((letter.key, why))


def tell(text: str) -> Tell:
    return Tell(Card("", text, (Section(text=text),)))


def show(version: int, text: str, *, anew: bool = False) -> Show:
    return Show("board:SIP-7K3QD-M", version, Card("", text, (Section(text=text),)), anew)


def drop(why: str) -> Drop:
    return Drop(why)


@dataclass
class PostOffice:
    database: Database
    transport: TestCarrier
    letter_handlers: TestConsequences
    clock: TurnedClock
    metrics: Metrics
    couriers: list[Courier] = field(default_factory=list)

    def courier(self, holder: str = "one", **more: Any) -> Courier:
        """Hire another courier."""
        transports = more.pop("transports", [self.transport])
        made = Courier(self.database, transports, self.letter_handlers, self.clock, self.metrics, holder, **more)
        self.couriers.append(made)
        return made

    async def put(self, *letters: Letter) -> None:
        await asyncio.wrap_future(self.database.write(lambda tx: tx.outbox.put_many(letters)))

    async def put_keys(self, *keys: str, address: str = "chat:C0") -> None:
        await self.put(*(Letter(key, address, "word") for key in keys))

    async def read(self, question: Callable[[Reader], Any]) -> Any:
        return await asyncio.wrap_future(self.database.read(question))

    def metric(self, line: str) -> bool:
        return line in self.metrics.render().decode().splitlines()


@contextlib.asynccontextmanager
async def post_office(url: str) -> AsyncIterator[PostOffice]:
    clock = TurnedClock()
    database = open_database(url, Keyring([fresh_key()]), clock)
    try:
        office = PostOffice(database, TestCarrier(), TestConsequences(), clock, Metrics())
        yield office
        for courier in office.couriers:
            await courier.stop(1)
    finally:
        database.close()
