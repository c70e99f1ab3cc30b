"""What a visitor does as one of the people: carried out by the stand-in's person, and what Slack then shows."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeAlias

import msgspec

from demo.matrix.homeserver import NotThere
from demo.matrix.person import Person as MatrixPerson
from demo.slack.errors import NotVisible, UnknownField
from demo.slack.people.inputs import REQUIRED
from demo.slack.people.outcome import Outcome
from demo.slack.people.person import TIMED_OUT, TROUBLE, Person
from demo.slack.state.records import Json, Message, View
from demo.world.texts import Texts
from demo.world.world import World

Word: TypeAlias = Annotated[str, msgspec.Meta(max_length=4000)]


class Typed(msgspec.Struct, tag="type", forbid_unknown_fields=True):
    """A line was typed into a channel."""

    text: Word
    channel: Word


class Pressed(msgspec.Struct, tag="press", forbid_unknown_fields=True):
    """A button was pressed, or a choice made: on a message (channel and ts), on a view (its id)."""

    action: Word
    block: Word
    value: str | None = None
    channel: Word = ""
    ts: Word = ""
    view: Word = ""


class Submitted(msgspec.Struct, tag="submit", forbid_unknown_fields=True):
    """A form was sent with these values by field."""

    view: Word
    values: dict[str, str | list[str] | None]


class Answered(msgspec.Struct, tag="answer", forbid_unknown_fields=True):
    """An answer was changed of which the bot wants to know: all that is filled in by then, by field."""

    view: Word
    values: dict[str, str | list[str] | None]


class Cancelled(msgspec.Struct, tag="cancel", forbid_unknown_fields=True):
    """A form was closed."""

    view: Word


class HomeOpened(msgspec.Struct, tag="home", forbid_unknown_fields=True):
    """The app's home tab was opened."""


class Read(msgspec.Struct, tag="read", forbid_unknown_fields=True):
    """A channel was looked at."""

    channel: Word


class Said(msgspec.Struct, tag="say", forbid_unknown_fields=True):
    """A line was typed into a room on Matrix, in the thread of a message if one is given."""

    text: Word
    room: Word
    root: Word = ""


class Reacted(msgspec.Struct, tag="react", forbid_unknown_fields=True):
    """A sign was put under a message on Matrix, or taken back."""

    event: Word
    sign: Annotated[str, msgspec.Meta(max_length=40)]


Act: TypeAlias = Said | Reacted | Typed | Pressed | Submitted | Answered | Cancelled | HomeOpened | Read


async def carry_out(world: World, name: str, act: Act) -> Json:
    """Do it as the person of this name, and return what Slack shows them: a notice, or errors at the fields.

    Raises:
        NotVisible: the person does not see what they act on, or there is no such person.
    """
    person = world.person(name)
    if isinstance(person, MatrixPerson):
        return await _on_matrix(person, act)
    if type(act) not in _DO:
        raise NotVisible("there are no rooms of Matrix here")
    try:
        outcome = await _DO[type(act)](person, act)
    except UnknownField as unknown:
        raise NotVisible(str(unknown)) from unknown
    return {
        "shown": in_words(outcome.shown, world.words) if outcome.shown else "",
        "errors": {field: in_words(text, world.words) for field, text in outcome.errors.items()},
        "action": outcome.action,
    }


async def _on_matrix(person: MatrixPerson, act: Act) -> Json:
    """Do it on Matrix, where a program shows nothing but what stands in the rooms."""
    if not isinstance(act, Said | Reacted | Read):
        raise NotVisible("there is no such thing on Matrix")
    try:
        match act:
            case Said(text=text, room=room, root=root):
                await person.says(text, room, root)
            case Reacted(event=event, sign=sign):
                await person.reacts(event, sign)
            case Read(channel=room):
                person.read(room)
    except NotThere as missing:
        raise NotVisible(f"that is not in any room here: {missing}") from missing
    return {"shown": "", "errors": {}, "action": None}


async def _type(person: Person, act: Typed) -> Outcome:
    return await person.type(act.text, act.channel)


async def _press(person: Person, act: Pressed) -> Outcome:
    value = act.value if act.value is not None else None
    return await person.press(act.action, value, source=_source(person, act), block=act.block)


def _source(person: Person, act: Pressed) -> Message | View:
    if act.view:
        for view in (person.view, person.home):
            if view is not None and view.id == act.view:
                return view
        raise NotVisible("that form is no longer open")
    for message in person.messages(act.channel):
        if message.ts == act.ts:
            return message
    raise NotVisible("that message is no longer there")


async def _submit(person: Person, act: Submitted) -> Outcome:
    return await person.submit(act.values, _top(person, act.view))


async def _answer(person: Person, act: Answered) -> Outcome:
    await person.answer(act.values, _top(person, act.view))
    return Outcome()


async def _cancel(person: Person, act: Cancelled) -> Outcome:
    return await person.cancel(_top(person, act.view))


def _top(person: Person, view: str) -> View:
    shown = person.view
    if shown is None or shown.id != view:
        raise NotVisible("that form is no longer open")
    return shown


async def _open_home(person: Person, _act: HomeOpened) -> Outcome:
    return await person.open_home()


async def _read(person: Person, act: Read) -> Outcome:
    person.read(act.channel)
    return Outcome()


_DO: Mapping[type, Callable[[Person, Any], Awaitable[Outcome]]] = {
    Typed: _type,
    Pressed: _press,
    Submitted: _submit,
    Answered: _answer,
    Cancelled: _cancel,
    HomeOpened: _open_home,
    Read: _read,
}


# What Slack's own client says, and the page's words for it.
_CLIENT_WORDS: tuple[tuple[str, str], ...] = (
    (re.escape(REQUIRED), "client.required"),
    (re.escape(TIMED_OUT), "client.timed_out"),
    (re.escape(TROUBLE), "client.trouble"),
    (r"Please enter a valid URL\.", "client.url"),
    (r"Please enter no more than (?P<n>\d+) characters\.", "client.too_long"),
    (r"(?P<command>/\S+) is not a valid command\.", "client.no_such_command"),
    (r'(?P<command>/\S+) failed with the error "(?P<error>\S+)"', "client.command_failed"),
)


def in_words(said: str, words: Texts) -> str:
    """Return what Slack's client says in the visitor's language; the bot's own words stay as they are."""
    for pattern, key in _CLIENT_WORDS:
        found = re.fullmatch(pattern, said)
        if found:
            return words(key, **found.groupdict())
    return said
