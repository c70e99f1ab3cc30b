"""Reading mails where it can be killed: a mail that would take for ever costs its own answer and nothing else."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from bot.mail.bounce import Bounce
from bot.mail.reading_process import ReadingProcess
from bot.mail.reply import CalendarAnswer, Reason, Refusal, read_reply
from tests.bot.mail.test_reply import ANSWERS, BOUNCES, MAILS, REFUSALS, RULES

HEAD = b"From: a@exempel.invalid\r\nTo: svar.mfzwizltoqqho2lumu2dkmzvgy@kalender.example.se\r\n"
CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:1\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n"


def mail(content_type: bytes, body: bytes) -> bytes:
    return HEAD + b"Content-Type: " + content_type + b"\r\n\r\n" + body


def parts(count: int, part: bytes) -> bytes:
    return mail(b"multipart/mixed; boundary=b", (b"--b\r\n" + part) * count + b"--b--\r\n")


NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(58))

# Each is quadratic in the parser of the standard library, or in a loop of ours over what it found.
BOMBS = {
    "a quote that never ends": mail(b'text/plain; a="' + b";" * 160_000, b"x"),
    "the same in folds": mail(b'text/plain; a="' + b";\r\n " * 39_000, b"x"),
    "the same just below the limit": mail(b'text/plain; a="' + b";" * 8_000, b"x"),
    "the same in every part": parts(50, b'Content-Type: text/x; a="' + b";" * 1_000 + b"\r\n\r\nx\r\n"),
    "the same in a part alone": parts(1, b'Content-Disposition: attachment; a="' + b";" * 160_000 + b"\r\n\r\nx\r\n"),
    "parts without number": parts(100_000, b"\r\n"),
    "parts within parts": HEAD + NESTED + b"--x\r\n" * 39_000,
    "rows without number": mail(b"multipart/mixed; boundary=b", b"\n" * 900_000),
    "headers without number": HEAD + b"A: b\r\n" * 20_000 + b"\r\n",
    "brackets": HEAD + b"Authentication-Results: " + b"(" * 8_000 + b"\r\n\r\n",
    "parameters of an attendee": mail(b"text/calendar", CALENDAR % (b"ATTENDEE" + b";X=y" * 20_000 + b":x\r\n")),
    "quotes of an attendee": mail(b"text/calendar", CALENDAR % (b'ATTENDEE;X="' + b'";X="' * 15_000 + b":x\r\n")),
    "attendees without number": mail(b"text/calendar", CALENDAR % (b"ATTENDEE;PARTSTAT=ACCEPTED:x\r\n" * 1_900)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_mail_makes_the_reader_run_away(name: str) -> None:
    began = time.process_time()
    assert isinstance(read_reply(BOMBS[name], RULES), Refusal)
    assert time.process_time() - began < 3.0, "seconds of a machine that does other things too"


@pytest.mark.parametrize("field", [b"X: " + b"a " * 40_000, b"a: b\r\n\r\n" * 12_000], ids=["a long field", "blocks"])
def test_no_delivery_report_makes_the_reader_run_away(field: bytes) -> None:
    """What stands in a status part is no header of the mail, so no limit of headers holds there."""
    head = HEAD + b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
    rows = b"Action: failed\r\nStatus: 5.1.1\r\n" + field
    began = time.process_time()
    found = read_reply(head + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n" + rows + b"\r\n--b--\r\n", RULES)
    assert isinstance(found, Refusal | Bounce)
    assert time.process_time() - began < 3.0, "seconds of a machine that does other things too"


def test_a_header_line_of_eight_kilobytes_is_the_longest_that_is_parsed() -> None:
    assert read_reply(mail(b"text/plain; a=" + b"x" * 9_000, b"x"), RULES) == Refusal(Reason.TOO_BIG)


async def test_the_process_reads_what_the_function_reads() -> None:
    reader = ReadingProcess(RULES)
    try:
        for name in [*list(ANSWERS)[:5], *list(BOUNCES)[:2], *list(REFUSALS)[:3]]:
            assert await reader.read(MAILS[name]) == read_reply(MAILS[name], RULES)
    finally:
        await reader.close()


async def test_a_mail_that_does_not_end_is_killed_and_the_next_is_read() -> None:
    reader = ReadingProcess(RULES)
    answer = MAILS["thunderbird_accepted"]
    try:
        assert isinstance(await reader.read(answer), CalendarAnswer)
        reader.deadline = 0.0
        assert await reader.read(answer) == Refusal(Reason.TOO_DEAR)
        reader.deadline = 5.0
        assert isinstance(await reader.read(answer), CalendarAnswer)
    finally:
        await reader.close()


async def test_a_process_that_died_is_replaced() -> None:
    reader = ReadingProcess(RULES)
    try:
        await reader.read(MAILS["thunderbird_accepted"])
        child = reader.child
        assert child is not None
        child.kill()
        await child.wait()
        assert isinstance(await reader.read(MAILS["thunderbird_accepted"]), CalendarAnswer)
    finally:
        await reader.close()


async def test_giving_up_in_the_middle_does_not_mix_up_two_mails() -> None:
    reader = ReadingProcess(RULES)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await reader.read(MAILS["thunderbird_accepted"])
        assert await reader.read(MAILS["thunderbird_declined"]) == read_reply(MAILS["thunderbird_declined"], RULES)
    finally:
        await reader.close()


async def test_the_process_has_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPBOT_SECRET_KEYS", "påhittad")
    reader = ReadingProcess(RULES)
    try:
        await reader.read(MAILS["thunderbird_accepted"])
        assert reader.child is not None
        environment = Path(f"/proc/{reader.child.pid}/environ")
        assert b"SIPBOT" not in await asyncio.to_thread(environment.read_bytes)
    finally:
        await reader.close()
