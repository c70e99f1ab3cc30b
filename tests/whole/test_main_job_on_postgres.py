"""The main job on PostgreSQL: the same stories that the handlers' tests tell on SQLite."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sipbot.bot.slack import carrier
from sipbot.storage.schema import migrate
from tests.handlers import disclosure, test_main_job, test_twice, test_withdrawal
from tests.handlers.story import Story
from tests.whole.lives import living

pytestmark = [pytest.mark.postgres, pytest.mark.slow]

STORIES: tuple[Callable[[Story], Awaitable[None]], ...] = (
    test_main_job.test_a_case_from_the_first_notice_to_its_end,
    test_twice.test_a_double_click_is_one_receipt,
    test_twice.test_the_same_form_sent_twice_at_once_opens_one_case,
    test_twice.test_answers_at_the_very_same_moment_leave_one_of_them,
    test_withdrawal.test_every_concerned_agency_is_told_now_also_at_night,
)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.removeprefix("test_"))
async def test_the_same_story(
    story: Callable[[Story], Awaitable[None]], postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier, "_RATE", 1_000_000.0)
    migrate(postgres_url)
    async with living(tmp_path, postgres_url) as life:
        await story(life)
        await life.calm()
        disclosure.check(life, [await life.case(code) for code in life.codes])
