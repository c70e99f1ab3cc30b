"""The others' answers, for a visitor who has seen how one answers: each agency answers by somebody of its own."""

from __future__ import annotations

import asyncio

from demo.matrix.answering import Answering, NothingToAnswer
from demo.matrix.person import Person as MatrixPerson
from demo.page.around import Person
from demo.slack.errors import NotVisible
from demo.slack.people.person import Person as SlackPerson
from demo.world.clockwork import codes_of_all
from demo.world.examples import example, usual, work_through
from demo.world.people import PEOPLE
from demo.world.world import World
from domain.errors import NotFound
from domain.summons import Standing
from storage.transaction import Reader

_UNANSWERED = frozenset({Standing.SENT, Standing.UNDELIVERED, Standing.RECEIVED, Standing.PROPOSED})
_NAME, _DECLINE = "summons.name", "summons.decline"


async def let_others_answer(world: World) -> int:
    """Have every agency that owes an answer give one, and return how many did.

    Those who must come say who comes. Those who are only invited say no.
    """
    owing = await asyncio.wrap_future(world.bot.database.read(_owing))
    for agency, obliged in owing:
        name = next(name for _, name, _, its in PEOPLE if its == agency)
        await _answer(world, world.person(name), _NAME if obliged else _DECLINE)
    return len(owing)


async def _answer(world: World, person: Person, form: str) -> None:
    if isinstance(person, MatrixPerson):
        answering = Answering(person, world.matrix, world.words("matrix.yes"))
        try:
            await answering.press(form)
            await answering.fill_in(usual(form))
        except NothingToAnswer as nothing:
            raise NotVisible(str(nothing)) from nothing
        await world.settle()
        return
    await _close_forms(person)  # somebody may have left one open
    await person.press(form)
    await world.slack.until(lambda: person.view is not None and person.view.callback_id == form)
    if person.view is not None:
        today = world.now().date()
        give = lambda view: example(view, person.user.id, today, world.calendar, world.words)  # noqa: E731
        await person.submit(await work_through(person, give))
    await _close_forms(person)
    await world.settle()


async def _close_forms(person: SlackPerson) -> None:
    while person.view is not None:
        await person.cancel()


def _owing(reader: Reader) -> list[tuple[str, bool]]:
    """Return the agencies that owe an answer in the newest case, and whether each must come."""
    codes = codes_of_all(reader)
    try:
        case = reader.cases.get(codes[-1]) if codes else None
    except NotFound:  # it was erased
        return []
    meeting = None if case is None else case.coming_meeting
    if case is None or meeting is None:
        return []
    return [(s.agency, s.obliged) for s in case.owing(meeting) if s.standing(meeting.round) in _UNANSWERED]
