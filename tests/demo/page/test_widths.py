"""From a small phone to a desk: no view is wider than its screen, and everything on it can be pressed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.demo.page.conftest import Running, Visitor, told_demo, visiting
from tests.demo.page.walk import HEIGHT, Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TABS = ("journal", "reminders", "outbox", "requests", "calls", "troubles")


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


def _unread_everywhere(visitor: Visitor) -> None:
    visitor.demo.world.postbox.opened.clear()


def test_no_view_is_wider_than_its_screen_and_everything_on_it_can_be_pressed(reader: Visitor) -> None:
    walk = Walk(reader)
    reader.page.locator("#tour-button").click()
    walk.look("tour")
    reader.page.get_by_role("button", name=reader.demo.words("tour.leave")).click()
    assert not walk.found, walk.told


def test_everybody_and_every_place_of_theirs_fits_too(reader: Visitor) -> None:
    walk = Walk(reader)
    for person in ("anna", "julia", "omar", "pia", "leif", "maria", "ove"):
        _unread_everywhere(reader)
        reader.be(person)
        walk.look(person, (390,))
    for view in (
        "anna/home",
        "omar/home",
        "julia/C0BUP",
        "omar/C0SKOLA",
        "leif/!fk:fk.exempel.invalid",
        "leif/!leif:fk.exempel.invalid",
        "julia/calendar",
    ):
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


def test_figures_and_what_is_behind_them_fit_on_two_screens_of_a_telephone_each(reader: Visitor) -> None:
    page, words = reader.page, reader.demo.bot_words
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    reader.go("maria", reader.demo.person("maria").channel().id)
    for typed, more in (("", "statistics.more.unit"), (" alla", "statistics.more.all")):
        reader.type(f"/sip statistik{typed}")
        reader.rest()
        assert _height_of_the_newest(reader) < 2 * HEIGHT
        reader.button(words(more)).click()
        reader.rest()
        assert _height_of_the_newest(reader) < 2 * HEIGHT


def test_with_more_cases_than_a_page_holds_the_menu_of_the_rest_fits_on_a_telephone(reader: Visitor) -> None:
    page, demo = reader.page, reader.demo
    for _ in range(13):
        demo.open_case()
    page.set_viewport_size({"width": 390, "height": HEIGHT})
    reader.go("anna", "home")
    send = page.locator(".b-menu button").last
    send.scroll_into_view_if_needed()
    box = send.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390


def _height_of_the_newest(visitor: Visitor) -> float:
    box = visitor.page.locator("main .message").last.bounding_box()
    assert box is not None
    return float(box["height"])


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


HEARD = """() => [...document.querySelectorAll('main button')].filter(n => n.checkVisibility()).map(n => {
  const about = n.getAttribute('aria-describedby');
  const told = about ? document.getElementById(about).innerText : '';
  return `${n.getAttribute('aria-label') ?? n.innerText} | ${told}`;
})"""


@pytest.mark.parametrize("place", ["omar/C0SKOLA", "maria/C0SKOLA", "omar/home", "anna/home"])
def test_buttons_are_told_apart_when_they_are_heard(reader: Visitor, place: str) -> None:
    reader.go(*place.split("/"))
    expect(reader.page.locator("main .b-button").first).to_be_visible()
    reader.rest()
    heard = reader.page.evaluate(HEARD)
    assert len(heard) > 1
    assert [words for words, times in Counter(heard).items() if times > 1] == []


def test_headings_follow_each_other_without_a_gap(reader: Visitor) -> None:
    levels = reader.page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4')].filter(n => n.checkVisibility())"
        ".map(n => Number(n.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(then - first <= 1 for first, then in pairwise(levels)), levels


def test_what_comes_at_the_same_moment_is_announced_once_and_together(reader: Visitor) -> None:
    said = reader.page.evaluate(
        """async () => {
          const { announce } = await import('/static/announcer.js');
          const heard = [];
          const place = document.getElementById('announcer');
          new MutationObserver(() => heard.push(place.textContent)).observe(place, { childList: true });
          for (const words of ['One.', 'Two.', 'One.']) announce(words);
          await new Promise(done => setTimeout(done, 400));
          return heard;
        }"""
    )
    assert said == ["One. Two."]
