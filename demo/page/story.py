"""How far the newest case has come: what the guided tour goes by."""

from __future__ import annotations

import asyncio

from demo.slack.state.records import Json
from demo.world.clockwork import codes_of_all
from demo.world.world import World
from domain.errors import NotFound
from domain.meeting import Standing
from storage.outbox.letter import LetterState
from storage.transaction import Reader

_OPEN = frozenset({Standing.HELD_BACK, Standing.SENT, Standing.RECEIVED})


async def story(world: World) -> Json | None:
    """Return the newest case's state, and which agencies have answered or been reminded; nothing before the first."""
    return await asyncio.wrap_future(world.bot.database.read(_story))


def _story(reader: Reader) -> Json | None:
    codes = codes_of_all(reader)
    if not codes:
        return None
    try:
        case = reader.cases.get(codes[-1])
    except NotFound:
        return None
    meeting = case.coming_meeting
    summonses = () if meeting is None else meeting.summonses
    # A reminder has arrived once nothing waits for its address any more.
    waiting = {held.letter.address for held in reader.outbox.of_case(case.code) if held.state is LetterState.WAITING}
    reminded = {reminder.address for reminder in reader.reminders.of_case(case.code)} - waiting
    return {
        "code": case.code,
        "state": case.state.value,
        "answered": [s.agency for s in summonses if meeting and s.standing(meeting.round) not in _OPEN],
        "nagged": [s.agency for s in summonses if reader.directory.address_of_agency(s.agency) in reminded],
    }
