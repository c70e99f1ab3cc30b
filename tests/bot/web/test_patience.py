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
from bot.web.server import metrics_app, web_app


class Hasty(PatientProtocol):
    arrival = 0.3


async def ready() -> dict[str, str]:
    return {"database": "ok"}


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    app = web_app(Metrics(), ready)
    server = OrderlyServer(uvicorn.Config(app, port=0, http=Hasty, log_config=None))
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
