"""`sipbot serve` on a machine whose clock jumps: the real program under libfaketime, which lies to it about time."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings
from demo.slack.running import RunningSlack, running_slack
from tests.program import Client, serving
from tests.whole.conftest import prepared, seed, until

pytestmark = [pytest.mark.slow, pytest.mark.waits]

LIES = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says how far the clock of programs started from here is off."""
    if LIES is None:
        if os.environ.get("CI"):
            pytest.fail("libfaketime is missing; .ci/run installs it")
        pytest.skip("libfaketime is not installed (apt-get install libfaketime)")
    off = tmp_path / "clock"
    off.write_text("+0\n")
    monkeypatch.setenv("LD_PRELOAD", str(LIES))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(off))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    # What counts from the start of the machine is right, as on a machine whose time source is broken.
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    return off


@pytest.fixture
def slack() -> Iterator[RunningSlack]:
    with running_slack(seed(), rate_limited=False) as running:
        yield running


def ready(settings: Settings) -> tuple[int, str]:
    return got(settings, "/readyz")


def doubted(settings: Settings) -> bool:
    """Whether the clock was in doubt at the last tick."""
    return "sipbot_clock_doubted 1.0" in got(settings, "/metrics")[1].splitlines()


def got(settings: Settings, path: str) -> tuple[int, str]:
    async def asked() -> tuple[int, bytes]:
        client = await Client.open(settings.sipbot_port)
        try:
            return await client.request(b"GET", path, b"", {})
        finally:
            await client.close()

    status, body = asyncio.run(asked())
    return status, body.decode()


def test_the_program_is_not_ready_while_its_clock_is_wrong_and_goes_on_by_itself(
    machine: Path, slack: RunningSlack, tmp_path: Path
) -> None:
    """Nine years ahead for a while: nothing may fall due meanwhile, and nobody needs to restart anything."""
    settings = prepared(slack, f"sqlite:///{tmp_path / 'sipbot.db'}")
    with serving(settings, tmp_path):
        assert ready(settings)[0] == 200
        machine.write_text("+3287d\n")
        until(lambda: ready(settings)[0] == 503, 30)
        assert "jumped" in ready(settings)[1]
        until(lambda: doubted(settings), 20)
        machine.write_text("+0\n")
        # The ticks go on as well: they keep their pace, and catch up with nothing.
        until(lambda: not doubted(settings), 20)
        assert ready(settings)[0] == 200
