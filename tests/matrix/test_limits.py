"""A server with its usual limits of messages a second: what is to be told goes out paced, once each, none lost."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import re
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from handlers import enqueue
from handlers.ui.cards import Card
from storage.encryption.cipher import fresh_key
from storage.outbox.letter import Rank
from storage.transaction import Transaction
from tests import synapse
from tests.matrix.client import Person, current
from tests.matrix.desk import Desk
from tests.matrix.operator import Operator
from tests.matrix.play import AGENCY, PEOPLE
from tests.synapse import PASSWORD

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

#: How many; a server lets ten go at once, and then one in five seconds. LIMITS=200 takes a quarter of an hour.
MANY = int(os.environ.get("LIMITS", "18"))
PATIENCE = 180.0 + 8.0 * MANY
_NUMBER = re.compile(r"Nummer \d+\.")


async def test_what_a_server_takes_slowly_goes_out_once_each(tmp_path: Path) -> None:
    """The server's own pace is taken up after its first refusals, so that hardly any attempt is burnt on it."""
    with synapse.or_skip(generous=False) as server:
        await _tell(server, tmp_path)


async def _tell(server: synapse.Synapse, folder: Path) -> None:
    bot = server.register("sip")
    operator = Operator(
        folder,
        MATRIX_HOMESERVER=server.url,
        MATRIX_USER=bot,
        SIPBOT_SECRET_KEYS=fresh_key(),
        SIPBOT_DATABASE_URL=f"sqlite:///{folder / 'sipbot.db'}",
    )
    operator.logs_in(PASSWORD)
    people = await _people(server, folder, operator)
    words = await _put(operator, people)
    operator.starts()
    began = time.monotonic()
    try:
        heard = await _heard(people)
        taken = time.monotonic() - began
    finally:
        operator.ends()
        for person in people:
            await person.close()
    assert sorted(itertools.chain(*heard)) == sorted(words)
    assert heard == [words[number :: len(people)] for number in range(len(people))]
    attempts = _attempts(folder)
    burnt = sum(attempts) - len(attempts)
    logging.getLogger(__name__).info("%d letters in %.0f s; %d attempts were refused", MANY, taken, burnt)
    assert burnt <= MANY // 4 + 12


async def _people(server: synapse.Synapse, folder: Path, operator: Operator) -> list[Person]:
    people, directory = [], ""
    for agency, (account, name, work, title, kind, principal) in PEOPLE.items():
        server.register(account)
        person = Person(server.url, server.login(account), folder)
        await person.open()
        people.append(person)
        directory += AGENCY.format(
            name=agency,
            title=title,
            kind=kind,
            principal=principal,
            room=f"!none{agency}:{server.name}",
            user=person.user,
            person=name,
            work=work,
        )
    (folder / "directory.toml").write_text(directory)
    end, said = operator.types("directory", "import", "directory.toml")
    assert end == 0, said
    return people


async def _put(operator: Operator, people: Sequence[Person]) -> list[str]:
    """Put numbered words to each person into the outbox, as urgent as a reminder, before the bot is there."""
    desk = Desk(operator.as_settings(), "")
    words = [f"Nummer {number}." for number in range(MANY)]

    def put(tx: Transaction) -> None:
        for number, text in enumerate(words):
            card = msgspec.json.encode(Card(text, text)).decode()
            person = f"matrix:{people[number % len(people)].user}"
            letter = enqueue.whisper(person, "", card, f"limits:{number}", tx.now)
            # A whisper to somebody has an address of its own; a morning's words to one person stand in one line.
            address = enqueue.person(person)
            tx.outbox.put(replace(letter, address=address, rank=Rank.REMINDER, expires_at=None))

    await asyncio.wrap_future(desk.database.write(put))
    desk.close()
    return words


async def _heard(people: Sequence[Person]) -> list[list[str]]:
    """Wait until all have come, and a little longer; return what each has read."""
    until = time.monotonic() + PATIENCE
    while (came := sum(map(len, _words(people)))) < MANY:
        assert time.monotonic() < until, f"{came} of {MANY} came"
        await _look(people)
    for _ in range(5):
        await _look(people)
    return _words(people)


async def _look(people: Sequence[Person]) -> None:
    for person in people:
        await person.sync(0.5)
        for room in person.invited:
            await person.session.join(room)
        person.invited.clear()
    await asyncio.sleep(0.5)


def _words(people: Sequence[Person]) -> list[list[str]]:
    """Return the numbered words that each has read, in order."""
    return [
        [found[0] for event in person.seen if event["encrypted"] and (found := _NUMBER.search(current(event)))]
        for person in people
    ]


def _attempts(folder: Path) -> list[int]:
    with contextlib.closing(sqlite3.connect(folder / "sipbot.db")) as database:
        return [attempts for (attempts,) in database.execute("SELECT attempts FROM outbox")]
