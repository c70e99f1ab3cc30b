"""Nothing is said in an agency's room that others can read: the same law as for Slack's channels (law 4D.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

import templates
from bot.background import Background
from bot.delivery.outcome import Never, Sent
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.guard import RoomGuard, Unsafe
from bot.matrix.transport import MatrixTransport
from domain.address import Address, Kind
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from handlers.ui.cards import Card
from handlers.ui.outgoing import Outgoing, Show, TakeBack, Tell
from storage.posts import Post

OLD, ROOM = "!before:hs.example", "!bup:hs.example"
BOT, JULIA, OTHER_JULIA = "@sip:hs.example", "@julia:hs.example", "@julia:far.example"
MANAGER, OMAR, OVE = "@birgit:hs.example", "@omar:hs.example", "@ove:hs.example"
ADDRESS, CARD = f"matrix:room:{OLD}", Card("Kallelse", "Kallelse")
POST = Post("summons:1", ADDRESS, ROOM, "$stands", 1, datetime(2026, 11, 23, tzinfo=UTC))


def state(*members: str, asked: tuple[str, ...] = (), rule: str = "invite", history: str = "joined") -> list[Any]:
    there = [_event("m.room.member", {"membership": "join"}, member) for member in (BOT, *members)]
    there += [_event("m.room.member", {"membership": "invite"}, member) for member in asked]
    there.append(_event("m.room.member", {"membership": "leave"}, "@gone:hs.example"))
    there.append(_event("m.room.join_rules", {"join_rule": rule}))
    there.append(_event("m.room.history_visibility", {"history_visibility": history}))
    return [*there, _event("m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"})]


def _event(kind: str, content: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    return {"type": kind, "state_key": key, "content": content}


SAFE = state(JULIA, OTHER_JULIA, asked=(MANAGER,))


@dataclass
class Server:
    """A server with BUP's room, which stands in the place of an older one, and what was said in it."""

    state_now: list[Any]
    keyed: list[str] = field(default_factory=list)
    asked: int = 0
    said: list[tuple[str, str]] = field(default_factory=list)
    redacted: list[str] = field(default_factory=list)

    async def state(self, room: str) -> list[Any]:
        assert room == ROOM
        self.asked += 1
        return self.state_now

    async def members(self, room: str) -> list[str]:
        return self.keyed

    async def newest(self, room: str) -> str:
        return ROOM if room == OLD else room

    async def send(self, room: str, content: Mapping[str, Any], transaction: str) -> str:
        self.said.append((room, str(content["body"])))
        return f"${len(self.said)}"

    async def redact(self, room: str, event: str, transaction: str) -> None:
        self.redacted.append(event)

    async def react(self, room: str, event: str, sign: str, transaction: str) -> str:
        return "$sign"

    def hidden(self, key: str) -> str:
        return key

    @property
    def store(self) -> Server:
        return self

    async def show(self, shown: object) -> None:
        """Keep nothing."""


def unit(name: str, room: str, manager: str = "") -> Agency:
    place = (Address("matrix", Kind.ROOM, room),)
    kinds = (AgencyKind.HEALTH_CARE, Principal.REGION)
    return Agency(name, name, name, *kinds, addresses=place, manager=manager)


def person(agency: str, *users: str) -> Staff:
    identities = tuple(f"matrix:{user}" for user in users)
    return Staff(identities[0], agency, "Påhittad", identities=identities)


TOWN = Directory(
    {"bup": unit("bup", OLD, f"matrix:{MANAGER}"), "skola": unit("skola", "!skola:hs.example")},
    {one.id: one for one in (person("bup", JULIA, OTHER_JULIA), person("skola", OMAR))},
)


@dataclass
class Clock:
    """Seconds that pass when a test wants."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


@dataclass
class Way:
    """The way to BUP's room."""

    server: Server
    guard: RoomGuard
    clock: Clock
    carries: MatrixTransport
    town: Directory = TOWN

    async def says(self, composed: Outgoing, post: Post | None = None) -> Any:
        return await self.carries.deliver(ADDRESS, composed, "key", post)


