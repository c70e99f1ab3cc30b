"""The second look: somebody on Matrix answers in a room what was called in Slack, and both show the same."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOM, ALONE = "!fk:fk.exempel.invalid", "!leif:fk.exempel.invalid"


def _says(visitor: Visitor, summons: Locator, line: str) -> None:
    """Write in the thread of a message; the line is empty again once it was said."""
    box = summons.get_by_role("textbox", name=visitor.demo.words("matrix.answer"))
    box.fill(line)
    box.press("Enter")
    visitor.rest()
    expect(summons.get_by_role("textbox", name=visitor.demo.words("matrix.answer"))).to_be_focused()


def test_a_summons_is_answered_by_a_sign_and_words_in_its_thread_and_the_board_in_slack_shows_it(
    visitor: Visitor,
) -> None:
    page, words, bot = visitor.page, visitor.demo.words, visitor.demo.bot_words
    code = visitor.demo.open_case()
    visitor.arrive("#/anna")
    expect(page.locator("body")).to_have_attribute("data-look", "slack")
    visitor.be("leif")
    expect(page.locator("body")).to_have_attribute("data-look", "matrix")
    expect(page.get_by_role("main").get_by_text(words("matrix.name"), exact=True)).to_be_visible()
    summons = page.locator(".message").filter(has_text=code)
    expect(summons.locator(".lock").first).to_be_visible()
    sign = summons.locator("[data-sign='❌']")
    expect(sign).to_have_attribute("aria-pressed", "false")
    sign.press("Enter")
    expect(sign).to_have_attribute("aria-pressed", "true")
    expect(sign).to_be_focused()
    expect(summons.locator(".reply")).to_have_count(1)
    expect(page.locator("#announcer")).to_contain_text(bot("matrix.open_thread", label=bot("summons.decline.do")))
    for line in ("ja", "tillbaka", "4", "ja"):
        _says(visitor, summons, line)
    expect(summons.locator(".reply").last).to_contain_text(bot("answer.declined.title", code=code))
    expect(summons.get_by_role("article").first).to_contain_text(words("room.edited"))
    visitor.shot("matrix-answered")
    visitor.go("anna", visitor.demo.person("anna").channel().id)
    expect(page.get_by_role("article").first).to_contain_text(words("agency.fk"))
    expect(page.get_by_role("article").first).to_contain_text(bot("standing.declined"))


def test_alone_with_the_bot_commands_begin_otherwise_and_the_own_list_is_pinned(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    code = visitor.demo.open_case()
    visitor.arrive(f"#/leif/{ALONE}")
    box = page.get_by_role("combobox")
    box.fill("!sip vi")
    expect(page.get_by_role("option").first).to_contain_text("!sip visa")
    visitor.type("!sip")
    pinned = page.locator(".pinned")
    pinned.get_by_text(words("matrix.pinned")).click()
    expect(pinned).to_contain_text(code)
    visitor.shot("matrix-pinned")
