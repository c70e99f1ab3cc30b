"""The scene of the year: the region as it is today, its bot, its people and what they have in their diaries."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random

from bench.year.acting import Actors
from bench.year.diary import Diary
from bench.year.region import Region
from demo.memory.world import World
from demo.world.clockwork import codes_of_all
from domain.case import Case
from domain.days import WorkCalendar
from domain.directory import Directory, Staff
from storage.transaction import Reader


@dataclass(slots=True)
class Scene:
    """What all who act share. `directory` is today's: people leave."""

    world: World
    region: Region
    directory: Directory
    chance: Random
    actors: Actors
    diary: Diary

    @property
    def calendar(self) -> WorkCalendar:
        """The region's working days."""
        return self.world.services.rules.calendar

    async def case(self, code: str) -> Case | None:
        """Return a case as it stands, unless it was denied."""
        found = await asyncio.wrap_future(self.world.database.read(lambda reader: _case(reader, code)))
        return found if found is not None and found.denial is None else None

    async def codes(self) -> tuple[str, ...]:
        """Return the codes of all cases."""
        return await asyncio.wrap_future(self.world.database.read(codes_of_all))

    def colleague(self, who: str) -> str:
        """Return somebody, or a coordinator of the same unit when they have left."""
        if who in self.directory.staff:
            return who
        unit = self.region.directory.staff[who].agency
        return next(person.id for person in self.directory.staff_of(unit) if person.coordinator)

    def staff_of(self, agency: str) -> tuple[Staff, ...]:
        """Return who works at an agency today; nobody when it is none of the directory's."""
        return tuple(self.directory.staff_of(agency)) if agency in self.directory.agencies else ()


def _case(reader: Reader, code: str) -> Case | None:
    return reader.cases.get(code) if reader.cases.exists(code) else None
