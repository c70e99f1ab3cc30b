"""The whole state of one stand-in, in one place."""

from __future__ import annotations

from demo.slack.state.directory import Directory
from demo.slack.state.files import Files
from demo.slack.state.identifiers import Identifiers
from demo.slack.state.messages import Messages
from demo.slack.state.records import App, Clock
from demo.slack.state.response_urls import ResponseUrls
from demo.slack.state.stream import EventStream
from demo.slack.state.triggers import Triggers
from demo.slack.state.views import Views


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
