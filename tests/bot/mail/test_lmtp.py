"""The door for answers: token addresses alone, 250 only for what is kept, and no harm from anybody."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import smtplib
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from bot.mail.addresses import TokenAddress, answer_address, bounce_address
from bot.mail.lmtp import LmtpServer
from bot.mail.lmtp_conversation import Arrived, DoorRules
from tests.bot.mail.samples import DOMAIN, OTHER_TOKEN, PAR, TOKEN

ANSWER = answer_address(TOKEN, DOMAIN)


@dataclass
class House:
    """What stands behind the door."""

    kept: list[Arrived] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    failing: Exception | None = None
    allowed: int = 100
    asked: list[tuple[str, str]] = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def known(self, address: TokenAddress) -> bool:
        if isinstance(self.failing, LookupError):
            raise self.failing
        return address.token == TOKEN

    def admits(self, address: TokenAddress, sender: str) -> bool:
        self.asked.append((address.token, sender))
        return len(self.asked) <= self.allowed

    async def receive(self, arrived: Arrived) -> None:
        if self.hold is not None:
            await self.hold.wait()
        if self.failing is not None:
            raise self.failing
        self.kept.append(arrived)

    def count(self, why: str) -> None:
        self.counted[why] += 1

    def door(self, **rules: object) -> LmtpServer:
        return LmtpServer(
            DoorRules(domain=DOMAIN, **rules),  # type: ignore[arg-type]
            self.known,
            self.admits,
            self.receive,
            count=self.count,
        )


class Caller:
    """A mail server on the other side, line by line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def hear(self) -> str:
        """One reply, its lines joined; empty when the door has closed."""
        lines = []
        while line := (await asyncio.wait_for(self.reader.readline(), 5)).decode():
            lines.append(line.strip())
            if line[3:4] != "-":
                break
        return " ".join(lines)

    async def say(self, line: str | bytes) -> str:
        self.writer.write((line.encode() if isinstance(line, str) else line) + b"\r\n")
        await self.writer.drain()
        return await self.hear()

    async def envelope(self, recipient: str = ANSWER, sender: str = PAR) -> str:
        await self.say("LHLO mx.example.se")
        await self.say(f"MAIL FROM:<{sender}>")
        return await self.say(f"RCPT TO:<{recipient}>")

    async def mail(self, body: bytes = b"Subject: x\r\n\r\nhej\r\n.", recipient: str = ANSWER) -> str:
        answer = await self.envelope(recipient)
        if not answer.startswith("250"):
            return answer
        assert (await self.say("DATA")).startswith("354")
        return await self.say(body)


@pytest.fixture
def house() -> House:
    return House()


async def call(door: LmtpServer) -> Caller:
    caller = Caller(*await asyncio.open_connection(door.host, door.port))
    await caller.hear()
    return caller


@pytest.fixture
async def caller(house: House) -> AsyncIterator[Caller]:
    async with house.door() as door:
        calling = await call(door)
        yield calling
        calling.writer.close()


async def test_a_mail_for_a_known_token_is_kept_and_then_promised(house: House, caller: Caller) -> None:
    assert (await caller.mail()).startswith("250 2.0.0")
    (arrived,) = house.kept
    assert arrived.address == TokenAddress("answer", TOKEN)
    assert (arrived.envelope_from, arrived.recipient) == (PAR, ANSWER)
    assert arrived.data == b"Subject: x\r\n\r\nhej\r\n"


@pytest.mark.parametrize(
    "recipient",
    [answer_address(OTHER_TOKEN, DOMAIN), f"sip@{DOMAIN}", "anna@example.se", "", f"svar.{TOKEN}@example.se"],
)
async def test_all_other_addresses_do_not_exist(house: House, caller: Caller, recipient: str) -> None:
    assert (await caller.mail(recipient=recipient)).startswith("550 5.1.1")
    assert house.kept == []
    assert house.counted == {"unknown_address": 1}


async def test_delivery_reports_come_without_a_sender(house: House, caller: Caller) -> None:
    assert (await caller.envelope(bounce_address(TOKEN, DOMAIN), sender="")).startswith("250")
    await caller.say("DATA")
    assert (await caller.say(b"Subject: failed\r\n\r\n.")).startswith("250")
    assert house.kept[0].address.purpose == "bounce"
    assert house.kept[0].envelope_from == ""


@pytest.mark.parametrize("failing", [OSError("disk full"), RuntimeError("x"), TimeoutError()])
async def test_what_could_not_be_kept_is_to_be_sent_again(house: House, caller: Caller, failing: Exception) -> None:
    house.failing = failing
    assert (await caller.mail()).startswith("451 4.3.0")
    house.failing = None
    assert (await caller.mail()).startswith("250")
    assert house.counted == {"not_kept": 1}


