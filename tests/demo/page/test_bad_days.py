"""Slack's bad days, switched on in the page, and the look behind the scenes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _behind(visitor: Visitor, tab: str) -> Locator:
    page, words = visitor.page, visitor.demo.words
    panel = page.get_by_role("complementary", name=words("behind.title"))
    if not panel.is_visible():
        page.get_by_role("button", name=words("behind.title"), exact=True).click()
    page.get_by_role("tab", name=words(f"behind.{tab}"), exact=True).click()
    return panel


def _switch(visitor: Visitor, trouble: str, *, on: bool) -> None:
    switch = _behind(visitor, "troubles").get_by_role(
        "switch", name=visitor.demo.words(f"trouble.{trouble}"), exact=True
    )
    switch.set_checked(on)
    visitor.rest()


def test_what_the_bot_wants_to_say_during_an_outage_arrives_afterwards(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    code = visitor.demo.open_case()
    visitor.arrive("#/julia/C0BUP")
    _switch(visitor, "outage", on=True)
    visitor.button(visitor.demo.bot_words("summons.received.do")).click()
    outbox = _behind(visitor, "outbox")
    expect(outbox.get_by_text(words("letter.waiting")).first).to_be_visible()
    expect(page.get_by_role("main")).not_to_contain_text(words("room.only_you"))
    _switch(visitor, "outage", on=False)
    page.get_by_role("button", name=words("time.hour"), exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Julia Lind bekräftade")
    expect(_behind(visitor, "outbox").get_by_text(words("letter.waiting"), exact=True)).to_have_count(0)
    assert visitor.demo.codes() == [code]


@pytest.mark.parametrize("trouble", ["limited", "erring"])
def test_a_few_failed_calls_delay_a_message_and_lose_none(visitor: Visitor, trouble: str) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.open_case()
    visitor.arrive("#/julia/C0BUP")
    _switch(visitor, trouble, on=True)
    visitor.button(visitor.demo.bot_words("summons.received.do")).click()
    calls = _behind(visitor, "calls")
    expect(calls.get_by_text("429" if trouble == "limited" else "503").first).to_be_visible()
    page.get_by_role("button", name=words("time.hour"), exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Julia Lind bekräftade")


def test_an_outsider_sees_the_summons_and_gets_nothing_done(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.open_case()
    visitor.arrive()
    _switch(visitor, "outsider", on=True)
    visitor.be("eva")
    expect(page.get_by_role("main")).to_contain_text(words("room.shared"))
    visitor.button(visitor.demo.bot_words("summons.received.do")).click()
    expect(page.get_by_role("article").last).to_contain_text(words("room.only_you"))
    visitor.type("/sip")
    expect(page.get_by_role("alert").filter(has_text="/sip")).to_be_visible()
    rows = visitor.demo.world.bot.database.read(lambda reader: reader.journal.read(visitor.demo.codes()[0])).result(10)
    assert not any(row.entry.action == "summons.received" for row in rows)


def test_behind_the_scenes_each_request_shows_its_signature_and_each_call_its_check(visitor: Visitor) -> None:
    words = visitor.demo.words
    visitor.demo.open_case()
    visitor.demo.name_julia()
    visitor.arrive()
    requests = _behind(visitor, "requests")
    expect(requests.get_by_text("/sip ny").first).to_be_visible()
    signed = requests.get_by_text(words("behind.signed"), exact=True)
    expect(signed).to_have_count(len(visitor.demo.world.slack.dispatch.sent))
    requests.get_by_text("/sip ny").first.click()
    expect(requests.locator("details[open]").get_by_text("v0=")).to_be_visible()
    expect(_behind(visitor, "calls").get_by_text(words("behind.checked")).first).to_be_visible()
    expect(_behind(visitor, "outbox").get_by_text(words("letter.sent")).first).to_be_visible()
    visitor.shot("9-behind")


def test_what_is_pressed_while_the_page_comes_is_done_once_it_is_there(visitor: Visitor) -> None:
    """On a slow line the buttons are seen before the page has learned what they do."""
    page, words = visitor.page, visitor.demo.words

    def late(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route("**/api/screen*", late, times=1)
    page.goto(visitor.demo.url, wait_until="commit")
    page.get_by_role("button", name=words("tour.button"), exact=True).click()
    expect(page.locator("#tour-title")).to_have_text(words("tour.open.title"))


def test_a_page_that_came_before_its_demo_says_so_and_goes_on_by_itself(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    page.route("**/api/screen*", lambda route: route.abort())
    page.goto(visitor.demo.url, wait_until="commit")
    expect(page.locator("#notice")).to_contain_text(words("page.gone"))
    page.unroute("**/api/screen*")
    expect(page.get_by_role("heading", name="Anna Berg", exact=True)).to_be_visible()
    visitor.complaints.clear()  # the browser's own, of the line that was cut
