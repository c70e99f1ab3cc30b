"""What the measures run against: a database full of cases, the bot as a process, the stand-in, and plain signed requests."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote_plus

from pydantic import SecretStr

from sipbot.bot.app import build_office
from sipbot.bot.clock import SystemClock
from sipbot.bot.settings import Settings
from sipbot.domain.case import AgeBand, Case, NoticedBy
from sipbot.domain.code import make_code
from sipbot.domain.consent import Consent, Decision, Expression, Giver, Part, Topic
from sipbot.domain.deadlines import deadlines, next_due
from sipbot.domain.directory import Agency, Directory, Kind, Principal, Staff
from sipbot.domain.meeting import Meeting, Mode, Stamp, Summons
from sipbot.handlers.keeping import listing_of
from sipbot.handlers.office import Office
from sipbot.storage.cipher import Keyring, fresh_key
from sipbot.storage.database import Database, open_database
from sipbot.storage.schema import migrate
from sipbot.storage.transaction import Transaction

SECRET = "bench-signing-secret"  # noqa: S105 - invented
AGENCIES = 60
COORDINATOR = "slack:T0/U0COORD"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def directory() -> Directory:
    """Return invented agencies, each with a channel and one member of staff, and one coordinator."""
    agencies = {
        f"a{n}": Agency(f"a{n}", f"Enhet {n}", f"E{n}", Kind.HEALTH_CARE, Principal.REGION, slack_channel=f"C0A{n}", manager="U0BOSS")
        for n in range(AGENCIES)
    }
    staff = {
        f"slack:T0/U0S{n}": Staff(f"slack:T0/U0S{n}", f"a{n}", f"Person {n}", identities=(f"slack:T0/U0S{n}",)) for n in range(AGENCIES)
    }
    for n, name in ((0, "COORD"), (0, "BOSS")):
        identity = f"slack:T0/U0{name}"
        staff[identity] = Staff(identity, f"a{n}", f"Ledning {name}", coordinator=name == "COORD", identities=(identity,))
    return Directory(agencies, staff)


def settings(folder: Path, slack_url: str, port: int, url: str = "") -> Settings:
    """Return the settings of a bot in a folder."""
    key = folder / "key"
    if not key.exists():
        key.write_text(fresh_key())
    return Settings.model_construct(
        slack_signing_secret=SecretStr(SECRET),
        slack_bot_token=SecretStr("xoxb-T0"),
        slack_api_url=f"{slack_url}/api/",
        sipbot_database_url=url or f"sqlite:///{folder / 'bench.db'}",
        sipbot_secret_keys=(SecretStr(key.read_text()),),
        sipbot_port=port,
    )


def environment(found: Settings) -> dict[str, str]:
    """Return the same settings as environment variables."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("SIPBOT_", "SLACK_"))},
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_BOT_TOKEN": "xoxb-T0",
        "SLACK_API_URL": found.slack_api_url,
        "SIPBOT_DATABASE_URL": found.sipbot_database_url,
        "SIPBOT_SECRET_KEYS": found.keys[0],
        "SIPBOT_PORT": str(found.sipbot_port),
        "SIPBOT_LOG_LEVEL": "WARNING",
    }


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with cases in it."""

    office: Office
    database: Database
    codes: tuple[str, ...]

    def token(self, code: str, agency: str) -> str:
        """Return the token that a summons's buttons carry."""
        return self.office.seal.seal(c=code, m=1, a=agency)


def seeded(found: Settings, cases: int, agencies_each: int, *, sent_days_ago: int = 0) -> Seeded:
    """Make a database with open summonses in it; `sent_days_ago` makes their receipts overdue."""
    migrate(found.sipbot_database_url)
    keyring = Keyring(found.keys)
    office = build_office(found, keyring)
    database = open_database(found.sipbot_database_url, keyring, SystemClock())
    database.write(lambda tx: tx.replace_directory(directory(), "bench")).result(60)
    codes = tuple(make_code(n * 7 + 11) for n in range(cases))
    for start in range(0, cases, 200):
        batch = codes[start : start + 200]
        database.write(lambda tx, batch=batch, start=start: _add(office, tx, batch, start, agencies_each, sent_days_ago)).result(120)
    return Seeded(office, database, codes)


def _add(office: Office, tx: Transaction, codes: tuple[str, ...], start: int, each: int, sent_days_ago: int) -> None:
    for n, code in enumerate(codes, start):
        case = summoned_case(code, tx.now - timedelta(days=sent_days_ago), tuple(f"a{(n + k) % AGENCIES}" for k in range(each)), tx.now)
        dues = deadlines(case, office.rules, tx.now)
        tx.cases.add(case, listing_of(case, office.rules, tx.now), next_due(case, dues))


