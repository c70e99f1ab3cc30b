"""Fetching answers from a real mailbox, Dovecot's, and from servers on a bad day."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field

import pytest

from bot.mail.addresses import answer_address
from bot.mail.imap import ImapReader
from bot.mail.mailbox import Mailbox, Pace
from domain.errors import Unavailable
from tests.bot.mail.dovecot import Dovecot, or_skip
from tests.bot.mail.samples import DOMAIN, TOKEN

ANSWER = answer_address(TOKEN, DOMAIN)
QUICK = Pace(answer=5.0, look=0.05, idle=20.0, first_pause=0.05, longest_pause=0.2)
MAIL = b"Subject: svar %d\r\nTo: x\r\n\r\nhej\r\n"


@dataclass
class House:
    got: list[bytes] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    failing: bool = False
    trouble: Exception = field(default_factory=lambda: OSError("this mail cannot be kept"))

    async def receive(self, data: bytes) -> None:
        if self.failing:
            raise self.trouble
        self.got.append(data)

    def count(self, why: str) -> None:
        self.counted[why] += 1

    async def until(self, reached: Callable[[], bool]) -> None:
        """Waits for the reader, which runs beside the test, to have come so far."""
        async with asyncio.timeout(10):
            while not reached():  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)

    async def has(self, number: int) -> None:
        await self.until(lambda: len(self.got) >= number)


@contextlib.asynccontextmanager
async def reading(url: str, house: House, *, pace: Pace = QUICK, largest: int = 10_000) -> AsyncIterator[ImapReader]:
    reader = ImapReader(url, house.receive, largest=largest, pace=pace, count=house.count)
    running = asyncio.create_task(reader.run())
    try:
        yield reader
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await asyncio.sleep(0.05)


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with or_skip() as server:
        yield server


@pytest.mark.slow
@pytest.mark.waits
async def test_mails_lying_there_and_mails_that_come_are_read_once_each(dovecot: Dovecot) -> None:
    for number in range(3):
        dovecot.deliver(MAIL % number, ANSWER)
    house = House()
    async with reading(dovecot.url, house) as reader:
        assert await reader.check() is None
        await house.has(3)
        await asyncio.sleep(0.2)
        for number in range(3, 6):
            await asyncio.to_thread(dovecot.deliver, MAIL % number, ANSWER)
        await house.has(6)
        await asyncio.sleep(0.3)
    assert [b"svar %d" % number in data for number, data in enumerate(house.got)] == [True] * 6
    assert b"Delivered-To" in house.got[0]
    assert ANSWER.encode() in house.got[0], "the mailbox keeps the token's address"
    assert all(name.endswith("S") for name in dovecot.files()), "read ones are marked as seen"
    again = House()
    async with reading(dovecot.url, again):
        await asyncio.sleep(0.5)
    assert again.got == []


@pytest.mark.slow
@pytest.mark.parametrize("after, left, filed", [("delete", 0, 0), ("move:Handled", 0, 1), ("seen", 1, 0)])
async def test_what_was_read_is_marked_filed_or_removed(dovecot: Dovecot, after: str, left: int, filed: int) -> None:
    dovecot.deliver(MAIL % 1, ANSWER)
    house = House()
    async with reading(f"{dovecot.url}?after={after}", house):
        await house.has(1)
        await asyncio.sleep(0.3)
    assert (len(dovecot.files()), len(dovecot.files("Handled"))) == (left, filed)


@pytest.mark.slow
async def test_a_mail_too_big_is_not_fetched_and_does_not_block_the_next(dovecot: Dovecot) -> None:
    dovecot.deliver(b"Subject: big\r\n\r\n" + b"x" * 60 * 1000 + b"\r\n", ANSWER)
    dovecot.deliver(MAIL % 1, ANSWER)
    house = House()
    async with reading(dovecot.url, house):
        await house.has(1)
    assert b"svar 1" in house.got[0]
    assert house.counted["too_big"] == 1
    assert any("F" in name.partition(":2,")[2] for name in dovecot.files()), "it is flagged for a person"


@pytest.mark.slow
async def test_what_could_not_be_kept_is_read_again(dovecot: Dovecot) -> None:
    dovecot.deliver(MAIL % 1, ANSWER)
    house = House(failing=True)
    async with reading(dovecot.url, house):
        await house.until(lambda: house.counted["not_kept"] > 0)
        house.failing = False
        await house.has(1)
    assert house.counted["mailbox_trouble"] >= 1


@pytest.mark.slow
async def test_a_mail_that_can_never_be_kept_is_set_aside_and_the_others_come_through(dovecot: Dovecot) -> None:
    dovecot.deliver(MAIL % 1, ANSWER)
    house = House(failing=True)
    async with reading(dovecot.url, house):
        await house.until(lambda: house.counted["not_kept"] >= 5)
        house.failing = False
        await asyncio.to_thread(dovecot.deliver, MAIL % 2, ANSWER)
        await house.has(1)
    assert b"svar 2" in house.got[0]


@pytest.mark.slow
async def test_a_wrong_password_is_told_of(dovecot: Dovecot) -> None:
    # Dovecot itself lets who has a wrong password wait, and on a busy machine for longer.
    house = House()
    url = dovecot.url.replace("invented", "wrong")
    async with reading(url, house, pace=Pace(answer=20.0)) as reader:
        assert await reader.check() == "login: refused"


class StandIn:
    """An IMAP server of a few lines: without IDLE, or dropping the line, as told."""

    def __init__(self, *, idle: bool, mails: list[bytes]) -> None:
        self.idle = idle
        self.mails = mails
        self.seen: set[int] = set()
        self.drop = False
        self.logins = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(b"* OK hello\r\n")
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            for answer in self.answer(command.upper()):
                writer.write(answer + b"\r\n")
            if not command.upper().startswith("IDLE"):
                writer.write(f"{tag} OK done\r\n".encode())
            if self.drop and "FETCH" in command.upper():
                self.drop = False
                break
        writer.close()

    def answer(self, command: str) -> list[bytes]:
        word = command.removeprefix("UID ").split(" ")[0]
        if word == "CAPABILITY":
            return [b"* CAPABILITY IMAP4REV1" + b" IDLE" * self.idle]
        if word == "LOGIN":
            self.logins += 1
        if word == "SEARCH":
            unseen = [number + 1 for number in range(len(self.mails)) if number + 1 not in self.seen]
            return [("* SEARCH " + " ".join(map(str, unseen))).encode()]
        number = int(command.split(" ")[2]) if word in ("FETCH", "STORE") else 0
        if word == "STORE":
            self.seen.add(number)
        if "RFC822.SIZE" in command:
            return [f"* {number} FETCH (UID {number} RFC822.SIZE {len(self.mails[number - 1])})".encode()]
        if word == "FETCH":
            mail = self.mails[number - 1]
            head = f"* {number} FETCH (UID {number} BODY[] {{{len(mail)}}}\r\n".encode()
            return [head + mail + b")"]
        return [b"+ idling"] if word == "IDLE" else []


@contextlib.asynccontextmanager
async def standing_in(stand_in: StandIn) -> AsyncIterator[str]:
    async with await asyncio.start_server(stand_in.serve, "127.0.0.1", 0) as server:
        yield f"imap://sip:pw@127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        for writer in stand_in.writers:
            writer.close()
        await asyncio.sleep(0.05)


async def test_without_idle_the_mailbox_is_looked_at_again_and_again() -> None:
    stand_in = StandIn(idle=False, mails=[MAIL % 0])
    house = House()
    async with standing_in(stand_in) as url, reading(url, house):
        await house.has(1)
        stand_in.mails.append(MAIL % 1)
        await house.has(2)
    assert house.got == [MAIL % 0, MAIL % 1]
    assert stand_in.logins == 1


async def test_a_line_lost_in_the_middle_is_opened_again_and_nothing_is_lost() -> None:
    stand_in = StandIn(idle=True, mails=[MAIL % 0, MAIL % 1])
    stand_in.drop = True
    house = House()
    async with standing_in(stand_in) as url, reading(url, house):
        await house.has(2)
    assert house.got == [MAIL % 0, MAIL % 1]
    assert house.counted["mailbox_trouble"] == 1


async def test_a_line_lost_while_waiting_is_noticed_at_once() -> None:
    stand_in = StandIn(idle=True, mails=[MAIL % 0])
    house = House()
    async with standing_in(stand_in) as url, reading(url, house):
        await house.has(1)
        await asyncio.sleep(0.1)
        stand_in.mails.append(MAIL % 1)
        stand_in.writers[-1].close()
        await house.has(2)
    assert stand_in.logins == 2


async def test_while_the_database_is_away_no_mail_is_set_aside(caplog: pytest.LogCaptureFixture) -> None:
    """After five tries in half a minute each answer in turn was left in the mailbox for good, flagged."""
    stand_in = StandIn(idle=True, mails=[MAIL % 0, MAIL % 1])
    house = House(failing=True, trouble=Unavailable("database.unavailable"))
    async with standing_in(stand_in) as url, reading(url, house):
        await house.until(lambda: house.counted["mailbox_trouble"] >= 8)
        assert stand_in.seen == set()
        house.failing = False
        await house.has(2)
    assert house.got == [MAIL % 0, MAIL % 1]
    assert "flagged" not in caplog.text


async def test_a_mailbox_that_is_down_is_tried_again_with_pauses() -> None:
    async with standing_in(StandIn(idle=True, mails=[])) as url:
        pass
    house = House()
    async with reading(url, house) as reader:
        assert (await reader.check() or "").startswith("connect: ")
        await asyncio.sleep(0.3)
    assert 2 <= house.counted["mailbox_trouble"] <= 4


def test_an_address_tells_where_the_mailbox_is() -> None:
    assert Mailbox.from_url("imaps://u%40x:p%2F@mail.example.se/Svar%2FIn?after=move:Handled") == Mailbox(
        "mail.example.se", 993, "u@x", "p/", tls=True, folder="Svar/In", afterwards="move", move_to="Handled"
    )
    assert Mailbox.from_url("imap://u:p@localhost").folder == "INBOX"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://u:p@x",
        "imaps://mail.example.se",
        "imaps://u@mail.example.se",
        "imap://u:p@mail.example.se",  # the password would travel readably
        "imaps://u:p@x?after=burn",
        "imaps://u:p@x?after=move",
        "imaps://u:p@x?after=seen:x",
    ],
)
def test_an_address_that_makes_no_sense_is_told_of_at_start(url: str) -> None:
    with pytest.raises(ValueError, match=r"mailbox|after"):
        Mailbox.from_url(url)
