"""Socket Mode: the same payloads over a connection the bot itself opens, for places behind a firewall."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

from sipbot.bot.mishap import report
from sipbot.bot.slack.api import SlackApi, quiet_logger, stays_near
from sipbot.bot.slack.ingress import Dispatch, Reply
from sipbot.bot.slack.payload import BadPayload, sound

if TYPE_CHECKING:
    from slack_sdk.socket_mode.aiohttp import SocketModeClient
    from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

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
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect; the client tries again by itself until Slack can be reached."""
        from slack_sdk.socket_mode.aiohttp import SocketModeClient  # noqa: PLC0415 - HTTP-only bots do without it

        client = SocketModeClient(
            app_token=self._app_token,
            logger=quiet_logger(),
            web_client=self._api.client,
            ping_interval=self._ping_seconds,
        )
        if stays_near(self._api.base_url):
            client.proxy = None
        client.socket_mode_request_listeners.append(self._on)
        self._client = client
        self._connecting = asyncio.get_running_loop().create_task(self._connect(client), name="slack.socket")

    async def connected(self) -> bool:
        """Whether the connection stands."""
        return self._client is not None and await self._client.is_connected()

    async def stop(self) -> None:
        """Close the connection."""
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.gather(self._connecting, return_exceptions=True)
        if self._client is not None:
            await self._client.close()  # type: ignore[no-untyped-call]

    async def _connect(self, client: SocketModeClient) -> None:
        """Connect; `connect` loops on its own failures, but the first look-up of the address may raise."""
        while not await client.is_connected():
            try:
                await client.connect()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001 - the line comes back one day
                report(_logger, "no connection to Slack", error)
                await asyncio.sleep(self._ping_seconds)

    async def _on(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        """Answer one envelope; what is no payload of Slack is acknowledged, so that it does not return."""
        try:
            reply = await self._dispatch(sound(request.payload))
        except BadPayload:
            reply = Reply(_OK)
        if reply.status != _OK:
            return  # without an acknowledgement Slack shows the person an error, and sends an event again
        answer: dict[str, Any] = {"envelope_id": request.envelope_id}
        if reply.body:
            is_json = reply.content_type.startswith("application/json")
            answer["payload"] = json.loads(reply.body) if is_json else {"text": reply.body.decode()}
        await client.send_socket_mode_response(answer)
