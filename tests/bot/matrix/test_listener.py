"""What is made of what people do in rooms: what binds, what only opens a question, and what is let be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import templates
from bot.delivery.outcome import NotSent, Unknown
from bot.delivery.transport import Delivery
from bot.matrix.listener import TRIES, Listener
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.guard import Unsafe
from bot.matrix.server.session import MatrixSettings
from bot.matrix.server.store import MatrixStore
from bot.matrix.talk.arrivals import Arrived, Kind, Shown, Way, about
from bot.matrix.talk.asking import key_of
from bot.matrix.talk.conversation import Talk
from bot.metrics import Metrics
from domain.address import Address
from domain.address import Kind as Place
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from handlers.ui.events import Event, Press, Sender
from handlers.ui.responses import Response, Silence
from storage.encryption.cipher import Keyring, fresh_key

ROOM, SUMMONS = "!bup:hs.example", "$summons"
JULIA, FAR, BOT = "@julia:hs.example", "@julia:far.example", "@sip:hs.example"


@dataclass
class Session:
    """A session that only keeps what is said."""

    store: MatrixStore
    settings: MatrixSettings
    said: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    contents: list[Mapping[str, Any]] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    refuses: dict[str, Delivery] = field(default_factory=dict)  # by the beginning of what is said

    async def alive(self) -> bool:
        return True

    def hidden(self, key: str) -> str:
        return self.store.hidden(key)

    async def send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        for words, why in self.refuses.items():
            if str(content["body"]).startswith(words):
                raise MatrixFailed(why)
        self.said.append(str(content["body"]))
        self.rooms.append(room)
        self.contents.append(content)
        self.events.append(f"${transaction}")
        return self.events[-1]


class Rooms:
    """Nobody is alone with the bot, but in the room that it makes for them."""

    async def is_direct(self, room: str, user: str) -> bool:
        return False

    async def room(self, person: str) -> str:
        return f"!direct of {person}"


@dataclass
class Guard:
    """Says of BUP's room what a test wants."""

    why: Unsafe | None = None

    async def unsafe(self, room: str) -> Unsafe | None:
        assert room == ROOM
        return self.why


@dataclass
class World:
    """A room of BUP with a summons in it, and what came of what was done there."""

    session: Session
    pressed: list[Press]
    listener: Listener
    guard: Guard
    numbers: int = 0

    async def arrives(self, kind: Kind, text: str, sender: str = JULIA, *, sure: bool = True, **more: Any) -> None:
        self.numbers += 1
        event = more.pop("event", f"$event{self.numbers}")
        arrived = Arrived(event, ROOM, sender, kind, text, more.pop("about", SUMMONS), sure=sure, encrypted=sure)
        await self.session.store.arrive(replace(arrived, **more))
        await self.listener.work()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = MatrixStore(tmp_path / "m.db", BOT, Keyring([fresh_key()]))
    await store.open()
    session, pressed = Session(store, MatrixSettings("", BOT, "")), list[Press]()

    async def gateway(incoming: Event) -> Response:
        assert isinstance(incoming, Press)
        pressed.append(incoming)
        return Silence()

    async def directory() -> Directory:
        identities = (f"matrix:{JULIA}", f"matrix:{FAR}")
        staff = Staff(identities[0], "bup", "Julia Påhittlind", identities=identities)
        room = (Address("matrix", Place.ROOM, ROOM),)
        agency = Agency("bup", "BUP", "Enhet B", AgencyKind.HEALTH_CARE, Principal.REGION, addresses=room)
        return Directory({"bup": agency}, {staff.id: staff})

    guard = Guard()
    listener = Listener(session, gateway, Rooms(), lambda _: templates.load("sv"), directory, None, Metrics(), guard)  # type: ignore[arg-type]
    await store.show(Shown(SUMMONS, ROOM, (Way(1, "✅", "Bekräfta", "summons.received", "t"),), SUMMONS))
    yield World(session, pressed, listener, guard)
    await store.close()


def trusting(world: World, *servers: str) -> None:
    world.session.settings = replace(world.session.settings, trusted=frozenset(servers))


async def test_a_reaction_opens_a_question_and_the_encrypted_word_binds(world: World) -> None:
    await world.arrives(Kind.REACTION, "✅", sure=False)
    assert world.pressed == []
    assert "räknas inte som svar" in world.session.said[-1]
    await world.arrives(Kind.WORD, "ja", sure=False)
    assert world.pressed == []
    await world.arrives(Kind.WORD, "ja")
    assert [press.action for press in world.pressed] == ["summons.received"]


async def test_a_reaction_from_a_server_that_the_operator_trusts_is_the_answer(world: World) -> None:
    trusting(world, "hs.example")
    await world.arrives(Kind.REACTION, "✅", sure=False)
    assert [press.action for press in world.pressed] == ["summons.received"]
    assert world.session.said == []


