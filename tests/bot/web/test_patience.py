"""A request that never arrives whole holds no connection; one that does is answered; metrics may stand alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.testclient import TestClient

from bot.metrics import Metrics
from bot.serving import OrderlyServer
from bot.watch.heartbeat import Heartbeat
from bot.web.patience import PatientProtocol
from bot.web.server import Ready, metrics_app, web_app

pytestmark = pytest.mark.waits


class Hasty(PatientProtocol):
    arrival = 0.3
    most = 5


async def ready() -> dict[str, str]:
    return {"database": "ok"}


@asynccontextmanager
async def serving(ready: Ready = ready) -> AsyncIterator[int]:
    app = web_app(Metrics(), ready)
    server = OrderlyServer(uvicorn.Config(app, port=0, http=Hasty, ws="none", log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.end()
        await task


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /heal", b"GET /healthz HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nx"],
)
async def test_what_is_half_sent_is_closed(sent: bytes) -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(5):
            try:
                while await reader.read(1000):
                    pass
            except ConnectionError:
                pass
        writer.close()


async def test_a_whole_request_is_answered_and_the_next_on_the_same_line_too() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200 OK" in await reader.readuntil(b"ok")
            await asyncio.sleep(0.4)
        writer.close()


ASKED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_half_sent_requests_keep_nobody_out() -> None:
    """Each connection holds a file; where all were held, neither a press nor a letter got through."""
    async with serving() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(12)]
        for _, writer in held:
            writer.write(b"POST /healthz HTTP/1.1\r\nHost: x\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASKED)
        async with asyncio.timeout(0.25):
            assert b"200 OK" in await reader.readuntil(b"ok")
        assert sum(other.at_eof() or other.exception() is not None for other, _ in held) == 8
        for _, other_writer in [*held, (reader, writer)]:
            other_writer.close()


async def test_a_request_that_is_being_answered_makes_no_room() -> None:
    answer = asyncio.Event()

    async def slow() -> dict[str, str]:
        await answer.wait()
        return {"database": "ok"}

    async with serving(slow) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        for _, writer in held:
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
                async with asyncio.timeout(0.2):
                    await reader.readexactly(1)
        finally:
            answer.set()
        async with asyncio.timeout(5):
            for other, _ in held:
                assert b"200 OK" in await other.readuntil(b"}")
        for _, other_writer in [*held, (reader, writer)]:
            other_writer.close()


async def test_a_head_without_end_is_refused_before_it_fills_the_memory() -> None:
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 300_000)
        async with asyncio.timeout(0.25):
            assert b"400 Bad Request" in await reader.readline()
        writer.close()


async def test_answers_that_nobody_takes_hold_no_connection() -> None:
    async with serving() as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000)
        async with asyncio.timeout(10):
            with pytest.raises(ConnectionError):
                await _knock(writer)
        writer.close()


async def _knock(writer: asyncio.StreamWriter) -> None:
    while True:
        await asyncio.sleep(0.05)
        writer.write(b"G")
        await writer.drain()


async def test_nobody_is_offered_a_web_socket() -> None:
    """A library for them is there for Socket Mode; it would answer whoever asks."""
    asked = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n\r\n"
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + asked)
        assert b"200 OK" in await reader.readline()
        writer.close()


def test_metrics_stand_alone_where_an_address_is_set() -> None:
    public = TestClient(web_app(None, ready))
    assert public.get("/metrics").status_code == 404
    assert public.get("/healthz").status_code == 200
    assert "sipbot_outbox" in TestClient(metrics_app(Metrics())).get("/metrics").text


def test_no_redirect_repeats_a_host_that_was_made_up() -> None:
    answer = TestClient(web_app(Metrics(), ready)).get("/healthz/", headers={"Host": "ond.invalid"})
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_the_heartbeat_goes_out_while_all_is_well_and_survives_a_failure() -> None:
    well = [True, False, True, True]
    pinged: list[str] = []

    async def now() -> bool:
        return well.pop(0) if well else False

    def ping(url: str) -> None:
        pinged.append(url)
        if len(pinged) == 1:
            raise OSError("the other side is away")

    beating = asyncio.create_task(Heartbeat("https://example.invalid/x", now, every=0.01, ping=ping).run())
    while well:  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    beating.cancel()
    assert len(pinged) == 3
    with pytest.raises(ValueError, match="https"):
        Heartbeat("file:///etc/passwd", now)
