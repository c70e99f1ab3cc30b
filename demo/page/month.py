"""One month as the page shows it: working days, holidays by name, and the meetings in a person's calendar."""

from __future__ import annotations

from calendar import Calendar
from datetime import date, datetime

from demo.page.mailbox import meetings
from demo.slack.state.records import Json
from demo.world.holidays import holidays_of
from demo.world.world import World


def month(world: World, person: str, year: int, number: int) -> Json:
    """Return the weeks of a month, Monday first, with the days of its neighbours that fill them up."""
    address = world.person(person).user.email
    by_day: dict[date, list[Json]] = {}
    for held in meetings(world, address):
        by_day.setdefault(datetime.fromisoformat(held["start"]).date(), []).append(held)
    today = world.now().date()
    weeks = [
        [_day(world, day, number, today, by_day.get(day, [])) for day in week]
        for week in Calendar().monthdatescalendar(year, number)
    ]
    return {"year": year, "month": number, "today": today.isoformat(), "weeks": weeks}


def _day(world: World, day: date, number: int, today: date, held: list[Json]) -> Json:
    return {
        "date": day.isoformat(),
        "inside": day.month == number,
        "today": day == today,
        "working": world.calendar.is_working_day(day),
        "holiday": holidays_of(day.year, world.language).get(day, ""),
        "meetings": sorted(held, key=lambda meeting: str(meeting["start"])),
    }
