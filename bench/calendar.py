"""What one invite and one answer cost, without the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.mail.addresses import answer_address, bounce_address, new_token
from bot.mail.mime import InviteWords, compose_invite
from bot.mail.reply import CalendarAnswer, ReplyRules, read_reply
from domain.calendar.invites import Invite

DOMAIN = "kalender.example.se"


def measure() -> list[tuple[str, float, str]]:
    """Best of several rounds, as (name, value, unit): the time of one, in milliseconds."""
    token = new_token()
    return [
        ("calendar: build and wrap one attendee's invite", _best(_building(token), 500), "ms"),
        ("calendar: read one answer", _best(_reading(token), 200), "ms"),
    ]


def _best(work: Callable[[], object], times: int, rounds: int = 7) -> float:
    work()
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - start) / times)
    return min(found) * 1000


def _building(token: str) -> Callable[[], object]:
    link = "https://sip.example.se/m/7k3q2"
    invite = Invite(
        method="REQUEST",
        uid="5f0c6d1e-8f5b-4c52-9a55-2f1f3a0c7d11@kalender.example.se",
        sequence=0,
        stamp=datetime(2026, 11, 1, 12, 0, tzinfo=UTC),
        start=datetime(2026, 12, 1, 9, 0, tzinfo=ZoneInfo("Europe/Stockholm")),
        length=60,
        summary_code="SIP-7K3Q2-M",
        organizer_address=answer_address(token, DOMAIN),
        place="Kommunhuset, rum Linden",
        link=link,
        attendee_address="par.soderstrom@bup.example.se",
        attendee_name="Pär Söderström",
    )
    words = InviteWords(
        subject="Kallelse: möte SIP-7K3Q2-M",
        text=f"Hej!\n\nDu är kallad till ett möte. Läs mer efter inloggning: {link}\n\nSvara i din kalender.",
        summary="Möte SIP-7K3Q2-M",
        description=f"Läs mer efter inloggning: {link}",
        organizer="Mötessamordning",
    )
    bounce = bounce_address(token, DOMAIN)
    return lambda: compose_invite(invite, words, "<5f0c.1@kalender.example.se>", bounce)


def _reading(token: str) -> Callable[[], object]:
    mail = _ANSWER.format(address=answer_address(token, DOMAIN)).replace("\n", "\r\n").encode()
    rules = ReplyRules(DOMAIN, authserv_id="mx.kalender.example.se")
    assert isinstance(read_reply(mail, rules), CalendarAnswer)
    return lambda: read_reply(mail, rules)


_ANSWER = """\
Authentication-Results: mx.kalender.example.se; dmarc=pass header.from=bup.example.se
From: Par <par.soderstrom@bup.example.se>
To: {address}
Subject: Accepterad
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

Ja.
--b1
Content-Type: text/calendar; method=REPLY; charset=utf-8
Content-Transfer-Encoding: 8bit

BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Client 1.0//EN
METHOD:REPLY
BEGIN:VEVENT
UID:5f0c6d1e-8f5b-4c52-9a55-2f1f3a0c7d11@kalender.example.se
DTSTAMP:20261110T081500Z
SEQUENCE:0
DTSTART;TZID=W. Europe Standard Time:20261201T090000
DTEND;TZID=W. Europe Standard Time:20261201T100000
SUMMARY:Accepterad: Möte SIP-7K3Q2-M
ATTENDEE;PARTSTAT=ACCEPTED;CN=Pär:MAILTO:par.soderstrom@bup.example.se
COMMENT:Jag kommer\\, men blir sen
END:VEVENT
END:VCALENDAR
--b1--
"""
