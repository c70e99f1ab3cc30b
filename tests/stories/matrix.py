"""The world of stories over Matrix: a real server, encrypted rooms, and people who type their answers."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from bot.matrix.login import log_in
from bot.matrix.platform import MatrixPlatform
from bot.matrix.server.lookup import MARK
from bot.matrix.server.session import MatrixSettings
from bot.matrix.talk.arrivals import Shown
from bot.matrix.talk.conversation import SEVERAL, Talk, one_box, options_of
from bot.matrix.talk.conversation import Person as Nameable
from domain.address import Address, Kind
from domain.directory import Directory
from handlers.ui.forms import Field, FieldKind
from storage.encryption.cipher import Keyring, fresh_key
from tests.handlers import town
from tests.handlers.calendars import Calendars, answering
from tests.matrix.client import PATIENCE, Person
from tests.stories.world import Message, Told, World
from tests.synapse import PASSWORD, Synapse

_numbers = itertools.count()
_OUTSIDER = "ove"
_EVERYBODY = (*(someone.name for someone in town.STAFF), "vera", _OUTSIDER)


class MatrixActor:
    """Somebody at a Matrix program of their own. `direct` is the room that they have with the bot."""

    def __init__(self, world: MatrixWorld, name: str, person: Person) -> None:
        self.name = name
        self.person = person
        self.direct = ""
        self._world = world
        self._before = ""

    @property
    def identity(self) -> str:
        return f"matrix:{self.person.user}"

    async def types(self, words: str) -> Told:
        return await self._told(self.direct or self._world.home_of(self.name), f"!sip {words}")

    async def presses(self, action: str, *, room: str = "") -> Told:
        world = self._world
        places = [world.place(room)] if room else [*world.rooms.values(), self.direct]
        for event in reversed(self._letters(places)):
            number = next((str(way.number) for way in world.ways(event["event_id"]) if way.action == action), "")
            if number:
                return await self._told(event["room_id"], number, thread=event["event_id"])
        raise AssertionError(f"{self.name} sees no way to {action} in {room or 'any room'}")

    async def fills(self, form: str, answers: Mapping[str, Any], *, checked: bool = True) -> Told:
        talk = await self._talk()
        assert talk is not None
        assert talk.form == form
        room, root = await self._where()
        unknown = set(answers) - {question.field.name for question in talk.questions}
        assert not unknown, unknown
        while talk.at < len(talk.questions):
            field = talk.questions[talk.at].field
            people = await self._world.platform._people(room if root else "")  # noqa: SLF001 - what the question lists
            line = _line(talk, field, answers, people, self._world)
            if not line:
                return Told(form=form, errors={field.name: "required"})
            await self._say(room, line, root)
            after = await self._talk()
            assert after is not None
            if after.at <= talk.at:
                return Told(form=form, errors={field.name: self.person.seen[-1]["content"]["body"]})
            talk = after
        return await self._told(room, "ja", thread=root, sent=talk)

    async def repeats(self) -> Told:
        """Have the server tell once more what it told since the last act."""
        platform = self._world.platform
        await platform.stop()
        await platform.session.store.open()
        await platform.session.store.crypto.put_next_batch(self._before)  # type: ignore[arg-type]
        await platform.session.store.close()
        began = time.time()
        await platform.start()
        while await self._world.token() == self._before:  # noqa: ASYNC110 - nothing tells that it was read
            await asyncio.sleep(0.02)
        return await self._outcome(began, self._told_so_far(), None)

    async def _told(self, room: str, text: str, *, thread: str = "", sent: Talk | None = None) -> Told:
        began, before = time.time(), self._told_so_far()
        self._before = await self._world.token()
        await self._say(room, text, thread)
        return await self._outcome(began, before, sent)

    async def _outcome(self, began: float, before: int, sent: Talk | None) -> Told:
        await self._world.settle()
        words = "\n".join(_text(event) for event in self._private()[before:])
        talk, at = await self._newest()
        if talk is None or at < began:
            return Told(words)
        if sent is not None and talk.token == sent.token:
            return Told(words, talk.form, errors={talk.questions[talk.at].field.name: self._last_notice()})
        return Told(words, talk.form, tuple(question.field.name for question in talk.questions))

    async def _say(self, room: str, text: str, thread: str = "") -> None:
        event = await self.person.say(room, text, thread=thread)
        await self._world.handled(event)
        await self.person.sync()

    def _letters(self, places: Sequence[str]) -> list[dict[str, Any]]:
        gone = _redacted(self.person)
        return [e for e in self.person.seen if e["room_id"] in places and _is_letter(e) and e["event_id"] not in gone]

    def _private(self) -> list[dict[str, Any]]:
        """Return what the bot has said to this person alone, beside their board and conversations."""
        bot = self._world.bot
        return [e for e in self.person.seen if e["room_id"] == self.direct and e["sender"] == bot and _is_new(e)]

    def _told_so_far(self) -> int:
        return len(self._private())

    def _last_notice(self) -> str:
        notices = [e for e in self.person.seen if e["content"].get("msgtype") == "m.notice"]
        return _text(notices[-1]) if notices else ""

    async def _talk(self) -> Talk | None:
        return (await self._newest())[0]

    async def _newest(self) -> tuple[Talk | None, float]:
        rows = await self._world.talks(self.identity)
        return (None, 0.0) if not rows else (rows[-1][1], rows[-1][2])

    async def _where(self) -> tuple[str, str]:
        room, root, _ = (await self._world.talks(self.identity))[-1][0].split("|")
        return room, root


class MatrixWorld(World):
    """Rooms on a real server as the stories see them."""

    platform: MatrixPlatform  # type: ignore[assignment]

    def __init__(self, calendars: Calendars, server: Synapse, bot: str, people: Mapping[str, Person]) -> None:
        self.calendars = calendars
        self.story = calendars.story
        self.database = self.story.bot.database
        self.server = server
        self.bot = bot
        self.actors = {name: MatrixActor(self, name, person) for name, person in people.items()}
        self.rooms: dict[str, str] = {}
        self._ways: dict[str, Shown] = {}
        self._together = False
        (self.platform,) = [one for one in self.story.bot.platforms if isinstance(one, MatrixPlatform)]

    def keeper(self, agency: str) -> MatrixActor:
        """Return who keeps an agency's room."""
        name = next((someone.name for someone in town.STAFF if someone.agency == agency), "vera")
        return self.actors[name]

    def home_of(self, name: str) -> str:
        """Return the room of somebody's agency."""
        return self.rooms[town.BY_NAME[name].agency if name in town.BY_NAME else "soc"]

    async def settle(self) -> None:
        if self._together:
            return
        await self.story.settle()
        await self.platform._background.finish(5.0)  # noqa: SLF001 - signs are put under messages afterwards
        await self.look()

    async def look(self) -> None:
        """Let everybody look at their rooms, and come where they are asked."""
        rows = await self.platform.session.store.database.fetch("SELECT event_id, room, sealed FROM sipbot_shown")
        store = self.platform.session.store
        self._ways = {row["event_id"]: store._shown(row) for row in rows}  # noqa: SLF001 - as it stands in the file
        await asyncio.gather(*(self._looks(actor) for actor in self.actors.values()))

    async def _looks(self, actor: MatrixActor) -> None:
        await actor.person.sync()
        for room in actor.person.invited:
            await actor.person.session.join(room)
            await actor.person.sync()
            if room not in self.rooms.values():
                actor.direct = actor.direct or room
        actor.person.invited.clear()

    async def until(self, moment: str) -> None:
        self.story.codes = await self.codes()
        await self.story.until(moment)
        await self.settle()

    async def at_once(self, *acts: Callable[[], Awaitable[Told]]) -> list[Told]:
        self._together = True
        try:
            told = await asyncio.gather(*(act() for act in acts))
        finally:
            self._together = False
        await self.settle()
        return told

    def messages(self, where: str) -> list[Message]:
        place = self.place(where)
        reader = self.keeper(where) if where in self.rooms else self.actors[where]
        changed = {e["content"]["m.relates_to"]["event_id"]: e for e in reader.person.seen if _is_edit(e)}
        return [
            Message(_text(changed.get(event["event_id"], event)), tuple(w.action for w in self.ways(event["event_id"])))
            for event in reader._letters([place])  # noqa: SLF001 - what they read there
            if event["content"].get("msgtype") == "m.text"
        ]

    def ways(self, event: str) -> Sequence[Any]:
        """Return how a message can be answered."""
        return self._ways[event].ways if event in self._ways else ()

    def place(self, where: str) -> str:
        return self.rooms.get(where) or self.actors[where].direct

    def invites(self, name: str) -> list[str]:
        return self.story.methods_to(name)

    def mails(self, address: str) -> list[str]:
        return [str(mail["Subject"]) for mail in self.story.mails(address)]

    async def calendar_answers(self, name: str, kind: str) -> None:
        await self.calendars.answers(name, kind.upper())
        await self.settle()

    def loses_room(self, agency: str) -> None:
        keeper, room = self.keeper(agency).person, self.rooms[agency]
        path = f"/_matrix/client/v3/rooms/{room}/kick"
        self.server.call("POST", path, keeper.session.settings.token, {"user_id": self.bot})

    def speaks(self, name: str, locale: str) -> None:
        pytest.skip("Matrix tells no bot which language somebody reads")

    def identity(self, name: str) -> str:
        return self.actors[name].identity

    # ---- the bot's own file ------------------------------------------------------------------------------------

    async def handled(self, event: str) -> None:
        """Wait until the bot has answered an event."""
        until = time.monotonic() + PATIENCE
        query = "SELECT state FROM sipbot_arrived WHERE event_id = $1"
        while await self.platform.session.store.database.fetchval(query, event) != "done":
            assert time.monotonic() < until, "the bot does not answer"
            await asyncio.sleep(0.01)

    async def token(self) -> str:
        """Return where the bot stands in the stream."""
        return str(await self.platform.session.store.crypto.get_next_batch())

    async def talks(self, identity: str) -> list[tuple[str, Talk, float]]:
        """Return the conversations with somebody, the one that went on last at the end."""
        store = self.platform.session.store
        rows = await store.database.fetch("SELECT key, sealed, at FROM sipbot_talk ORDER BY at")
        opened = [(row["key"], store._keyring.open(row["sealed"], f"matrix|{row['key']}"), row["at"]) for row in rows]  # noqa: SLF001 - as above
        found = [(key, msgspec.json.decode(sealed, type=Talk), at) for key, sealed, at in opened]
        return [(key, talk, at) for key, talk, at in found if key.endswith(f"|{identity}") and talk.form]