async def test_a_token_that_cannot_be_checked_now_is_not_refused_for_good(house: House, caller: Caller) -> None:
    house.failing = LookupError("database is down")
    assert (await caller.mail()).startswith("451 4.3.0")


async def test_keeping_that_takes_too_long_is_not_promised(house: House) -> None:
    house.hold = asyncio.Event()
    async with house.door(keep_wait=0.05) as door:
        calling = await call(door)
        assert (await calling.mail()).startswith("451")
        calling.writer.close()


async def test_a_caller_that_leaves_early_does_not_stop_the_keeping(house: House) -> None:
    house.hold = asyncio.Event()
    async with house.door() as door:
        calling = await call(door)
        await calling.envelope()
        await calling.say("DATA")
        calling.writer.write(b"Subject: x\r\n\r\n.\r\n")
        await calling.writer.drain()
        calling.writer.close()
        await asyncio.sleep(0.05)
        house.hold.set()
        await asyncio.sleep(0.05)
    assert len(house.kept) == 1


async def test_dots_are_undone_and_only_a_lone_dot_ends_a_mail(house: House, caller: Caller) -> None:
    assert (await caller.mail(b"..first\r\n..\r\nx.\r\n\n.\n\r\nlast\r\n.")).startswith("250")
    assert house.kept[0].data == b".first\r\n.\r\nx.\r\n\n.\n\r\nlast\r\n"


async def test_an_empty_mail_is_a_mail(house: House, caller: Caller) -> None:
    assert (await caller.mail(b".")).startswith("250")
    assert house.kept[0].data == b""


async def test_commands_sent_ahead_are_answered_in_order(house: House, caller: Caller) -> None:
    batch = f"LHLO x\r\nMAIL FROM:<{PAR}>\r\nRCPT TO:<{ANSWER}>\r\nDATA\r\n"
    assert (await caller.say(batch + "Subject: x\r\n\r\n.\r\nQUIT")).startswith("250")
    answers = [await caller.hear() for _ in range(5)]
    assert [answer[:3] for answer in answers] == ["250", "250", "354", "250", "221"]
    assert len(house.kept) == 1


async def test_one_recipient_at_a_time_so_that_each_gets_its_own_answer(caller: Caller) -> None:
    await caller.envelope()
    assert (await caller.say(f"RCPT TO:<{ANSWER}>")).startswith("452 4.5.3")


@pytest.mark.parametrize(
    "lines, code",
    [
        (["DATA"], "503"),
        ([f"RCPT TO:<{ANSWER}>"], "503"),
        (["MAIL FROM:<x> FROM", "DATA"], "503"),
        (["MAIL TO:<x>"], "501"),
        (["RCPT"], "501"),
        (["VRFY anna"], "500"),
        (["\x00\xff\x00"], "500"),
        ([""], "500"),
        (["GET / HTTP/1.1"], "500"),
        (["RSET"], "250"),
        (["NOOP"], "250"),
        (["MAIL FROM:<a@example.se> SIZE=2000000"], "552"),
        (["MAIL FROM:<a@example.se> SIZE=2000 BODY=8BITMIME"], "250"),
    ],
    ids=str,
)
async def test_wrong_commands_get_an_error_and_nothing_else(caller: Caller, lines: list[str], code: str) -> None:
    answers = [await caller.say(line) for line in lines]
    assert answers[-1].startswith(code)


async def test_a_mail_too_big_is_refused_and_the_next_one_welcome(house: House) -> None:
    async with house.door(largest=10_000) as door:
        calling = await call(door)
        assert (await calling.mail(b"x" * 100_000 + b"\r\n.")).startswith("552 5.3.4")
        assert (await calling.mail(b"x" * 9_000 + b"\r\n.")).startswith("250")
        calling.writer.close()
    assert [len(arrived.data) for arrived in house.kept] == [9_002]
    assert house.counted == {"too_big": 1}


async def test_a_gigabyte_without_a_line_end_costs_neither_memory_nor_patience(house: House) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    async with house.door() as door:
        calling = await call(door)
        await calling.envelope()
        await calling.say("DATA")
        chunk = b"x" * 1_000_000
        sent = 0
        try:
            while sent < 1_000_000_000:
                calling.writer.write(chunk)
                await calling.writer.drain()
                sent += len(chunk)
        except ConnectionError:
            pass
        calling.writer.close()
    assert sent < 100_000_000, "the door closes on a sender that does not stop"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB
    assert house.kept == []


