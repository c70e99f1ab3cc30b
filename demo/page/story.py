"""How far the newest case has come: what the guided tours go by."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from demo.slack.state.records import Json
from demo.world.clockwork import codes_of_all
from demo.world.world import World
from domain.case import Case
from domain.errors import NotFound
from domain.reminders.deadlines import deadlines
from domain.reminders.due import ReminderKind
from domain.summons import Standing
from storage.outbox.letter import LetterState
from storage.transaction import Reader

_AN_HOUR = timedelta(hours=1)
_CALLED_BEFORE = timedelta(days=15)
_OPEN = frozenset({Standing.HELD_BACK, Standing.SENT, Standing.UNDELIVERED, Standing.RECEIVED})


async def story(world: World) -> Json | None:
    """Return what has happened in the newest case, or nothing before the first."""
    return await asyncio.wrap_future(world.bot.database.read(_story))


def _newest(reader: Reader) -> Case | None:
    codes = codes_of_all(reader)
    try:
        return reader.cases.get(codes[-1]) if codes else None
    except NotFound:  # it was erased
        return None


def _story(reader: Reader) -> Json | None:
    case = _newest(reader)
    if case is None:
        return None
    meeting = case.coming_meeting
    summonses = () if meeting is None else meeting.summonses
    # A reminder has arrived once nothing waits for its address any more.
    waiting = {held.letter.address for held in reader.outbox.of_case(case.code) if held.state is LetterState.WAITING}
    out = [held for held in reader.reminders.of_case(case.code) if held.address not in waiting]
    reminded = {held.address for held in out}
    return {
        "code": case.code,
        "state": case.state.value,
        "answered": [s.agency for s in summonses if meeting and s.standing(meeting.round) not in _OPEN],
        "proposed": [s.agency for s in summonses if meeting and s.standing(meeting.round) is Standing.PROPOSED],
        "nagged": [s.agency for s in summonses if reader.directory.address_of_agency(s.agency) in reminded],
        "follow_up_due": any(held.kind == ReminderKind.FOLLOW_UP for held in out),
        "meetings": len(case.meetings),
        "moved": any(held.round > 1 for held in case.meetings),
        "over": meeting is not None and meeting.end <= reader.now,
        "held": sum(held.was_held for held in case.meetings),
        "plans": len(case.plans),
        "measures": len(case.measures),
        "reviews": len(case.reviews),
        "lead": case.lead.rpartition("/")[2],
        "confirmed": [n.agency for n in (case.closure.notices if case.closure else ()) if n.confirmed is not None],
    }


async def after_meeting(world: World) -> datetime | None:
    """Return the instant an hour after the end of the newest case's coming meeting, if there is one."""
    case = await asyncio.wrap_future(world.bot.database.read(_newest))
    meeting = None if case is None else case.coming_meeting
    return None if meeting is None else meeting.end + _AN_HOUR


async def follow_up_due(world: World) -> datetime | None:
    """Return the morning on which the newest case's follow-up is to be called, if one is agreed on."""
    case = await asyncio.wrap_future(world.bot.database.read(_newest))
    held = None if case is None else case.last_held
    if case is None or held is None or held.report is None or held.report.follow_up_on is None:
        return None
    dues = deadlines(case, world.bot.services.rules_of(case), world.clock.now())
    coming = (due.at for due in dues if due.kind is ReminderKind.FOLLOW_UP and due.at > world.clock.now())
    called = next(
        (at for at in coming if world.calendar.local_date(at) + _CALLED_BEFORE >= held.report.follow_up_on), None
    )
    return None if called is None else called + _AN_HOUR
