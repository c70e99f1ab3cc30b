"""Calendars of the stories' people: what stands in them after each mail, and what they answer when a button is pressed.

Invites are read from the mails that the bot sent; answers are whole mails handed to the bot's own port by an LMTP
client.
"""

from __future__ import annotations

import asyncio
import base64
import re
import smtplib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.handlers.story import Story, buttons, calendar_of, calendar_value, method_of, plain, telling

AUTHSERV = "mx.kalender.exempel.invalid"
REPLIES = Path(__file__).parents[2] / "bot" / "mail" / "replies"
# What stands in the corpus of answers for the bot's domain, the token, the meeting and the attendee.
CORPUS_DOMAIN, CORPUS_TOKEN = "kalender.example.se", "mfzwizltoqqho2lumu2dkmzvgy"
CORPUS_UID = "5f0c6d1e-8f5b-4c52-9a55-2f1f3a0c7d11@kalender.example.se"
CORPUS_ATTENDEE = "par.soderstrom@bup.example.se"

TOLD_BY_OWN_SERVER = f"{AUTHSERV}; dmarc=pass header.from=exempel.invalid"


@dataclass(frozen=True)
class Invitation:
    """One calendar mail as its reader's program sees it."""

    mail: EmailMessage

    @property
    def method(self) -> str:
        return method_of(self.mail)

    @property
    def sequence(self) -> int:
        return int(calendar_value(self.mail, "SEQUENCE"))

    @property
    def uid(self) -> str:
        return calendar_value(self.mail, "UID")

    @property
    def stamp(self) -> datetime:
        return datetime.strptime(calendar_value(self.mail, "DTSTAMP"), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    @property
    def organizer(self) -> str:
        return calendar_value(self.mail, "ORGANIZER").rpartition("mailto:")[2]

    @property
    def attendee(self) -> str:
        return calendar_value(self.mail, "ATTENDEE").rpartition("mailto:")[2]

    @property
    def partstat(self) -> str:
        return calendar_value(self.mail, "ATTENDEE").partition("PARTSTAT=")[2].partition(";")[0]

    @property
    def token(self) -> str:
        return self.organizer.partition("@")[0].removeprefix("svar.")

    @property
    def data(self) -> bytes:
        """The calendar object as it was sent, byte for byte."""
        part = next(p for p in self.mail.walk() if p.get_content_type() == "text/calendar")
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        return data

    @property
    def text(self) -> str:
        """The words around the calendar object."""
        return str(next(p for p in self.mail.walk() if p.get_content_type() == "text/plain").get_content())

    def has(self, name: str) -> bool:
        """Say whether the event has a property."""
        event = calendar_of(self.mail).partition("BEGIN:VEVENT")[2]
        return any(line.startswith((f"{name}:", f"{name};")) for line in event.splitlines())

    def value(self, name: str) -> str:
        return calendar_value(self.mail, name)


class Calendars:
    """What the people of a story have in their calendars, and their buttons."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._sent = 0

    @property
    def port(self) -> int:
        answers = self.story.bot.answers
        assert answers is not None
        assert answers.lmtp is not None
        return answers.lmtp.port

    def invitations(self, name: str) -> list[Invitation]:
        """Return the calendar mails to a member of staff, or to an address, oldest first."""
        mails = self.story.mails(name) if "@" in name else self.story.mails_to(name)
        return [Invitation(mail) for mail in mails if method_of(mail)]

    def newest(self, name: str) -> Invitation:
        return self.invitations(name)[-1]

    async def answers(self, name: str, partstat: str, **how: Any) -> None:
        """Press a button on the newest invitation and let what follows happen."""
        await self.deliver(self.reply(self.newest(name), partstat, **how))

    def reply(
        self,
        invitation: Invitation,
        partstat: str,
        *,
        method: str = "REPLY",
        changes: Mapping[str, str | None] | None = None,
        attendee: str | None = None,
        sender: str | None = None,
        comment: str = "",
        more: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> EmailMessage:
        """Write an answer as calendar programs do; `changes` replaces properties, or with None leaves them out.

        `attendee` is who answers, and `sender` who sends it, when not the one who was invited.
        """
        who = attendee or invitation.attendee
        self._sent += 1
        stamp = self.story.clock.now()
        properties: dict[str, str | None] = {
            "UID": invitation.uid,
            "DTSTAMP": f"{stamp:%Y%m%dT%H%M%SZ}",
            "SEQUENCE": str(invitation.sequence),
            "DTSTART": invitation.value("DTSTART") + "Z",
            "SUMMARY": "Svar",
            "COMMENT": comment or None,
            **(changes or {}),
        }
        lines = [f"{name}:{value}" for name, value in properties.items() if value is not None]
        lines += [f"ATTENDEE;PARTSTAT={partstat}:mailto:{who}", f"ORGANIZER:mailto:{invitation.organizer}", *more]
        body = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Exempel//Program//SV", f"METHOD:{method}"]
        rows = [*body, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]
        mail = EmailMessage()
        for name, value in (headers or {}).items():
            mail[name] = value
        mail["From"] = sender or who
        mail["To"] = invitation.organizer
        mail["Subject"] = "Svar"
        mail["Message-ID"] = f"<{self._sent}@exempel.invalid>"
        mail.set_content("Svar")
        mail.add_alternative("\r\n".join(rows), subtype="calendar", params={"method": method})
        return mail

    async def deliver(
        self, mail: EmailMessage | bytes, to: str = "", *, sender: str = "nagon@exempel.invalid"
    ) -> tuple[int, bytes]:
        """Hand a mail to the bot's port as the operator's mail server does; return what it answered."""
        data = mail if isinstance(mail, bytes) else mail.as_bytes()
        recipient = to or str(mail["To"] if isinstance(mail, EmailMessage) else "")
        answer = await asyncio.to_thread(self._hand_over, data, sender, recipient)
        await self.story.settle()
        return answer

    def _hand_over(self, data: bytes, sender: str, recipient: str) -> tuple[int, bytes]:
        with smtplib.LMTP("127.0.0.1", self.port) as client:
            client.ehlo_or_helo_if_needed()
            for step in (client.mail(sender), client.rcpt(recipient)):
                if step[0] >= 400:
                    return step
            return client.data(data)

    def from_corpus(self, name: str, invitation: Invitation) -> bytes:
        """Return an answer of the corpus as an answer to this invitation."""
        known = {
            CORPUS_UID: invitation.uid,
            CORPUS_TOKEN: invitation.token,
            CORPUS_ATTENDEE: invitation.attendee,
            CORPUS_DOMAIN: invitation.organizer.partition("@")[2],
        }

        def put_in(data: bytes) -> bytes:
            for old, new in known.items():
                data = re.sub(re.escape(old.encode()), new.encode(), data, flags=re.IGNORECASE)
            return data

        def encoded(block: re.Match[bytes]) -> bytes:
            return block[1] + base64.encodebytes(put_in(base64.b64decode(block[2]))).replace(b"\n", b"\r\n")

        data = put_in((REPLIES / f"{name}.eml").read_bytes())
        return re.sub(rb"(base64\r?\n\r?\n)([A-Za-z0-9+/=\r\n]+)", encoded, data)

    def metric(self, name: str, **labels: str) -> float:
        """Return a number of the bot's metrics, summed over the labels that are not told."""
        wanted = [f'{key}="{word}"' for key, word in labels.items()]
        return sum(value for found, value in self._metrics(name) if all(label in found for label in wanted))

    def _metrics(self, name: str) -> list[tuple[str, float]]:
        rendered = self.rendered_metrics().splitlines()
        lines = (line.rpartition(" ") for line in rendered if line.startswith((f"{name}_total", f"{name}{{")))
        return [(found, float(value)) for found, _, value in lines]

    def rendered_metrics(self) -> str:
        answers = self.story.bot.answers
        assert answers is not None
        return answers.gateway.metrics.render().decode()

    def board(self, agency: str = "Barn- och ungdomspsykiatrin") -> str:
        """Return the line of the coordinator's board that tells of an agency."""
        (board,) = [plain(m.blocks) for m in self.story.messages("anna") if "case.step" in buttons(m.blocks)][:1]
        lines = [line for line in board.splitlines() if line.startswith(f"{agency} (")]
        assert lines, board
        return lines[0]

    def told(self, key: str, **params: str) -> list[str]:
        """Return what the coordinator was told under a note's title."""
        known = {"code": self.story.code, "agency": "Barn- och ungdomspsykiatrin", "name": "Julia Påhittlind"}
        title = self.story.says(f"{key}.title", **(known | params)).strip()
        return [text for m in self.story.messages("anna") if title in (text := plain(m.blocks))]

    async def later(self, **delta: float) -> None:
        """Let some time pass."""
        self.story.clock.move_to(self.story.clock.now() + timedelta(**delta))
        await self.story.settle()


@asynccontextmanager
async def answering(folder: Path, empty_database: Path, **settings: Any) -> AsyncIterator[Calendars]:
    """Tell a story in which calendar answers come in: by LMTP on a free port, unless the settings say otherwise."""
    ways: dict[str, Any] = {"sipbot_lmtp_port": 0, "sipbot_authserv_id": AUTHSERV, **settings}
    async with telling(folder, empty_database, **ways) as story:
        assert story.bot.answers is not None
        await story.bot.answers.start()
        yield Calendars(story)
