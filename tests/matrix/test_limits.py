"""A server with its usual limits of messages a second: what is to be told goes out paced, once each, none lost."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from handlers.enqueue import What
from storage.encryption.cipher import fresh_key
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
_CODE = re.compile(r"SIP-[0-9A-Z]{5}-[0-9A-Z]")


async def test_what_a_server_takes_slowly_goes_out_once_each(tmp_path: Path) -> None:
    """The server's own pace is taken up after its first refusals, so that hardly any attempt is burnt on it."""
    try:
        with synapse.running(generous=False) as server:
            await _tell(server, tmp_path)
    except synapse.SynapseMissingError as missing:
        pytest.skip(str(missing))


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
    codes = await _opened(operator, people)
    operator.starts()
    began = time.monotonic()
    try:
        heard = await _heard(people, len(codes))
        taken = time.monotonic() - began
    finally:
        operator.ends()
        for person in people:
            await person.close()
    # Each board once: an edit or a second message about a case would be one more.
    assert Counter(heard) == Counter(codes)
    attempts = await _attempts(operator, codes)
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


async def _opened(operator: Operator, people: Sequence[Person]) -> list[str]:
    """Let each person open cases before the bot is there: each has a board, which is to be shown to them."""
    desks = [Desk(operator.as_settings(), f"matrix:{person.user}") for person in people]
    codes = [await desks[number % len(desks)].opens("bup") for number in range(MANY)]
    for desk in desks:
        desk.close()
    return codes


async def _heard(people: Sequence[Person], many: int) -> list[str]:
    """Wait until so many messages about cases have come, and a little longer; return their codes."""
    until = time.monotonic() + PATIENCE
    while len(_codes(people)) < many:
        assert time.monotonic() < until, f"{len(_codes(people))} of {many} came"
        await _look(people)
    for _ in range(5):
        await _look(people)
    return _codes(people)


async def _look(people: Sequence[Person]) -> None:
    for person in people:
        await person.sync(0.5)
        for room in person.invited:
            await person.session.join(room)
        person.invited.clear()
    await asyncio.sleep(0.5)


def _codes(people: Sequence[Person]) -> list[str]:
    said = (current(event) for person in people for event in person.seen if event["encrypted"])
    return [found[0] for text in said if (found := _CODE.search(text))]


async def _attempts(operator: Operator, codes: Sequence[str]) -> list[int]:
    desk = Desk(operator.as_settings(), "matrix:@nobody:hs.example")

    def boards(reader: Any) -> list[int]:
        kept = [letter for code in codes for letter in reader.outbox.of_case(code)]
        return [letter.attempts for letter in kept if letter.letter.what == What.BOARD]

    try:
        found: list[int] = await desk.reading(boards)
    finally:
        desk.close()
    return found
