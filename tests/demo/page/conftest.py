"""A demo on a port of this machine, and a visitor in Debian's Chromium who looks at it."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from demo.matrix.answering import Answering
from demo.matrix.person import Person as MatrixPerson
from demo.page.serving import serving
from demo.slack.people.person import Person
from demo.world.examples import example, work_through
from demo.world.texts import Language, Texts, texts
from demo.world.world import World
from templates import Words, load
from tests import npm
from tests.conftest import IN_CI

T = TypeVar("T")

AXE = "axe-core@4.10.3"
PATIENCE = 20_000.0  # milliseconds that the page may take on a busy machine
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _missing(what: str) -> None:
    """Skip where somebody merely lacks a program; a run that must be whole fails instead."""
    if IN_CI:
        pytest.fail(what)
    pytest.skip(what)


@dataclass
class Running:
    """A demo that runs in a thread of its own."""

    url: str
    loop: asyncio.AbstractEventLoop
    world_of: Callable[[], World]
    language: Language

    @property
    def world(self) -> World:
        return self.world_of()

    @property
    def words(self) -> Texts:
        return texts(self.language)

    @property
    def bot_words(self) -> Words:
        return load(self.language)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def person(self, name: str) -> Person:
        return self.world.slack.person(name)

    # ---- the story without the page, for tests that only look at where it leads --------------------------------

    def fill_in(self, name: str, form: str) -> None:
        """Have a person fill in the form that is about to open with an example, and close the answer."""

        async def filled() -> None:
            world, person = self.world, self.person(name)
            await world.slack.until(lambda: person.view is not None and person.view.callback_id == form)
            today, calendar, words = world.now().date(), world.calendar, world.words
            values = await work_through(person, lambda view: example(view, person.user.id, today, calendar, words))
            outcome = await person.submit(values)
            assert outcome.ok, outcome.errors
            if person.view is not None:
                await person.cancel()
            await world.settle()

        self.do(filled())

    def open_case(self) -> str:
        """Have Anna open a case, record the consent and call the meeting; return the code."""
        self.do(self.person("anna").type(self.words("play.open")))
        self.fill_in("anna", "case.open")
        code = self.codes()[-1]
        for line, form in (("play.consent", "consent.record"), ("play.summon", "meeting.summon")):
            self.do(self.person("anna").type(self.words(line, code=code)))
            self.fill_in("anna", form)
        return code

    def name_julia(self) -> None:
        self.do(self.person("julia").press("summons.name"))
        self.fill_in("julia", "summons.name")

    async def on_matrix(self, name: str, action: str) -> None:
        """Have somebody on Matrix choose a way by its sign, and write the word that binds."""
        person = self.world.person(name)
        assert isinstance(person, MatrixPerson)
        await Answering(person, self.world.matrix).press(action)
        await self.world.settle()

    def codes(self) -> list[str]:
        from demo.world.clockwork import codes_of_all  # noqa: PLC0415

        return list(self.world.bot.database.read(codes_of_all).result(10))


@contextmanager
def running(folder: Path, language: Language = "sv") -> Iterator[Running]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo", daemon=True)
    thread.start()
    context = serving(folder, language)
    try:
        page = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(30)
        try:
            yield Running(page.url, loop, lambda: page.demo.world, language)
        finally:
            asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(_end_what_is_left(), loop).result(30)
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result(30)
        asyncio.run_coroutine_threadsafe(loop.shutdown_asyncgens(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_what_is_left() -> None:
    """Cancel the tasks of a browser that has not let go of its connection yet, as `asyncio.run` does at its end."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@contextmanager
def told_demo(folder: Path, language: Language = "sv") -> Iterator[Running]:
    """A demo in which a good deal has happened already: one agency has answered, the others have been reminded."""
    with running(folder, language) as made:
        made.open_case()
        made.name_julia()
        made.do(made.on_matrix("leif", "summons.received"))
        made.do(made.world.move_to(made.world.calendar.at(made.world.now().date().replace(day=27), time(9))))
        yield made


@pytest.fixture(params=["sv"])
def language(request: pytest.FixtureRequest) -> Language:
    """The language of the demo: Swedish, unless a test is parametrised with both."""
    chosen: Language = request.param
    return chosen


