"""Answers what people do in rooms: commands, numbers under a message, conversations, reactions.

What is to be said is decided once for each arrival and kept; then it is said, however often that takes. Only words
that came encrypted from a signed device bind: a reaction travels in clear and could be made up by a server, so it
opens a question, unless the operator trusts that server and the bot's own, through which it came.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import replace

from bot.delivery.outcome import NotSent, Unknown
from bot.delivery.transport import Halted
from bot.error_log import report
from bot.matrix.names import COMMAND, server_of
from bot.matrix.server.direct import DirectRooms
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.guard import RoomGuard
from bot.matrix.server.port import Session
from bot.matrix.talk.arrivals import Arrived, Kind, Shown, Way, about
from bot.matrix.talk.asking import Asking, Gateway, as_reaction, confirming, key_of
from bot.matrix.talk.conversation import CANCEL, YES, Talk, fold
from bot.matrix.talk.draw import draw, in_thread, plain
from bot.matrix.talk.plan import Plan, Waiting, Word
from bot.metrics import Metrics
from domain.directory import Directory, Staff
from handlers.ui.cards import Card, Section
from handlers.ui.events import Command, Press, Sender
from handlers.ui.responses import Ask, Failed, Mend, Response, Say, Silence
from templates import Words

_logger = logging.getLogger(__name__)

#: Seconds between attempts while the server cannot be reached or is busy.
_AGAIN = 5.0
_AGAIN_MOST = 60.0
#: Attempts at what a server that answers does not do, and in a room to which the bot is being asked back.
TRIES, _TRIES_TO_COME = 12, 4


class Listener:
    """Works off what has arrived, one after the other.

    `words_for` gives the words of a language, `directory` who may act at all; `rooms` looks at agencies' rooms.
    """

    def __init__(
        self,
        session: Session,
        gateway: Gateway,
        direct: DirectRooms,
        words_for: Callable[[str], Words],
        directory: Callable[[], Awaitable[Directory]],
        asking: Asking,
        metrics: Metrics,
        rooms: RoomGuard,
    ) -> None:
        self._session = session
        self._store = session.store
        self._gateway = gateway
        self._direct = direct
        self._words_for = words_for
        self._directory = directory
        self._metrics = metrics
        self._asking = asking
        self._rooms = rooms
        self._falls = ("", 0)  # which arrival fell over an error last, and how often

    async def work(self) -> None:
        """Answer all that waits; what the server does not take now is said again until it does."""
        while (waiting := await self._store.next()) is not None:
            try:
                await self._patiently(waiting)
            except sqlite3.Error:
                raise  # the disk comes back one day
            except Exception as error:  # noqa: BLE001 - raised anew until it is given up
                await self._fell(waiting.event, error)

    async def _fell(self, event: str, error: Exception) -> None:
        """Let an answer that fell over an error be tried anew for a while, then give it up for those behind it."""
        self._falls = (event, self._falls[1] + 1 if self._falls[0] == event else 1)
        if self._falls[1] < TRIES:
            raise error
        report(_logger, "an answer is given up", error)
        await self._store.done(event)

    async def _patiently(self, waiting: Waiting) -> None:
        plan, tries = waiting.plan, 0
        while True:
            tries += 1
            try:
                if plan is None and waiting.arrived is not None:
                    plan = await self._decide(waiting.arrived, begun=waiting.begun)
                    await self._store.plan(waiting.event, plan)
                await self._say(waiting.event, plan or Plan())
                return
            except MatrixFailed as failed:
                if not await self._may_pass(failed, tries):
                    # Nobody will hear of it there: the room is gone, not encrypted, or the bot may not speak in it.
                    _logger.warning("an answer cannot be said", extra={"why": str(failed)})
                    await self._store.done(waiting.event)
                    return
                await asyncio.sleep(min(getattr(failed.failure, "retry_after", None) or _AGAIN, _AGAIN_MOST))

    async def _may_pass(self, failed: MatrixFailed, tries: int) -> bool:
        """Say whether what failed is worth waiting for, while all others wait too.

        What only one room or one person's server refuses could be refused for ever, and by whoever wants the bot mute.
        """
        match failed.failure:
            case NotSent("forbidden"):
                return False
            case NotSent("not_joined_yet"):
                return tries < _TRIES_TO_COME
            case Unknown():
                return tries < TRIES or not await self._session.alive()
            case NotSent() | Halted():
                return True
            case _:
                return False

    async def _say(self, event: str, plan: Plan) -> None:
        """Say what was decided. Each message has a transaction id of its own, so none is said twice."""
        talk = plan.talk
        for number, word in enumerate(plan.words):
            said = await self._session.send(word.room, word.content, self._session.hidden(f"{event} {number}"))
            root = about(word.content)
            if word.ways or root:
                # Also what only asks: a program without threads replies to that, and not to what stands at the top.
                await self._store.show(Shown(said, word.room, word.ways, root or said))
            if word.overview and talk is not None:
                talk = replace(talk, overview=said)
        async with self._store.whole():
            if plan.talk_key:
                await self._store.keep_talk(plan.talk_key, talk)
            await self._store.done(event)

    async def _decide(self, arrived: Arrived, *, begun: bool) -> Plan:
        sender = Sender(f"matrix:{arrived.sender}")
        words = self._words_for("")
        try:
            return await self._plan(arrived, sender, words, begun=begun)
        except MatrixFailed:
            raise
        except Exception as error:  # noqa: BLE001 - the next one must be answered
            reference = secrets.token_hex(3).upper()
            report(_logger, "an arrival could not be answered", error, reference=reference, kind=arrived.kind.value)
            return _plain(arrived, words("matrix.failed", reference=reference))

    async def _plan(self, arrived: Arrived, sender: Sender, words: Words, *, begun: bool) -> Plan:
        directory = await self._directory()
        staff = directory.by_identity(sender.identity)
        # An agency's own room is one even while only one of its staff has come to it.
        places = [place.target for agency in directory.agencies.values() for place in agency.addresses]
        is_agencys = arrived.room in await self._store.newest(places)
        direct = not is_agencys and await self._direct.is_direct(arrived.room, arrived.sender)
        # Looked at first: what a press has brought about must not wait for it. A room that is nobody's own any more is
        # never looked at: one that was replaced, or somebody's own into which others have come.
        unsafe = await self._rooms.unsafe(arrived.room) is not None if is_agencys else not direct
        plan = await self._answer(arrived, sender, words, staff, direct=direct, unsafe=unsafe, begun=begun)
        tells = is_agencys or plan.talk is not None or any(word.ways for word in plan.words)
        if unsafe and tells and any(word.room == arrived.room for word in plan.words):
            # A press has counted all the same; what would have been asked about it is not.
            return await self._elsewhere(sender, words) if staff is not None else Plan()
        return plan

    async def _elsewhere(self, sender: Sender, words: Words) -> Plan:
        """Say to somebody alone that nothing is said in a room which others can read."""
        return Plan((Word(await self._direct.room(sender.identity), plain(words("matrix.unsafe_room"))),))

    async def _answer(
        self,
        arrived: Arrived,
        sender: Sender,
        words: Words,
        staff: Staff | None,
        *,
        direct: bool,
        unsafe: bool,
        begun: bool,
    ) -> Plan:
        shown = await self._store.shown(arrived.about) if arrived.about else None
        if shown is not None and (shown.room != arrived.room or (shown.is_word and arrived.kind is Kind.WORD)):
            shown = None  # what somebody says to another one's answer is their own talk
        self._metrics.inbound("matrix", arrived.kind.value)
        if arrived.kind is Kind.WORD:
            return await self._word(arrived, sender, words, shown, direct=direct, unsafe=unsafe, begun=begun)
        if staff is None:
            # Anybody may react to anything, and strangers are not answered for it.
            return Plan()
        if arrived.kind is Kind.UNREADABLE:
            return _plain(arrived, words("matrix.unreadable"))
        if arrived.kind is Kind.BEFORE:
            return _plain(arrived, words("matrix.before"))
        if shown is None:
            return Plan()
        if arrived.kind in {Kind.TAKEN_BACK, Kind.EDITED}:
            return await self._taken_back(sender, words, shown)
        return await self._reaction(arrived, sender, words, shown, begun=begun)

    async def _taken_back(self, sender: Sender, words: Words, shown: Shown) -> Plan:
        """Somebody took away or changed what they answered with: nothing counts by that, but they may believe it.

        The question that a reaction opened is closed; otherwise they are asked whether the answer changes.
        """
        if shown.by != sender.identity:
            return Plan()
        what = "changed" if shown.is_word else "taken_back"
        key = key_of(shown.room, shown.root, sender)
        talk = await self._store.talk(key)
        if talk is not None and as_reaction(talk):
            return Plan((_in_thread(shown.room, shown.root, words("matrix.taken_back.unanswered")),), key)
        under = await self._store.shown(shown.root)
        ways = [f"{way.number} {way.label}" for way in under.ways] if under is not None else []
        asked = "\n".join([words(f"matrix.{what}.answered") if ways else words(f"matrix.{what}.over"), *ways])
        return Plan((_in_thread(shown.room, shown.root, asked),), key if talk is not None else "", talk)

    async def _reaction(self, arrived: Arrived, sender: Sender, words: Words, shown: Shown, *, begun: bool) -> Plan:
        """Open the question that a sign stands for; the word that follows is what binds, if not the sign itself."""
        way = next((way for way in shown.ways if way.sign and way.sign == arrived.text), None)
        if way is None:
            return Plan()
        await self._store.show(replace(shown, event=arrived.event, ways=(), by=sender.identity))
        if self._is_trusted(arrived.sender):
            key = key_of(arrived.room, shown.root, sender)
            return await self._press(arrived, sender, words, key, shown.root, way, begun=begun)
        talk = confirming(way.label, way.action, way.token, sender, shown.root)
        said = _in_thread(arrived.room, shown.root, words("matrix.open_thread", label=way.label))
        return Plan((said,), key_of(arrived.room, shown.root, sender), talk)

    def _is_trusted(self, user: str) -> bool:
        """Say whether the servers through which somebody's reaction came are believed."""
        settings = self._session.settings
        through = {server_of(name) for name in (user, settings.user)}
        return through <= settings.trusted

    async def _word(
        self,
        arrived: Arrived,
        sender: Sender,
        words: Words,
        shown: Shown | None,
        *,
        direct: bool,
        unsafe: bool,
        begun: bool,
    ) -> Plan:
        root = "" if direct else shown.root if shown is not None and shown.root else arrived.about
        if root:
            arrived = replace(arrived, about=root)  # what is said in answer stands in the same thread
        key = key_of(arrived.room, root, sender)
        talk = await self._store.talk(key) if direct or root else None
        command = self._command(arrived, direct=direct)
        way, under = await self._meant(arrived, shown, root, free=direct and talk is None)
        if talk is None and way is None and command is None:
            return Plan()
        if not arrived.sure:
            return _plain(arrived, words("matrix.unsure"))
        # A command in the middle of a conversation is a command: whoever types it has moved on.
        if talk is not None and not arrived.text.casefold().startswith(COMMAND):
            if not as_reaction(talk):
                # In a room that others can read the conversation stands where it stood.
                return await self._go_on(arrived, sender, words, talk, unsafe=unsafe, begun=begun)
            if fold(arrived.text) in YES:
                way = Way(0, "", talk.title, talk.overview, talk.token)
            elif fold(arrived.text) in CANCEL:
                return Plan((_in_thread(arrived.room, root, words("matrix.cancelled")),), key)
        if way is not None:
            if under:
                await self._store.show(Shown(arrived.event, arrived.room, (), under, sender.identity, is_word=True))
            return await self._press(arrived, sender, words, key, root, way, begun=begun)
        if command is None:
            return Plan()
        response = await self._gateway(Command(sender, f"matrix:{arrived.event}", command))
        return await self._answered(response, arrived, sender, words)

    async def _meant(self, arrived: Arrived, shown: Shown | None, root: str, *, free: bool) -> tuple[Way | None, str]:
        """Return the way to answer that a line names, and the message under which it does so.

        `free`: nothing else is being asked, so that a bare number means the newest message that can be answered.
        """
        way = _way(shown, arrived.text) if shown is not None else None
        if way is None and shown is not None and shown.root != shown.event:
            top = await self._store.shown(shown.root)
            way = _way(top, arrived.text) if top is not None else None
        if way is not None or not (free and arrived.text.isdigit()):
            return way, root
        last = await self._store.last_shown(arrived.room)
        return (_way(last, arrived.text), last.event) if last is not None else (None, root)

    async def _go_on(
        self, arrived: Arrived, sender: Sender, words: Words, talk: Talk, *, unsafe: bool, begun: bool
    ) -> Plan:
        if unsafe:
            return await self._elsewhere(sender, words)
        return await self._asking.go_on(arrived, sender, talk, begun=begun)

    async def _press(
        self, arrived: Arrived, sender: Sender, words: Words, key: str, root: str, way: Way, *, begun: bool
    ) -> Plan:
        response = await self._gateway(Press(sender, f"matrix:{arrived.event}", way.action, way.token))
        if isinstance(response, Ask):
            return await self._asking.start(response.form, arrived.room, root, sender)
        if isinstance(response, Failed):
            return _plain(arrived, words("matrix.failed", reference=response.reference))
        if isinstance(response, Silence) and begun:
            return replace(_plain(arrived, words("matrix.perhaps")), talk_key=key)
        return Plan(talk_key=key)

    async def _answered(self, response: Response, arrived: Arrived, sender: Sender, words: Words) -> Plan:
        """Answer a command in the direct room: it is nobody else's matter."""
        if isinstance(response, Silence):
            return Plan()
        if isinstance(response, Failed):
            return _plain(arrived, words("matrix.failed", reference=response.reference))
        room = await self._direct.room(sender.identity)
        if isinstance(response, Ask):
            return await self._asking.start(response.form, room, "", sender)
        card = response.card if isinstance(response, Say) else not_saved(response, words)
        drawn = draw(card, self._words_for(card.language), direct=True)
        return Plan((Word(room, dict(drawn.content), drawn.ways),))

    def _command(self, arrived: Arrived, *, direct: bool) -> str | None:
        """Return what was asked of the bot by name; in a direct room everything is."""
        head, _, rest = arrived.text.partition(" ")
        if head.casefold() == COMMAND:
            return rest.strip()
        me = self._session.settings.user
        if me in arrived.mentions or head.rstrip(":,") == me:
            return rest.strip()
        return arrived.text if direct else None


def not_saved(response: Mend, words: Words) -> Card:
    """Return errors that have no form to stand in."""
    title = words("matrix.not_saved")
    return Card(title, title, (Section(lines=tuple(response.errors.values())),))


def _way(shown: Shown, text: str) -> Way | None:
    """Return the way that a line names, by number or by its label in full."""
    line = fold(text).rstrip(".)")
    return next((way for way in shown.ways if line in {str(way.number), fold(way.label)}), None)


def _in_thread(room: str, root: str, text: str) -> Word:
    content = plain(text, msgtype="m.notice")
    return Word(room, in_thread(content, root) if root else content)


def _plain(arrived: Arrived, text: str) -> Plan:
    return Plan((_in_thread(arrived.room, arrived.about, text),))
