"""The guided tours: from the first notice to a closed case on a phone, and to a withdrawn consent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from demo.world.texts import Language
from tests.demo.page.conftest import Running, Visitor, running, visiting
from tests.demo.page.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_CLICKS = 75  # ten minutes at eight seconds a click
WORKING_DAYS = 2  # until the school is reminded of its summons

# What the step points at is within reach: its middle is itself and nothing that lies over it.
COVERED = """() => {
  const node = document.querySelector('.pointed');
  if (!node || node.disabled) return '';
  const box = node.getBoundingClientRect();
  const found = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return node.contains(found) ? '' : `${node.outerHTML.slice(0, 80)} lies under ${found?.outerHTML.slice(0, 80)}`;
}"""


class Tourist:
    """Takes a tour by its own buttons and by what it points at, and counts the clicks."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.words = visitor.demo.words
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1

    def at(self, step: str) -> None:
        """Wait for a step; nothing may lie over what it points at."""
        expect(self.page.locator("#tour-title")).to_have_text(self.words(f"tour.{step}.title"))
        self.visitor.demo.do(self.visitor.demo.world.settle())
        self.visitor.rest()
        if self.visitor.shots_wanted:
            self.visitor.shot(f"tour-{step}")
        assert self.page.evaluate(COVERED) == ""

    def do(self, step: str) -> None:
        """Let the tour do what the step asks."""
        self.at(step)
        self.click(self.page.locator("#tour").get_by_role("button", name=self.words(f"tour.{step}.do"), exact=True))

    def go_on(self) -> None:
        self.click(self.page.locator("#tour").get_by_role("button", name=self.words("tour.next"), exact=True))

    def press(self) -> None:
        """Press what the step points at."""
        self.visitor.rest()
        self.click(self.page.locator(".pointed"))

    def type(self, form: str) -> None:
        """Send the line that the tour has typed."""
        self.page.keyboard.press("Enter")
        self.clicks += 1
        self.fill_in(form)

    def fill_in(self, form: str) -> None:
        """Take the example, send it, and close the answer."""
        self.visitor.fill_in_example(form)
        self.visitor.close()
        self.clicks += 3

    def open_and_summon(self) -> None:
        self.do("open")
        self.type("case.open")
        for step, form in (("consent", "consent.record"), ("summon", "meeting.summon")):
            self.at(step)
            self.press()
            self.fill_in(form)


@pytest.fixture
def start(
    tmp_path: Path, chromium: Browser, shots: Path, request: pytest.FixtureRequest
) -> Iterator[tuple[Tourist, Running]]:
    """A tourist in a fresh demo, of a language and at a width."""
    language, width = request.param
    with running(tmp_path / "demo", language) as demo, visiting(chromium, demo, shots, width, 780) as visitor:
        visitor.arrive()
        yield Tourist(visitor), demo


def _languages(width: int, *languages: Language) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("start", [(language, width) for language in languages], indirect=True)


@_languages(390, "sv")
def test_the_tour_leads_to_a_closed_case_on_a_phone_within_ten_minutes(start: tuple[Tourist, Running]) -> None:
    tourist, demo = start
    page, words = tourist.page, tourist.words
    tourist.click(page.get_by_role("button", name=words("tour.start")))
    tourist.open_and_summon()
    tourist.do("julia")
    tourist.at("name")
    tourist.press()
    tourist.fill_in("summons.name")
    tourist.do("mail")
    tourist.at("mail")  # it waits until one has read
    tourist.go_on()
    tourist.at("matrix")  # who wants to may answer there first, as tests/demo/page/test_rooms.py does
    tourist.go_on()
    for _ in range(WORKING_DAYS):
        day = page.locator("#now-day").inner_text()
        tourist.do("time")
        expect(page.locator("#now-day")).not_to_have_text(day)
    tourist.do("propose")
    tourist.press()
    tourist.fill_in("summons.propose")
    tourist.do("move")
    tourist.press()
    tourist.fill_in("meeting.move")
    tourist.do("again")
    tourist.do("meet")
    tourist.do("held")
    tourist.type("meeting.held")
    tourist.do("measure")
    tourist.type("plan.measure")
    tourist.do("plan")
    tourist.type("plan.send")
    tourist.do("wait")
    tourist.do("follow")
    tourist.press()
    tourist.fill_in("meeting.summon")
    tourist.do("again2")
    tourist.do("meet2")
    tourist.do("review")
    tourist.type("plan.review")
    tourist.do("held2")
    tourist.type("meeting.held")
    tourist.at("close")
    tourist.press()
    tourist.fill_in("case.close")
    tourist.do("confirm")
    tourist.press()
    tourist.at("end")
    case = demo.world.bot.database.read(lambda reader: reader.cases.get(demo.codes()[0])).result(10)
    assert (case.state.value, tourist.clicks <= MOST_CLICKS) == ("closed", True), tourist.clicks
    _look_at_the_figures(tourist, demo)


def _look_at_the_figures(tourist: Tourist, demo: Running) -> None:
    """The last step leads on to them: they come as words and as a picture whose words are told too."""
    page, words = tourist.page, tourist.words
    tourist.do("end")
    expect(page.get_by_role("combobox", name=words("composer.label"))).to_have_value(words("play.statistics"))
    page.keyboard.press("Enter")
    picture = page.locator("img.b-picture")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") == 780
    alt = picture.get_attribute("alt") or ""
    assert demo.bot_words("figure.plan_in_time") in alt
    assert alt.partition(". ")[0] in page.get_by_role("main").inner_text(), "the words stand there too"


@_languages(1280, "en")
def test_the_second_tour_shows_a_withdrawn_consent_and_the_first_can_be_taken_afterwards(
    start: tuple[Tourist, Running],
) -> None:
    tourist, _ = start
    page, words = tourist.page, tourist.words
    tourist.click(page.get_by_role("button", name=words("tour.other.withdrawal")))
    tourist.open_and_summon()
    tourist.do("again")
    tourist.do("withdraw")
    tourist.type("consent.withdraw")
    tourist.do("told")
    tourist.at("told")
    tourist.go_on()
    tourist.do("gone")
    expect(page.get_by_role("region", name=words("mail.invite"), exact=True)).to_contain_text(
        words("mail.kind.cancelled")
    )
    tourist.go_on()
    tourist.at("wend")
    tourist.click(page.get_by_role("button", name=words("tour.other.main")))
    tourist.at("open")


@_languages(390, "sv")
def test_the_tour_is_left_and_taken_up_where_it_was_and_says_so_when_the_case_has_ended(
    start: tuple[Tourist, Running],
) -> None:
    tourist, demo = start
    page, words = tourist.page, tourist.words
    welcome = Walk(tourist.visitor)
    welcome.look("welcome")
    assert not welcome.found, welcome.told
    page.set_viewport_size({"width": 390, "height": 780})
    tourist.click(page.get_by_role("button", name=words("tour.start")))
    code = demo.open_case()
    tourist.at("julia")
    tourist.click(page.get_by_role("button", name=words("tour.leave")))
    expect(page.locator("#tour")).to_be_hidden()
    expect(page.locator(".pointed")).to_have_count(0)
    page.reload()
    expect(page.locator("#tour")).to_be_hidden()
    page.locator("#tour-button").click()
    tourist.at("julia")
    demo.do(demo.person("anna").type(words("play.withdraw", code=code)))
    demo.fill_in("anna", "consent.withdraw")
    tourist.at("ended")
    tourist.click(page.get_by_role("button", name=words("tour.again_from_start")))
    tourist.at("open")
