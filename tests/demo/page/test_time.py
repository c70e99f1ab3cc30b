"""Time travel in the page: over Christmas nobody is reminded, and afterwards everything comes in its order."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def _nag_days(visitor: Visitor) -> list[datetime]:
    world = visitor.demo.world
    rows = world.bot.database.read(lambda reader: reader.journal.read(visitor.demo.codes()[0])).result(10)
    return [row.at.astimezone(world.zone) for row in rows if row.entry.action == "reminder.sent"]


def test_the_bot_reminds_before_christmas_keeps_quiet_on_days_off_and_goes_on_afterwards(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.do(visitor.demo.person("anna").type("/sip ny"))
    visitor.demo.fill_in("anna", "case.open")
    visitor.arrive()
    page.get_by_role("button", name=words("time.jump")).click()
    page.get_by_role("button", name=words("time.christmas"), exact=True).click()
    expect(page.locator("#now-day")).to_contain_text("24 december 2026", timeout=30_000)
    before = len(_nag_days(visitor))
    assert before > 0
    page.get_by_role("button", name=words("time.working_day"), exact=True).click()
    expect(page.locator("#now-day")).to_contain_text("28 december 2026", timeout=30_000)
    page.get_by_role("button", name=words("time.day"), exact=True).click()
    expect(page.locator("#now-day")).to_contain_text("29 december 2026", timeout=30_000)
    visitor.rest()
    days = _nag_days(visitor)
    calendar = visitor.demo.world.calendar
    assert all(calendar.is_working_day(day.date()) for day in days)
    assert all(first <= then for first, then in pairwise(days))


def test_after_time_has_passed_the_page_says_who_has_something_new(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.open_case()
    visitor.arrive()
    for _ in range(2):
        page.get_by_role("button", name=words("time.working_day"), exact=True).click()
        visitor.rest()
    expect(page.get_by_role("status")).to_contain_text("Omar")


def test_a_day_in_the_past_is_refused_at_its_field(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.arrive()
    page.get_by_role("button", name=words("time.jump")).click()
    page.get_by_label(words("time.to_day")).fill("2026-11-01")
    page.get_by_role("button", name=words("time.go"), exact=True).click()
    expect(page.get_by_text(words("time.only_ahead"))).to_be_visible()
    page.get_by_label(words("time.to_day")).fill((visitor.demo.world.now() + timedelta(days=3)).date().isoformat())
    page.get_by_role("button", name=words("time.go"), exact=True).click()
    expect(page.locator("#now-time")).to_have_text("08.00")


def test_holidays_stand_in_the_calendar_by_name(visitor: Visitor) -> None:
    visitor.arrive("#/anna/calendar/2026-12")
    table = visitor.page.get_by_role("table")
    expect(table).to_contain_text("Julafton")
    visitor.page.get_by_role("button", name=visitor.demo.words("calendar.after")).click()
    expect(table).to_contain_text("Trettondedag jul")
