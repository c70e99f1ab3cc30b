"""Thunderbird, as a person uses it: buttons on our invites, and answers through our own door.

Run by `make test-clients`. Pictures of every step lie in `.cache/clients` afterwards.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.mail.addresses import TokenAddress, bounce_address
from bot.mail.lmtp import LmtpServer
from bot.mail.lmtp_conversation import Arrived, DoorRules
from bot.mail.mime import compose_invite
from bot.mail.reply import CalendarAnswer, ReplyRules, Trust, read_reply
from domain.calendar.invites import Invite
from tests.bot.mail.samples import DOMAIN, PAR, START, TOKEN, UID, WORDS, call_off, invite, uninvite
from tests.clients.thunderbird import Thunderbird, ThunderbirdMissingError, programs

pytestmark = [pytest.mark.clients, pytest.mark.slow]

PICTURES = Path(__file__).parent.parent.parent / ".cache" / "clients"
ACCEPT, TENTATIVE, DECLINE = 502, 612, 722  # pixels from the left, in the bar of an invitation
DELETE = 815  # in the bar of a cancellation


class House:
    """What comes through the door."""

    def __init__(self) -> None:
        self.answers: list[CalendarAnswer] = []

    async def known(self, address: TokenAddress) -> bool:
        return address == TokenAddress("answer", TOKEN)

    async def receive(self, arrived: Arrived) -> None:
        rules = ReplyRules(DOMAIN)
        found = read_reply(arrived.data, rules, recipient=arrived.recipient, envelope_from=arrived.envelope_from)
        assert isinstance(found, CalendarAnswer), found
        self.answers.append(found)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def door(house: House) -> AsyncIterator[LmtpServer]:
    async with LmtpServer(DoorRules(DOMAIN), house.known, lambda _address, _sender: True, house.receive) as listening:
        yield listening


@pytest.fixture
def thunderbird(door: LmtpServer, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Thunderbird]:
    try:
        programs()
    except ThunderbirdMissingError as error:
        pytest.skip(str(error))
    with Thunderbird(tmp_path / "home", address=PAR, name="Pär Söderström", smtp_port=door.port) as running:
        yield running
    kept = PICTURES / request.node.name
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(running.shots, kept)


def mail(made: Invite, number: int) -> bytes:
    return compose_invite(made, WORDS, f"<{number}.t@{DOMAIN}>", bounce_address(TOKEN, DOMAIN)).data


async def driven(steps: Callable[[], Any]) -> Any:
    """The steps of a person, beside the event loop in which our door listens."""
    return await asyncio.to_thread(steps)


def answer(thunderbird: Thunderbird, house: House, made: Invite, number: int, button: int) -> None:
    """Opens an invitation, presses a button and waits for the answer to come through the door."""
    before = len(house.answers)
    thunderbird.show(mail(made, number), f"{number}-shown")
    thunderbird.press(button)
    thunderbird.wait_for(lambda: len(house.answers) > before, "the answer")
    thunderbird.look(f"{number}-answered")
    thunderbird.close()


def delete(thunderbird: Thunderbird, made: Invite, number: int) -> None:
    """Opens a cancellation and presses Delete."""
    thunderbird.show(mail(made, number), f"{number}-shown")
    thunderbird.press(DELETE)
    thunderbird.pause()
    thunderbird.look(f"{number}-deleted")
    thunderbird.close()


async def test_an_invite_is_accepted_moved_accepted_again_and_called_off(
    thunderbird: Thunderbird, house: House
) -> None:
    await driven(lambda: answer(thunderbird, house, invite(), 1, ACCEPT))
    assert thunderbird.calendar() == {UID: "2026-12-01 08:00"}
    moved = invite(sequence=1, start=START + timedelta(hours=4))
    await driven(lambda: answer(thunderbird, house, moved, 2, ACCEPT))
    assert thunderbird.calendar() == {UID: "2026-12-01 12:00"}
    await driven(lambda: delete(thunderbird, call_off(start=moved.start), 3))
    assert thunderbird.calendar() == {}
    first, second = house.answers
    assert (first.kind, first.sequence, first.uid) == ("accepted", 0, UID)
    assert (second.kind, second.sequence, second.uid) == ("accepted", 1, UID)
    assert {found.trust_for(PAR) for found in house.answers} == {Trust.TOKEN}


async def test_a_person_taken_off_loses_the_meeting(thunderbird: Thunderbird, house: House) -> None:
    """A CANCEL without STATUS to one person (RFC 5546 3.2.5)."""
    await driven(lambda: answer(thunderbird, house, invite(), 1, ACCEPT))
    assert list(thunderbird.calendar()) == [UID]
    await driven(lambda: delete(thunderbird, uninvite(), 2))
    assert thunderbird.calendar() == {}


@pytest.mark.parametrize("button, kind", [(TENTATIVE, "tentative"), (DECLINE, "declined")])
async def test_the_other_buttons_answer_too(thunderbird: Thunderbird, house: House, button: int, kind: str) -> None:
    await driven(lambda: answer(thunderbird, house, invite(), 1, button))
    assert [found.kind for found in house.answers] == [kind]
