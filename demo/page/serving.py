"""Runs the demo: the world and the page in one event loop, until the one who started it has enough."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from demo.listening import Listener
from demo.page.demo import Demo
from demo.page.guard import Guard
from demo.page.routes import page_app
from demo.world.texts import Language

#: The port unless another is asked for; where it is taken a free one is used.
PORT = 8600


class Page:
    """A demo at its address."""

    def __init__(self, demo: Demo, port: int) -> None:
        self.demo = demo
        self.listener = Listener(Guard(page_app(demo), lambda: self.listener.port), port=port)

    @property
    def url(self) -> str:
        """Return the page's address."""
        return f"{self.listener.url}/"


@asynccontextmanager
async def serving(folder: Path | None = None, language: Language = "sv", port: int = 0) -> AsyncIterator[Page]:
    """Serve a demo for the time of an `async with` block, on loopback only; port 0 takes a free one.

    Raises:
        OSError: the port is taken.
    """
    page = Page(Demo(folder, language), port)
    await page.listener.start()
    try:
        await page.demo.open()
        yield page
    finally:
        await page.demo.close()
        await page.listener.stop()


async def run(
    folder: Path | None, language: Language, port: int | None, tell: Callable[[str], None], *, browser: bool
) -> None:
    """Serve until Ctrl+C. `tell` prints a line; a browser is opened where there is one.

    Raises:
        OSError: the port that was asked for is taken.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers, and ends by itself
            loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        try:
            page = await stack.enter_async_context(serving(folder, language, PORT if port is None else port))
        except OSError:
            if port is not None:
                raise
            page = await stack.enter_async_context(serving(folder, language))
        words = page.demo.world.words
        tell(words("cli.open", url=page.url))
        tell(words("cli.end"))
        if browser:
            await asyncio.to_thread(_show, page.url)
        await stop.wait()


def _show(url: str) -> None:
    """Open a browser, if the machine has one; a demo without is none the worse."""
    screen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if screen:  # without one, a browser for terminals would take over this terminal
        with contextlib.suppress(webbrowser.Error, OSError):
            webbrowser.open(url)
