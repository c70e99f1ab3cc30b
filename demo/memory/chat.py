"""What stands in the chat: rooms with posted cards, answers for one person alone, home pages."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from handlers.ui.cards import Button, Card, Chooser
from handlers.ui.outgoing import CalendarFile, Picture


@dataclass(slots=True)
class Posted:
    """One message in a room: a card, a calendar file or a picture.

    `shown` holds every card that has stood there, the present one last. `beside` is the message in whose thread it
    stands, `only_for` the identity that alone sees it; both may be "".
    """

    id: str
    room: str
    key: str
    shown: list[Card] = field(default_factory=list)
    file: CalendarFile | None = None
    picture: Picture | None = None
    beside: str = ""
    only_for: str = ""
    deleted: bool = False

    @property
    def card(self) -> Card:
        """The card as it stands now.

        Raises:
            LookupError: it is a file or a picture.
        """
        return self.shown[-1]


@dataclass(slots=True)
class Room:
    """One room and who is in it, by identity. A room that is gone takes nothing and shows nothing."""

    name: str
    members: frozenset[str]
    gone: bool = False


class Chat:
    """All rooms of the chat; `people` gives each person's identity by their short name."""

    def __init__(self) -> None:
        self.people: dict[str, str] = {}
        self.rooms: dict[str, Room] = {}
        self.homes: dict[str, Card] = {}
        self._posted: list[Posted] = []
        self._in_room: dict[str, list[Posted]] = {}
        self._by_id: dict[str, Posted] = {}
        self._watchers: list[Callable[[Posted], None]] = []
        self._numbers = itertools.count(1)

    def number(self) -> str:
        """Return an identifier that was not given out before."""
        return f"m{next(self._numbers)}"

    def open(self, name: str, members: Iterable[str]) -> None:
        """Open a room."""
        self.rooms[name] = Room(name, frozenset(members))

    def post(self, message: Posted) -> Posted:
        """Put a message at the end of its room."""
        self._posted.append(message)
        self._in_room.setdefault(message.room, []).append(message)
        self._by_id[message.id] = message
        for watcher in self._watchers:
            watcher(message)
        return message

    def watch(self, watcher: Callable[[Posted], None]) -> None:
        """Let somebody know of each message that is posted from now on."""
        self._watchers.append(watcher)

    def everything(self) -> Iterator[Posted]:
        """Yield all there ever was, what was taken away too, oldest first."""
        yield from self._posted

    def messages(self, room: str, seen_by: str = "") -> list[Posted]:
        """Return what stands in a room for everybody there, and for `seen_by` alone, oldest first."""
        if self.rooms[room].gone:
            return []
        eyes = {"", seen_by}
        return [m for m in self._in_room.get(room, ()) if not m.deleted and m.only_for in eyes]

    def message(self, room: str, number: str) -> Posted | None:
        """Return a message that stands in a room."""
        found = self._by_id.get(number)
        if found is None or found.room != room or found.deleted or found.only_for or self.rooms[room].gone:
            return None
        return found

    def with_key(self, room: str, key: str) -> Posted | None:
        """Return the message in a room that the letter with this key brought."""
        return next((m for m in self.messages(room) if m.key == key), None)

    def rooms_of(self, identity: str) -> list[Room]:
        """Return the rooms that a person is in."""
        return [room for room in self.rooms.values() if identity in room.members and not room.gone]


def direct_room(identity: str) -> str:
    """Return the name of the room in which one person is written to alone; a receipt's place has no slash."""
    return f"direct-{identity.partition(':')[2].replace('/', '.')}"


def buttons_of(card: Card) -> tuple[Button, ...]:
    """Return all buttons of a card in the order in which they are read."""
    return (*(button for section in card.sections for button in section.buttons), *card.buttons)


def buttons_with_words(card: Card) -> Iterator[tuple[tuple[Button, ...], str]]:
    """Yield the buttons that stand together, with the words that tell what they are about.

    Those are the words beside them; the whole card's where there are none, and for the buttons at its end.
    """
    whole = words_of(card)
    for section in card.sections:
        yield section.buttons, words_of(Card("", "", (replace(section, buttons=()),))) or whole
    yield card.buttons, whole


def choosers_of(card: Card) -> tuple[Chooser, ...]:
    """Return the pick-one lists of a card."""
    return tuple(section.chooser for section in card.sections if section.chooser is not None)


def words_of(card: Card) -> str:
    """Return all that is read on a card, a line a text."""
    return "\n".join(text for text in _texts(card) if text)


def _texts(card: Card) -> Iterator[str]:
    yield card.title
    yield card.summary
    for section in card.sections:
        yield from (section.heading, section.text, *section.lines)
        for fact in section.facts:
            yield from (fact.label, fact.value)
    for button in buttons_of(card):
        yield from (button.label, button.hint)
    for chooser in choosers_of(card):
        yield chooser.label
        for choice in chooser.choices:
            yield from (choice.label, choice.note)
    yield card.footer
