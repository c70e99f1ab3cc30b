"""The demo's world: time passes in order, nothing is skipped, and its examples fit the bot's forms."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from demo.slack.people.person import Person
from demo.world.clockwork import codes_of_all
from demo.world.examples import example, work_through
from demo.world.holidays import Feast, first_day, holidays_of
from demo.world.people import PEOPLE, demo_directory
from demo.world.texts import Language, texts
from demo.world.world import World, open_world
from storage.transaction import Reader

T = TypeVar("T")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as opened:
        yield opened


async def fill_in(world: World, person: Person, form: str) -> None:
    await world.slack.until(lambda: person.view is not None and person.view.callback_id == form)
    view = person.view
    assert view is not None
    today, calendar, words = world.now().date(), world.calendar, world.words
    values = await work_through(person, lambda view: example(view, person.user.id, today, calendar, words))
    outcome = await person.submit(values)
    assert outcome.ok, outcome.errors
    if person.view is not None:
        await person.cancel()
    await world.settle()


async def opened_case(world: World) -> str:
    anna = world.slack.person("anna")
    await anna.type("/sip ny")
    await fill_in(world, anna, "case.open")
    return (await read(world, codes_of_all))[0]


async def read(world: World, question: Callable[[Reader], T]) -> T:
    return await asyncio.wrap_future(world.bot.database.read(question))


async def test_reminders_fall_due_at_their_own_moments_however_far_the_clock_is_moved(world: World) -> None:
    code = await opened_case(world)
    await world.move_to(world.clock.now() + timedelta(days=40))
    rows = [row for row in await read(world, lambda r: r.journal.read(code)) if row.entry.action == "reminder.sent"]
    moments = [row.at.astimezone(world.zone) for row in rows]
    assert len(moments) >= 4
    assert all(first <= then for first, then in pairwise(moments))
    assert all(world.calendar.is_working_day(moment.date()) for moment in moments)
    assert len({moment.date() for moment in moments}) > 3
    missed = [row for row in await read(world, lambda r: r.journal.read(code)) if "missed" in row.entry.action]
    assert missed == []


async def test_moving_step_by_step_and_at_once_come_to_the_same(world: World) -> None:
    async def story(of: World, *, at_once: bool) -> list[tuple[str, str]]:
        code = await opened_case(of)
        end = of.clock.now() + timedelta(days=30)
        while of.clock.now() < end:
            await of.move_to(end if at_once else min(end, of.clock.now() + timedelta(hours=7)))
        rows = await read(of, lambda r: r.journal.read(code))
        return [(f"{row.at:%Y-%m-%d %H:%M}", row.entry.action) for row in rows if row.entry.action == "reminder.sent"]

    slowly = await story(world, at_once=False)
    async with open_world() as other:
        assert await story(other, at_once=True) == slowly


async def test_letters_that_cannot_go_out_do_not_hold_up_the_time(world: World) -> None:
    await opened_case(world)
    world.troubles.be_out(on=True)
    await world.slack.person("anna").open_home()
    await world.move_to(world.clock.now() + timedelta(hours=12))
    assert (await read(world, lambda r: r.outbox.counts())).waiting > 0
    world.troubles.be_out(on=False)
    await world.move_to(world.clock.now() + timedelta(hours=2))
    counts = await read(world, lambda r: r.outbox.counts())
    assert (counts.waiting, counts.dead) == (0, 0)


async def test_the_folder_of_a_world_that_is_not_kept_goes_with_it() -> None:
    async with open_world() as opened:
        folder = opened.folder
        assert (folder / "key").stat().st_mode & 0o077 == 0
    assert not folder.exists()


@pytest.mark.parametrize(
    "feast, day",
    [("christmas", date(2026, 12, 24)), ("easter", date(2027, 3, 26)), ("midsummer", date(2027, 6, 25))],
)
def test_the_next_feast_is_found_from_any_day(feast: Feast, day: date) -> None:
    assert first_day(feast, date(2026, 11, 23)) == day


def test_on_the_feast_itself_the_next_one_is_meant() -> None:
    assert first_day("christmas", date(2026, 12, 24)) == date(2027, 12, 24)


def test_holidays_have_names_in_both_languages_and_ordinary_sundays_have_none() -> None:
    assert holidays_of(2026, "sv")[date(2026, 12, 24)] == "Julafton"
    assert holidays_of(2026, "en")[date(2026, 12, 24)] == "Christmas Eve"
    assert date(2026, 11, 29) not in holidays_of(2026, "sv")


@pytest.mark.parametrize("language, unit", [("sv", "Enhet "), ("en", "Unit ")])
def test_agencies_and_titles_are_called_what_they_are_in_the_language(language: Language, unit: str) -> None:
    words = texts(language)
    found = demo_directory(words)
    assert all(agency.alias.startswith(unit) for agency in found.agencies.values())
    assert found.agencies["bup"].name == words("agency.bup")
    assert {staff.title for staff in found.staff.values()} <= {words(f"title.{name}") for _, name, *_ in PEOPLE}
