"""What people do: they type a command and fill in the form, or press a button on what stands before them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from demo.memory.chat import Chat, Posted, buttons_with_words, direct_room
from demo.memory.filling import NotAsked, fields_of
from demo.memory.person import NotShown, Person
from demo.memory.world import World
from handlers.ui.cards import Card, Section
from handlers.ui.forms import Field, FieldKind, Form, Values
from handlers.ui.responses import Ask, Mend, Response

# How far back somebody looks for a button.
_LOOKS_BACK = 60
_SEVERAL = frozenset({FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USERS})


class Actors:
    """Everybody in the region; `refused` counts what the bot did not take, by form or button."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.acts = 0
        self.refused: dict[str, int] = {}

    async def does(self, who: str, command: str, answers: Mapping[str, object]) -> bool:
        """Type a command and send in its form; say whether the bot took it."""
        person = self._person(who)
        self.acts += 1
        response = await person.types(command)
        return await self._sends(person, response, answers, command.partition(" ")[0])

    async def presses(self, who: str, action: str, code: str, answers: Mapping[str, object] | None = None) -> bool:
        """Press the newest button of this name about a case, and send in the form it opens, if it opens one."""
        person = self._person(who)
        found = self._newest(person, action, code)
        if found is None:
            return False
        self.acts += 1
        try:
            response = await person.presses(action, on=found, about=code)
        except NotShown:
            return False
        return await self._sends(person, response, answers or {}, action)

    def _person(self, who: str) -> Person:
        return self._world.person(who.rpartition("/")[2])

    def _newest(self, person: Person, action: str, code: str) -> Posted | None:
        chat: Chat = self._world.chat
        for room in chat.rooms_of(person.identity):
            for message in reversed(chat.messages(room.name, person.identity)[-_LOOKS_BACK:]):
                if message.shown and offers(message.card, action, code):
                    return message
        return None

    async def _sends(self, person: Person, response: Response, answers: Mapping[str, object], what: str) -> bool:
        self.acts += 1
        if isinstance(response, Ask):
            try:
                response = await person.fills(response.form.name, filled_in(response.form, answers, self._today()))
            except NotAsked:
                response = Mend({"": "not asked"})
            person.closes()
        if isinstance(response, Mend):
            for field in response.errors:
                name = f"{what}:{field}"
                self.refused[name] = self.refused.get(name, 0) + 1
            return False
        return True

    def _today(self) -> date:
        return self._world.now().date()


def offers(card: Card, action: str, code: str) -> bool:
    """Say whether a card has this button about this case: in one of its lines, or as a whole."""
    return any(
        button.action == action and code in words for buttons, words in buttons_with_words(card) for button in buttons
    )


def lines_of(card: Card) -> list[Section]:
    """Return the lines of a list of reminders: its sections with a button."""
    return [section for section in card.sections if section.buttons]


def direct(who: str) -> str:
    """Return the room in which somebody is written to alone."""
    return direct_room(who)


def filled_in(form: Form, answers: Mapping[str, object], today: date) -> dict[str, object]:
    """Return answers to a form: those that are known, and something to whatever else must be answered."""
    known = {name: value for name, value in answers.items() if name in {field.name for field in fields_of(form)}}
    for field in fields_of(form):
        if field not in fields_of(form, _as_values(known)):
            known.pop(field.name, None)
        elif field.name not in known and (field.name == "confirmed" or (field.required and not field.initial)):
            known[field.name] = _something(field, today)
        elif field.name in known and field.options:
            known[field.name] = _offered(field, known[field.name])
    return {name: value for name, value in known.items() if value not in (None, "", [])}


def _as_values(known: Mapping[str, object]) -> Values:
    return {name: tuple(map(str, v)) if isinstance(v, list | tuple) else str(v or "") for name, v in known.items()}


def _something(field: Field, today: date) -> object:
    if field.options:
        first = field.options[0].value
        return [first] if field.kind in _SEVERAL else first
    if field.kind is FieldKind.DATE:
        return (today + timedelta(days=7)).isoformat()
    return {FieldKind.TIME: "09:00", FieldKind.URL: "https://exempel.invalid/rum"}.get(field.kind, "Exempel")


def _offered(field: Field, value: object) -> object:
    """Return those of an answer's choices that the form offers."""
    offered = {option.value for option in field.options}
    if isinstance(value, list):
        return [item for item in value if item in offered]
    return value if value in offered else None
