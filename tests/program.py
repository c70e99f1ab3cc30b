"""The bot as a process of its own, and plain signed requests to it: for whole-program tests and for the bench."""

from __future__ import annotations

import asyncio
import contextlib
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
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote_plus

from bot.settings import Settings

SECRET = "signing-secret-for-tests"


class Running(Protocol):
    """A program that was started."""

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return how it ended; raise `subprocess.TimeoutExpired` when it does not."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Send it a signal."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


R = TypeVar("R", bound=Running)


def environment(settings: Settings) -> dict[str, str]:
    """Return settings as the environment variables of a process, and nothing else of ours."""
    named = {
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "SLACK_API_URL": settings.slack_api_url,
        "SIPBOT_DATABASE_URL": settings.sipbot_database_url,
        "SIPBOT_SECRET_KEYS": ",".join(settings.keys),
        "SIPBOT_PORT": str(settings.sipbot_port),
        "SIPBOT_SMTP_URL": settings.smtp_url,
        "SIPBOT_MAIL_FROM": settings.sipbot_mail_from,
        "SIPBOT_LMTP_PORT": "" if settings.sipbot_lmtp_port is None else str(settings.sipbot_lmtp_port),
        "SIPBOT_REPLICA": settings.sipbot_replica,
        "SIPBOT_LOG_LEVEL": settings.sipbot_log_level,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SIPBOT_", "SLACK_"))}
    return {**inherited, **{name: value for name, value in named.items() if value}}


def sign(body: bytes, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """Return the headers of a request as Slack signs it, now or at another time (Unix seconds)."""
    stamp = str(int(time.time() if at is None else at))
    mac = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac}"}


def press_body(
    user: str, action: str, token: str, number: int, *, response_url: str = "", channel: str = "C0A0"
) -> bytes:
    """Return the body of a pressed button; `number` makes the press a press of its own."""
    payload = {
        "type": "block_actions",
        "team": {"id": "T0"},
        "user": {"id": user, "team_id": "T0"},
        "api_app_id": "A0APP",
        "trigger_id": f"{number}.1.x",
        "container": {"type": "message", "message_ts": f"1700000000.{number:06d}", "channel_id": channel},
        "channel": {"id": channel},
        "response_url": response_url,
        "actions": [
            {"type": "button", "action_id": action, "block_id": "b", "value": token, "action_ts": f"{number}.5"}
        ],
    }
    return b"payload=" + quote_plus(json.dumps(payload)).encode()


def command_body(user: str, text: str, number: int) -> bytes:
    """Return the body of a typed command."""
    fields = {
        "command": "/sip",
        "text": text,
        "team_id": "T0",
        "user_id": user,
        "channel_id": "C0A0",
        "trigger_id": f"{number}.2.x",
        "api_app_id": "A0APP",
        "response_url": "",
    }
    return "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items()).encode()


@contextmanager
def serving(settings: Settings, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `sipbot serve` as a process of its own until the block ends."""
    process = start(settings, folder, *arguments)
    try:
        yield process
    finally:
        stop(process)


def start(settings: Settings, folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start `sipbot serve` in a folder and return when it says that it is ready; its log is kept there."""
    program = str(Path(sys.executable).with_name("sipbot"))
    with (folder / "serve.log").open("ab") as log:
        process = subprocess.Popen(
            [program, "serve", *arguments], env=environment(settings), cwd=folder, stderr=log, stdout=log
        )
    return until_ready(process, settings, folder / "serve.log")


def until_ready(process: R, settings: Settings, log: Path) -> R:
    """Return a program that was started, when it says that it is ready; raise `RuntimeError` when it does not."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"sipbot serve ended with {process.poll()}: {log.read_text()}")
        if listens(settings.sipbot_port) and asyncio.run(answers(settings.sipbot_port, "/readyz")):
            return process
        time.sleep(0.01)
    process.kill()
    raise RuntimeError("sipbot serve did not become ready")


def stop(process: Running) -> None:
    """Ask a process to end, and end it when it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill(process: Running) -> None:
    """End a process at once, as a power cut would."""
    process.send_signal(signal.SIGKILL)
    process.wait()


def listens(port: int) -> bool:
    """Say whether somebody listens; asking costs next to nothing, so that it slows no program that is starting."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def answers(port: int, path: str) -> bool:
    """Say whether a GET is answered with 200."""
    try:
        client = await Client.open(port)
        status, _ = await client.request(b"GET", path, b"", {})
        await client.close()
    except OSError:
        return False
    return status == 200


class Client:
    """A bare HTTP/1.1 client on one kept connection, so that the measure is of the bot and not of the client."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> Client:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def post(self, body: bytes, path: str = "/slack/events", secret: str = SECRET) -> tuple[int, bytes]:
        """Send a signed form and return status and body."""
        return await self.request(
            b"POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **sign(body, secret=secret)}
        )

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

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
