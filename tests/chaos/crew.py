"""A crew: processes of the bot that are started, killed and asked to end, again and again."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot import clock
from bot.settings import Settings
from bot.slack import transport
from tests.forked import Forked
from tests.ports import free_port
from tests.program import answers, environment, listens

PATIENCE = 60.0
TO_END = 30.0


@dataclass(slots=True)
class Member:
    """One process: where it listens, where its log is, and how far its clock is off (seconds)."""

    settings: Settings
    folder: Path
    skew: float = 0.0
    process: Forked | None = None

    @property
    def port(self) -> int:
        return self.settings.sipbot_port

    @property
    def log(self) -> Path:
        return self.folder / "serve.log"


class Crew:
    """Members on one database. `ports` are those that somebody may press at now."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings = settings
        self._folder = folder
        self.members: list[Member] = []
        self.ports: list[int] = []

    def hire(self, *, skew: float = 0.0) -> Member:
        """Add a member and start it."""
        number = len(self.members)
        port = self._settings.sipbot_port if not number else free_port()
        folder = self._folder / f"member-{number}"
        folder.mkdir()
        member = Member(self._settings.model_copy(update={"sipbot_port": port}), folder, skew)
        self.members.append(member)
        self.start(member)
        return member

    def start(self, member: Member) -> None:
        """Start a member and wait until it answers."""
        first = partial(_surround, member.skew)
        member.process = Forked(("serve",), environment(member.settings), member.folder, member.log, first)
        deadline = time.monotonic() + PATIENCE
        while not listens(member.port):
            assert time.monotonic() < deadline, member.log.read_text()[-2000:]
            assert member.process.poll() is None, member.log.read_text()[-2000:]
            time.sleep(0.005)
        self.ports.append(member.port)

    def kill(self, member: Member) -> None:
        """End a member as a power cut would."""
        self._end(member, signal.SIGKILL)

    def retire(self, member: Member) -> int:
        """Ask a member to end; return its exit code."""
        return self._end(member, signal.SIGTERM)

    def _end(self, member: Member, number: int) -> int:
        process, member.process = member.process, None
        if process is None:
            return 0
        if member.port in self.ports:
            self.ports.remove(member.port)
        process.send_signal(number)
        return process.wait(TO_END)

    def ended(self) -> list[tuple[int, str]]:
        """Return how members ended that nobody asked to, with the end of what they logged."""
        gone = ((member.process.poll(), member) for member in self.members if member.process is not None)
        return [(code, member.log.read_text()[-2000:]) for code, member in gone if code is not None]

    def ready(self, member: Member) -> bool:
        """Say whether a member calls itself ready."""
        return asyncio.run(answers(member.port, "/readyz"))

    def dismiss(self) -> None:
        """Ask all to end."""
        for member in self.members:
            self.retire(member)


def _surround(skew: float) -> None:
    """Give a process a clock that is off by seconds, and a workspace that takes any number of messages."""
    if skew:
        right = clock.SystemClock.now

        def now(self: clock.SystemClock) -> datetime:
            return right(self) + timedelta(seconds=skew)

        vars(clock)["SystemClock"].now = now
    vars(transport).update(_PAUSE=0.0, _RATE=1_000.0)
