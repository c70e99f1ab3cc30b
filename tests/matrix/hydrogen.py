"""A person whose program is Hydrogen, in Debian's Chromium: what they press and type there, and what they read."""

from __future__ import annotations

import asyncio
import functools
import shutil
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page, async_playwright, expect

from tests import npm
from tests.synapse import PASSWORD, Synapse

SDK = "hydrogen-view-sdk@0.3.1"
BUNDLER = "esbuild@0.25.0"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PATIENCE = 60_000.0  # milliseconds that the page may take on a busy machine
STYLE = "/node_modules/hydrogen-view-sdk/asset-build/assets/theme-element-light.css"
PAGE = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><link rel="stylesheet" href="{STYLE}"></head>
<body class="hydrogen"><script type="module" src="/page.js"></script></body></html>
"""


def missing() -> str:
    """Say which program this machine lacks, or nothing."""
    return npm.missing() or ("" if shutil.which("chromium") else "this needs chromium")


class Hydrogen:
    """Somebody who looks at one room."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def logs_in(self, server: Synapse, name: str) -> None:
        """Fill in the form that Hydrogen begins with."""
        await self.page.fill("#homeserver", server.url)
        await self.page.fill("#username", name)
        await self.page.fill("#password", PASSWORD)
        await self.page.click("button[type=submit]")
        await expect(self.page.locator(".RoomList li")).to_have_count(1, timeout=PATIENCE)

    async def opens_the_room(self) -> None:
        await self.page.locator(".RoomList li a").click()
        await expect(self.page.locator(".Timeline")).to_be_visible(timeout=PATIENCE)

    def message(self, text: str) -> Locator:
        """Return the message that holds a text."""
        return self.page.locator(".Timeline_message").filter(has_text=text).last

    async def reads(self, text: str) -> None:
        """Wait until a text stands in the room."""
        await expect(self.message(text)).to_be_visible(timeout=PATIENCE)

    async def presses(self, sign: str, text: str) -> None:
        """Press a sign under the message that holds a text."""
        await self.message(text).locator(".Timeline_messageReactions button").filter(has_text=sign).click()

    async def replies(self, text: str, words: str) -> None:
        """Reply to the message that holds a text: Hydrogen knows no threads."""
        message = self.message(text)
        await message.locator(".Timeline_messageOptions").dispatch_event(
            "click"
        )  # it shows while one points at the message
        await self.page.get_by_text("Reply", exact=True).click()
        await self.page.fill(".MessageComposer_input textarea", words)
        await self.page.click(".MessageComposer_input button.send")


@contextmanager
def _site() -> Iterator[str]:
    """Serve Hydrogen to this machine alone, bundled once; return where."""
    modules = npm.installed("hydrogen", SDK, BUNDLER)
    place = modules.parent
    source = place / "hydrogen.mjs"
    shutil.copyfile(Path(__file__).with_name("hydrogen.mjs"), source)
    # The encryption asks for these where it runs in Node.
    outside = [f"--external:{name}" for name in ("crypto", "path", "fs")]
    bundle = [str(modules / ".bin" / "esbuild"), str(source), "--bundle", "--format=esm", *outside]
    subprocess.run([*bundle, f"--outfile={place / 'page.js'}"], check=True, capture_output=True, timeout=npm.PATIENCE)
    shutil.copyfile(modules / "hydrogen-view-sdk" / "lib-build" / "sw.js", place / "sw.js")
    (place / "index.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(place))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of what is fetched."""


@asynccontextmanager
async def opened() -> AsyncIterator[Hydrogen]:
    """Open Hydrogen in a browser of its own."""
    path = await asyncio.to_thread(shutil.which, "chromium")
    with _site() as url:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            page = await browser.new_page(viewport={"width": 1280, "height": 900})
            await page.goto(url)
            yield Hydrogen(page)
            await browser.close()
