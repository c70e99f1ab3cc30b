"""Calendar answers through the real process: what was acknowledged with 250 is kept, and mails out come back in."""

from __future__ import annotations

import random
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.mail.addresses import answer_address, new_token
from bot.settings import Settings
from domain.attendee import Attendee, Naming
from domain.code import make_code
from handlers.save import store
from handlers.services import Services
from storage.transaction import Transaction
from tests.forked import start
from tests.ports import free_port
from tests.program import Running, stop
from tests.whole.cases import add, summoned
from tests.whole.conftest import opening

DOMAIN = "kalender.exempel.invalid"
PEOPLE = 40
PATIENCE = 20.0
KILLS = 5


@dataclass(frozen=True)
class Somebody:
    """An attendee whose calendar answers."""

    code: str
    attendee: Attendee

    @property
    def uid(self) -> str:
        return f"{self.code}@test.invalid"


@pytest.fixture
def answering(settings: Settings) -> Settings:
    """Settings of a bot that takes calendar answers; its mail server is away, so no mail goes out."""
    return settings.model_copy(
        update={
            "sipbot_smtp_url": SecretStr(f"smtp://127.0.0.1:{free_port()}"),
            "sipbot_mail_from": f"sip@{DOMAIN}",
            "sipbot_lmtp_port": free_port(),
        }
    )


def people(settings: Settings, services: Services) -> list[Somebody]:
    """Make a case for each, with one attendee named."""
    found = [_somebody(n) for n in range(PEOPLE)]

    def fill(tx: Transaction) -> None:
        for person in found:
            case = summoned(person.code, tx.now, ("bup",))
            add(services, tx, case)
            kept, meeting = tx.cases.get(person.code), case.meetings[0]
            named = replace(meeting.summonses[0], naming=Naming((person.attendee,)), answered=meeting.called)
            store(services, tx, kept, kept.with_meeting(meeting.with_summons(named)))

    database = opening(settings)
    database.write(fill).result(30)
    database.close()
    return found


def _somebody(number: int) -> Somebody:
    attendee = Attendee(new_token(), new_token(), f"Person {number}", "Kurator", f"person{number}@exempel.invalid")
    return Somebody(make_code(number * 37 + 3), attendee)


def reply(person: Somebody, partstat: str = "ACCEPTED") -> bytes:
    rows = [
        f"From: {person.attendee.email}",
        f"To: {answer_address(person.attendee.token, DOMAIN)}",
        f"Message-ID: <{person.attendee.key}@exempel.invalid>",
        "Content-Type: text/calendar; method=REPLY; charset=utf-8",
        "",
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Exempel//Program//SV",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        f"UID:{person.uid}",
        "SEQUENCE:0",
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{person.attendee.email}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(rows).encode()


def deliver(port: int, person: Somebody) -> bool:
    """Hand one answer over as a mail server does; say whether it was promised to be kept."""
    try:
        with smtplib.LMTP("127.0.0.1", port, timeout=10) as client:
            client.sendmail("nagon@exempel.invalid", [answer_address(person.attendee.token, DOMAIN)], reply(person))
    except (OSError, smtplib.SMTPException):
        return False
    return True


def answered(settings: Settings, found: list[Somebody]) -> Iterator[tuple[str, int]]:
    """Yield each case with how often its attendee's answer was written down."""
    database = opening(settings)
    try:
        for person in found:
            rows = database.read(lambda reader, code=person.code: reader.journal.read(code)).result(10)  # type: ignore[misc]
            yield person.code, sum(row.entry.action == "calendar.accepted" for row in rows)
    finally:
        database.close()


@pytest.mark.apart
@pytest.mark.siege
@pytest.mark.slow
def test_no_acknowledged_answer_is_lost_and_none_counts_twice(
    answering: Settings, folder: Path, services: Services
) -> None:
    """A mail server delivers again what was not acknowledged; the process is killed in the middle of it."""
    found, chaos = people(answering, services), random.Random(11)
    port, kept = answering.sipbot_lmtp_port or 0, set[str]()
    for _ in range(KILLS):
        process = start(answering, folder)
        met = threading.Event()

        def end(process: Running = process, met: threading.Event = met) -> None:
            met.wait(PATIENCE)  # on a busy machine a moment may hold no answer at all
            process.kill()

        timer = threading.Timer(chaos.uniform(0.3, 1.2), end)
        timer.start()
        for person in found:
            if person.code not in kept and deliver(port, person):
                kept.add(person.code)
                met.set()
            if process.poll() is not None:
                break
        met.set()
        timer.join()
        process.wait()
    assert kept, "the answers must have met the kills"
    assert not [code for code, times in answered(answering, found) if code in kept and times != 1]
    process = start(answering, folder)
    try:
        for person in found:
            assert deliver(port, person)
    finally:
        stop(process)
    assert {times for _, times in answered(answering, found)} == {1}
