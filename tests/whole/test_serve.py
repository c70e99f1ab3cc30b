"""`sipbot serve`: starts, answers, refuses what is not Slack's, and ends when it is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack, running_slack
from tests.ports import free_port
from tests.program import Client, command_body, environment, serving, sign
from tests.whole.conftest import prepared, seed
from tests.whole.operator import Operator

pytestmark = [pytest.mark.slow, pytest.mark.waits]

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


# What comes in over HTTP does not depend on the database, so one program on SQLite serves all these tests.


@pytest.fixture(scope="module")
def slack() -> Iterator[RunningSlack]:
    with running_slack(seed(), rate_limited=False) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def settings(slack: RunningSlack, folder: Path) -> Settings:
    return prepared(slack, f"sqlite:///{folder / 'sipbot.db'}")


@pytest.fixture(scope="module")
def port(settings: Settings, folder: Path) -> Iterator[int]:
    with serving(settings, folder):
        yield settings.sipbot_port


def get(port: int, path: str) -> tuple[int, bytes]:
    return asyncio.run(_request(port, b"GET", path, b"", {}))


def post(port: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    return asyncio.run(_request(port, b"POST", "/slack/events", body, {**FORM, **headers}))


async def _request(port: int, method: bytes, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    client = await Client.open(port)
    try:
        return await client.request(method, path, body, headers)
    finally:
        await client.close()


def test_it_says_that_it_is_alive_and_ready_and_what_it_has_counted(port: int) -> None:
    assert get(port, "/healthz")[0] == 200
    status, body = get(port, "/readyz")
    assert (status, json.loads(body)) == (200, {"database": "ok", "clock": "ok"})
    assert b"sipbot_outbox_dead_total" in get(port, "/metrics")[1]


def test_without_a_key_it_does_not_start_and_offers_a_fresh_one(settings: Settings, folder: Path) -> None:
    nothing_kept = {"SIPBOT_SECRET_KEYS": "", "SIPBOT_DATABASE_URL": f"sqlite:///{folder / 'none.db'}"}
    assert "SIPBOT_SECRET_KEYS=" in Operator(folder, environment(settings)).fails("serve", **nothing_kept)


def test_a_signed_command_is_answered(port: int, settings: Settings) -> None:
    secret = settings.slack_signing_secret.get_secret_value()
    body = command_body("U0ANNA", "hjälp", 1)
    status, answer = post(port, body, sign(body, secret=secret))
    assert status == 200
    assert json.loads(answer)["response_type"] == "ephemeral"


GOOD = command_body("U0ANNA", "hjälp", 2)
NOW = str(int(time.time()))

# What arrives, and the only statuses that may come back.
HOSTILE = {
    "no signature": (GOOD, {}, {401}),
    "wrong signature": (GOOD, {"X-Slack-Request-Timestamp": NOW, "X-Slack-Signature": "v0=" + "0" * 64}, {401}),
    "timestamp is no number": (GOOD, {"X-Slack-Request-Timestamp": "soon", "X-Slack-Signature": "v0=0"}, {401}),
    "timestamp with a sign": (GOOD, {"X-Slack-Request-Timestamp": "-1", "X-Slack-Signature": "v0=0"}, {401}),
    "timestamp of Arabic digits": (
        GOOD,
        {"X-Slack-Request-Timestamp": "١٧٠٠", "X-Slack-Signature": "v0=0"},
        {400, 401},
    ),
    "signature outside ASCII": (GOOD, {"X-Slack-Request-Timestamp": NOW, "X-Slack-Signature": "v0=åäö"}, {400, 401}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_slack_has_not_signed_gets_no_further(name: str, port: int) -> None:
    body, headers, allowed = HOSTILE[name]
    status, answer = post(port, body, headers)
    assert status in allowed
    assert b"Traceback" not in answer


@pytest.mark.parametrize("age", [-301, -3600, 301, 3600])
def test_a_signature_older_or_newer_than_five_minutes_is_refused(age: int, port: int, settings: Settings) -> None:
    secret = settings.slack_signing_secret.get_secret_value()
    assert post(port, GOOD, sign(GOOD, time.time() + age, secret=secret))[0] == 401


SIGNED_NONSENSE = {
    "empty": b"",
    "broken JSON": b"payload=%7Bnot+json",
    "JSON of another shape": b"payload=%5B1%2C2%5D",
    "no payload": b"x=1",
    "bytes that are no text": b"payload=%ff%fe%00",
    "nested to the sky": b"payload=" + b"%5B" * 5000,
    "unknown type": b"payload=%7B%22type%22%3A%22nonsense%22%7D",
    "actions missing": b"payload=%7B%22type%22%3A%22block_actions%22%7D",
    "a number where a text belongs": b"payload=%7B%22type%22%3A7%7D",
}


@pytest.mark.parametrize("name", SIGNED_NONSENSE)
def test_nonsense_with_a_good_signature_gets_a_plain_answer_and_no_error_of_ours(
    name: str, port: int, settings: Settings, folder: Path
) -> None:
    body = SIGNED_NONSENSE[name]
    status, answer = post(port, body, sign(body, secret=settings.slack_signing_secret.get_secret_value()))
    assert status < 500
    assert b"Traceback" not in answer
    assert "Traceback" not in (folder / "serve.log").read_text()


def test_a_huge_body_is_refused(port: int, settings: Settings) -> None:
    body = b"payload=" + b"a" * 2_000_000
    assert post(port, body, sign(body, secret=settings.slack_signing_secret.get_secret_value()))[0] == 413


def test_it_ends_when_it_is_told_and_leaves_nothing_half_done(
    settings: Settings, tmp_path: Path, slack: RunningSlack
) -> None:
    of_its_own = {"sipbot_port": free_port(), "sipbot_database_url": f"sqlite:///{tmp_path / 'sipbot.db'}"}
    other = settings.model_copy(update=of_its_own)
    with serving(other, tmp_path) as process:
        slack.people["anna"].type("/sip hjälp")
    assert process.returncode == 0


@pytest.mark.parametrize("port", ["x", "70000"])
def test_a_setting_that_cannot_be_used_is_named(port: str, folder: Path) -> None:
    assert "SIPBOT_PORT" in Operator(folder, {"SIPBOT_PORT": port}).fails("doctor")
