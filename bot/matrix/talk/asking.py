"""Carries a conversation on: what is said in it, and what the handlers make of it at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from bot.matrix.talk import conversation, questions
from bot.matrix.talk.arrivals import Arrived
from bot.matrix.talk.conversation import End, Person, Talk, Turn
from bot.matrix.talk.draw import draw, edited, in_thread, plain
from bot.matrix.talk.plan import Plan, Word
from handlers.ui.events import Change, Event, Sender, Submit
from handlers.ui.forms import FieldKind, Form
from handlers.ui.responses import Ask, Failed, Mend, Response, Say
from templates import Words


class Gateway(Protocol):
    """Answers what people do."""

    async def __call__(self, incoming: Event, /) -> Response:
        """Return the answer, committed."""
        ...


class People(Protocol):
    """Knows who can be named in a form."""

    async def __call__(self, room: str, /) -> Sequence[Person]:
        """Return the staff that may be meant in a room."""
        ...


class Asking:
    """Asks what forms ask, one question at a time. `today` is the local day."""

    def __init__(
        self, gateway: Gateway, people: People, words_for: Callable[[str], Words], today: Callable[[], date]
    ) -> None:
        self._words_for = words_for
        self._gateway = gateway
        self._people = people
        self._today = today

    async def start(self, form: Form, room: str, root: str, sender: Sender) -> Plan:
        """Begin a conversation: what it is about, and its first question."""
        words = self._words_for(form.language)
        talk = conversation.begin(form, sender.identity, root)
        people = await self._who(talk, room)
        manners = words("matrix.begun")
        first = plain(f"{questions.overview(talk, words, people)}\n\n{manners}")
        said = (
            Word(room, _placed(first, root), overview=True),
            self._question(talk, room, words, people),
        )
        return Plan(said, key_of(room, root, sender), talk)

    async def go_on(self, arrived: Arrived, sender: Sender, talk: Talk, *, begun: bool) -> Plan:
        """Take one line of a conversation."""
        words = self._words_for(talk.language)
        room, people = arrived.room, await self._who(talk, arrived.room)
        key = key_of(room, talk.root, sender)
        turned = conversation.turn(talk, arrived.text, words, people, self._today())
        if turned.end is End.CANCELLED:
            return Plan((Word(room, _placed(plain(words("matrix.cancelled")), talk.root)),), key)
        if turned.end is End.GOES_ON:
            turned = replace(turned, talk=await self._as_it_stands(sender, talk, turned.talk))
            return Plan(self._next(turned, room, words, people), key, turned.talk)
        submit = Submit(sender, f"matrix:{arrived.event}", talk.form, talk.token, talk.counting)
        response = await self._gateway(submit)
        if isinstance(response, Mend):
            anew = talk if response.form is None else conversation.made_anew(talk, response.form)
            turned = conversation.mended(anew, response.errors)
            return Plan(self._next(turned, room, words, people), key, turned.talk)
        if isinstance(response, Ask):
            return await self.start(response.form, room, talk.root, sender)
        if isinstance(response, Say):
            drawn = draw(response.card, self._words_for(response.card.language), direct=not talk.root)
            return Plan((Word(room, _placed(dict(drawn.content), talk.root), drawn.ways),), key)
        if isinstance(response, Failed):
            # The talk stays as it is: the same yes can be said again.
            failed = plain(words("matrix.failed", reference=response.reference))
            return Plan((Word(room, _placed(failed, talk.root)),), key, talk)
        perhaps = (Word(room, _placed(plain(words("matrix.perhaps")), talk.root)),) if begun else ()
        return Plan(perhaps, key)

    async def _as_it_stands(self, sender: Sender, before: Talk, talk: Talk) -> Talk:
        """Return the conversation with the form made anew, if the answer was to something on which that depends."""
        if not conversation.has_changed(before, talk):
            return talk
        response = await self._gateway(Change(sender, talk.form, talk.token, talk.counting))
        return conversation.made_anew(talk, response.form) if isinstance(response, Ask) else talk

    def _next(self, turned: Turn, room: str, words: Words, people: Sequence[Person]) -> tuple[Word, ...]:
        """Say what was wrong, or show all that is said so far, and ask the next question."""
        talk = turned.talk
        if turned.wrong:
            wrong = Word(room, _placed(plain(turned.wrong, msgtype="m.notice"), talk.root))
            return (wrong, self._question(talk, room, words, people))
        so_far = plain(questions.overview(talk, words, people))
        shown = (Word(room, edited(so_far, talk.overview)),) if talk.overview else ()
        return (*shown, self._question(talk, room, words, people))

    def _question(self, talk: Talk, room: str, words: Words, people: Sequence[Person]) -> Word:
        return Word(room, _placed(plain(questions.question(talk, words, people)), talk.root))

    async def _who(self, talk: Talk, room: str) -> Sequence[Person]:
        """Return who can be named, where somebody is asked for at all."""
        kinds = {question.field.kind for question in talk.questions}
        if not kinds & {FieldKind.USER, FieldKind.USERS}:
            return ()
        return await self._people(room if talk.root else "")


def key_of(room: str, root: str, sender: Sender) -> str:
    """Return under which name a conversation is kept: one for each person and thread."""
    return f"{room}|{root}|{sender.identity}"


def as_reaction(talk: Talk) -> bool:
    """Say whether a conversation only asks to confirm what a reaction meant."""
    return not talk.form


def confirming(label: str, action: str, token: str, sender: Sender, root: str) -> Talk:
    """Return the conversation that follows a reaction: one word, and the button counts as pressed."""
    return replace(Talk("", label, token, (), sender.identity, root), overview=action)


def _placed(content: dict[str, Any], root: str) -> dict[str, Any]:
    return in_thread(content, root) if root else content