@pytest.fixture
def way() -> Way:
    server, clock = Server(SAFE), Clock()
    made: list[Way] = []

    async def directory() -> Directory:
        return made[0].town

    guard = RoomGuard(server, directory, BOT, clock)
    told: Callable[[str], Any] = lambda _: templates.load("sv")  # noqa: E731 - the words of every language
    carries = MatrixTransport(server, None, told, lambda _: b"", Background(), guard)  # type: ignore[arg-type]
    made.append(Way(server, guard, clock, carries))
    return made[0]


async def test_4d_a_room_of_the_agencys_own_people_is_spoken_in(way: Way) -> None:
    """By whichever account, and the manager also while only asked in; who has left is no matter."""
    assert isinstance(await way.says(Tell(CARD)), Sent)
    assert [room for room, _ in way.server.said] == [ROOM]


OPEN = {
    "anybody may join": (state(JULIA, rule="public"), Unsafe.PUBLIC),
    "anybody may read": (state(JULIA, history="world_readable"), Unsafe.PUBLIC),
    "somebody unknown in it": (state(JULIA, OVE), Unsafe.STRANGERS),
    "somebody unknown asked in": (state(JULIA, asked=(OVE,)), Unsafe.STRANGERS),
    "another agency's staff in it": (state(JULIA, OMAR), Unsafe.STRANGERS),
    "another account of the bot's": (state(JULIA, "@sip2:hs.example"), Unsafe.STRANGERS),
    "not encrypted": (state(JULIA)[:-1], Unsafe.CLEAR),
    "nothing known of it": ([], Unsafe.CLEAR),
    "encrypted as the bot cannot": (
        [*state(JULIA)[:-1], _event("m.room.encryption", {"algorithm": "m.invented"})],
        Unsafe.CLEAR,
    ),
    "its encryption was deleted": ([*state(JULIA)[:-1], _event("m.room.encryption", {})], Unsafe.CLEAR),
    "somebody asked in by mail has come": (
        [*state(JULIA, OVE), _event("m.room.third_party_invite", {"display_name": "Julia Påhittlind"}, "token")],
        Unsafe.STRANGERS,
    ),
    "a stranger who bears a member's name": (
        [*state(JULIA), _event("m.room.member", {"membership": "join", "displayname": "Julia Påhittlind"}, OVE)],
        Unsafe.STRANGERS,
    ),
}


@pytest.mark.parametrize("how", OPEN)
@pytest.mark.parametrize("composed", [Show("s", 1, CARD), Show("s", 2, CARD, anew=True), Tell(CARD)])
async def test_4d_nothing_is_said_or_changed_where_others_can_read(way: Way, how: str, composed: Outgoing) -> None:
    way.server.state_now, why = OPEN[how]
    assert await way.says(composed, POST) == Never(why.value)
    assert way.server.said == []


HARMLESS = {
    "guests would be let in, were they asked": _event("m.room.guest_access", {"guest_access": "can_join"}),
    "somebody was asked in by mail and has not come": _event("m.room.third_party_invite", {"display_name": "O"}, "tok"),
    "a bridge says that it is there": _event("m.bridge", {"bridgebot": OVE, "protocol": {"id": "x"}}, "x"),
    "every member may change it": _event("m.room.power_levels", {"users_default": 100}),
    "somebody knocks": _event("m.room.member", {"membership": "knock"}, OVE),
    "a membership that is none": _event("m.room.member", {"membership": ["join"]}, OVE),
    "names that are none": {"type": ["m.room.member"], "state_key": {}, "content": {"membership": "join"}},
    "an event that is none": "m.room.member",
}


@pytest.mark.parametrize("how", HARMLESS)
async def test_what_lets_nobody_read_silences_nobody(way: Way, how: str) -> None:
    """Who comes in by any of it is a stranger once they are there, and has no key to what was said before."""
    way.server.state_now = [*SAFE, HARMLESS[how]]
    assert isinstance(await way.says(Tell(CARD)), Sent)