@pytest.mark.parametrize("trusted", [("hs.example",), ("far.example",)])
async def test_both_servers_through_which_it_came_must_be_trusted(world: World, trusted: tuple[str, ...]) -> None:
    """The bot's own server hands over what another one says, and could make it up as well."""
    trusting(world, *trusted)
    await world.arrives(Kind.REACTION, "✅", FAR, sure=False)
    assert world.pressed == []


async def test_a_trusted_server_is_not_trusted_for_words_in_clear(world: World) -> None:
    trusting(world, "hs.example")
    await world.arrives(Kind.WORD, "1", sure=False)
    assert world.pressed == []


async def test_a_reaction_that_is_told_again_counts_once(world: World) -> None:
    trusting(world, "hs.example")
    for _ in range(3):
        await world.arrives(Kind.REACTION, "✅", sure=False, event="$same")
    assert len(world.pressed) == 1


@pytest.mark.parametrize("user", ["@julia:hs.example.evil.example", "@julia:HS.EXAMPLE", "@ove:hs.example"])
async def test_who_only_looks_like_somebody_of_the_directory_is_not_heard(world: World, user: str) -> None:
    trusting(world, "hs.example", "HS.EXAMPLE", "hs.example.evil.example")
    await world.arrives(Kind.REACTION, "✅", user, sure=False)
    assert (world.pressed, world.session.said) == ([], [])


async def test_a_number_under_a_message_of_another_room_presses_nothing(world: World) -> None:
    await world.arrives(Kind.WORD, "1", room="!other:hs.example")
    assert world.pressed == []


async def test_whose_program_knows_no_threads_replies_to_what_the_bot_asked_and_is_understood(world: World) -> None:
    """nheko and Hydrogen show a thread in the main line: one replies to the question, not to the summons."""
    await world.arrives(Kind.REACTION, "✅", sure=False)
    question = world.session.events[-1]
    await world.arrives(Kind.WORD, "ja", about=question)
    assert [press.action for press in world.pressed] == ["summons.received"]
    await world.arrives(Kind.WORD, "1", about=question)
    assert len(world.pressed) == 2
    await world.arrives(Kind.WORD, "1", about=question, sure=False)
    assert about(world.session.contents[-1]) == SUMMONS


@pytest.mark.parametrize("kind", [Kind.REACTION, Kind.UNREADABLE, Kind.BEFORE])
async def test_4d_where_others_can_read_nothing_is_answered_and_who_asked_is_told_alone(
    world: World, kind: Kind
) -> None:
    world.guard.why = Unsafe.STRANGERS
    await world.arrives(kind, "✅", sure=False)
    assert world.session.rooms == [f"!direct of matrix:{JULIA}"]
    assert "andra än verksamhetens egna" in world.session.said[-1]


async def test_4d_a_conversation_stands_still_while_others_can_read(world: World) -> None:
    """Each question would show what was said before."""
    key = key_of(ROOM, SUMMONS, Sender(f"matrix:{JULIA}"))
    talk = Talk("meeting.propose", "Föreslå tid", "t", (), f"matrix:{JULIA}", SUMMONS)
    await world.session.store.keep_talk(key, talk)
    world.guard.why = Unsafe.PUBLIC
    await world.arrives(Kind.WORD, "ja")
    assert world.session.rooms == [f"!direct of matrix:{JULIA}"]
    assert await world.session.store.talk(key) == talk


@pytest.mark.parametrize("room", ["!replaced:hs.example", "!direct:hs.example"])
async def test_4d_where_the_bot_may_speak_no_more_a_conversation_stands_still(world: World, room: str) -> None:
    """The room was replaced while a form was open, or others have come into somebody's own: they would read it all."""
    key = key_of(room, SUMMONS, Sender(f"matrix:{JULIA}"))
    talk = Talk("meeting.propose", "Föreslå tid", "t", (), f"matrix:{JULIA}", SUMMONS)
    await world.session.store.keep_talk(key, talk)
    await world.arrives(Kind.WORD, "ja", room=room)
    assert world.session.rooms == [f"!direct of matrix:{JULIA}"]
    assert await world.session.store.talk(key) == talk


async def test_4d_where_the_bot_may_speak_no_more_no_question_is_opened(world: World) -> None:
    room = "!replaced:hs.example"
    await world.session.store.show(Shown("$old", room, (Way(1, "✅", "Bekräfta", "summons.received", "t"),), "$old"))
    await world.arrives(Kind.REACTION, "✅", room=room, about="$old", sure=False)
    assert world.session.rooms == [f"!direct of matrix:{JULIA}"]
    await world.arrives(Kind.WORD, "1", room=room, about="$old")
    assert [press.action for press in world.pressed] == ["summons.received"], "the answer itself counts"


