"""Socket Mode: the same payloads over a connection the bot itself opens, for places behind a firewall."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.background import Background
from bot.error_log import report
from bot.slack.api import SlackApi, silent_logger, stays_near
from bot.slack.ingress import Dispatch, Reply
from bot.slack.payload import BadPayload, from_socket

_logger = logging.getLogger(__name__)
_OK = 200


class SocketMode:
    """Keeps a connection to Slack open and answers what comes in over it."""

    def __init__(self, dispatch: Dispatch, api: SlackApi, app_token: str, *, ping_seconds: float = 10) -> None:
        self._dispatch = dispatch
        self._api = api
        self._app_token = app_token
        self._ping_seconds = ping_seconds
        self._client: SocketModeClient | None = None
        self._background = Background()

    async def start(self) -> None:
        """Begin to connect; it is tried again until Slack can be reached, and whenever the line breaks."""
        client = self._client = SocketModeClient(
            app_token=self._app_token,
            logger=silent_logger(),
            web_client=self._api.client,
            ping_interval=self._ping_seconds,
        )
        if stays_near(self._api.base_url):
            client.proxy = None
        client.socket_mode_request_listeners.append(self._on)
        self._background.start(self._connect(client), "slack.socket")
        self._background.start(self._watch(client), "slack.socket.watch")

    async def connected(self) -> bool:
        """Whether the connection stands."""
        return self._client is not None and await self._client.is_connected()

    async def stop(self) -> None:
        """Close the connection."""
        await self._background.finish(0)
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]

    async def _connect(self, client: SocketModeClient) -> None:
        while not await client.is_connected():
            try:
                await client.connect()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 - the line comes back one day
                report(_logger, "no connection to Slack", error)
                await asyncio.sleep(self._ping_seconds)

    async def _watch(self, client: SocketModeClient) -> None:
        """Log when the connection comes and goes: the SDK would log addresses with their tickets."""
        stood = False
        while True:
            await asyncio.sleep(self._ping_seconds)
            stands = await client.is_connected()
            if stands != stood:
                _logger.warning("connected to Slack" if stands else "not connected to Slack")
                stood = stands

    async def _on(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Answer one envelope; what is no payload of Slack is acknowledged, so that it does not return."""
        try:
            reply = await self._dispatch(from_socket(request.payload))
        except BadPayload:
            reply = Reply(_OK)
        except Exception as error:  # noqa: BLE001 - the SDK would log the payload with it
            report(_logger, "a Slack request failed", error)
            return
        if reply.status != _OK:
            return  # without an acknowledgement Slack shows the person an error, and sends an event again
        answer: dict[str, Any] = {"envelope_id": request.envelope_id}
        if reply.body:
            is_json = reply.content_type.startswith("application/json")
            answer["payload"] = json.loads(reply.body) if is_json else {"text": reply.body.decode()}
        await client.send_socket_mode_response(answer)