def _line(talk: Talk, field: Field, answers: Mapping[str, Any], people: Sequence[Nameable], world: MatrixWorld) -> str:
    """Return what somebody types to answer a question; "" when they have no answer to one that needs it."""
    answer = answers.get(field.name)
    if not answer:
        return "." if field.name not in answers and talk.values.get(field.name, field.initial) else _nothing(field)
    if one_box(field):
        return "ja"
    if field.kind in SEVERAL or field.kind in {FieldKind.SELECT, FieldKind.USER}:
        chosen = list(answer) if isinstance(answer, list | tuple) else [answer]
        values = [value for value, _ in options_of(field, people)]
        if field.kind in {FieldKind.USER, FieldKind.USERS}:
            chosen = [world.identity(name) for name in chosen]
        return ", ".join(str(values.index(value) + 1) for value in chosen)
    return str(answer)


def _nothing(field: Field) -> str:
    return "" if field.required else "nej" if one_box(field) else "-"


def _text(event: Mapping[str, Any]) -> str:
    content = event["content"]
    return str(content.get("m.new_content", content).get("body", ""))


def _is_edit(event: Mapping[str, Any]) -> bool:
    return bool(event["content"].get("m.relates_to", {}).get("rel_type") == "m.replace")


def _is_letter(event: Mapping[str, Any]) -> bool:
    return MARK in event["content"]


