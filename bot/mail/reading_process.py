"""Reads mails in a process of its own that can be killed, since no limit on a stranger's bytes is ever proven enough.

The process is started at the first mail, has none of our keys, tokens or settings, and ends with its parent. Frames
go over its standard input and output: four bytes of length, then msgpack.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import msgspec

from bot.mail.bounce import Bounce
from bot.mail.reply import CalendarAnswer, Reading, Reason, Refusal, ReplyRules, read_reply

DEADLINE: Final = 5.0
"""Seconds for one mail. The worst within the limits takes about one on a slow machine."""

_MEMORY: Final = 1 << 30  # bytes of address space; an interpreter at rest has a fifth of that
_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class _Question:
    data: bytes
    rules: ReplyRules
    recipient: str | None
    envelope_from: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A `Reading`, taken apart by kind: exactly one is there."""

    answer: CalendarAnswer | None = None
    bounce: Bounce | None = None
    refusal: Refusal | None = None


@dataclass(slots=True)
class ReadingProcess:
    """Reads one mail at a time. A process that dies or does not answer in time is replaced at the next mail."""

    rules: ReplyRules
    deadline: float = DEADLINE
    child: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def read(self, data: bytes, *, recipient: str | None = None, envelope_from: str | None = None) -> Reading:
        """Return what `read_reply` says of the mail, or a refusal as `too_dear` when it does not end."""
        question = msgspec.msgpack.encode(_Question(data, self.rules, recipient, envelope_from))
        async with self._turn:
            child = await self._running()
            try:
                async with asyncio.timeout(self.deadline):
                    frame = await _asked(child, question)
            except (TimeoutError, OSError, asyncio.IncompleteReadError):
                await self.close()
                return Refusal(Reason.TOO_DEAR)
            except BaseException:
                # Given up in the middle: its answer would be taken for the next mail's.
                await self.close()
                raise
        found = msgspec.msgpack.decode(frame, type=_Found)
        return found.answer or found.bounce or found.refusal or Refusal(Reason.BROKEN_MAIL)

    async def close(self) -> None:
        """Kill the process, if there is one."""
        child, self.child = self.child, None
        if child is not None:
            if child.returncode is None:
                child.kill()
            await child.wait()

    async def _running(self) -> asyncio.subprocess.Process:
        if self.child is None or self.child.returncode is not None:
            self.child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                __name__,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "TZDIR": os.environ.get("TZDIR", "")},
            )
            # Starting takes some tenths of a second, which are not the mail's.
            assert self.child.stdout is not None  # noqa: S101 - asked for as a pipe
            await self.child.stdout.readexactly(1)
        return self.child


async def _asked(child: asyncio.subprocess.Process, question: bytes) -> bytes:
    assert child.stdin is not None and child.stdout is not None  # noqa: PT018, S101 - asked for as pipes
    child.stdin.write(len(question).to_bytes(_LENGTH, "big") + question)
    await child.stdin.drain()
    length = int.from_bytes(await child.stdout.readexactly(_LENGTH), "big")
    return await child.stdout.readexactly(length)


def main() -> None:
    """Answer until the parent closes the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it ends
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold the mail
    _serve(sys.stdin.buffer, sys.stdout.buffer)


def _serve(questions: BinaryIO, answers: BinaryIO) -> None:
    answers.write(b"+")
    answers.flush()
    while length := int.from_bytes(questions.read(_LENGTH), "big"):
        asked = msgspec.msgpack.decode(questions.read(length), type=_Question)
        frame = msgspec.msgpack.encode(_found(asked))
        answers.write(len(frame).to_bytes(_LENGTH, "big") + frame)
        answers.flush()


def _found(asked: _Question) -> _Found:
    reading = read_reply(asked.data, asked.rules, recipient=asked.recipient, envelope_from=asked.envelope_from)
    match reading:
        case CalendarAnswer():
            return _Found(answer=reading)
        case Bounce():
            return _Found(bounce=reading)
        case Refusal():
            return _Found(refusal=reading)


if __name__ == "__main__":
    main()
