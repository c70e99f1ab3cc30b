"""The world of stories over Matrix: a real server, encrypted rooms, and people who type their answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from bot.matrix.names import MARK
from bot.matrix.platform import MatrixPlatform
from bot.matrix.talk.arrivals import Shown
from bot.matrix.talk.conversation import SEVERAL, Talk, one_box, options_of
from bot.matrix.talk.conversation import Person as Nameable
from domain.address import Address, Kind
from domain.directory import Directory
from handlers.ui.forms import Field, FieldKind
from storage.encryption.cipher import Keyring
from storage.transaction import Transaction
from tests.handlers import town
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.story import KEY
from tests.matrix.client import PATIENCE, Person
from tests.stories.company import KEEPERS, LOBBY, Company, until_in
from tests.stories.world import Message, Told, World


class MatrixActor:
    """Somebody at a Matrix program of their own."""

    def __init__(self, world: MatrixWorld, name: str, person: Person) -> None:
        self.name = name
        self.person = person
        self._world = world
        self._before = ""
        self._has_typed = False

    @property
    def direct(self) -> str:
        """The room that they have with the bot."""
        return self._world.company.directs.get(self.name, "")

    @property
    def identity(self) -> str:
        return f"matrix:{self.person.user}"

    async def types(self, words: str) -> Told:
        """Type in the agency's room at first, and then where the bot has answered."""
        room = self.direct if self.direct and self._has_typed else self._world.home_of(self.name)
        self._has_typed = True
        return await self._told(room, f"!sip {words}")

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
            people = await self._world.platform.staffing(room if root else "")  # what the question lists
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

    def __init__(self, calendars: Calendars, company: Company) -> None:
        self.calendars = calendars
        self.story = calendars.story
        self.database = self.story.bot.database
        self.company = company
        self.server, self.bot, self.rooms = company.server, company.bot, company.rooms
        self.actors = {name: MatrixActor(self, name, person) for name, person in company.people.items()}
        self._ways: dict[str, Shown] = {}
        self._together = False
        (self.platform,) = [one for one in self.story.bot.platforms if isinstance(one, MatrixPlatform)]

    async def begin(self) -> None:
        """Let the bot know who is who and in which rooms, and wait until it is in all of them.

        A room with each person it makes itself, when it has something to say to them, unless an earlier story did.
        """
        directory = _directory(self.company.people, self.rooms)
        known = {self.identity(name): room for name, room in self.company.directs.items()}

        def introduce(tx: Transaction) -> None:
            tx.replace_directory(directory, "operator")
            for identity, room in known.items():
                tx.people.remember_dm(identity, room)

        await self.story.writing(introduce)
        await self.company.bring()
        await until_in(set(self.rooms.values()), self.platform.session)
        await self.look()

    def keeper(self, agency: str) -> MatrixActor:
        """Return who keeps an agency's room."""
        return self.actors[KEEPERS.get(agency, "vera")]

    def home_of(self, name: str) -> str:
        """Return the room of somebody's agency."""
        return self.rooms[town.BY_NAME[name].agency if name in town.BY_NAME else LOBBY]

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
        await self.company.look()

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
async def over_matrix(
    folder: Path, empty_database: Path, company: Company, **settings: Any
) -> AsyncIterator[MatrixWorld]:
    """Tell a story over Matrix."""
    store = folder / "matrix.db"
    async with company.gathered():
        kept = await company.new_device(store, Keyring([KEY.get_secret_value()]))
        told = answering(
            folder,
            empty_database,
            matrix_homeserver=company.server.url,
            matrix_user=kept.user,
            matrix_token=SecretStr(kept.token),
            matrix_recovery_key=SecretStr(kept.recovery_key),
            matrix_store=str(store),
            **settings,
        )
        async with told as calendars:
            world = MatrixWorld(calendars, company)
            await world.begin()
            yield world
