"""Answers in a person's place, as they would: a sign, the word that counts, and one line to each question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.matrix.talk.arrivals import plain_sign
from bot.matrix.talk.conversation import CHOICES, Talk, one_box
from demo.matrix.held import Held
from demo.matrix.homeserver import Homeserver
from demo.matrix.person import Message, Person
from handlers.ui.forms import Field

_PROPOSED, _NOTHING, _LEAVE = ".", "-", "avbryt"


class NothingToAnswer(Exception):
    """The person sees no message that can be answered so."""


class Answering:
    """Knows what a person may do next from what the bot keeps beside its messages. `yes` is their word for it."""

    def __init__(self, person: Person, server: Homeserver, yes: str = "ja") -> None:
        self._yes = yes
        self._person = person
        self._held: Held = server.held

    async def press(self, action: str) -> None:
        """Choose the newest way of this name: by the sign that stands there and the word that binds, or by its number.

        A conversation that is under way is left; a sign that they have put there already would be taken back.

        Raises:
            NothingToAnswer: there is none.
        """
        for talk in self._talks():
            await self._says(_LEAVE, talk)
        for message in self._newest_first():
            shown = self._held.shown.get(message.event.id)
            for way in shown.ways if shown is not None else ():
                if way.action != action:
                    continue
                root, room = message.event.id, message.event.room
                signs = (held for held, by in message.signs.items() if self._person.user.id not in by)
                sign = next((held for held in signs if plain_sign(held) == way.sign), "")
                if sign:
                    await self._person.reacts(root, sign)
                    await self._person.says(self._yes, room, root)
                else:
                    await self._person.says(str(way.number), room, root)
                return
        raise NothingToAnswer(action)

    async def fill_in(self, values: Mapping[str, Any]) -> None:
        """Answer every question of the conversation that is under way, and send it; `values` are by field.

        Raises:
            NothingToAnswer: no question is open, or one was not understood.
        """
        talk = self._talk()
        while talk is not None and talk.at < len(talk.questions):
            before = talk.at
            field = talk.questions[before].field
            await self._says(line_for(field, values, self._yes), talk)
            talk = self._talk()
            if talk is not None and talk.at <= before:
                raise NothingToAnswer(field.name)
        if talk is None:
            raise NothingToAnswer("no question is open")
        await self._says(self._yes, talk)

    async def _says(self, line: str, talk: Talk) -> None:
        room = self._held.events[talk.root].room if talk.root else self._person.rooms()[0].id
        await self._person.says(line, room, talk.root)

    def _talks(self) -> list[Talk]:
        """Return the conversations that are under way, the newest first."""
        own = f"matrix:{self._person.user.id}"
        return [talk for talk in reversed(self._held.talks.values()) if talk.person == own]

    def _talk(self) -> Talk | None:
        return next((talk for talk in self._talks() if talk.form), None)

    def _newest_first(self) -> list[Message]:
        everything = (message for room in self._person.rooms() for message in self._person.timeline(room.id))
        return sorted(everything, key=lambda message: -message.event.number)


def line_for(field: Field, values: Mapping[str, Any], yes: str) -> str:
    """Return what somebody types to answer a question: a number of the choice, the words, or what is proposed."""
    value = values.get(field.name)
    if value is None:
        return _PROPOSED if field.required else _NOTHING
    if one_box(field):
        return yes
    chosen = [value] if isinstance(value, str) else list(value)
    if field.kind in CHOICES and field.options:
        numbers = {option.value: str(number) for number, option in enumerate(field.options, 1)}
        return ", ".join(numbers[one] for one in chosen)
    return ", ".join(chosen)
