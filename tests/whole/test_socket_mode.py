"""`sipbot serve` with SLACK_APP_TOKEN: everything comes in over a connection that the bot itself opens."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from demo.slack.running import RunningSlack, ThreadedPerson, running_slack
from demo.slack.state.records import View
from domain.case import State
from storage.journal import OPENED, SYSTEM
from tests.forked import start
from tests.handlers.story import CONSENT, OPENING, SUMMONS, buttons
from tests.program import Client, Running, kill, stop
from tests.whole.conftest import opening, prepared, seed, until

pytestmark = [pytest.mark.slow, pytest.mark.waits]


@pytest.fixture(scope="module")
def slack() -> Iterator[RunningSlack]:
    with running_slack(seed(), rate_limited=False) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("socket-mode")


@pytest.fixture(scope="module")
def settings(slack: RunningSlack, folder: Path) -> Settings:
    """Settings without a signing secret; and Slack knows no address of the bot."""
    found = prepared(slack, f"sqlite:///{folder / 'sipbot.db'}")
    slack.do(lambda held: setattr(held.dispatch, "http", None))
    app_token = SecretStr(slack.slack.state.app.app_token)
    return found.model_copy(update={"slack_app_token": app_token, "slack_signing_secret": SecretStr("")})


@dataclass
class Program:
    """The bot's process; a test may put another in its place."""

    process: Running


@pytest.fixture(scope="module")
def program(settings: Settings, folder: Path, slack: RunningSlack) -> Iterator[Program]:
    program = Program(start(settings, folder))
    connected(slack)
    yield program
    stop(program.process)


def connected(slack: RunningSlack) -> None:
    until(lambda: slack.slack.sockets.connections > 0)


def form(person: ThreadedPerson) -> View:
    """Wait for the form that was asked for."""
    until(lambda: person.view is not None)
    view = person.view
    assert view is not None
    return view


def test_the_main_job_begins_over_the_socket(program: Program, slack: RunningSlack, settings: Settings) -> None:
    """Commands, forms, presses in messages and on the home page: all of it without one request to the bot."""
    anna, julia = slack.people["anna"], slack.people["julia"]
    today = datetime.now(settings.zone).date()
    outcome = anna.type("/sip hjälp")
    assert outcome.ok
    assert outcome.messages[-1].only_for == "U0ANNA"

    anna.open_home()
    until(lambda: anna.home is not None)
    assert anna.press("case.new", source=anna.home).ok
    assert form(anna).callback_id == "case.open"
    assert anna.submit({**OPENING, "noticed_on": None, "agencies": ["bup"]}).action == "errors"
    assert anna.submit({"noticed_on": today.isoformat()}).action == "updated"
    anna.cancel()
    code = _code(settings)

    for word, values in (
        ("samtycke", {**CONSENT, "agencies": ["bup"], "valid_until": None}),
        ("kalla", _meeting(today)),
    ):
        assert anna.type(f"/sip {word} {code}").ok
        form(anna)
        outcome = anna.submit(values)
        assert outcome.action == "updated", outcome.errors
        anna.cancel()
    until(lambda: any("summons.received" in buttons(message.blocks) for message in julia.messages("C0BUP")))
    assert julia.press("summons.received").ok
    database = opening(settings)
    try:
        case = database.read(lambda reader: reader.cases.get(code)).result(10)
    finally:
        database.close()
    assert case.state is State.SUMMONED
    assert case.meetings[0].summonses[0].received is not None


def _meeting(today: date) -> dict[str, object]:
    """Return a meeting on the Tuesday after the next three weeks."""
    day = today + timedelta(days=21 + (1 - today.weekday()) % 7)
    return {**SUMMONS, "date": day.isoformat(), "agencies": ["bup"], "chair": "anna"}


def _code(settings: Settings) -> str:
    database = opening(settings)
    try:
        rows = database.read(lambda reader: reader.journal.read(SYSTEM)).result(10)
    finally:
        database.close()
    (code,) = (row.entry.after for row in rows if row.entry.action == OPENED)
    return code


def test_no_request_is_taken_over_http(program: Program, settings: Settings) -> None:
    async def post() -> int:
        client = await Client.open(settings.sipbot_port)
        try:
            return (await client.post(b"command=/sip&text=ny"))[0]
        finally:
            await client.close()

    assert asyncio.run(post()) == 404


def test_it_connects_anew_when_slack_refreshes_the_connection(program: Program, slack: RunningSlack) -> None:
    before = opened(slack)
    slack.do(lambda held: asyncio.ensure_future(held.sockets.disconnect()))
    until(lambda: opened(slack) > before and slack.slack.sockets.connections > 0)
    until(lambda: slack.people["anna"].type("/sip lista").ok)


def test_it_connects_anew_after_an_outage(program: Program, slack: RunningSlack) -> None:
    before = opened(slack)
    with slack.down():
        until(lambda: slack.slack.sockets.connections == 0)
    until(lambda: opened(slack) > before and slack.slack.sockets.connections > 0)
    until(lambda: slack.people["anna"].type("/sip lista").ok)


def opened(slack: RunningSlack) -> int:
    """Count the connections that were asked for."""
    return slack.do(lambda held: sum(call.method == "apps.connections.open" for call in held.calls))


def test_an_event_that_was_not_acknowledged_is_heard_by_the_next_start(
    program: Program, slack: RunningSlack, settings: Settings, folder: Path
) -> None:
    omar = slack.people["omar"]
    program.process.send_signal(signal.SIGSTOP)
    slack.slack.sockets.ack_seconds = 1.0  # nobody will answer, so waiting Slack's three would show no more
    assert omar.open_home().failure == "operation_timeout"
    kill(program.process)
    until(lambda: slack.slack.sockets.connections == 0)
    program.process = start(settings, folder)
    until(lambda: omar.home is not None)
