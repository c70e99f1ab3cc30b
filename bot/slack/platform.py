"""Slack as a whole: puts this folder's parts together, and is started and stopped as one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bot.background import Background
from bot.metrics import Metrics
from bot.slack.api import SlackApi
from bot.slack.direct import DirectMessages, Remembered
from bot.slack.ingress import Ingress
from bot.slack.listeners import Gateway, Listeners
from bot.slack.locales import Locales
from bot.slack.opener import FormOpener
from bot.slack.phrases import PhrasesFor
from bot.slack.private import PrivateAnswers
from bot.slack.socket import SocketMode
from bot.slack.transport import SlackTransport
from domain.invites import Invite

_FINISH = 5.0


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How Slack is reached. With `app_token` payloads come over Socket Mode, else signed over HTTP."""

    bot_token: str = field(repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = "https://slack.com/api/"


class SlackPlatform:
    """The bot's side that faces Slack.

    `ingress` is the ASGI application for `POST /slack/events`; `carrier` is what the courier is given.
    """

    def __init__(
        self,
        settings: SlackSettings,
        gateway: Gateway,
        phrases_for: PhrasesFor,
        remembered: Remembered,
        render: Callable[[Invite], bytes],
        key_secret: bytes,
        metrics: Metrics,
    ) -> None:
        api = self.api = SlackApi(settings.bot_token, settings.api_url)
        self._background = Background()
        direct = DirectMessages(api, remembered)
        private = self.say_privately = PrivateAnswers(api, direct, phrases_for)
        opener = FormOpener(api, private, self._background, metrics)
        hello = Locales(api, self._background)
        self.listeners = Listeners(gateway, opener, private, phrases_for, hello, self._background, metrics)
        self.ingress = Ingress(
            self.listeners.dispatch,
            settings.signing_secret,
            refused=lambda status: metrics.refused("slack", f"http_{status}"),
        )
        self.transport = SlackTransport(api, direct, private, phrases_for, render, key_secret, metrics)
        self.socket = SocketMode(self.listeners.dispatch, api, settings.app_token) if settings.app_token else None

    async def start(self) -> None:
        """Connect, where the bot is the one who connects."""
        if self.socket is not None:
            await self.socket.start()

    async def stop(self) -> None:
        """Finish what was promised and close the line."""
        if self.socket is not None:
            await self.socket.stop()
        await self._background.finish(_FINISH)
        await self.api.close()
