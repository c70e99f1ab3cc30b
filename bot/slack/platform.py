"""Slack as a whole: puts this folder's parts together, and is started and stopped as one."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from starlette.routing import BaseRoute, Route

from bot.background import Background
from bot.metrics import Metrics
from bot.slack.api import SlackApi
from bot.slack.ingress import Ingress
from bot.slack.listeners import Listeners
from bot.slack.names import NAME, PATH
from bot.slack.open_views import Gateway, OpenViews
from bot.slack.opener import FormOpener
from bot.slack.phrases import PhrasesFor
from bot.slack.private import PrivateAnswers
from bot.slack.socket import SocketMode
from bot.slack.transport import SlackTransport
from bot.slack.workspace.channels import Belonging, ChannelGuard
from bot.slack.workspace.direct import DirectMessages, Remembered
from bot.slack.workspace.locales import Locales
from bot.slack.workspace.roll import gone
from bot.time_guard import TimeGuard
from domain.calendar.invites import Invite

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

    `ingress` is the ASGI application for `POST /slack/events`; `transport` is what the courier is given.
    """

    name = NAME

    def __init__(  # noqa: PLR0913 - all that it is made from
        self,
        settings: SlackSettings,
        gateway: Gateway,
        phrases_for: PhrasesFor,
        remembered: Remembered,
        render: Callable[[Invite], bytes],
        key_secret: bytes,
        metrics: Metrics,
        *,
        guard: TimeGuard | None = None,
        belonging: Belonging | None = None,
    ) -> None:
        guard = guard or TimeGuard.of_machine()
        api = self.api = SlackApi(settings.bot_token, settings.api_url, guard.dated if guard.watches else None)
        self._background = Background()
        direct = DirectMessages(api, remembered)
        private = self.say_privately = PrivateAnswers(api, direct, phrases_for)
        channels = ChannelGuard(api, belonging) if belonging is not None else None
        opener = FormOpener(api, private, self._background, metrics)
        open_views = OpenViews(api, gateway, phrases_for, metrics)
        hello = Locales(api, self._background, remembered)
        self.listeners = Listeners(gateway, opener, open_views, private, phrases_for, hello, self._background, metrics)
        self.ingress = Ingress(
            self.listeners.dispatch,
            settings.signing_secret,
            refused=lambda status: metrics.refused("slack", f"http_{status}"),
            # Slack signs with the real time, which a clock that is moved for the demo does not tell.
            now=(lambda: guard.now().timestamp()) if guard.watches else time.time,
        )
        self.transport = SlackTransport(api, direct, private, phrases_for, render, key_secret, metrics, channels)
        self.socket = SocketMode(self.listeners.dispatch, api, settings.app_token) if settings.app_token else None

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The way in for signed requests; none with Socket Mode."""
        return () if self.socket is not None else (Route(PATH, self.ingress, methods=None),)

    async def gone(self, identities: Sequence[str]) -> frozenset[str]:
        """Return those of these identities whose accounts were closed."""
        return await gone(self.api, identities)

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
