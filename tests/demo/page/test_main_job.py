"""The main job as a person does it, by role and label, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

both_languages = pytest.mark.parametrize("language", ["sv", "en"], indirect=True)


@both_languages
def test_a_case_goes_from_its_opening_to_the_reminder_of_the_one_who_does_not_answer(  # noqa: PLR0915 - one story
    visitor: Visitor,
) -> None:
    page, words, bot = visitor.page, visitor.demo.words, visitor.demo.bot_words
    visitor.arrive()
    visitor.shot("1-welcome")
    page.get_by_role("button", name=words("tour.alone")).click()

    visitor.type(words("play.open"))
    form = visitor.form("case.open")
    form.get_by_label(bot("open.noticed_by")).select_option("staff")
    form.get_by_label(bot("open.age_band")).select_option("child")
    form.get_by_label(bot("open.ongoing")).select_option("yes")
    agencies = form.get_by_role("group", name=bot("open.agencies"))
    for agency in ("bup", "skola", "fk"):
        agencies.get_by_label(words(f"agency.{agency}")).check()
    visitor.shot("2-form")
    form.locator("button[type=submit]").click()
    answer = visitor.form("sip.closed")
    code = visitor.demo.codes()[0]
    expect(answer).to_contain_text(code)

    answer.get_by_role("button", name=bot("step.consent.do")).click()
    answer = visitor.fill_in_example("consent.record")
    answer.get_by_role("button", name=bot("step.summon.do")).click()
    answer = visitor.fill_in_example("meeting.summon")
    expect(answer).to_contain_text(words("agency.bup"))
    visitor.close()
    board = page.get_by_role("article").filter(has_text=code).last
    expect(board).to_contain_text(bot("state.summoned"))
    expect(board).to_contain_text(words("room.edited"))
    visitor.shot("3-board")

    visitor.be("julia")
    page.get_by_role("link", name=words("channel.C0BUP")).click()
    visitor.button(bot("summons.received.do")).click()
    expect(page.get_by_text(words("room.only_you"))).to_be_visible()
    visitor.shot("4-summons")
    visitor.button(bot("summons.name.do")).click()
    visitor.fill_in_example("summons.name")
    visitor.close()
    expect(page.get_by_role("link", name="mote.ics")).to_be_visible()

    page.get_by_role("link", name=words("place.mail")).click()
    invite = page.get_by_role("region", name=words("mail.invite"), exact=True)
    expect(invite).to_contain_text(code)
    visitor.shot("5-mail")
    page.get_by_text(words("mail.source"), exact=True).click()
    expect(page.get_by_text("BEGIN:VCALENDAR").or_(page.get_by_text("text/calendar")).first).to_be_visible()
    invite.get_by_role("link", name=words("mail.show_calendar")).click()
    expect(page.get_by_role("table")).to_contain_text(code)
    visitor.shot("6-calendar")

    for _ in range(2):
        page.get_by_role("button", name=words("time.working_day"), exact=True).first.click()
        expect(page.locator("body")).not_to_have_class("moving")
        visitor.rest()
    visitor.be("omar")
    page.get_by_role("link", name=words("channel.C0SKOLA")).click()
    expect(page.get_by_role("article").last).to_contain_text(code)
    expect(page.get_by_role("button", name=bot("reminders.snooze.do"))).to_be_visible()
    visitor.shot("7-reminder")
