"""The courier's way into the chat: cards are posted, changed in place, told to one person, refused on demand."""

from __future__ import annotations

from datetime import datetime

from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.transport import CannotLook, Delivery, Halted
from demo.memory.chat import Chat, Posted, direct_room
from demo.memory.faults import Fault, Faults
from demo.memory.limits import breaches_of_card
from domain.address import Address, Kind
from handlers.ui.cards import Card
from handlers.ui.outgoing import CalendarFile, Home, Outgoing, Picture, Show, TakeBack, Tell, Whisper
from storage.outbox.letter import Rank
from storage.posts import Post

PLATFORM = "memory"


class MemoryTransport:
    """Carries letters to the rooms of a chat; `breaches` gathers cards that go beyond the neutral language."""

    prefix = f"{PLATFORM}:"

    def __init__(self, chat: Chat, faults: Faults) -> None:
        self.breaches: list[str] = []
        self._chat = chat
        self._faults = faults

    def pause(self, _address: str) -> float:
        """No pause: nothing here grows tired."""
        return 0.0

    async def alive(self) -> bool:
        """It is always there."""
        return True

    async def room(self, _rank: Rank) -> None:
        """There is always room for one more."""

    async def deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        """Put one letter where it belongs."""
        room = _room_of(address, composed)
        match self._faults.meet(room):
            case Fault.REFUSED:
                return Never("refused")
            case Fault.FAILED:
                return NotSent("failed")
            case Fault.HALTED:
                return Halted("halted")
            case Fault.LOST:
                self._carry(room, composed, key, post)
                return Unknown("lost")
        return self._carry(room, composed, key, post)

    async def find(
        self, address: str, composed: Outgoing, key: str, _since: datetime, post: Post | None
    ) -> Receipt | None:
        """Look for a letter by its key; what is changed in place may simply be sent again."""
        room = _room_of(address, composed)
        if self._faults.meet(room) in {Fault.FAILED, Fault.HALTED}:
            raise CannotLook("failed")
        if not isinstance(composed, Show | Tell | CalendarFile | Picture) or room not in self._chat.rooms:
            return None
        found = self._chat.with_key(room, key)
        if found is None:
            return None
        if isinstance(composed, Show):
            self._change(found, composed.card)
            if post is not None and post.message != found.id:
                self._take_away(post)
        return Receipt(room, found.id)

    def _carry(self, room: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        if room not in self._chat.rooms or self._chat.rooms[room].gone:
            return Never("room_gone")
        match composed:
            case Show():
                return self._show(room, composed, key, post)
            case Tell(card):
                return self._post(Posted(self._chat.number(), room, key, beside=_beside(post, room)), card)
            case Whisper(reply_to, person, card):
                # Where the person acted, if that still is; the room of their own is the last resort.
                identity = Address.parse(person).identity
                seen = {found.name for found in self._chat.rooms_of(identity)}
                place = reply_to if reply_to in seen else room
                return self._post(Posted(self._chat.number(), place, key, only_for=identity), card)
            case Home(card):
                self._look_at(card)
                self._chat.homes[room] = card
                return Sent(Receipt())
            case CalendarFile() | Picture():
                return self._post_file(room, composed, key, post)
            case TakeBack():
                if post is not None:
                    self._take_away(post)
                return Sent(Receipt())
            case _:
                return Never("not_for_chat")

    def _show(self, room: str, show: Show, key: str, post: Post | None) -> Delivery:
        if post is not None and post.place == room and not show.anew:
            standing = self._chat.message(room, post.message)
            if standing is not None:
                self._change(standing, show.card)
                return Sent(Receipt(room, standing.id))
        sent = self._post(Posted(self._chat.number(), room, key), show.card)
        if post is not None:
            self._take_away(post)
        return sent

    def _post(self, message: Posted, card: Card) -> Delivery:
        self._change(message, card)
        return Sent(Receipt(message.room, self._chat.post(message).id))

    def _post_file(self, room: str, composed: CalendarFile | Picture, key: str, post: Post | None) -> Delivery:
        if isinstance(composed, Picture):
            message = Posted(self._chat.number(), room, key, picture=composed)
        else:
            message = Posted(self._chat.number(), room, key, file=composed, beside=_beside(post, room))
        return Sent(Receipt(room, self._chat.post(message).id))

    def _change(self, message: Posted, card: Card) -> None:
        self._look_at(card)
        message.shown.append(card)

    def _take_away(self, post: Post) -> None:
        standing = self._chat.message(post.place, post.message)
        if standing is not None:
            standing.deleted = True

    def _look_at(self, card: Card) -> None:
        self.breaches += breaches_of_card(card)


def _room_of(address: str, composed: Outgoing) -> str:
    """Return the room that an address leads to; a private answer's is that of the person."""
    place = Address.parse(composed.person if isinstance(composed, Whisper) else address)
    return direct_room(place.identity) if place.kind is Kind.PERSON else place.target


def _beside(post: Post | None, room: str) -> str:
    """Return the message to stand beside: only one that is in the same room."""
    return post.message if post is not None and post.place == room else ""
