"""A case that cannot be drawn is named in its reader's list, and keeps no other one from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import bindparam, update

from domain.lapse import LapseKind
from handlers.screens import case_lists, reminder_list
from handlers.steps import calendar_feed
from handlers.steps.matters import deviation
from storage.schema.tables import case_
from storage.sql.statement import Statement
from tests.handlers import town
from tests.handlers.letters.test_auditor import runs, with_an_administrator
from tests.handlers.story import Story, plain

REFERENCE = re.compile(r"\b[0-9A-F]{6}\b")


@contextmanager
def faulty(code: str, module: Any, name: str, of: Callable[..., str]) -> Iterator[None]:
    """Let a function meet an unforeseen error with one case."""
    whole = getattr(module, name)

    def fall(*given: Any, **named: Any) -> Any:
        if of(*given) == code:
            raise KeyError("hemlig berättelse")
        return whole(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, fall)
        yield


def first(case: Any, *_: Any) -> str:
    return str(case.code)


def second(_: Any, case: Any, *__: Any) -> str:
    return str(case.code)


def third(_: Any, __: Any, case: Any, *___: Any) -> str:
    return str(getattr(case, "code", case))


async def two_cases(story: Story) -> tuple[str, str]:
    """Have two cases of Anna's that both wait for Bup: one that cannot be drawn, and another."""
    for _ in range(2):
        await story.summoned(agencies=["bup"])
    await with_an_administrator(story)
    wrong, right = story.codes
    return wrong, right


def names_it(shown: str, wrong: str, caplog: pytest.LogCaptureFixture) -> bool:
    """Say whether a list names a case by its code and a reference that the log has too, and nothing of the error."""
    logged = [record.__dict__ for record in caplog.records if record.__dict__.get("reference")]
    assert "hemlig" not in f"{shown}{logged}"
    (line,) = (line for line in shown.splitlines() if "kan inte visas" in line)
    return wrong in line and any(REFERENCE.findall(line)[-1:] == [words["reference"]] for words in logged)


@pytest.mark.parametrize("word", ["", "lista"])
async def test_a_list_of_ones_own(story: Story, word: str, caplog: pytest.LogCaptureFixture) -> None:
    wrong, right = await two_cases(story)
    with faulty(wrong, case_lists, "line", third):
        await story.command(story.anna, word)
    shown = story.whispered(story.anna)
    assert right in shown
    assert names_it(shown, wrong, caplog)


async def test_the_home_page(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    wrong, right = await two_cases(story)
    for who, name, of in ((story.anna, "line", third), (story.sven, "_owed", second)):
        with faulty(wrong, case_lists, name, of):
            await who.open_home()
            await story.settle()
        assert who.home is not None
        shown = plain(who.home.blocks)
        assert right in shown
        assert names_it(shown, wrong, caplog)


async def test_what_a_manager_is_to_know(story: Story) -> None:
    """A page that only counts such cases counts the others."""
    wrong, _ = await two_cases(story)
    await story.until("2026-12-01 12:00")
    for left_out, count in (("", 2), (wrong, 1)):
        with faulty(left_out, reminder_list, "deadlines", first):
            await story.command(story.birgit, "lista")
        assert story.says("list.managed", count=count) in story.whispered(story.birgit)


async def test_a_state_that_somebody_wrote_beside_the_case(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    """What stands in the clear is bound to nothing; one word of it silenced all lists of the one responsible."""
    wrong, right = await two_cases(story)
    change = update(case_).values(state="nonsens", urgent_at=2**62).where(case_.c.code == bindparam("wrong"))
    await runs(story, Statement(change), wrong=wrong)
    for word in ("lista", "bedöm"):  # the second asks to choose a case
        await story.command(story.anna, word)
        shown = story.whispered(story.anna)
        assert right in shown
        assert names_it(shown, wrong, caplog)


async def test_the_deviations_of_a_unit(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    wrong, right = await two_cases(story)
    for code in (wrong, right):
        assert not (await story.fill(story.anna, "avvikelse", {"fault": "absence", "agency": "bup"}, {}, code)).errors
    with faulty(wrong, deviation, "deviations_to_answer", second):
        await story.command(story.sven, "avvikelse")
    shown = story.whispered(story.sven)
    assert right in shown
    assert names_it(shown, wrong, caplog)


@pytest.mark.parametrize("name, of", [("deadlines", first), ("is_for", second), ("was_shown", third)])
async def test_the_morning_list_has_the_others(
    story: Story, name: str, of: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    """Whether a channel may still know of a case cannot be told while it cannot be drawn, so it is not named there."""
    wrong, right = await two_cases(story)
    with faulty(wrong, reminder_list, name, of):
        await story.until("2026-11-26 12:00")
    shown = plain(story.messages("bup")[-1].blocks)
    assert right in shown
    assert wrong not in shown
    assert any(record.__dict__.get("code") == wrong for record in caplog.records)


async def test_the_feed_of_a_calendar(story: Story) -> None:
    wrong, right = await two_cases(story)
    await story.writing(lambda tx: tx.feeds.give(town.BY_NAME["anna"].id, "secret"))
    for left_out, codes in (("", {wrong, right}), (wrong, {right})):
        with faulty(left_out, calendar_feed, "feed_entries", first):
            feed = await story.reading(lambda reader: calendar_feed.read(story.bot.services, reader, "secret"))
        assert feed is not None
        assert set(feed.codes) == codes


async def test_the_auditor_names_it_and_looks_at_the_others(story: Story) -> None:
    wrong, _ = await two_cases(story)
    assert await story.lapses() == []
    with faulty(wrong, case_lists, "line", third):
        assert [(lapse.kind, lapse.code) for lapse in await story.lapses()] == [(LapseKind.UNDRAWN, wrong)]


async def test_the_morning_list_of_somebody_who_may_see_it_names_it(
    story: Story, caplog: pytest.LogCaptureFixture
) -> None:
    wrong, right = await two_cases(story)
    with faulty(wrong, reminder_list, "was_shown", third):
        await story.until("2026-12-10 12:00")
    shown = plain(story.messages("anna")[-1].blocks)
    assert right in shown
    assert names_it(shown, wrong, caplog)
