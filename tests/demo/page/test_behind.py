"""Behind the scenes for an auditor: the journal in plain words, searched by case, person and day, its seals checked."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from demo.world.texts import LANGUAGES
from storage.audit import Fault
from tests.demo.page.conftest import Running, Visitor, told_demo, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CODE_WORD = re.compile(r"\b[a-z]+[._][a-z]+(?:[._:][a-z0-9]+)*\b|\+00:00|\bT\d\d:\d\d")


@pytest.fixture(scope="module", params=LANGUAGES)
def told(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Running]:
    with told_demo(tmp_path_factory.mktemp("told"), request.param) as made:
        made.do(made.person("anna").type(made.words("play.show", code=made.codes()[0])))
        yield made


@pytest.fixture(scope="module")
def auditor(told: Running, chromium: Browser, shots: Path) -> Iterator[Visitor]:
    with visiting(chromium, told, shots) as made:
        made.arrive("#/maria")
        made.page.locator("#behind-button").click()
        yield made


def _tab(auditor: Visitor, name: str) -> Locator:
    auditor.page.get_by_role("tab", name=auditor.demo.words(f"behind.{name}"), exact=True).click()
    auditor.rest()
    return auditor.page.locator(".ledger .rows")


@pytest.mark.parametrize("tab", ["journal", "reminders", "outbox"])
def test_no_code_word_and_no_time_of_elsewhere_stands_in_what_an_auditor_reads(auditor: Visitor, tab: str) -> None:
    rows = _tab(auditor, tab)
    expect(rows.locator("> li").first).to_be_visible()
    auditor.shot(f"behind-{tab}")
    read = "\n".join(rows.locator(".row-what, .row-who, .row-details").all_inner_texts())
    assert CODE_WORD.findall(re.sub(r"#\S+|\S+@\S+", "", read)) == []


def test_the_journal_is_searched_by_case_person_and_day(auditor: Visitor) -> None:
    page, words = auditor.page, auditor.demo.words
    rows = _tab(auditor, "journal").locator("> li:not(.row-day)")
    everything = rows.count()
    page.get_by_label(words("behind.look.who"), exact=True).select_option("Julia Lind")
    expect(rows).not_to_have_count(everything)
    assert all("Julia Lind" in text for text in rows.all_inner_texts())
    page.get_by_label(words("behind.look.who"), exact=True).select_option("")
    page.get_by_label(words("behind.look.day"), exact=True).select_option("2026-11-23")
    expect(page.locator(".rows > .row-day")).to_have_count(1)
    page.get_by_label(words("behind.look.day"), exact=True).select_option("")
    page.get_by_label(words("behind.look.code"), exact=True).select_option(auditor.demo.codes()[0])
    expect(page.locator(".ledger .counts")).to_contain_text("Anna Berg")
    page.get_by_label(words("behind.look.code"), exact=True).select_option("")
    expect(rows).to_have_count(everything)


def test_the_seals_are_checked_by_a_button_and_a_changed_row_is_named(auditor: Visitor) -> None:
    page, words, code = auditor.page, auditor.demo.words, auditor.demo.codes()[0]
    _tab(auditor, "journal")
    page.get_by_role("button", name=words("seal.check")).click()
    result = page.locator(".seal-result")
    expect(result).to_contain_text(words("seal.whole", when="", rows="", chains="").split(":")[1].split(".")[0].strip())
    with closing(sqlite3.connect(auditor.demo.world.folder / "sipbot.db")) as database, database:
        database.execute("PRAGMA busy_timeout = 5000")
        for (trigger,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute("UPDATE journal SET agency = 'fk' WHERE code = ? AND seq = 2", (code,))
    page.get_by_role("button", name=words("seal.check")).click()
    expect(result).to_contain_text(words("seal.changed", code=code, row=2))


def test_what_is_said_on_matrix_stands_among_the_calls_and_its_server_reads_nothing_of_it(auditor: Visitor) -> None:
    words, code = auditor.demo.words, auditor.demo.codes()[0]
    auditor.page.get_by_role("tab", name=words("behind.calls"), exact=True).click()
    sealed = auditor.page.locator(".entries details").filter(has_text="m.room.message").last
    sealed.locator("summary").click()
    seen, read = sealed.locator("pre").all_inner_texts()
    assert (code in seen, code in read) == (False, True)
    assert "m.room.encrypted" in seen
    expect(sealed.get_by_text(words("behind.sealed"), exact=True)).to_be_visible()
    for width, name in ((390, "phone"), (1280, "desk")):
        auditor.page.set_viewport_size({"width": width, "height": 900})
        sealed.scroll_into_view_if_needed()
        assert auditor.page.evaluate("document.documentElement.scrollWidth") <= width
        auditor.shot(f"behind-matrix-{name}")
    sign = auditor.page.locator(".entries details").filter(has_text="m.reaction").first
    expect(sign.get_by_text(words("behind.clear"), exact=True)).to_be_visible()


def test_every_fault_that_the_audit_knows_has_its_words(told: Running) -> None:
    assert {f"seal.{fault.value}" for fault in Fault} - set(told.words.held) == set()
