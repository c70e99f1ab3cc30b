"""Slack as a whole: puts this folder's parts together, and is started and stopped as one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from starlette.routing import BaseRoute, Route

from bot.background import Background
from bot.findings import Line
from bot.kept_directory import kept_directory
from bot.metrics import Metrics
from bot.platform import Capability, Surroundings
from bot.rooms import RememberedRooms
from bot.settings import Settings
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
from bot.slack.workspace.channels import Belonging, ChannelGuard, belonging_by, channel_findings
from bot.slack.workspace.checks import findings
from bot.slack.workspace.direct import DirectMessages, Remembered
from bot.slack.workspace.locales import Locales
from bot.slack.workspace.roll import gone
from bot.time_guard import TimeGuard, guarding
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


class Slack:
    """Slack's entry in the list of platforms."""

    name = NAME
    capabilities = frozenset(Capability) - {Capability.SEALED}

    def is_set_up(self, settings: Settings) -> bool:
        """Say whether there is a bot token."""
        return settings.slack

    def build(self, around: Surroundings) -> SlackPlatform:
        """Make the bot's side that faces Slack."""
        services = around.services
        return SlackPlatform(
            _reach(around.settings),
            gateway=around.gateway,
            phrases_for=services.words_for,
            remembered=RememberedRooms(around.database),
            render=around.calendar_file,
            key_secret=around.secret("chat.metadata"),
            metrics=around.metrics,
            guard=guarding(around.clock),
            belonging=belonging_by(around.database),
        )

    def way_in(self, settings: Settings) -> str:
        """Say whether the bot connects to Slack, or Slack to the bot and where."""
        if settings.socket_mode:
            return "by Socket Mode"
        url = settings.sipbot_public_url.rstrip("/")
        return f"over HTTP at {url}{PATH}" if url else f"over HTTP at {PATH}"

    def is_own(self, _settings: Settings, _identity: str) -> bool:
        """Say no: whatever the workspace, it lies with Slack."""
        return False

    def missing(self, settings: Settings) -> Iterable[str]:
        """Name the secret without which nothing of Slack's is believed."""
        if not settings.socket_mode and not settings.slack_signing_secret.get_secret_value():
            yield "SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET for HTTP"

    def checks(self, settings: Settings) -> AsyncIterator[Line]:
        """Ask Slack whether the token is good, every scope there, and every channel fit to say something in."""
        return _checks(settings)


async def _checks(settings: Settings) -> AsyncIterator[Line]:
    reach, refused = _reach(settings), False
    async for line in findings(reach.bot_token, reach.signing_secret, reach.app_token, reach.api_url):
        refused = refused or line.failed
        yield line
    if refused:
        return
    api = SlackApi(reach.bot_token, reach.api_url)
    try:
        async for line in channel_findings(api, await kept_directory(settings)):
            yield line
    finally:
        await api.close()


def _reach(settings: Settings) -> SlackSettings:
    return SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        api_url=settings.slack_api_url,
    )