async def test_a_caller_that_falls_silent_is_let_go(house: House) -> None:
    async with house.door(wait=0.05, data_wait=0.05) as door:
        quiet, dawdler = await call(door), await call(door)
        await dawdler.envelope()
        await dawdler.say("DATA")
        assert await quiet.hear() == ""
        assert await dawdler.hear() == ""
        quiet.writer.close()
        dawdler.writer.close()


async def test_an_endless_command_is_cut_off(caller: Caller) -> None:
    assert (await caller.say("NOOP " + "x" * 100_000)).startswith("500")


async def test_more_callers_than_allowed_are_sent_away_while_all_bring_mails(house: House) -> None:
    async with house.door(connections=2) as door:
        busy = [await call(door) for _ in range(2)]
        for caller in busy:
            await caller.envelope()
            await caller.say("DATA")
        third = Caller(*await asyncio.open_connection(door.host, door.port))
        assert (await third.hear()).startswith("421")
        for caller in [*busy, third]:
            caller.writer.close()


async def test_mails_that_never_end_do_not_lock_out_the_mail_server(house: House) -> None:
    """Whoever has been invited knows an address, and can begin a mail to it on each connection."""
    async with house.door(connections=2, haste=0.02) as door:
        dawdling = [await call(door) for _ in range(2)]
        for caller in dawdling:
            await caller.envelope()
            await caller.say("DATA")
        await asyncio.sleep(0.03)
        calling = await call(door)
        assert (await calling.mail()).startswith("250")
        assert await dawdling[0].hear() == "", "the one that has dawdled longest has made room"
        for caller in [*dawdling, calling]:
            caller.writer.close()


async def test_a_mail_that_is_being_kept_makes_no_room(house: House) -> None:
    house.hold = asyncio.Event()
    async with house.door(connections=1, haste=0.0) as door:
        keeping = await call(door)
        brought = asyncio.create_task(keeping.mail())
        await asyncio.sleep(0.03)
        second = Caller(*await asyncio.open_connection(door.host, door.port))
        assert (await second.hear()).startswith("421")
        house.hold.set()
        assert (await brought).startswith("250")
        for caller in (keeping, second):
            caller.writer.close()


async def test_what_is_not_admitted_comes_later(house: House) -> None:
    house.allowed = 3
    async with house.door() as door:
        calling = await call(door)
        assert [(await calling.mail())[:3] for _ in range(5)] == ["250", "250", "250", "451", "451"]
        calling.writer.close()
    assert house.asked[0] == (TOKEN, PAR)


async def test_silent_callers_do_not_lock_out_the_mail_server(house: House) -> None:
    """Each of them sends one byte now and then, or nothing."""
    async with house.door(connections=3) as door:
        silent = [await call(door) for _ in range(3)]
        for caller in silent:
            caller.writer.write(b"N")
        await asyncio.sleep(0.02)
        calling = await call(door)
        assert (await calling.mail()).startswith("250")
        assert await silent[0].hear() == "", "the one that was silent longest has made room"
        for caller in [*silent, calling]:
            caller.writer.close()


async def test_a_command_that_comes_byte_by_byte_has_one_deadline(house: House) -> None:
    async with house.door(wait=0.15) as door:
        calling = await call(door)
        for _ in range(6):
            calling.writer.write(b"N")
            await asyncio.sleep(0.05)
        with contextlib.suppress(ConnectionError):
            assert await calling.hear() == ""
        assert calling.reader.at_eof() or calling.reader.exception() is not None
        calling.writer.close()


async def test_a_connection_ends_however_busy(house: House) -> None:
    async with house.door(lasting=0.15) as door:
        calling = await call(door)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            for _ in range(500):
                if not await calling.say("NOOP"):
                    break
                await asyncio.sleep(0.02)
        calling.writer.close()
        assert time.monotonic() - began < 5


async def test_stopping_ends_open_conversations(house: House) -> None:
    door = house.door()
    await door.start()
    calling = await call(door)
    await door.stop()
    assert await calling.hear() == ""
    calling.writer.close()


async def test_the_standard_librarys_clients_get_along_with_it(house: House) -> None:
    def send(kind: type[smtplib.SMTP]) -> None:
        with kind("127.0.0.1", door.port) as client:
            client.sendmail(PAR, [ANSWER], b"Subject: x\r\n\r\nhej\r\n")

    async with house.door() as door:
        await asyncio.to_thread(send, smtplib.SMTP)
        await asyncio.to_thread(send, smtplib.LMTP)
    assert len(house.kept) == 2
