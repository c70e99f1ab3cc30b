"""Invented invites for the tests of this folder, and the referees that every calendar object must satisfy."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.calendar.ical import build_invite
from bot.mail.mime import InviteWords
from domain.calendar.invites import Invite
from tests import calendar_lint, libical

DOMAIN = "kalender.example.se"
TOKEN = "mfzwizltoqqho2lumu2dkmzvgy"
OTHER_TOKEN = "ob2xi2lom4qgc3tporuxezlbna"
PAR = "par.soderstrom@bup.example.se"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
START = datetime(2026, 12, 1, 9, 0, tzinfo=STOCKHOLM)
STAMP = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
UID = "5f0c6d1e-8f5b-4c52-9a55-2f1f3a0c7d11@kalender.example.se"
LINK = "https://sip.example.se/m/7k3q2"

WORDS = InviteWords(
    subject="Kallelse: möte SIP-7K3Q2-M",
    text=f"Hej!\n\nDu är kallad till ett möte. Läs mer efter inloggning: {LINK}\n\nSvara i din kalender.",
    summary="Möte SIP-7K3Q2-M",
    description=f"Läs mer efter inloggning: {LINK}",
    organizer="Mötessamordning",
)


def invite(**changes: Any) -> Invite:
    """A REQUEST for one attendee, changed as given."""
    known: dict[str, Any] = {
        "method": "REQUEST",
        "uid": UID,
        "sequence": 0,
        "stamp": STAMP,
        "start": START,
        "length": 60,
        "summary_code": "SIP-7K3Q2-M",
        "organizer_address": f"svar.{TOKEN}@{DOMAIN}",
        "place": "Kommunhuset, rum Linden",
        "link": LINK,
        "attendee_address": PAR,
        "attendee_name": "Pär Söderström",
    }
    return Invite(**(known | changes))


def call_off(**changes: Any) -> Invite:
    return invite(method="CANCEL", sequence=2, whole_event_cancelled=True, **changes)


def uninvite(**changes: Any) -> Invite:
    return invite(method="CANCEL", sequence=1, **changes)


def chat_file(**changes: Any) -> Invite:
    return invite(method="PUBLISH", attendee_address=None, attendee_name=None, **changes)


def build(made: Invite, words: InviteWords = WORDS, *, private: bool = True) -> bytes:
    return build_invite(
        made,
        summary=words.summary,
        description=words.description,
        organizer=words.organizer,
        private=private,
    )


def referees(data: bytes) -> list[str]:
    """What libical and the lint say against a calendar object. Without libical the test is skipped, except in CI."""
    found = calendar_lint.problems(data)
    if libical.available() or os.environ.get("CI"):
        return found + libical.problems(data)
    if found:
        return found
    pytest.skip("libical3 is not installed; the lint found nothing")
