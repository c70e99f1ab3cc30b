"""A person in the chat: types, presses, fills in, and sees cards and forms."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from demo.memory.chat import Chat, Posted, buttons_with_words, choosers_of, direct_room
from demo.memory.filling import filled, held, refusals
from demo.memory.limits import breaches_of_card, breaches_of_form
from handlers.ui.branches import redrawing
from handlers.ui.cards import Card
from handlers.ui.events import Change, Command, Event, HomeOpened, Press, Sender, Submit
from handlers.ui.forms import Form, Values
from handlers.ui.responses import Ask, Failed, Mend, Response, Say, Silence

Gateway: TypeAlias = Callable[[Event], Awaitable[Response]]


class NotShown(Exception):
    """The person has nothing of the kind before them."""


@dataclass(slots=True)
class OpenForm:
    """A form as it stands open: `number` tells it from the same form opened another time, `answers` is filled in."""

    number: str
    form: Form
    answers: dict[str, object] = field(default_factory=dict)


class Person:
    """One person with one identity (`memory:t0/anna`).

    `said` is the card that last answered a command or a form of theirs, until they close it; `form` is what they are
    being asked; `breaches` gathers what went beyond the neutral language.
    """

    def __init__(self, identity: str, chat: Chat, gateway: Gateway, locale: str = "") -> None:
        self.identity = identity
        self.locale = locale
        self.said: Card | None = None
        self.breaches: list[str] = []
        self._chat = chat
        self._gateway = gateway
        self._open: OpenForm | None = None
        self._last: Event | None = None

    @property
    def name(self) -> str:
        """What the person is called: the end of the identity."""
        return self.identity.rpartition("/")[2]

    @property
    def form(self) -> Form | None:
        """The form that is open, if one is."""
        return None if self._open is None else self._open.form

    @property
    def home(self) -> Card | None:
        """The bot's home page as this person last saw it."""
        return self._chat.homes.get(direct_room(self.identity))

    def sees(self, room: str = "") -> list[Posted]:
        """Return the messages in a room, or in all rooms that the person is in, oldest first."""
        rooms = [found.name for found in self._chat.rooms_of(self.identity) if room in ("", found.name)]
        return [message for name in rooms for message in self._chat.messages(name, self.identity)]

    def told(self) -> list[Card]:
        """Return the cards that only this person was shown in answer to a press, oldest first."""
        return [message.card for message in self.sees() if message.only_for == self.identity]

    # ---- acts ----------------------------------------------------------------------------------------------

    async def types(self, words: str) -> Response:
        """Type a command: what follows the command's own name."""
        return await self._act(Command(self._sender, f"command:{self._chat.number()}", words))

    async def presses(self, action: str, *, on: Posted | Card | None = None, about: str = "") -> Response:
        """Press a button by its contract name: the newest that is seen, or the one on a message or card.

        `about` narrows it to a part of the card in which these words stand, and a list to the line with them.

        Raises:
            NotShown: the person sees no such button.
        """
        place, token, room = self._button(action, on, about)
        key = f"press:{place}:{action}:{self.identity}:{self._chat.number()}"
        return await self._act(Press(self._sender, key, action, token, room))

    async def fills(self, form: str, answers: Mapping[str, object], *, checked: bool = True) -> Response:
        """Fill in the form that is open and send it. A client refuses some of it at once; unless it is not `checked`.

        Raises:
            NotShown: that form is not open.
            NotAsked: an answer is to nothing that the form asks.
        """
        opened = self._open
        if opened is None or opened.form.name != form:
            raise NotShown(f"{self.name} has not the form {form} open")
        await self.changes(answers)
        values = filled(opened.form, {**opened.answers, **answers}, self._chat.people)
        opened.answers |= answers
        refused = refusals(opened.form, values) if checked else {}
        if refused:
            return Mend(refused)
        key = f"submit:{opened.number}:{self.identity}:{_digest(values)}"
        return await self._act(Submit(self._sender, key, form, opened.form.token, values))

    async def changes(self, answers: Mapping[str, object]) -> None:
        """Have these answers in the open form, unsent. What depends on them in a way of the bot's own it makes anew.

        Raises:
            NotShown: no form is open.
            NotAsked: an answer is to nothing that the form offers.
        """
        opened = self._open
        if opened is None:
            raise NotShown(f"{self.name} has no form open")
        if redrawing(opened.form).isdisjoint(answers):
            return
        values = held(opened.form, {**opened.answers, **answers}, self._chat.people)
        answer = await self._gateway(Change(self._sender, opened.form.name, opened.form.token, values))
        if isinstance(answer, Ask):
            opened.form = answer.form
            self.breaches += breaches_of_form(answer.form)

    async def opens_home(self) -> Response:
        """Open the bot's home page."""
        return await self._act(HomeOpened(self._sender, f"home:{self._chat.number()}"))

    async def repeats(self) -> Response:
        """Let the platform bring the last act once more, as one does that has heard no answer.

        Raises:
            NotShown: the person has done nothing yet.
        """
        if self._last is None:
            raise NotShown(f"{self.name} has done nothing yet")
        return await self._act(self._last)

    def closes(self) -> None:
        """Close the form and the answer."""
        self._open, self.said = None, None

    @property
    def _sender(self) -> Sender:
        return Sender(self.identity, self.locale)

    async def _act(self, event: Event) -> Response:
        self._last = event
        answer = await self._gateway(event)
        match answer:
            case Say(card):
                self._open, self.said = None, card
                self.breaches += breaches_of_card(card)
            case Ask(form):
                self._open = OpenForm(self._chat.number(), form)
                self.breaches += breaches_of_form(form)
            case Mend():
                pass  # the form stays open
            case Silence() | Failed():
                pass
        return answer

    def _button(self, action: str, on: Posted | Card | None, about: str) -> tuple[str, str, str]:
        """Return where a button stands, its token and the room in which a private answer may be put."""
        for place, card, room in self._shown(on):
            token = _token(card, action, about)
            if token is not None:
                return place, token, room
        raise NotShown(f"{self.name} sees no button {action}" + (f" about {about}" if about else ""))

    def _shown(self, on: Posted | Card | None) -> list[tuple[str, Card, str]]:
        if isinstance(on, Card):
            return [("said", on, "")]
        if isinstance(on, Posted):
            if not any(on is message for message in self.sees(on.room)):
                raise NotShown(f"{self.name} does not see that message")
            return [(on.id, on.card, on.room)]
        messages = [(m.id, m.card, m.room) for m in self.sees() if m.shown]
        # The newest first; what has just been said stands before everything.
        messages.sort(key=lambda found: -int(found[0][1:]))
        own = [("said", card, "") for card in (self.said, self.home) if card is not None]
        return [*own, *messages]


def _token(card: Card, action: str, about: str) -> str | None:
    """Return what a button or a chosen line carries."""
    for buttons, words in buttons_with_words(card):
        for button in buttons:
            if button.action == action and not button.url and (about in words or about in button.label):
                return button.token
    lines = [choice for chooser in choosers_of(card) if chooser.action == action for choice in chooser.choices]
    return next((choice.token for choice in lines if about in choice.label), None)


def _digest(values: Values) -> str:
    return hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()[:16]
