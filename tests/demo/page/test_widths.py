"""From a small phone to a desk: no view is wider than its screen, and everything on it can be pressed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.demo.page.conftest import PATIENCE, Running, Visitor, told_demo, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (320, 390, 640, 768, 1280)
HEIGHT = 780
TABS = ("journal", "reminders", "outbox", "requests", "calls", "troubles")

# What is wider than its place, and what cannot be pressed: its middle, once scrolled to, is something else or off the
# screen. While a dialog or a list of
# suggestions is open, only that is looked at, as it covers the rest.
FAULTS = r"""() => {
  const top = document.querySelector('dialog[open]') ?? document.querySelector('[popover]:popover-open')
    ?? document.querySelector('.suggestions:not([hidden])')?.parentElement ?? document;
  const named = node => `${node.tagName.toLowerCase()}.${node.className?.baseVal ?? node.className} ${(node.innerText ?? '').replace(/\s+/g, ' ').slice(0, 40)}`;
  const places = [document.documentElement, ...document.querySelectorAll('main, .scroll, .form-body, dialog[open], .behind-content, [popover]:popover-open, .tour')];
  const wide = places.filter(n => n.checkVisibility() && n.scrollWidth > n.clientWidth).map(n => `too wide: ${named(n)} ${n.scrollWidth} > ${n.clientWidth}`);
  const hidden = node => !node.checkVisibility({ visibilityProperty: true }) || node.disabled || node.closest('[hidden], [inert], .skip, .hidden-text');
  const lost = [...top.querySelectorAll('button, a[href], input, select, textarea, summary')].filter(n => !hidden(n)).filter(n => {
    n.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const box = n.getClientRects()[0];
    if (!box) return true;
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const found = document.elementFromPoint(x, y);
    return !found || !(n.contains(found) || found.contains(n) && found.matches('label, a, button') || found.closest('label')?.control === n);
  });
  return [...wide, ...lost.map(n => `cannot be pressed: ${named(n)}`)];
}"""


@pytest.fixture(scope="module", params=["sv", "en"])
def told(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A demo in which a good deal has happened already, in each language."""
    with told_demo(tmp_path_factory.mktemp("told"), request.param) as made:
        yield made


@pytest.fixture(scope="module")
def reader(told: Running, chromium: Browser, shots: Path) -> Iterator[Visitor]:
    """Somebody at a page that never counts as looked at, so that what is unread stays so."""
    with visiting(chromium, told, shots, 390, HEIGHT) as made:
        made.page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
        yield made.arrive("#/anna")


class Walk:
    """Looks at one view after the other at every width, and notes what is wrong."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.found: dict[str, list[str]] = {}

    @property
    def told(self) -> str:
        return "\n".join(f"{view}: {fault}" for view, faults in self.found.items() for fault in faults)

    def look(self, view: str, widths: tuple[int, ...] = WIDTHS) -> None:
        page = self.visitor.page
        for width in widths:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            page.wait_for_function("() => document.documentElement.dataset.pending === '0'")
            if self.visitor.shots_wanted and width in (390, 1280):
                self.visitor.shot(f"width-{view.replace('/', '-')}-{width}")
            faults: Any = page.evaluate(FAULTS)
            if faults:
                self.found[f"{view} at {width}"] = faults


def _unread_everywhere(visitor: Visitor) -> None:
    visitor.demo.world.postbox.opened.clear()


def test_no_view_is_wider_than_its_screen_and_everything_on_it_can_be_pressed(reader: Visitor) -> None:
    walk = Walk(reader)
    reader.page.locator("#tour-button").click()
    walk.look("tour")
    reader.page.get_by_role("button", name=reader.demo.words("tour.leave")).click()
    for person in ("anna", "julia", "omar", "pia", "leif", "maria", "ove"):
        _unread_everywhere(reader)
        reader.be(person)
        walk.look(person, (390,))
    for view in ("anna/home", "omar/home", "julia/C0BUP", "omar/C0SKOLA", "leif/C0FK", "julia/calendar"):
        _unread_everywhere(reader)
        reader.go(*view.split("/", 1))
        walk.look(view)
    reader.page.set_viewport_size({"width": 390, "height": HEIGHT})
    reader.go("julia", "mail")
    walk.look("mails")
    reader.page.set_viewport_size({"width": 390, "height": HEIGHT})
    reader.page.locator(".mail-line").first.click()
    walk.look("mail")
    assert not walk.found, walk.told


def test_no_dialogue_or_panel_is_wider_than_its_screen_and_its_buttons_are_within_reach(reader: Visitor) -> None:
    page, words = reader.page, reader.demo.words
    walk = Walk(reader)
    _unread_everywhere(reader)
    reader.go("anna", _direct(reader))
    page.get_by_role("combobox").fill("/sip ")
    walk.look("suggestions")
    reader.type(words("play.open"))
    form = reader.form("case.open")
    walk.look("form")
    form.locator("button[type=submit]").click()
    form.locator(".error:visible").first.wait_for()
    walk.look("errors", (320, 390))
    reader.close()
    reader.go("omar", "C0SKOLA")
    for name in ("name", "propose", "decline", "forward"):
        page.locator(f"[data-action='summons.{name}']").last.click()
        reader.form(f"summons.{name}")
        walk.look(f"summons.{name}", (320, 390, 1280))
        reader.close()
    page.locator("#jump-button").click()
    walk.look("time", (320, 390))
    page.keyboard.press("Escape")
    page.locator("#settings-button").click()
    walk.look("settings")
    page.locator("#restart-button").click()
    walk.look("question")
    page.keyboard.press("Escape")
    page.locator("#behind-button").click()
    for tab in TABS:
        page.get_by_role("tab", name=words(f"behind.{tab}"), exact=True).click()
        reader.rest()
        walk.look(f"behind-{tab}")
    page.get_by_role("button", name=words("behind.close")).click()
    assert not walk.found, walk.told


def _direct(visitor: Visitor) -> str:
    return visitor.demo.person("anna").channel().id


def test_a_mail_opens_in_place_on_a_phone_and_the_way_back_leads_to_the_list(reader: Visitor) -> None:
    page, words = reader.page, reader.demo.words
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    reader.go("julia", "mail")
    line = page.locator(".mail-line").first
    line.click()
    title = page.locator("#mail-title")
    expect(title).to_be_in_viewport()
    expect(title).to_be_focused()
    expect(line).to_be_hidden()
    page.get_by_role("link", name=words("mail.back")).click()
    expect(line).to_be_in_viewport()
    line.click()
    page.go_back()
    expect(line).to_be_in_viewport()


def test_whoever_is_switched_to_is_shown_where_something_is_unread(reader: Visitor) -> None:
    page = reader.page
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    reader.be("ove")
    reader.be("omar")
    expect(page.locator(".place[aria-current]")).to_have_attribute("data-place", "C0SKOLA")
    expect(page.locator(".place[aria-current]")).to_be_in_viewport()
