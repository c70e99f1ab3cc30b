"""What each person sees, what others do not, and how forms and the line to type in behave."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from demo.world.people import PEOPLE
from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_each_of_the_people_on_slack_has_a_view_of_their_own(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    code = visitor.demo.open_case()
    visitor.arrive()
    seen: dict[str, set[str]] = {}
    for _, name, real_name, _ in (person for person in PEOPLE if person[0].startswith("U")):
        visitor.be(name)
        expect(page).to_have_title(f"{real_name} · {words('page.title')}")
        places = page.get_by_role("navigation", name=real_name)
        for place in ("home", "direct", "mail", "calendar"):
            expect(places.get_by_role("link", name=words(f"place.{place}"))).to_be_visible()
        channels = [link.inner_text() for link in places.locator("a[data-place^=C0]").all()]
        seen[name] = set()
        for channel in channels:
            link = places.get_by_role("link", name=channel.split("\n")[0])
            link.click()
            expect(link).to_have_attribute("aria-current", "page")
            visitor.rest()
            if code in page.get_by_role("main").inner_text():
                seen[name].add(channel.split("\n")[0])
        expect(page.locator(".unknown")).to_have_count(0)
    summoned = {name: {words(f"channel.{channel}")} for name, channel in _OWN_CHANNELS.items()}
    assert {name: places for name, places in seen.items() if places and name != "maria"} == summoned
    assert seen["ove"] == set()


_OWN_CHANNELS = {"julia": "C0BUP", "omar": "C0SKOLA"}


def test_the_home_tab_shows_own_cases_and_what_the_agency_owes(visitor: Visitor) -> None:
    code = visitor.demo.open_case()
    visitor.arrive("#/anna/home")
    main = visitor.page.get_by_role("main")
    expect(main).to_contain_text(code)
    visitor.go("omar", "home")
    expect(main).to_contain_text(code)
    main.get_by_role("button", name=visitor.demo.bot_words("step.answer.do")).click()
    visitor.rest()
    visitor.go("pia", "home")
    expect(main).to_contain_text(visitor.demo.bot_words("home.title"))
    expect(main).not_to_contain_text(code)


def test_one_without_rights_learns_nothing(visitor: Visitor) -> None:
    code = visitor.demo.open_case()
    visitor.arrive("#/ove")
    visitor.type(f"/sip visa {code}")
    answer = visitor.page.get_by_role("article").last
    expect(answer).to_contain_text(visitor.demo.words("room.only_you"))
    expect(answer).not_to_contain_text("Anna")


def test_unread_messages_are_counted_for_each_person_until_they_are_looked_at(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.demo.open_case()
    omar = visitor.page.get_by_role("button", name="Omar Holm")
    expect(omar).to_contain_text(visitor.demo.words("unread.one"))
    visitor.be("omar")
    visitor.page.get_by_role("link", name="ekskolan").click()
    expect(omar).not_to_contain_text(visitor.demo.words("unread.one"))


def test_an_empty_form_is_sent_back_with_errors_at_its_fields_and_the_focus_on_the_first(visitor: Visitor) -> None:
    words = visitor.demo.words
    visitor.arrive()
    visitor.type("/sip ny")
    dialog = visitor.form("case.open")
    dialog.locator("button[type=submit]").click()
    field = dialog.get_by_label(visitor.demo.bot_words("open.noticed_by"))
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(words("client.required"))
    visitor.shot("8-errors")


def test_what_the_bot_refuses_stands_at_its_field_and_what_was_filled_in_stays(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.type("/sip ny")
    dialog = visitor.form("case.open")
    dialog.get_by_role("button", name=visitor.demo.words("form.example")).click()
    visitor.rest()
    dialog.get_by_role("checkbox", name=visitor.demo.bot_words("open.more.record_ref")).check()
    reference = dialog.get_by_role("textbox", name=visitor.demo.bot_words("open.record_ref"))
    reference.fill("191212121212")
    dialog.locator("button[type=submit]").click()
    expect(reference).to_be_focused()
    expect(dialog.locator(".field.wrong .error")).to_have_count(1)
    expect(reference).to_have_value("191212121212")
    assert visitor.demo.codes() == []


def test_escape_closes_a_form_and_gives_the_focus_back(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.type("/sip ny")
    visitor.form("case.open")
    visitor.close()
    expect(visitor.page.get_by_role("combobox")).to_be_focused()
    # The page shows it at once, and tells the workspace.
    demo, anna = visitor.demo, visitor.demo.person("anna")
    demo.do(demo.world.slack.until(lambda: anna.view is None))


def test_the_line_suggests_commands_and_codes_while_one_types(visitor: Visitor) -> None:
    code = visitor.demo.open_case()
    visitor.arrive()
    box = visitor.page.get_by_role("combobox")
    box.fill("/sip åt")
    options = visitor.page.get_by_role("option")
    expect(options).to_have_count(1)
    box.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("Enter")
    expect(box).to_have_value("/sip återta ")
    expect(options).to_have_text([f"/sip återta {code}: {visitor.demo.words('slash.code')}"])
    box.press("Escape")
    expect(options).to_have_count(0)


def test_the_language_and_a_fresh_start_are_asked_about_before_anything_is_lost(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.demo.open_case()
    visitor.arrive()
    page.get_by_role("button", name=words("settings.title")).click()
    page.get_by_label("English").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(words("question.language"))
    question.get_by_role("button", name=words("question.no")).click()
    assert len(visitor.demo.codes()) == 1
    page.get_by_role("button", name=words("settings.title")).click()
    page.get_by_role("button", name=words("settings.restart")).click()
    question.get_by_role("button", name=words("question.restart_yes"), exact=True).click()
    expect(page.get_by_role("button", name=words("tour.start"))).to_be_visible()
    assert visitor.demo.codes() == []


def test_english_is_one_choice_away(visitor: Visitor) -> None:
    page = visitor.page
    visitor.arrive()
    page.get_by_role("button", name=visitor.demo.words("settings.title")).click()
    page.get_by_label("English").click()
    expect(page.get_by_role("button", name="Take the tour")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_link_to_a_place_that_is_gone_leads_to_one_that_is_there(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.arrive("#/julia/D000000099")
    expect(page.locator(".place[aria-current]")).to_have_count(1)
    expect(page.get_by_text(words("empty.nowhere"))).to_be_hidden()


def test_the_choice_of_light_or_dark_is_kept(visitor: Visitor) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.arrive()
    page.get_by_role("button", name=words("settings.title")).click()
    page.get_by_label(words("settings.dark")).check()
    visitor.arrive()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_whoever_goes_on_before_the_answer_has_come_lands_where_they_went(visitor: Visitor) -> None:
    """The answer to where one was must not lead away from where one is: it came late on a slow machine."""
    visitor.demo.open_case()
    visitor.arrive("#/anna/home")
    page = visitor.page
    page.evaluate(
        """() => {
          const asked = window.fetch;
          window.fetch = async (path, ...rest) => {
            const answer = await asked(path, ...rest);
            if (path.includes('person=omar') && path.endsWith('place=')) {
              window.fetch = asked;
              location.hash = '#/maria/C0BUP';
              await new Promise(done => setTimeout(done, 200));
            }
            return answer;
          };
        }"""
    )
    page.locator("[data-person=omar]").click()
    visitor.rest()
    expect(page.locator(".place[aria-current]")).to_have_attribute("href", "#/maria/C0BUP")
    expect(page).to_have_url(re.compile("#/maria/C0BUP$"))
