"""A stand-in in a thread of its own, for tests and programs that are not asynchronous."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from demo.slack.people.outcome import Outcome
from demo.slack.people.person import Person
from demo.slack.people.screen import Control
from demo.slack.seed import Seed
from demo.slack.serving import Server
from demo.slack.stand_in import StandIn
from demo.slack.state.records import Message, View

T = TypeVar("T")


class ThreadedPerson:
    """A `Person` called from another thread; each method waits for its result. See `Person` for the words."""

    def __init__(self, person: Person, loop: asyncio.AbstractEventLoop) -> None:
        self.user = person.user
        self._person = person
        self._loop = loop

    def _act(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def ask(self, question: Callable[[Person], T]) -> T:
        """Return the answer to a question about what the person sees."""

        async def asked() -> T:
            return question(self._person)

        return self._act(asked())

    def type(self, text: str, channel: str | None = None, **more: Any) -> Outcome:
        """Type a line."""
        return self._act(self._person.type(text, channel, **more))

    def say(self, text: str, channel: str | None = None, thread_ts: str | None = None) -> Outcome:
        """Say something in a channel."""
        return self._act(self._person.say(text, channel, thread_ts))

    def press(self, name: str, value: Any = None, **more: Any) -> Outcome:
        """Press a button or choose in a menu."""
        return self._act(self._person.press(name, value, **more))

    def press_twice(self, name: str, value: Any = None, **more: Any) -> tuple[Outcome, Outcome]:
        """Press twice, too fast."""
        return self._act(self._person.press_twice(name, value, **more))

    def submit(self, values: dict[str, Any] | None = None, view: View | None = None, **more: Any) -> Outcome:
        """Fill in the modal and submit it."""
        return self._act(self._person.submit(values, view, **more))

    def cancel(self, view: View | None = None) -> Outcome:
        """Close the modal."""
        return self._act(self._person.cancel(view))

    def open_home(self) -> Outcome:
        """Open the app's home tab."""
        return self._act(self._person.open_home())

    def retry(self, outcome: Outcome, reason: str = "http_timeout") -> Outcome:
        """Have Slack send the same thing once more."""
        return self._act(self._person.retry(outcome, reason))

    def messages(self, channel: str | None = None) -> list[Message]:
        """Return what the person sees in a channel, or everywhere."""
        return self.ask(lambda person: person.messages(channel))

    def direct_messages(self) -> list[Message]:
        """Return the direct messages with the bot."""
        return self.ask(lambda person: person.direct_messages())

    def only_visible_to_me(self) -> list[Message]:
        """Return the ephemeral messages."""
        return self.ask(lambda person: person.only_visible_to_me())

    def controls(self, source: Message | View | None = None) -> list[Control]:
        """Return what can be pressed or chosen."""
        return self.ask(lambda person: person.controls(source))

    def newest(self, channel: str | None = None) -> Message:
        """Return the newest message seen."""
        return self.ask(lambda person: person.newest(channel))

    def unread(self, channel: str | None = None) -> list[Message]:
        """Return what came since the last `read`."""
        return self.ask(lambda person: person.unread(channel))

    def read(self, channel: str | None = None) -> None:
        """Mark as read."""
        self.ask(lambda person: person.read(channel))

    @property
    def view(self) -> View | None:
        """Return the modal on top."""
        return self.ask(lambda person: person.view)

    @property
    def home(self) -> View | None:
        """Return the app's home tab."""
        return self.ask(lambda person: person.home)


class RunningSlack:
    """A stand-in that runs in another thread. `slack` is the stand-in; its lists may be read from here."""

    def __init__(self, slack: StandIn, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.slack = slack
        self.faults = slack.faults
        self.people = {name: ThreadedPerson(person, loop) for name, person in slack.people.items()}
        self._server = server
        self._loop = loop

    @property
    def url(self) -> str:
        """Return the address, without a slash at the end."""
        return self._server.url

    @property
    def api_url(self) -> str:
        """Return what the bot is to have as `SLACK_API_URL`."""
        return self.slack.api_url

    def do(self, work: Callable[[StandIn], T]) -> T:
        """Do something to the stand-in in its own thread and return the result."""

        async def done() -> T:
            return work(self.slack)

        return asyncio.run_coroutine_threadsafe(done(), self._loop).result()

    def connect(self, bot: str) -> None:
        """Say at which address the bot is."""
        self.do(lambda slack: slack.connect(bot))

    def until(self, condition: Callable[[StandIn], bool], seconds: float = 5.0) -> None:
        """Wait until something holds.

        Raises:
            TimeoutError: it did not hold in time.
        """
        waiting = self.slack.until(lambda: condition(self.slack), seconds)
        asyncio.run_coroutine_threadsafe(waiting, self._loop).result()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Have nobody listen for a while: connections are refused, then answered again on the same port."""
        asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result()


@contextlib.contextmanager
def running_slack(seed: Seed | None = None, *, port: int = 0, **options: Any) -> Iterator[RunningSlack]:
    """Run a stand-in in a thread for the time of a `with` block; `options` are those of `StandIn`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="stand-in-slack", daemon=True)
    thread.start()

    def wait(work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, loop).result()

    server = Server(StandIn(seed, **options), port=port)
    try:
        wait(server.start())
        yield RunningSlack(server.slack, server, loop)
    finally:
        wait(server.stop())
        wait(loop.shutdown_asyncgens())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
