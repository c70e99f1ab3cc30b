"""A workspace for tests: the stand-in Slack, the bot's Slack side, and a door that answers as it is told."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from bot.metrics import Metrics
from bot.slack.phrases import PhrasesFor
from bot.slack.platform import SlackPlatform, SlackSettings
from demo.slack.seed import Seed
from demo.slack.serving import Server, serving
from demo.slack.stand_in import StandIn
from tests.bot.slack.payloads import Door
from tests.bot.slack.samples import anybodys_words

EVENTS = ("app_home_opened",)


def seed() -> Seed:
    return (
        Seed(["/sip"], events=EVENTS)
        .team("T0", "Exempelkommun")
        .team("T2", "Annan organisation", installed=False)
        .person("U0ANNA", "anna", "Anna Exempel", "T0")
        .person("U0JULIA", "julia", "Julia Exempel", "T0", locale="en-GB")
        .person("U2EVA", "eva", "Eva Utifrån", "T2")
        .channel("C0SOC", "soc-sip", "T0", ["U0ANNA", "U0JULIA"], private=True)
        .channel("C0BUP", "bup-sip", "T0", ["U0JULIA"])
        .channel("C0OUT", "utan-bot", "T0", ["U0ANNA"], with_bot=False)
        .channel("C0SHARED", "delad", "T0", ["U0ANNA", "U2EVA"], shared_with=["T2"])
    )


class Remembering:
    """Remembers direct channels and languages in memory."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.languages: dict[str, str] = {}

    async def recall(self, identity: str) -> str | None:
        return self.known.get(identity)

    async def remember(self, identity: str, channel: str) -> None:
        self.known[identity] = channel

    async def locale(self, identity: str) -> str:
        return self.languages.get(identity, "")


@dataclass
class Workspace:
    slack: StandIn
    server: Server
    platform: SlackPlatform
    door: Door
    metrics: Metrics
    remembered: Remembering

    def calls(self, method: str) -> list[Any]:
        return [call for call in self.slack.calls if call.method == method]


@contextlib.asynccontextmanager
async def workspace(
    answer: Any = None, *, socket_mode: bool = False, words: PhrasesFor = anybodys_words, **options: Any
) -> AsyncIterator[Workspace]:
    """Run a workspace whose bot answers everything with `answer`; every payload must keep Block Kit's rules."""
    slack = StandIn(seed(), **options)
    async with serving(slack) as server:
        door, metrics, remembered = Door(answer), Metrics(), Remembering()
        app = slack.state.app
        settings = SlackSettings(
            slack.bot_token("T0"),
            "" if socket_mode else app.signing_secret,
            app.app_token if socket_mode else "",
            slack.api_url,
        )
        platform = SlackPlatform(
            settings, door, words, remembered, lambda invite: b"BEGIN:VCALENDAR", b"secret", metrics
        )
        if not socket_mode:
            slack.connect(platform.ingress)
        await platform.start()
        try:
            yield Workspace(slack, server, platform, door, metrics, remembered)
        finally:
            await platform.stop()
    assert [violation.code for violation in slack.violations] == []
    assert b"sipbot_block_rules_broken_total{" not in metrics.render()
