"""The diary of a region: what is to be done when, on days on which those who do it are at work."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias

from demo.memory.world import World

Act: TypeAlias = Callable[[], Awaitable[object]]


@dataclass(order=True, slots=True)
class Event:
    """Something that is done at an instant; of two at the same the first that was noted."""

    at: datetime
    number: int
    act: Act = field(compare=False)


class Diary:
    """What is to be done, the next first. `away` says from which day to which each is on leave."""

    def __init__(self, world: World, chance: Random) -> None:
        self._world = world
        self._chance = chance
        self._calendar = world.services.rules.calendar
        self._events: list[Event] = []
        self._numbers = itertools.count()
        self.away: dict[str, tuple[date, date]] = {}

    def at(self, day: date, hour: float, act: Act) -> None:
        """Do something on a day, at an hour (8.5 is half past eight)."""
        instant = self._calendar.at(day, time(0)) + timedelta(hours=hour)
        heapq.heappush(self._events, Event(instant, next(self._numbers), act))

    def later(self, who: str, days: float, act: Act) -> None:
        """Do something so many days from now, at work: not on a day off and not on leave."""
        day = self._world.now().date() + timedelta(max(0, round(days)))
        begins, ends = self.away.get(who, (date.max, date.max))
        if begins <= day < ends:
            day = ends
        day = self._calendar.on_or_after(day)
        hour = self._chance.uniform(8.5, 16.0)
        if day == self._world.now().date():
            hour = max(hour, self._world.now().hour + 1.0)
        self.at(day, hour, act)

    def is_away(self, who: str, day: date) -> bool:
        """Say whether somebody is on leave that day."""
        begins, ends = self.away.get(who, (date.max, date.max))
        return begins <= day < ends

    def next_until(self, instant: datetime) -> Event | None:
        """Take out the next that is to be done until an instant, if there is one."""
        return heapq.heappop(self._events) if self._events and self._events[0].at <= instant else None
