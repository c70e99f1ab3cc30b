"""The whole program is killed again and again while agencies answer: nothing is lost, and nothing counts twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.summons import Standing
from storage.encryption.cipher import fresh_key
from tests.matrix.client import Person, current
from tests.matrix.desk import Desk
from tests.matrix.operator import Operator
from tests.synapse import PASSWORD, Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

NewPerson = Callable[[str], Awaitable[Person]]
AGENCIES = ("bup", "skola", "vc", "fk")
KINDS = {"soc": "social_services", "bup": "health_care", "skola": "school", "vc": "health_care", "fk": "other"}
PATIENCE = 240.0
KILLS = 6
LIFE = 60.0  # seconds that one run may take until it speaks, on a busy machine

AGENCY = """
[[agency]]
id = "{name}"
name = "Exempelverksamhet {name}"
alias = "Enhet {name}"
kind = "{kind}"
principal = "{principal}"
email = "{name}@exempel.invalid"
matrix_room = "{room}"

[[agency.staff]]
matrix = "{user}"
name = "Person {name}"
title = "Kurator"
email = "{name}.person@exempel.invalid"
coordinator = true
"""


@dataclass
class Town:
    """The program, set up and ended, with a person and a room for each agency."""

    operator: Operator
    bot: str
    people: dict[str, Person]
    rooms: dict[str, str]


@pytest.fixture
async def town(homeserver: Synapse, person: NewPerson, tmp_path: Path) -> AsyncIterator[Town]:
    bot = homeserver.register("killedprogram")
    operator = Operator(
        tmp_path,
        MATRIX_HOMESERVER=homeserver.url,
        MATRIX_USER=bot,
        SIPBOT_SECRET_KEYS=fresh_key(),
        SIPBOT_DATABASE_URL=f"sqlite:///{tmp_path / 'sipbot.db'}",
    )
    operator.logs_in(PASSWORD)
    people = {name: await person(name) for name in KINDS}
    rooms = {name: await people[name].room_with(bot) for name in KINDS}
    directory = [
        AGENCY.format(name=name, kind=kind, principal=_principal(kind), room=rooms[name], user=people[name].user)
        for name, kind in KINDS.items()
    ]
    (tmp_path / "directory.toml").write_text("".join(directory))
    end, said = operator.types("directory", "import", "directory.toml")
    assert end == 0, said
    yield Town(operator, bot, people, rooms)
    operator.ends()


def _principal(kind: str) -> str:
    return {"health_care": "region", "other": "state"}.get(kind, "municipality")


async def test_answers_given_while_the_program_is_killed_again_and_again_count_once(town: Town) -> None:
    operator, people, rooms = town.operator, town.people, town.rooms
    coordinator = f"matrix:{people['soc'].user}"
    desk = Desk(operator.as_settings(), coordinator)
    code = await desk.opens(*AGENCIES)
    await desk.summons(code, coordinator, *AGENCIES)
    desk.close()
    answering = asyncio.gather(*(_answers(town, code, name) for name in AGENCIES))
    kills = await _kills(town, answering)
    events = dict(zip(AGENCIES, await answering, strict=True))
    assert kills >= KILLS
    operator.starts()
    await asyncio.gather(*(_comes_to_an_end(people[name], rooms[name]) for name in AGENCIES))
    operator.ends()
    desk = Desk(operator.as_settings(), coordinator)
    case = await desk.reading(lambda reader: reader.cases.get(code))
    journal = await desk.reading(lambda reader: reader.journal.read(code))
    desk.close()
    meeting = case.meetings[-1]
    assert {s.agency: s.standing(meeting.round) for s in meeting.summonses} == dict.fromkeys(
        AGENCIES, Standing.PROPOSED
    )
    proposed = Counter(row.entry.agency for row in journal if row.entry.action == "summons.proposed")
    assert proposed == dict.fromkeys(AGENCIES, 1)
    for name in AGENCIES:
        assert not people[name].unreadable
        said = [e for e in people[name].seen if e["room_id"] == rooms[name] and e["sender"] == town.bot]
        # One summons, and each question once, however often the program died while it was asking.
        roots = [e["event_id"] for e in said if "se.sipbot.letter" in e["content"] and code in current(e)]
        assert roots[:1] == [events[name]]
        fresh = [current(e) for e in said if not current(e).startswith("* ") and "1/2" in current(e)]
        assert len(fresh) == 1, fresh


async def _kills(town: Town, answering: asyncio.Future[list[str]]) -> int:
    """Start the program and kill it a moment after it has begun to speak, until all have answered."""
    chance, kills = random.Random(11), 0
    while kills < KILLS or not answering.done():
        before = _heard(town)
        await asyncio.to_thread(town.operator.starts)
        until = time.monotonic() + LIFE
        while _heard(town) == before and not answering.done() and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # people read by themselves
        await asyncio.sleep(chance.uniform(0, 1.0))
        await asyncio.to_thread(town.operator.ends, killed=True)
        kills += 1
    return kills


def _heard(town: Town) -> int:
    return sum(event["sender"] == town.bot for person in town.people.values() for event in person.seen)


async def _answers(town: Town, code: str, agency: str) -> str:
    """Wait for the summons, and propose another time in its thread, one line after the other."""
    person, room = town.people[agency], town.rooms[agency]
    summons = await person.wait(lambda e: code in current(e) and e["room_id"] == room, PATIENCE)
    root = str(summons["event_id"])
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=20)
    for line in ("3", day.isoformat(), "14.00", "ja"):
        await person.say(room, line, thread=root)
        await asyncio.sleep(1.0)
    return root


async def _comes_to_an_end(person: Person, room: str) -> None:
    """Wait until the bot has nothing more to say."""
    await person.say(room, "!sip lista")
    direct = await person.join_next()
    await person.wait(lambda e: e["room_id"] == direct, PATIENCE)
    await person.sync(2.0)
