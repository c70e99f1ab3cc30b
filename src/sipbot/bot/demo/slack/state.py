"""The whole state of one stand-in, in one place."""

from __future__ import annotations

from sipbot.bot.demo.slack.directory import Directory
from sipbot.bot.demo.slack.files import Files
from sipbot.bot.demo.slack.identifiers import Identifiers
from sipbot.bot.demo.slack.messages import Messages
from sipbot.bot.demo.slack.records import App, Clock
from sipbot.bot.demo.slack.response_urls import ResponseUrls
from sipbot.bot.demo.slack.stream import EventStream
from sipbot.bot.demo.slack.triggers import Triggers
from sipbot.bot.demo.slack.views import Views


class State:
    """Everything the stand-in knows. `base_url` is where it is reached, without a slash at the end."""

    def __init__(self, app: App, clock: Clock, base_url: str) -> None:
        self.clock = clock
        self.base_url = base_url
        self.ids = Identifiers()
        self.stream = EventStream(clock)
        self.directory = Directory(app, clock, self.ids)
        self.messages = Messages(clock, self.ids, self.stream)
        self.views = Views(clock, self.ids, self.stream)
        self.files = Files(clock, self.ids, self.stream)
        self.triggers = Triggers(clock, self.ids)
        self.response_urls = ResponseUrls(clock, self.ids)
        self.tickets: set[str] = set()

    @property
    def app(self) -> App:
        """Return the app's registration."""
        return self.directory.app