@pytest.fixture
def demo(tmp_path: Path, language: Language) -> Iterator[Running]:
    """A fresh demo."""
    with running(tmp_path / "demo", language) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    Only as long as a module: while it runs, its event loop is the thread's, and asynchronous tests cannot be run.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        _missing("Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*CHROMIUM_FLAGS, "--lang=sv-SE"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run's screenshots; TEST_SHOTS names another, to choose some for the README."""
    named = os.environ.get("TEST_SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass
class Visitor:
    """Somebody at the page: acts by role and label, and notes what the browser complains of."""

    page: Page
    demo: Running
    shots: Path
    complaints: list[str] = field(default_factory=list)

    @property
    def shots_wanted(self) -> bool:
        """Say whether somebody asked for a picture of every view."""
        return "TEST_SHOTS" in os.environ

    def arrive(self, address: str = "") -> Visitor:
        """Open the page, at `#person/place` if one is given."""
        self.page.goto(self.demo.url + address)
        self.page.wait_for_selector("body.ready")
        return self

    def go(self, person: str, place: str) -> None:
        """Look at a place as somebody."""
        self.page.evaluate("address => { location.hash = address; }", f"#/{person}/{place}")
        self.page.wait_for_function(
            "place => document.querySelector('.place[aria-current]')?.href.includes(place)", arg=f"#/{person}/{place}"
        )

    def be(self, name: str) -> None:
        """Be another person, by the button in the list of people."""
        real_name = self.demo.world.person(name).user.real_name
        self.page.get_by_role("navigation", name=self.demo.words("people.title")).get_by_role(
            "button", name=real_name.split(" ")[0]
        ).click()
        self.page.get_by_role("heading", name=real_name, exact=True).wait_for(state="attached")

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        box = self.page.get_by_role("combobox", name=self.demo.words("composer.label"))
        box.fill(line)
        box.press("Enter")

    def button(self, name: str) -> Locator:
        """Return the newest button of this name in the conversation."""
        return self.page.get_by_role("main").get_by_role("button", name=name, exact=True).last

    def form(self, name: str) -> Locator:
        """Wait for a form by the bot's name for it, and return its dialog."""
        self.page.locator(f"#form form[data-view='{name}']").wait_for()
        return self.page.get_by_role("dialog")

    def fill_in_example(self, name: str) -> Locator:
        """Fill in a form with the example, send it, and return the dialog with the bot's answer."""
        dialog = self.form(name)
        dialog.get_by_role("button", name=self.demo.words("form.example")).click()
        self.rest()
        dialog.locator("button[type=submit]").click()
        return self.form("sip.closed")

    def rest(self) -> None:
        """Wait until the page asks for nothing any more; the page itself counts the moment, however slow it is."""
        self.page.evaluate("() => new Promise(done => setTimeout(done, 60))")
        self.page.wait_for_function("() => document.documentElement.dataset.pending === '0'", timeout=60_000)

    def close(self) -> None:
        """Close the dialog."""
        self.page.keyboard.press("Escape")
        self.page.get_by_role("dialog").wait_for(state="hidden")

    def shot(self, name: str) -> None:
        """Take a picture once nothing moves any more."""
        self.rest()
        self.page.mouse.move(0, 0)
        self.page.wait_for_timeout(300)
        path = self.shots / f"{self.demo.language}-{name}.png"
        self.page.screenshot(path=path, animations="disabled")


@pytest.fixture
def visitor(chromium: Browser, demo: Running, shots: Path) -> Iterator[Visitor]:
    """A visitor at a fresh demo, at 1280 pixels' width; the page must give the browser nothing to complain of."""
    with visiting(chromium, demo, shots) as made:
        yield made


@contextmanager
def visiting(chromium: Browser, demo: Running, shots: Path, width: int = 1280, height: int = 800) -> Iterator[Visitor]:
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="sv-SE", timezone_id="Europe/Stockholm"
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)  # which does not go by the context's
    page = context.new_page()
    made = Visitor(page, demo, shots)
    page.on("console", lambda said: made.complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("request", lambda asked: made.complaints.append(asked.url) if not asked.url.startswith(demo.url) else None)
    yield made
    context.close()
    assert made.complaints == []


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, fetched once by npm into the cache."""
    if reason := npm.missing():
        _missing(reason)
    return (npm.installed(AXE, AXE) / "axe-core" / "axe.min.js").read_text()