def summoned_case(code: str, at: datetime, agencies: tuple[str, ...], now: datetime) -> Case:
    """Return a case with a meeting in three weeks to which the agencies have been summoned at `at`."""
    start = (now + timedelta(days=21)).replace(hour=12, minute=0, second=0, microsecond=0)
    stamp = Stamp(COORDINATOR, at)
    consent = Consent(
        Decision.GIVEN, frozenset({Giver.PERSON}), Expression.ORAL, at, COORDINATOR, frozenset(Part), frozenset(agencies), frozenset(Topic)
    )
    meeting = Meeting(
        1, f"{code}@bench", start.date(), "13:00", start, 60, Mode.IN_PERSON, (Topic.NEEDS,), COORDINATOR, stamp, at.date(), place="Rum 1"
    )
    meeting = replace(meeting, summonses=tuple(Summons(a, obliged=True, sent_at=at, answer_round=1) for a in agencies))
    return Case(
        code, "gotland", at, COORDINATOR, "a0", at.date(), NoticedBy.STAFF, AgeBand.ADULT, ongoing=True, agencies=agencies,
        consents=(consent,), meetings=(meeting,),
    )  # fmt: skip


def sign(body: bytes) -> dict[str, str]:
    """Return the headers of a request as Slack signs it."""
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def press_body(user: str, action: str, token: str, number: int, response_url: str = "") -> bytes:
    """Return the body of a pressed button."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T0"},
        "user": {"id": user, "team_id": "T0"},
        "api_app_id": "A0APP",
        "trigger_id": f"{number}.1.x",
        "container": {"type": "message", "message_ts": f"1700000000.{number:06d}", "channel_id": "C0A0"},
        "channel": {"id": "C0A0"},
        "response_url": response_url,
        "actions": [{"type": "button", "action_id": action, "block_id": "b", "value": token, "action_ts": f"{number}.5"}],
    }
    return b"payload=" + quote_plus(json.dumps(payload)).encode()


def command_body(user: str, text: str, number: int) -> bytes:
    """Return the body of a typed command."""
    fields = {"command": "/sip", "text": text, "team_id": "T0", "user_id": user, "channel_id": "C0A0", "trigger_id": f"{number}.2.x", "api_app_id": "A0APP", "response_url": ""}  # fmt: skip
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()


@contextmanager
def serving(found: Settings, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `sipbot serve` as a process of its own until the block ends."""
    process = start(found, *arguments)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def start(found: Settings, *arguments: str) -> subprocess.Popen[bytes]:
    """Start `sipbot serve` and return when it says that it is ready."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [str(Path(sys.executable).with_name("sipbot")), "serve", *arguments], env=environment(found), cwd=found_folder(found)
    )
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"sipbot serve ended with {process.returncode}")
        if asyncio.run(answers(found.sipbot_port, "/readyz")):
            return process
        time.sleep(0.01)
    process.kill()
    raise RuntimeError("sipbot serve did not become ready")


def found_folder(found: Settings) -> str | None:
    """Return the folder of an SQLite database, for the process to stand in."""
    _, _, path = found.sipbot_database_url.partition("sqlite:///")
    return str(Path(path).parent) if path else None


async def answers(port: int, path: str) -> bool:
    """Say whether a GET is answered with 200."""
    try:
        client = await Client.open(port)
        status, _ = await client.request(b"GET", path, b"", {})
        client.close()
    except OSError:
        return False
    return status == 200  # noqa: PLR2004 - HTTP


class Client:
    """A bare HTTP/1.1 client on one kept connection, so that the measure is of the bot and not of the client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Client:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, body: bytes, path: str = "/slack/events") -> tuple[int, bytes]:
        """Send a signed form and return status and body."""
        return await self.request(b"POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **sign(body)})

    async def request(self, method: bytes, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Send a request and return status and body."""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line = method + b" " + path.encode() + b" HTTP/1.1\r\nHost: bench\r\n"
        self._writer.write(line + head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        raw = await self._reader.readuntil(b"\r\n\r\n")
        status, length = int(raw[9:12]), 0
        for row in raw.split(b"\r\n"):
            if row.lower().startswith(b"content-length:"):
                length = int(row[15:])
        return status, await self._reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def resident_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Return how much memory a process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(row for row in status.splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def utc() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
