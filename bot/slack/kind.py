"""Slack's entry in the list of platforms. It loads nothing of Slack until the settings ask for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from bot.findings import Line
from bot.kept_directory import kept_directory
from bot.platform import Capability, Surroundings
from bot.rooms import RememberedRooms
from bot.settings import Settings
from bot.slack.names import NAME, PATH
from bot.time_guard import guarding

if TYPE_CHECKING:
    from bot.slack.platform import SlackPlatform, SlackSettings


class Slack:
    """Slack's entry in the list of platforms."""

    name = NAME
    capabilities = frozenset(Capability) - {Capability.SEALED}

    def is_set_up(self, settings: Settings) -> bool:
        """Say whether there is a bot token."""
        return settings.slack

    def build(self, around: Surroundings) -> SlackPlatform:
        """Make the bot's side that faces Slack."""
        from bot.slack.platform import SlackPlatform  # noqa: PLC0415 - a third of a second for who needs it
        from bot.slack.workspace.channels import belonging_by  # noqa: PLC0415 - as above

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
    from bot.slack.api import SlackApi  # noqa: PLC0415 - as above
    from bot.slack.workspace.channels import channel_findings  # noqa: PLC0415 - as above
    from bot.slack.workspace.checks import findings  # noqa: PLC0415 - as above

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
    from bot.slack.platform import SlackSettings  # noqa: PLC0415 - as above

    return SlackSettings(
        bot_token=settings.slack_bot_token.get_secret_value(),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        app_token=settings.slack_app_token.get_secret_value(),
        api_url=settings.slack_api_url,
    )
