"""A form changes while it stands open: on a phone, with what was typed kept, and said aloud."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_form_asks_what_follows_from_an_answer_and_keeps_what_was_typed(visitor: Visitor) -> None:
    page, words, bot = visitor.page, visitor.demo.words, visitor.demo.bot_words
    page.set_viewport_size({"width": 390, "height": 844})
    visitor.arrive()
    page.get_by_role("button", name=words("tour.alone")).click()
    visitor.type(words("play.open"))
    form = visitor.form("case.open")
    asked = form.locator("[data-field]")
    reason = form.get_by_label(bot("open.denial_reason"))
    expect(form.get_by_label(bot("open.decision"), exact=True)).to_have_count(0)
    visitor.shot("open-form-1-start")
    form.get_by_label(bot("open.ongoing")).select_option("yes")
    expect(form.get_by_label(bot("open.decision"), exact=True)).to_be_visible()
    before = asked.count()
    expect(reason).to_have_count(0)

    form.get_by_role("group", name=bot("open.agencies")).get_by_label(words("agency.bup")).check()
    form.get_by_label(bot("open.decision"), exact=True).focus()
    form.get_by_label(bot("open.decision"), exact=True).select_option("deny")
    expect(reason).to_be_visible()
    assert asked.count() == before + 1
    expect(form.get_by_label(bot("open.decision"), exact=True)).to_be_focused()
    expect(form.get_by_role("group", name=bot("open.agencies")).get_by_label(words("agency.bup"))).to_be_checked()
    expect(page.locator("#announcer")).to_have_text(words("form.more.one"))
    visitor.shot("open-form-2-deny")

    reason.fill("Bara en verksamhet berörs")
    form.get_by_label(bot("open.noticed_by")).select_option("person")
    expect(form.get_by_role("group", name=bot("open.denial_certain"))).to_be_visible()
    expect(reason).to_have_value("Bara en verksamhet berörs")
    form.get_by_label(bot("open.decision"), exact=True).select_option("start")
    expect(reason).to_have_count(0)


def test_a_consent_asks_what_it_covers_once_it_is_given_and_the_example_fills_in_all_of_it(visitor: Visitor) -> None:
    page, demo, bot = visitor.page, visitor.demo, visitor.demo.bot_words
    page.set_viewport_size({"width": 390, "height": 844})
    demo.do(demo.person("anna").type(demo.words("play.open")))
    demo.fill_in("anna", "case.open")
    visitor.arrive()
    visitor.type(demo.words("play.consent", code=demo.codes()[0]))
    form = visitor.form("consent.record")
    parts = form.get_by_role("group", name=bot("consent.parts"))
    expect(parts).to_have_count(0)
    visitor.shot("open-form-3-consent")
    form.get_by_label(bot("consent.decision"), exact=True).select_option("given")
    expect(parts).to_be_visible()
    form.get_by_role("group", name=bot("consent.given_by")).get_by_label(bot("giver.child")).check()
    expect(form.get_by_role("group", name=bot("consent.child_judged"))).to_be_visible()
    visitor.shot("open-form-4-given")
    form.get_by_label(bot("consent.decision"), exact=True).select_option("refused")
    expect(parts).to_have_count(0)
    answer = visitor.fill_in_example("consent.record")
    expect(answer).to_contain_text(bot("consent.given.text"))
