"""axe finds nothing on any view, light and dark, wide and narrow; and a keyboard reaches everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.demo.page.conftest import Running, Visitor, told_demo, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VIEWS = (
    "anna",
    "anna/home",
    "anna/C0ALLA",
    "julia/C0BUP",
    "omar/C0SKOLA",
    "julia/mail",
    "julia/calendar",
    "ove",
    "maria",
    "leif/!fk:fk.exempel.invalid",
    "leif/!leif:fk.exempel.invalid",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demo in which a good deal has happened already, and somebody has asked for figures."""
    with told_demo(tmp_path_factory.mktemp("told")) as made:
        made.do(made.person("maria").type(made.words("play.statistics")))
        made.do(made.world.settle())
        yield made


def _wear(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.wait_for_timeout(300)  # colours change over a tenth of a second


def _faults(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_view(
    told: Running, chromium: Browser, axe: str, shots: Path, width: int, theme: str
) -> None:
    with visiting(chromium, told, shots, width, 844) as visitor:
        visitor.arrive("#/anna")
        _wear(visitor.page, theme)
        found = {"welcome": _faults(visitor.page, axe)}
        for view in VIEWS:
            person, _, place = view.partition("/")
            if place:
                visitor.go(person, place)
            else:
                visitor.be(person)
            visitor.rest()
            visitor.shot(f"axe-{theme}-{width}-{view.replace('/', '-')}")
            found[view] = _faults(visitor.page, axe)
        assert {view: faults for view, faults in found.items() if faults} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_forms_answers_errors_panels_and_questions(visitor: Visitor, axe: str, theme: str) -> None:
    page, words = visitor.page, visitor.demo.words
    visitor.arrive()
    _wear(page, theme)
    page.get_by_role("button", name=words("tour.start")).click()
    found = {"tour": _faults(page, axe)}
    visitor.page.get_by_role("combobox").fill("/sip ")
    found["suggestions"] = _faults(page, axe)
    visitor.type("/sip ny")
    form = visitor.form("case.open")
    found["form"] = _faults(page, axe)
    form.locator("button[type=submit]").click()
    form.locator(".error:visible").first.wait_for()
    found["errors"] = _faults(page, axe)
    visitor.fill_in_example("case.open")
    found["answer"] = _faults(page, axe)
    visitor.close()
    page.get_by_role("button", name=words("behind.title"), exact=True).click()
    for tab in ("journal", "reminders", "outbox", "requests", "calls", "troubles"):
        page.get_by_role("tab", name=words(f"behind.{tab}"), exact=True).click()
        visitor.rest()
        found[tab] = _faults(page, axe)
    page.get_by_role("button", name=words("time.jump")).click()
    found["time"] = _faults(page, axe)
    page.keyboard.press("Escape")
    page.get_by_role("button", name=words("settings.title")).click()
    found["settings"] = _faults(page, axe)
    page.get_by_role("button", name=words("settings.restart")).click()
    found["question"] = _faults(page, axe)
    assert {view: faults for view, faults in found.items() if faults} == {}


def test_a_keyboard_alone_opens_a_case(visitor: Visitor) -> None:
    page = visitor.page
    visitor.arrive()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=visitor.demo.words("page.skip"))).to_be_focused()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "line":
            break
    page.keyboard.type("/sip n")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    visitor.form("case.open")
    assert page.evaluate("document.getElementById('form').contains(document.activeElement)")
