"""People who press buttons all the while, and a ledger of what they were told about it."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self, TypeAlias

from bot.settings import Settings
from handlers.services import Services
from handlers.ui.actions import OneSummons
from tests.program import Client, press_body
from tests.whole.cases import UNITS

Press: TypeAlias = tuple[str, str]  # case and agency

USER_OF = {agency: user for user, agency in UNITS.items()}
PATIENCE = 20.0  # seconds until somebody who gets no answer tries again
APOLOGIES = ("Referens", "Reference", "reference", "referens")
WAITS = 0.05  # seconds that they wait first


class Pressing:
    """Several people press "received" on one summons after another, each at a member that is there.

    `done`: presses that were answered and not taken back by a word in private. `unanswered` counts those that got no
    answer and were pressed again, `told` those whose answer was a word that it did not work, pressed again too. While
    they are `resting` nobody presses.
    """

    def __init__(
        self, settings: Settings, services: Services, work: Iterable[Press], ports: Sequence[int], people: int = 3
    ) -> None:
        self._secret = settings.slack_signing_secret.get_secret_value()
        self._services = services
        self._waiting = list(reversed(list(work)))
        self._ports = ports
        self._people = people
        self._numbers = iter(range(1, 10_000_000))
        self._answered: dict[int, Press] = {}
        self._ending = threading.Event()
        self._pressed = threading.Event()
        self._over = threading.Event()
        self._words = 0
        self._dice = random.Random(11)
        self._thread = threading.Thread(target=lambda: asyncio.run(self._press_all()), name="pressing")
        self.resting = False
        self.done: set[Press] = set()
        self.unanswered = 0
        self.told = 0
        self.slowest = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._over.set()
        self._thread.join()

    def stop(self) -> None:
        """Let nobody press any more, and wait for the last answers. Words in private are heard until the end."""
        self._ending.set()
        self._pressed.wait(2 * PATIENCE)

    @property
    def left(self) -> int:
        """How many presses there are still to be made."""
        return len(self._waiting)

    async def _press_all(self) -> None:
        listener = await asyncio.start_server(self._hear, "127.0.0.1", 0)
        own = listener.sockets[0].getsockname()[1]
        await asyncio.gather(*(self._person(own) for _ in range(self._people)))
        await asyncio.sleep(0.5)  # a last word may be on its way
        self._pressed.set()
        await asyncio.to_thread(self._over.wait)
        listener.close()

    async def _person(self, own: int) -> None:
        while not self._ending.is_set():
            ports = list(self._ports)  # of those that are there now: one may be killed at any time
            if not ports or not self._waiting or self.resting:
                await asyncio.sleep(WAITS)
                continue
            press = self._waiting.pop()
            began = time.monotonic()
            try:
                await asyncio.wait_for(self._once(press, self._dice.choice(ports), own), PATIENCE)
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                self.unanswered += 1
                self._waiting.append(press)
                await asyncio.sleep(WAITS)
            else:
                self.slowest = max(self.slowest, time.monotonic() - began)

    async def _once(self, press: Press, port: int, own: int) -> None:
        code, agency = press
        number = next(self._numbers)
        token = OneSummons(code, 1, agency).seal(self._services.seal)
        url = f"http://127.0.0.1:{own}/{number}"
        body = press_body(USER_OF[agency], "summons.received", token, number, response_url=url)
        client = await Client.open(port)
        try:
            # A word in private may come before the answer, so the press is known first.
            self._answered[number] = press
            status, _ = await client.post(body, secret=self._secret)
        except BaseException:
            self._answered.pop(number, None)
            raise
        finally:
            await client.close()
        if status != 200:
            self._answered.pop(number, None)
            raise OSError(status)
        if number in self._answered:
            self.done.add(press)

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a word in private. One with a reference says that the press was not kept, so it is made again."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
        except asyncio.IncompleteReadError:
            writer.close()  # the one who would have spoken was killed
            return
        number = int(head.split(b" ", 2)[1].strip(b"/"))
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        said = (await reader.readexactly(length)).decode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()
        press = self._answered.pop(number, None) if any(word in said for word in APOLOGIES) else None
        if press is not None:
            self.told += 1
            self.done.discard(press)
            self._waiting.insert(0, press)
