"""Invites in the page: as a card, in the calendar, and answered by mail as a calendar program does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("answer, key", [("ACCEPTED", "attendee.accepted"), ("DECLINED", "attendee.declined")])
def test_an_answer_from_the_calendar_stands_on_the_board(visitor: Visitor, answer: str, key: str) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.open_case()
    visitor.demo.name_julia()
    visitor.arrive("#/julia/mail")
    page.get_by_role("group", name=words("mail.reply")).get_by_role(
        "button", name=words(f"mail.reply.{answer}")
    ).click()
    expect(page.get_by_text(words(f"mail.replied.{answer}"))).to_be_visible()
    visitor.be("anna")
    name = visitor.demo.bot_words(key, name="Julia Lind")
    expect(page.get_by_role("main")).to_contain_text(name)


def test_a_withdrawn_consent_takes_the_meeting_out_of_the_calendar(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    code = visitor.demo.open_case()
    visitor.demo.name_julia()
    visitor.demo.do(visitor.demo.person("anna").type(f"/sip återta {code}"))
    visitor.demo.fill_in("anna", "consent.withdraw")
    visitor.arrive("#/julia/mail")
    expect(page.get_by_role("region", name=words("mail.invite"), exact=True)).to_contain_text(
        words("mail.kind.cancelled")
    )
    visitor.go("julia", "calendar")
    page.get_by_role("button", name=words("calendar.after")).click()
    expect(page.get_by_text(words("calendar.none"))).to_be_visible()


def test_mails_to_people_without_an_account_are_found_too(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.open_case()
    visitor.demo.name_julia()
    visitor.arrive("#/anna/mail")
    expect(page.get_by_role("heading", name=words("mail.others"))).to_be_visible()
    page.locator(".mail-line").last.click()  # before it stands the coordinator's own
    expect(page.get_by_text("kim.ask@exempel.invalid").first).to_be_visible()
