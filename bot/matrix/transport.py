"""Carries letters into rooms: posts, edits in place, words in threads, private words, calendar files, pictures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.background import Background
from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.rate_limit import Bucket
from bot.delivery.transport import CannotLook, Delivery
from bot.matrix.names import MARK
from bot.matrix.server.direct import DirectRooms, identity_of
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.guard import RoomGuard
from bot.matrix.server.port import Session
from bot.matrix.talk.arrivals import Shown
from bot.matrix.talk.draw import SIGNS, Drawn, draw, edited, in_thread, shown
from bot.matrix.talk.own_list import to_read
from bot.picture.drawn import drawn
from bot.picture.image import NotDrawn
from domain.calendar.invites import Invite
from handlers.ui.cards import Card
from handlers.ui.outgoing import CalendarFile, Home, Outgoing, Picture, Show, TakeBack, Tell, Whisper
from storage.outbox.letter import Rank
from storage.posts import Post
from templates import Words

_logger = logging.getLogger(__name__)

_ROOM = "matrix:room:"
_PERSON = "matrix:person:"
#: Events a second, and how many at once: what a server takes from a bot that it has excepted from its limits. One that
#: has not says so, and is obeyed.
_RATE, _BURST = 10.0, 40
#: Seconds until a letter whose fate could not be found out is looked for again.
_LOOK_AGAIN = 30.0


class MatrixTransport:
    """The courier's way to Matrix.

    A letter's key, hidden, is its transaction id: the server makes one event of however many attempts. `render` makes
    a calendar file's bytes. `rooms` looks at each agency's room before something is said there.
    """

    prefix = "matrix:"

    def __init__(
        self,
        session: Session,
        direct: DirectRooms,
        words_for: Callable[[str], Words],
        render: Callable[[Invite], bytes],
        background: Background,
        rooms: RoomGuard,
    ) -> None:
        self._session = session
        self._direct = direct
        self._words_for = words_for
        self._render = render
        self._background = background
        self._rooms = rooms
        self._bucket = Bucket(_RATE, _BURST)

    def pause(self, address: str) -> float:  # noqa: ARG002 - part of the port
        """No seconds: the server itself says when it was too much."""
        return 0.0

    async def room(self, rank: Rank) -> None:
        """Wait until the server as a whole can take one more."""
        await self._bucket.take(rank)

    async def alive(self) -> bool:
        """Say whether the server takes calls of this bot now."""
        return await self._session.alive()

    async def deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        """Hand one letter over; see `Transport.deliver`."""
        try:
            return await self._deliver(address, composed, key, post)
        except MatrixFailed as failed:
            self._obey(failed)
            return failed.failure

    def _obey(self, failed: MatrixFailed) -> None:
        """Speak as slowly as the server wants, from now on: each refused attempt would count as one."""
        match failed.failure:
            case NotSent("ratelimited", float(seconds)):
                self._bucket.slow_down(seconds)

    async def find(
        self, address: str, composed: Outgoing, key: str, since: datetime, post: Post | None
    ) -> Receipt | None:
        """Look for a message that may have arrived; an edit may simply be made again.

        The transaction id alone would do for a day; servers forget it then, and a new login is another sender.
        """
        if isinstance(composed, Show) and post is not None and post.address == address and not composed.anew:
            return None
        if not isinstance(composed, Show | Tell | CalendarFile | Picture):
            return None
        try:
            room = await self._room(address)
            found = await self._session.find(room, self.hidden(key), since)
            if found and isinstance(composed, Show):
                await self._require(address)
                # It shows what was true at that attempt.
                await self._edit(self._drawn(address, composed.card), key, room, found)
                if post is not None and post.message != found:
                    await self._take_away(post, key)
        except MatrixFailed as failed:
            match failed.failure:
                case Never():
                    return None  # sending it again will say the same, and be told
                case NotSent(why, retry_after):
                    raise CannotLook(why, retry_after or _LOOK_AGAIN) from None
                case _:
                    raise CannotLook(str(failed), _LOOK_AGAIN) from None
        return Receipt(room, found) if found else None

    async def _deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        # What others can read by now is all the more to be deleted; a whisper goes to one person.
        if not isinstance(composed, TakeBack | Whisper):
            await self._require(address)
        match composed:
            case Show():
                return await self._show(address, composed, key, post)
            case Tell(card):
                room = await self._room(address)
                thread = post.message if post is not None and post.place == room else ""
                return await self._post(room, self._drawn(address, card), key, thread)
            case Whisper(person=person, card=card):
                room = await self._direct.room(person)
                return await self._post(room, self._drawn(_PERSON, card), key)
            case Home(card, at):
                return await self._home(address, card, at, key)
            case CalendarFile():
                return await self._file(address, composed, key, post)
            case Picture():
                return await self._picture(address, composed, key)
            case TakeBack():
                if post is not None:
                    await self._take_away(post, key)
                return Sent(Receipt())
            case _:
                return Never("not_for_chat")

    async def is_safe(self, address: str) -> bool:
        """Say whether something may be said at an address now; see `LooksAtRooms`."""
        try:
            await self._require(address)
        except MatrixFailed:
            return False
        return True

    async def _require(self, address: str) -> None:
        """Return when something may be said at an address; raises MatrixFailed."""
        if address.startswith(_ROOM):
            await self._rooms.require(await self._room(address), address.removeprefix(_ROOM))

    async def _show(self, address: str, show: Show, key: str, post: Post | None) -> Delivery:
        room = await self._room(address)
        if post is not None and post.address == address and post.place == room and not show.anew:
            await self._edit(self._drawn(address, show.card), key, room, post.message)
            return Sent(Receipt(room, post.message))
        sent = await self._post(room, self._drawn(address, show.card), key, seeded=True)
        if post is not None:
            try:
                await self._take_away(post, key)
            except MatrixFailed as failed:
                # The new one stands. It is looked for, and then the old one is taken away once more.
                return Unknown(f"old_post_stays {getattr(failed.failure, 'why', '')}")
        return sent

    async def _home(self, address: str, card: Card, at: datetime | None, key: str) -> Delivery:
        """Show somebody's list of cases in the message that is pinned in their room, and pin it at first."""
        if self._bucket.is_slow:
            return Sent(Receipt())  # what the server takes is kept for words; the next act draws it again
        identity, room = identity_of(address), await self._room(address)
        drawn = self._drawn(address, to_read(card, self._words_for(card.language), at))
        known = await self._session.store.pinned(identity)
        if known is not None and known[0] == room:
            await self._edit(drawn, key, room, known[1])
            return Sent(Receipt(room, known[1]))
        sent = await self._session.send(room, drawn.content, self.hidden(key))
        await self._session.pin(room, sent)
        await self._session.store.pin(identity, room, sent)
        return Sent(Receipt(room, sent))

    async def _post(self, room: str, drawn: Drawn, key: str, thread: str = "", *, seeded: bool = False) -> Delivery:
        content = in_thread(drawn.content, thread) if thread else drawn.content
        event = await self._session.send(room, {**content, MARK: self.hidden(key)}, self.hidden(key))
        await self._session.store.show(Shown(event, room, drawn.ways, thread or event))
        if seeded:
            self._background.start(self._seed(room, event, drawn, key), "matrix.seed")
        return Sent(Receipt(room, event))

    async def _edit(self, drawn: Drawn, key: str, room: str, event: str) -> None:
        """Change a message in place; an edit that is made twice shows the same."""
        mark = self.hidden(f"{key} {drawn.content['body']}")
        await self._session.send(room, edited(drawn.content, event), mark)
        await self._session.store.show(Shown(event, room, drawn.ways, event))

    async def _seed(self, room: str, event: str, drawn: Drawn, key: str) -> None:
        """Put the signs under a message, as far as the server allows: the legend says the same."""
        if self._bucket.is_slow:
            return  # what the server takes is kept for words
        for sign in SIGNS.values():
            if sign.replace("\ufe0f", "") in {way.sign for way in drawn.ways}:
                try:
                    await self._session.react(room, event, sign, self.hidden(f"{key} {sign}"))
                except MatrixFailed as failed:
                    self._obey(failed)
                    _logger.info("a sign was not put", extra={"why": str(failed)})
                    return

    async def _take_away(self, post: Post, key: str) -> None:
        """Delete the message that a new one replaces; one that is gone already is as well."""
        try:
            await self._session.redact(post.place, post.message, self.hidden(f"{key} redact"))
        except MatrixFailed as failed:
            if not isinstance(failed.failure, Never) and failed.code != "M_FORBIDDEN":
                raise
            _logger.warning("a replaced message could not be deleted", extra={"why": str(failed)})

    async def _file(self, address: str, file: CalendarFile, key: str, post: Post | None) -> Delivery:
        room = await self._room(address)
        attachment = await self._session.upload(self._render(file.invite))
        content: Mapping[str, Any] = {
            "msgtype": "m.file",
            "body": file.filename,
            "filename": file.filename,
            "info": {"mimetype": "text/calendar"},
            "file": attachment,
            "m.mentions": {},
        }
        thread = post.message if post is not None and post.place == room else ""
        return await self._post(room, Drawn(content), key, thread)

    async def _picture(self, address: str, picture: Picture, key: str) -> Delivery:
        """Show a picture, with all that it shows in words as its caption: that is what a screen reader has of it."""
        try:
            image = await drawn(picture)
        except NotDrawn:
            return Never("not_drawn")
        room = await self._room(address)
        content: Mapping[str, Any] = {
            "msgtype": "m.image",
            "body": shown(picture.alt),
            "filename": picture.filename,
            "info": {"mimetype": "image/png", "size": len(image.content), "w": image.width, "h": image.height},
            "file": await self._session.upload(image.content),
            "m.mentions": {},
        }
        return await self._post(room, Drawn(content), key)

    async def _room(self, address: str) -> str:
        if address.startswith(_ROOM):
            return await self._session.newest(address.removeprefix(_ROOM))
        if address.startswith(_PERSON):
            return await self._direct.room(address)
        raise MatrixFailed(Never("unknown_address"))

    def _drawn(self, address: str, card: Card) -> Drawn:
        return draw(card, self._words_for(card.language), direct=address.startswith(_PERSON))

    def hidden(self, key: str) -> str:
        """Return a key as the server may see it; raises MatrixFailed before the file is open."""
        return self._session.hidden(key)