def _is_new(event: Mapping[str, Any]) -> bool:
    return event["type"] == "m.room.message" and not _is_edit(event)


def _redacted(person: Person) -> set[str]:
    return {
        str(e.get("redacts") or e["content"].get("redacts")) for e in person.seen if e["type"] == "m.room.redaction"
    }


def _directory(people: Mapping[str, Person], rooms: Mapping[str, str]) -> Directory:
    """Return the same agencies and staff as on every platform, with rooms and identities of this one."""
    known = town.directory()
    names = {someone.id: someone.name for someone in town.STAFF} | {f"slack:{town.TEAM}/U0VERA": "vera"}
    agencies = {
        agency.id: replace(
            agency,
            addresses=tuple(Address("matrix", Kind.ROOM, rooms[agency.id]) for _ in agency.addresses),
            manager=f"matrix:{people[names[agency.manager]].user}" if agency.manager in names else "",
        )
        for agency in known.agencies.values()
    }
    staff = {}
    for someone in town.STAFF:
        identity = f"matrix:{people[someone.name].user}"
        staff[identity] = replace(known.staff[someone.id], id=identity, identities=(identity,))
    return Directory(agencies, staff)


@asynccontextmanager
async def over_matrix(folder: Path, empty_database: Path, server: Synapse) -> AsyncIterator[MatrixWorld]:
    """Tell a story over Matrix, with people of its own."""
    number = next(_numbers)
    keys = fresh_key()
    reach = MatrixSettings(server.url, server.register(f"sip{number}"), "", store=folder / "matrix.db")
    kept = await log_in(reach, PASSWORD, Keyring([keys]))
    async with AsyncExitStack() as stack:
        people = {name: await _person(stack, server, f"{name}{number}", folder) for name in _EVERYBODY}
        calendars = await stack.enter_async_context(
            answering(
                folder,
                empty_database,
                sipbot_secret_keys=(SecretStr(keys),),
                matrix_homeserver=server.url,
                matrix_user=kept.user,
                matrix_token=SecretStr(kept.token),
                matrix_recovery_key=SecretStr(kept.recovery_key),
                matrix_store=str(reach.store),
            )
        )
        world = MatrixWorld(calendars, server, kept.user, people)
        await _settle_in(world, people)
        yield world


