"""Matrix through a real Synapse: from a word to its answer, beside a bare bot on the same library; and the memory."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Result, percentile
from bench.surroundings import resident_megabytes
from storage.encryption.cipher import fresh_key
from tests import synapse
from tests.matrix.client import Person, current
from tests.matrix.operator import Operator
from tests.synapse import PASSWORD, Synapse

_TIMES = 40
_FIRST = 5  # not counted: keys are made, files are opened
_ROOT = Path(__file__).resolve().parent.parent

# A workspace that is not there: Slack costs the same in both measures of memory.
_SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-invented",
    "SLACK_SIGNING_SECRET": "invented",
    "SLACK_API_URL": "http://127.0.0.1:9/",
}
_DIRECTORY = """
[[agency]]
id = "soc"
name = "Socialtjänsten Exempel"
alias = "Enhet A"
kind = "social_services"
principal = "municipality"
email = "soc@exempel.invalid"

[[agency.staff]]
matrix = "{user}"
name = "Anna Exempelberg"
title = "Socialsekreterare"
email = "anna@exempel.invalid"
coordinator = true
"""


@dataclass(frozen=True)
class Line:
    """Somebody who speaks with a bot in a room."""

    person: Person
    room: str
    bot: str


def measure() -> list[Result]:
    """Return the median time from a word to its answer as a ratio, and the memory that Matrix adds."""
    try:
        synapse.installed()
    except synapse.SynapseMissingError as missing:
        return [Result("Matrix", "not measured", str(missing), met=True)]
    with tempfile.TemporaryDirectory() as place, synapse.running() as server:
        bare, ours, added = asyncio.run(_side_by_side(server, Path(place)))
    ratio = ours / bare
    return [
        Result(
            "a word to its answer on Matrix, a bare bot, p50", f"{bare * 1000:.0f} ms", "(for comparison)", met=True
        ),
        Result("this one: a word to its answer, p50", f"{ours * 1000:.0f} ms", "", met=True),
        Result("  the same as a multiple of the bare bot", f"{ratio:.2f}", "<= 1.5", ratio <= 1.5),
        Result("memory that Matrix adds", f"{added:.0f} MB", "<= 40 MB", added <= 40),
    ]


async def _person(server: Synapse, name: str, folder: Path) -> Person:
    server.register(name)
    person = Person(server.url, server.login(name), folder)
    await person.open()
    return person


async def _side_by_side(server: Synapse, folder: Path) -> tuple[float, float, float]:
    """Have both bots up and spoken to in turn, so that whatever else the machine does befalls both alike."""
    operator, without = await _operator(server, folder)
    user, anna = server.register("echo"), await _person(server, "anna.echo", folder)
    login = server.login("echo")
    arguments = (server.url, user, login.token, login.device, str(folder))
    with _running([sys.executable, "-m", "bench.matrix_echo", *arguments]) as process:
        assert process.stdout is not None
        await asyncio.to_thread(process.stdout.readline)
        bare = Line(anna, await anna.room_with(user), user)
        ours = await _ours(server, folder, operator)
        try:
            await _come(bare)
            await _come(ours)
            taken = [(await _once(bare), await _once(ours)) for _ in range(_FIRST + _TIMES)]
            assert operator.bot is not None
            added = resident_megabytes(operator.bot) - without
        finally:
            operator.ends()
    for line in (bare, ours):
        await line.person.close()
    first, second = ([times[which] for times in taken[_FIRST:]] for which in (0, 1))
    return percentile(first, 0.5), percentile(second, 0.5), added


async def _operator(server: Synapse, folder: Path) -> tuple[Operator, float]:
    """Return the operator of this bot, and the megabytes that it takes without Matrix."""
    operator = Operator(
        folder,
        SIPBOT_SECRET_KEYS=fresh_key(),
        SIPBOT_DATABASE_URL=f"sqlite:///{folder / 'sipbot.db'}",
        SIPBOT_METRICS_ADDRESS="",
    )
    operator.keep(**_SLACK)
    await _resident(operator)  # the first start makes the tables, and loads what is needed for that alone
    without = await _resident(operator)
    operator.keep(MATRIX_HOMESERVER=server.url, MATRIX_USER=server.register("ours"))
    return operator, without


async def _ours(server: Synapse, folder: Path, operator: Operator) -> Line:
    anna = await _person(server, "anna.ours", folder)
    operator.logs_in(PASSWORD)
    (folder / "directory.toml").write_text(_DIRECTORY.format(user=anna.user))
    operator.types("directory", "import", "directory.toml")
    operator.starts()
    user = operator.settings["MATRIX_USER"]
    return Line(anna, await anna.room_with(user), user)


async def _resident(operator: Operator) -> float:
    operator.starts()
    assert operator.bot is not None
    try:
        await asyncio.sleep(2.0)
        return resident_megabytes(operator.bot)
    finally:
        operator.ends()


async def _once(line: Line) -> float:
    """Return the seconds from a word in a room to the bot's next one there."""
    anna, before = line.person, len(line.person.seen)
    began = time.perf_counter()
    await anna.say(line.room, "hjälp")
    while not any(e["sender"] == line.bot and current(e) and e["room_id"] == line.room for e in anna.seen[before:]):
        await anna.sync(5.0)
    return time.perf_counter() - began


async def _come(line: Line) -> None:
    anna = line.person
    while line.bot not in await anna.session.client.get_joined_members(line.room):  # type: ignore[arg-type]
        await anna.sync(0.2)
    await anna.sync()


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()