async def test_4d_a_room_that_names_another_agencys_as_its_successor_takes_nothing_there(way: Way) -> None:
    """Whoever may change BUP's room can say so, somebody who has left the agency too: the school would read it."""
    way.server.state_now = state(OMAR)
    way.town = replace(TOWN, agencies={**TOWN.agencies, "skola": unit("skola", ROOM)})
    assert await way.says(Tell(CARD)) == Never(Unsafe.STRANGERS.value)
    assert way.server.said == []
    assert await way.guard.unsafe(ROOM, ROOM) is None, "what is meant for the school is said there"


async def test_4d_two_rooms_that_lead_to_one_hold_those_who_belong_to_both(way: Way) -> None:
    way.server.state_now = state(JULIA)
    way.town = replace(TOWN, agencies={**TOWN.agencies, "skola": unit("skola", "!also:hs.example")})
    assert await way.guard.unsafe(ROOM) is None
    newest = way.server.newest

    async def both(room: str) -> str:
        return ROOM if room == "!also:hs.example" else await newest(room)

    way.server.newest = both  # type: ignore[method-assign]
    assert await way.guard.unsafe(ROOM) is Unsafe.STRANGERS


async def test_4d_what_stands_where_others_can_read_by_now_can_still_be_taken_back(way: Way) -> None:
    way.server.state_now = state(JULIA, OVE)
    assert isinstance(await way.says(TakeBack("summons:1"), POST), Sent)
    assert way.server.redacted == ["$stands"]


async def test_4d_once_the_room_is_mended_the_next_word_is_said_there(way: Way) -> None:
    way.server.state_now = state(JULIA, OVE)
    assert isinstance(await way.says(Tell(CARD)), Never)
    assert not await way.carries.is_safe(ADDRESS)
    way.server.state_now = SAFE
    assert await way.carries.is_safe(ADDRESS)
    assert isinstance(await way.says(Tell(CARD)), Sent)


async def test_the_server_is_asked_once_for_many_words_and_again_when_it_tells_of_a_change(way: Way) -> None:
    for _ in range(20):
        await way.says(Tell(CARD))
    assert way.server.asked == 1
    way.server.state_now = state(JULIA, OVE)
    way.guard.changed(ROOM)
    assert isinstance(await way.says(Tell(CARD)), Never)
    way.server.state_now = SAFE
    await way.says(Tell(CARD))
    way.clock.at += 301
    await way.says(Tell(CARD))
    assert way.server.asked == 4


async def test_an_answer_that_a_change_overtook_is_not_believed(way: Way) -> None:
    asked = way.server.state

    async def overtaken(room: str) -> list[Any]:
        found = await asked(room)
        way.guard.changed(ROOM)
        return found

    way.server.state = overtaken  # type: ignore[method-assign]
    await way.says(Tell(CARD))
    await way.says(Tell(CARD))
    assert way.server.asked == 2


async def test_4d_who_leaves_the_directory_closes_the_room_at_once(way: Way) -> None:
    """Also while the room itself is still believed."""
    await way.says(Tell(CARD))
    way.town = replace(TOWN, staff={})
    assert await way.says(Tell(CARD)) == Never(Unsafe.STRANGERS.value)


async def test_4d_whoever_would_be_given_keys_counts_though_the_server_does_not_show_them(way: Way) -> None:
    way.server.keyed = [BOT, JULIA, OVE]
    assert await way.says(Tell(CARD)) == Never(Unsafe.STRANGERS.value)


async def test_a_room_that_cannot_be_looked_at_is_not_spoken_in(way: Way) -> None:
    async def shut(room: str) -> list[Any]:
        raise MatrixFailed(Never("not_in_room"))

    way.server.state = shut  # type: ignore[method-assign]
    assert await way.says(Tell(CARD)) == Never("not_in_room")
    assert way.server.said == []