async def _person(stack: AsyncExitStack, server: Synapse, name: str, folder: Path) -> Person:
    server.register(name)
    person = Person(server.url, server.login(name), folder)
    await person.open()
    stack.push_async_callback(person.close)
    return person


async def _settle_in(world: MatrixWorld, people: Mapping[str, Person]) -> None:
    """Make the agencies' rooms, and wait until the bot has come to all of them.

    Its room with each person it makes itself, when it has something to say to them.
    """
    for agency in town.CHANNELS.values():
        members = [people[someone.name].user for someone in town.STAFF if someone.agency == agency]
        guests = [people[_OUTSIDER].user] if agency == "soc" else []
        keeper = world.keeper(agency)
        others = [user for user in (*members, *guests) if user != keeper.person.user]
        world.rooms[agency] = await keeper.person.room_with(*others)
    directory = _directory(people, world.rooms)
    await world.story.writing(lambda tx: tx.replace_directory(directory, "operator"))
    for agency, room in world.rooms.items():
        await world.keeper(agency).person.session.client.invite_user(room, world.bot)  # type: ignore[arg-type]
    await asyncio.gather(*(world._looks(actor) for actor in world.actors.values()))  # noqa: SLF001 - part of it
    until = time.monotonic() + PATIENCE
    while not set(world.rooms.values()) <= set(await world.platform.session.rooms()):
        assert time.monotonic() < until, "the bot does not come"
        await asyncio.sleep(0.05)
    await world.look()
