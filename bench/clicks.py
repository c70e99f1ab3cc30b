"""Answering a click that commits, against what a bare default Bolt app takes to acknowledge nothing."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import uvicorn

from bench.measure import Result, percentile
from bench.slack import Slack
from bench.surroundings import AGENCIES, Seeded, seeded, settings
from tests.ports import free_port
from tests.program import SECRET, Client, command_body, press_body, serving

ONE_CLIENT, SIXTEEN = 400, 6000
# Agencies that are summoned in a case, as is usual.
EACH = 5


def measure() -> list[Result]:
    """Return the click's cost at one client and the rate at sixteen, and that of a bare Bolt app beside it."""
    bare = asyncio.run(_bare_bolt())
    with tempfile.TemporaryDirectory() as folder, Slack() as slack:
        port = free_port()
        found = settings(Path(folder), slack.url, port)
        filled = seeded(found, (ONE_CLIENT + SIXTEEN) // EACH + 1, EACH)
        presses = presses_of(filled)
        filled.database.close()
        with serving(found, Path(folder)):
            one = asyncio.run(_one(port, presses[:ONE_CLIENT]))
            rate, slowest = asyncio.run(many(port, presses[ONE_CLIENT : ONE_CLIENT + SIXTEEN], 16))
    p50 = percentile(one, 0.5) * 1000
    return [
        Result("a bare default Bolt app acknowledging nothing, p50", f"{bare:.2f} ms", "(for comparison)", met=True),
        Result("a click that commits, one client, p50", f"{p50:.2f} ms", "<= 2 ms", p50 <= 2),
        Result("  the same as a share of the bare app", f"{p50 / bare:.3f}", "< 0.2", p50 / bare < 0.2),
        Result("clicks that commit, sixteen clients", f"{rate:.0f} /s", ">= 1000 /s", rate >= 1000),
        Result("  slowest of them", f"{slowest * 1000:.0f} ms", "< 250 ms", slowest < 0.25),
    ]


def presses_of(filled: Seeded, response_url: str = "") -> list[bytes]:
    """Return one press a summons, each by somebody of the summoned agency."""
    return [
        _press(filled, n, (n + k) % AGENCIES, n * EACH + k, response_url)
        for n in range(len(filled.codes))
        for k in range(EACH)
    ]


def _press(filled: Seeded, case: int, agency: int, number: int, response_url: str) -> bytes:
    token = filled.token(filled.codes[case], f"a{agency}")
    return press_body(
        f"U0S{agency}", "summons.received", token, number, response_url=response_url, channel=f"C0A{agency}"
    )


async def _one(port: int, bodies: list[bytes]) -> list[float]:
    client = await Client.open(port)
    taken = []
    for body in bodies:
        began = time.perf_counter()
        status, _ = await client.post(body)
        taken.append(time.perf_counter() - began)
        assert status == 200, status
    await client.close()
    return taken[20:]


async def many(port: int, bodies: list[bytes], clients: int) -> tuple[float, float]:
    """Return requests a second and the slowest answer in seconds."""
    queue = list(reversed(bodies))
    slowest = 0.0

    async def work() -> None:
        nonlocal slowest
        client = await Client.open(port)
        while queue:
            began = time.perf_counter()
            status, _ = await client.post(queue.pop())
            slowest = max(slowest, time.perf_counter() - began)
            assert status == 200, status
        await client.close()

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(clients)))
    return len(bodies) / (time.perf_counter() - began), slowest


async def _bare_bolt() -> float:
    """Return the median milliseconds of a default AsyncApp behind its own Starlette adapter, one client."""
    from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler  # noqa: PLC0415
    from slack_bolt.async_app import AsyncApp  # noqa: PLC0415
    from slack_bolt.authorization import AuthorizeResult  # noqa: PLC0415
    from starlette.applications import Starlette  # noqa: PLC0415
    from starlette.requests import Request  # noqa: PLC0415
    from starlette.responses import Response  # noqa: PLC0415
    from starlette.routing import Route  # noqa: PLC0415

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0", bot_token="xoxb-unused")  # noqa: S106

    bolt = AsyncApp(signing_secret=SECRET, authorize=authorize)

    @bolt.command("/sip")
    async def nothing(ack) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        await ack()

    handler = AsyncSlackRequestHandler(bolt)

    async def endpoint(request: Request) -> Response:
        return await handler.handle(request)

    port = free_port()
    app = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    taken = await _one(port, [command_body("U0S1", "x", n) for n in range(120)])
    server.should_exit = True
    await running
    return percentile(taken, 0.5) * 1000
