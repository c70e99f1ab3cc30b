"""A hundred meetings are moved: 1,000 attendees get their calendar update, and 20 people press a button meanwhile."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from bench.measure import Result
from bench.slack import Slack
from bench.surroundings import AGENCIES, Seeded, seeded, settings
from bot.mail.addresses import new_token
from domain.attendee import Attendee, Naming
from domain.case import Case
from domain.meeting import Meeting
from domain.summons import Summons
from handlers import mails
from handlers.letters.invitations import surface_of
from handlers.save import store
from storage.outbox.outbox import Letter
from storage.posts import Post
from storage.transaction import Transaction
from tests.ports import free_port
from tests.program import Client, press_body, serving

MEETINGS, AGENCIES_EACH, PEOPLE_EACH = 100, 5, 2
ATTENDEES = MEETINGS * AGENCIES_EACH * PEOPLE_EACH
ANSWERS = 20
LONGEST = 60.0


def measure() -> list[Result]:
    """Return how long the updates took to go out, and how long answers in chat took beside them."""
    with tempfile.TemporaryDirectory() as folder, Slack() as slack, _mail_server() as mail:
        found = settings(Path(folder), slack.url, free_port()).model_copy(
            update={"sipbot_smtp_url": SecretStr(mail.url), "sipbot_mail_from": "sip@kalender.example.se"}
        )
        filled = seeded(found, MEETINGS, AGENCIES_EACH)
        for code in filled.codes:
            filled.database.write(partial(_move, filled, code)).result(60)
        with serving(found, Path(folder)):
            pressed = asyncio.run(_press(found.sipbot_port, filled))
            until = time.monotonic() + LONGEST
            while int(mail.ask("mails")) < ATTENDEES and time.monotonic() < until:
                time.sleep(0.1)
            mails, (first, last) = int(mail.ask("mails")), json.loads(mail.ask("span"))
            answered = json.loads(slack.ask("answers"))
        filled.database.close()
    slowest = max(answered.get(user, float("inf")) - at for user, at in pressed.items())
    during = sum(at < last for at in pressed.values())
    rate = mails / (last - first)
    return [
        Result(f"calendar update of {MEETINGS} meetings: mails out", f"{mails}", f"= {ATTENDEES}", mails == ATTENDEES),
        Result("  in one run of the courier", f"{last - first:.1f} s", f"({rate:.0f} mails a second)", met=True),
        Result(
            f"  slowest of {ANSWERS} answers in chat, {during} of them meanwhile",
            f"{slowest:.2f} s",
            "< 1 s",
            slowest < 1,
        ),
    ]


class _Mail:
    """The mail server as a process of its own, so that it takes no time from the bot."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = self._line()

    def ask(self, question: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def _mail_server() -> Iterator[_Mail]:
    command = [sys.executable, "-m", "bench.mail_process"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield _Mail(process)
    finally:
        process.terminate()
        process.wait()


def _move(filled: Seeded, code: str, tx: Transaction) -> None:
    """Let every agency have named people who have their invites, move the meeting, and write everybody's update."""
    before = tx.cases.get(code)
    meeting = before.meetings[0]
    summonses = tuple(_named(code, summons) for summons in meeting.summonses)
    moved = replace(
        meeting,
        summonses=summonses,
        start=meeting.start + timedelta(days=1),
        day=meeting.day + timedelta(days=1),
        sequence=1,
    )
    after: Case = before.with_meeting(moved)
    for _, attendee in moved.attendees():
        tx.posts.put(Post(surface_of(after, moved, attendee), "mail:", "", "", 0, tx.now))
    saved, _ = store(filled.services, tx, before, after)
    tx.outbox.put_many(list(_updates(saved, moved, tx)))


def _named(code: str, summons: Summons) -> Summons:
    people = tuple(
        Attendee(
            key=new_token(),
            token=new_token(),
            name=f"Person {n} Exempel",
            title="Handläggare",
            email=f"{summons.agency}.{n}.{code.lower()}@example.se",
            asked=1,
        )
        for n in range(PEOPLE_EACH)
    )
    return replace(summons, naming=Naming(people))


def _updates(case: Case, meeting: Meeting, tx: Transaction) -> Iterator[Letter]:
    for agency, attendee in meeting.attendees():
        yield mails.invite(case, meeting, agency, attendee, "REQUEST", tx.now)


async def _press(port: int, filled: Seeded) -> dict[str, float]:
    """Let one person after another press; return when each of them did."""
    client = await Client.open(port)
    pressed = {}
    for n in range(ANSWERS):
        agency = n % AGENCIES
        code = next(
            c for k, c in enumerate(filled.codes) if agency in {(k + j) % AGENCIES for j in range(AGENCIES_EACH)}
        )
        user = f"U0S{agency}"
        body = press_body(user, "summons.received", filled.token(code, f"a{agency}"), n, channel=f"C0A{agency}")
        pressed[user] = time.time()
        status, _ = await client.post(body)
        assert status == 200, status
        await asyncio.sleep(0.1)
    await client.close()
    return pressed
