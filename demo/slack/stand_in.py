"""The stand-in Slack as a whole: state, Web API, people and the way to the bot, in one object."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.types import ASGIApp

from bot.slack.block_kit.rules import Violation
from demo.slack.api.call import ApiCall
from demo.slack.api.rate_limits import RateLimits
from demo.slack.api.web import Pages
from demo.slack.api.web_api import WebApi
from demo.slack.delivery.dispatch import Dispatch
from demo.slack.delivery.http_link import ACK_SECONDS, HttpLink
from demo.slack.delivery.socket_mode import SocketMode
from demo.slack.errors import NotVisible
from demo.slack.faults import Faults
from demo.slack.people.person import Person
from demo.slack.seed import Seed, sample_seed
from demo.slack.state.directory import Directory
from demo.slack.state.records import Clock
from demo.slack.state.state import State


class StandIn:
    """One stand-in Slack. `app` is its ASGI application; `serving` puts it on an address.

    `clock` gives Unix seconds and rules message times, trigger ids, response URLs and rate limits; a demo may
    move it by days. `rate_limited=False` switches the limits off; `ack_seconds` shortens Slack's three.
    """

    def __init__(
        self,
        seed: Seed | None = None,
        *,
        clock: Clock = time.time,
        signing_clock: Callable[[], float] = time.time,
        rate_limited: bool = True,
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        seed = seed or sample_seed()
        self.state = State(seed.app, clock, "http://slack.invalid")
        seed.fill(self.state.directory)
        self.faults = Faults()
        self.limits = RateLimits(clock, enabled=rate_limited)
        self.api = WebApi(self.state, self.faults, self.limits)
        self.sockets = SocketMode(self.state, ack_seconds)
        self.dispatch = Dispatch(self.state, self.sockets)
        self.app: ASGIApp = Pages(self.api, self.sockets).app()
        self.people = {
            user.name: Person(self.state, user, self.dispatch)
            for user in self.directory.users.values()
            if not user.is_bot
        }
        self._signing_clock = signing_clock
        self._ack_seconds = ack_seconds

    @property
    def directory(self) -> Directory:
        """Return the teams, people and channels."""
        return self.state.directory

    @property
    def calls(self) -> list[ApiCall]:
        """Return the record of all Web API calls, response URLs and uploads."""
        return self.api.calls

    @property
    def violations(self) -> list[Violation]:
        """Return every broken Block Kit rule met so far, those that Slack lets pass too."""
        return [violation for call in self.calls for violation in call.violations]

    @property
    def api_url(self) -> str:
        """Return what the bot is to have as `SLACK_API_URL`."""
        return f"{self.state.base_url}/api/"

    def bot_token(self, team: str | None = None) -> str:
        """Return a team's bot token, or the first team's."""
        held = self.directory.installations
        return (held[team] if team else next(iter(held.values()))).bot_token

    def person(self, name: str) -> Person:
        """Return a person by short name.

        Raises:
            NotVisible: nobody is called so.
        """
        if name not in self.people:
            raise NotVisible(f"nobody is called {name}; there are: {', '.join(self.people)}")
        return self.people[name]

    def connect(self, bot: str | ASGIApp) -> HttpLink:
        """Say where the bot is: its address, or its ASGI application in this event loop."""
        self.dispatch.http = HttpLink(
            bot, self.state.app, signing_clock=self._signing_clock, ack_seconds=self._ack_seconds
        )
        return self.dispatch.http

    def revoke(self, team: str | None = None) -> None:
        """Revoke a team's token; every later call is answered with `token_revoked`."""
        token = self.bot_token(team)
        for install in self.directory.installations.values():
            if install.bot_token == token:
                install.revoked = True

    def archive(self, channel: str) -> None:
        """Archive a channel."""
        self.directory.channels[channel].archived = True

    def unarchive(self, channel: str) -> None:
        """Take a channel back from the archive."""
        self.directory.channels[channel].archived = False

    def remove_channel(self, channel: str) -> None:
        """Take a channel away, as if it had never been."""
        self.directory.channels[channel].gone = True

    async def until(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something holds.

        Raises:
            TimeoutError: it did not hold in time.
        """
        await self.state.stream.until(condition, seconds)