async def test_an_answer_that_needs_no_question_counts_where_others_can_read(world: World) -> None:
    """As on Slack: what an agency says is not lost, and nothing is said about it there."""
    world.guard.why = Unsafe.STRANGERS
    await world.arrives(Kind.WORD, "1")
    assert ([press.action for press in world.pressed], world.session.said) == (["summons.received"], [])


async def test_4d_who_is_not_in_the_directory_is_told_nothing_where_others_can_read(world: World) -> None:
    world.guard.why = Unsafe.STRANGERS
    await world.arrives(Kind.WORD, "1", "@ove:hs.example", sure=False)
    assert (world.pressed, world.session.said) == ([], [])


@pytest.mark.parametrize("kind", [Kind.EDITED, Kind.TAKEN_BACK])
async def test_an_answer_that_its_author_changes_or_deletes_holds_and_they_are_asked(world: World, kind: Kind) -> None:
    """A program shows the answer as changed or gone. Nothing counts by that, and silence would let them believe it."""
    await world.arrives(Kind.WORD, "1", event="$answer")
    await world.arrives(kind, "4", about="$answer", sure=False)
    assert [press.action for press in world.pressed] == ["summons.received"]
    assert "Ska ditt svar ändras?" in world.session.said[-1]
    assert about(world.session.contents[-1]) == SUMMONS
    await world.arrives(Kind.WORD, "1", event="$again")
    assert len(world.pressed) == 2


@pytest.mark.parametrize("kind", [Kind.EDITED, Kind.TAKEN_BACK])
@pytest.mark.parametrize("who", [FAR, "@ove:hs.example"])
async def test_what_somebody_else_makes_of_an_answer_is_nothing(world: World, kind: Kind, who: str) -> None:
    """A moderator deletes it, a server edits it: who answered is asked nothing, and the answer holds."""
    await world.arrives(Kind.WORD, "1", event="$answer")
    await world.arrives(kind, "4", who, about="$answer", sure=False)
    assert (len(world.pressed), world.session.said) == (1, [])


@pytest.mark.parametrize("kind", [Kind.EDITED, Kind.TAKEN_BACK])
async def test_nobody_is_asked_of_what_was_no_answer(world: World, kind: Kind) -> None:
    """Also the bot's own summons, which a moderator deletes or somebody else's edit names."""
    await world.arrives(Kind.WORD, "we talk among ourselves", event="$talk")
    await world.arrives(kind, "1", about="$talk")
    await world.arrives(kind, "1", about=SUMMONS)
    assert (world.pressed, world.session.said) == ([], [])


async def test_what_a_colleague_says_to_an_answer_is_their_own_talk(world: World) -> None:
    await world.arrives(Kind.WORD, "1", event="$answer")
    await world.arrives(Kind.WORD, "1", FAR, about="$answer")
    await world.arrives(Kind.REACTION, "✅", FAR, about="$answer", sure=False)
    assert (len(world.pressed), world.session.said) == (1, [])


@pytest.mark.parametrize(
    "why", [NotSent("forbidden", 900.0), NotSent("not_joined_yet", 5.0), Unknown("http_502"), NotSent("ratelimited")]
)
async def test_a_room_that_lets_the_bot_say_nothing_makes_nobody_else_wait_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch, why: Delivery
) -> None:
    """Whoever may change a room can forbid the bot to speak there, or their server can fail whenever it is asked."""
    waited: list[float] = []

    async def at_once(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) > 50:
            world.session.refuses.clear()

    monkeypatch.setattr(asyncio, "sleep", at_once)
    world.session.refuses["Ditt meddelande kom okrypterat"] = why
    await world.arrives(Kind.WORD, "1", sure=False)
    await world.arrives(Kind.WORD, "1")
    assert [press.action for press in world.pressed] == ["summons.received"]
    if why == NotSent("ratelimited"):
        assert len(waited) > 50, "what the server has no time for now concerns all, and nothing of it is dropped"
    else:
        assert sum(waited) <= 60


async def test_an_answer_that_falls_over_an_error_of_the_program_keeps_no_other_from_being_said(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """It was begun anew every five seconds for good, and nobody behind it was answered."""
    send, first = world.session.send, world.session.hidden("$event1 0")

    async def fall(room: str, content: Mapping[str, Any], transaction: str) -> str:
        if transaction == first:
            raise KeyError("hemligt")
        return await send(room, content, transaction)

    world.session.send = fall  # type: ignore[method-assign]
    for _ in range(2):
        with pytest.raises(KeyError):
            await world.arrives(Kind.REACTION, "✅", sure=False)
    for _ in range(TRIES):
        with suppress(KeyError):
            await world.listener.work()
    assert len(world.session.said) == 1, "the second is asked what it means"
    assert "hemligt" not in caplog.text
    assert "an answer is given up" in caplog.text
