"""Calendar answers from a real mailbox: Debian's Dovecot, watched by IMAP (SIPBOT_IMAP_URL)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from tests.bot.mail.dovecot import Dovecot, or_skip
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.people import disclosure

pytestmark = [pytest.mark.slow, pytest.mark.waits]

JULIA = "Julia Påhittlind"


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with or_skip() as server:
        yield server


@pytest.fixture
async def calendars(folder: Path, empty_database: Path, dovecot: Dovecot) -> AsyncIterator[Calendars]:
    """A story whose calendar answers come to a mailbox; there is no port for them."""
    url = SecretStr(f"{dovecot.url}?after=delete")
    async with answering(folder, empty_database, sipbot_lmtp_port=None, sipbot_imap_url=url) as found:
        await found.story.summoned()
        await found.story.names(found.story.julia, "julia")
        yield found
        disclosure.check(found.story, [await found.story.case(code) for code in found.story.codes])


async def delivered(calendars: Calendars, dovecot: Dovecot, partstat: str) -> None:
    """Let an answer arrive in the mailbox, and wait until the bot has taken it out."""
    mail = calendars.reply(calendars.newest("julia"), partstat)
    before = handled(calendars)
    await asyncio.to_thread(dovecot.deliver, mail.as_bytes(), str(mail["To"]))
    await until(lambda: handled(calendars) > before)
    await calendars.story.settle()


async def until(reached: Callable[[], bool]) -> None:
    """Wait for what happens beside the test."""
    async with asyncio.timeout(15):
        while not reached():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.02)


def handled(calendars: Calendars) -> float:
    return calendars.metric("sipbot_inbound", platform="mail")


async def test_an_answer_in_the_mailbox_turns_the_board(calendars: Calendars, dovecot: Dovecot) -> None:
    await delivered(calendars, dovecot, "ACCEPTED")
    assert f"{JULIA}: ja (kalender)" in calendars.board()
    await calendars.later(minutes=1)
    await delivered(calendars, dovecot, "DECLINED")
    assert f"{JULIA}: nej (kalender)" in calendars.board()
    await until(lambda: not dovecot.files())


async def test_an_answer_that_was_read_twice_counts_once(calendars: Calendars, dovecot: Dovecot) -> None:
    """Two processes watching one mailbox, or one that died between keeping and deleting."""
    await delivered(calendars, dovecot, "DECLINED")
    mail = calendars.reply(calendars.newest("julia"), "DECLINED")
    for _ in range(2):
        await asyncio.to_thread(dovecot.deliver, mail.as_bytes(), str(mail["To"]))
    await until(lambda: handled(calendars) == 3)
    assert calendars.metric("sipbot_inbound", platform="mail", kind="again") == 1
