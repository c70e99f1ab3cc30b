"""Socket Mode: envelopes over a WebSocket that the bot opened, each to be acknowledged by its id."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from contextlib import suppress
from dataclasses import replace

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from demo.slack.delivery.delivery import BotAnswer, Delivery
from demo.slack.delivery.http_link import ACK_SECONDS
from demo.slack.state.records import Json
from demo.slack.state.state import State

CONNECTIONS_MOST = 10


class SocketMode:
    """The bot's open connections. Events that nobody acknowledged are sent again to the next connection."""

    def __init__(self, state: State, ack_seconds: float = ACK_SECONDS) -> None:
        self.ack_seconds = ack_seconds
        self.unacknowledged: dict[str, Delivery] = {}
        self._state = state
        self._sockets: list[WebSocket] = []
        self._turn = 0
        self._waiting: dict[str, asyncio.Future[Json]] = {}

    @property
    def connections(self) -> int:
        """Return how many connections are open."""
        return len(self._sockets)

    async def serve(self, socket: WebSocket) -> None:
        """Take a connection that shows a ticket of `apps.connections.open`, and hear its acknowledgements."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._state.tickets or self.connections >= CONNECTIONS_MOST:
            await socket.close(code=1008)
            return
        self._state.tickets.discard(ticket)
        await socket.accept()
        self._sockets.append(socket)
        self._state.stream.publish("socket_opened", connections=self.connections)
        try:
            await socket.send_json(self._hello())
            await self.redeliver()
            while True:
                self._heard(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.remove(socket)
            self._state.stream.publish("socket_closed", connections=self.connections)

    async def send(self, delivery: Delivery) -> BotAnswer:
        """Send an envelope over one of the connections, in turn, and wait for its ack."""
        envelope_id = str(uuid.uuid4())
        self.unacknowledged[envelope_id] = delivery
        answer = await self._deliver(envelope_id, delivery)
        if delivery.kind != "events_api":
            # Slack repeats events alone; for the rest the person presses again.
            self.unacknowledged.pop(envelope_id, None)
        return answer

    async def redeliver(self) -> None:
        """Send what was never acknowledged once more, counting the try."""
        for envelope_id, delivery in list(self.unacknowledged.items()):
            if envelope_id in self._waiting:
                continue
            again = replace(delivery, retry=delivery.retry + 1, retry_reason="timeout")
            self.unacknowledged[envelope_id] = again
            await self._write(self._envelope(envelope_id, again))

    async def disconnect(self) -> None:
        """Close all connections as Slack does when it refreshes them; the bot is to connect anew."""
        for socket in list(self._sockets):
            with suppress(WebSocketDisconnect, RuntimeError):
                await socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
                await socket.close()

    async def _deliver(self, envelope_id: str, delivery: Delivery) -> BotAnswer:
        acknowledged: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = acknowledged
        began = time.perf_counter()
        try:
            if not await self._write(self._envelope(envelope_id, delivery)):
                return BotAnswer(None, b"", 0.0, failure="dispatch_failed")
            async with asyncio.timeout(self.ack_seconds):
                payload = await acknowledged
        except TimeoutError:
            elapsed = (time.perf_counter() - began) * 1000
            return BotAnswer(None, b"", elapsed, failure="operation_timeout")
        finally:
            self._waiting.pop(envelope_id, None)
        body = json.dumps(payload).encode() if payload else b""
        return BotAnswer(200, body, (time.perf_counter() - began) * 1000)

    async def _write(self, envelope: Json) -> bool:
        for _ in range(self.connections):
            socket = self._sockets[self._turn % self.connections]
            self._turn += 1
            if socket.application_state is WebSocketState.CONNECTED:
                await socket.send_json(envelope)
                return True
        return False

    def _heard(self, text: str) -> None:
        try:
            envelope = json.loads(text)
        except ValueError:
            return
        name = envelope.get("envelope_id") if isinstance(envelope, dict) else None
        if not isinstance(name, str):
            return
        self.unacknowledged.pop(name, None)
        waiting = self._waiting.get(name)
        if waiting is not None and not waiting.done():
            payload = envelope.get("payload")
            waiting.set_result(payload if isinstance(payload, dict) else {})

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": self.connections,
            "connection_info": {"app_id": self._state.app.id},
            "debug_info": {"host": "stand-in", "approximate_connection_time": 3600},
        }

    def _envelope(self, envelope_id: str, delivery: Delivery) -> Json:
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": delivery.kind,
            "payload": delivery.payload,
            "accepts_response_payload": delivery.kind != "events_api",
        }
        if delivery.kind == "events_api":
            envelope["retry_attempt"] = delivery.retry
            envelope["retry_reason"] = delivery.retry_reason if delivery.retry else ""
        return envelope
