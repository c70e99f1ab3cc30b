"""A case over two platforms: the story on Slack, with one agency in an encrypted Matrix room."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import SecretStr

from bot.matrix.login import log_in
from bot.matrix.platform import MatrixPlatform
from bot.matrix.server.session import MatrixSettings
from domain.address import Address, Kind
from domain.directory import Directory
from domain.summons import Standing
from storage.encryption.cipher import Keyring
from storage.migrate import migrate
from tests.handlers import town
from tests.handlers.story import KEY, Story, telling
from tests.matrix.client import PATIENCE, Person
from tests.synapse import PASSWORD, Synapse

NewPerson = Callable[[str], Awaitable[Person]]


@dataclass
class Both:
    """A story on Slack, with BUP in a Matrix room: its Julia there is the one of the directory."""

    story: Story
    julia: Person
    outsider: Person
    room: str

    @property
    def platform(self) -> MatrixPlatform:
        """The bot's side that faces Matrix."""
        (found,) = [one for one in self.story.bot.platforms if isinstance(one, MatrixPlatform)]
        return found

    async def settle(self) -> None:
        """Let letters go out; a minute passes where one has to wait."""
        await self.story.settle()

    async def standing(self) -> Standing:
        meeting = (await self.story.case()).meetings[-1]
        summons = meeting.summons_of("bup")
        assert summons is not None
        return summons.standing(meeting.round)

    async def summons(self) -> str:
        """Summon, and return the event of the summons in the room, once the last of its ways to answer stands there."""
        await self.story.summoned()
        await self.settle()
        shown = str((await self.julia.wait_for(self.story.code, room=self.room))["event_id"])
        offered = {"rel_type": "m.annotation", "event_id": shown, "key": "➡️"}
        await self.julia.wait(lambda event: event["content"].get("m.relates_to") == offered)
        return shown

    async def come(self, room: str) -> None:
        """Wait until the bot has come into a room."""
        for _ in range(600):
            await self.julia.sync(0.2)
            members = await self.julia.session.client.get_joined_members(room)  # type: ignore[arg-type]
            if self.platform.session.settings.user in members:
                return
        raise AssertionError("the bot does not come")

    async def knows_as_sven(self, user: str) -> None:
        """Have the directory know an account as that of Sven of BUP."""
        known = await self.story.reading(lambda reader: reader.directory)
        sven = known.staff["slack:T0/U0SVEN"]
        staff = {**known.staff, sven.id: replace(sven, identities=(f"matrix:{user}", *sven.identities))}
        changed = Directory(dict(known.agencies), staff)
        assert changed.agencies["bup"].addresses == (Address("matrix", Kind.ROOM, self.room),)
        await self.story.writing(lambda tx: tx.replace_directory(changed, "operator"))

    async def lets_in(self) -> None:
        """Have the outsider come into BUP's room, which nobody of the agency should have allowed."""
        await self.julia.session.client.invite_user(self.room, self.outsider.user)  # type: ignore[arg-type]
        assert await self.outsider.join_next() == self.room
        await self.julia.sync()

    async def puts_out(self) -> None:
        """Have the outsider put out of BUP's room again."""
        await self.julia.session.client.kick_user(self.room, self.outsider.user)  # type: ignore[arg-type]
        await self.julia.sync()

    async def becomes(self, standing: Standing) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if await self.standing() is standing:
                return
            await self.julia.sync(0.1)
        raise AssertionError(f"is {await self.standing()}")


@asynccontextmanager
async def on_both(homeserver: Synapse, person: NewPerson, folder: Path) -> AsyncIterator[Both]:
    """Tell a story over both platforms."""
    name = f"sip{folder.name}".replace("_", "").lower()[:40]
    homeserver.register(name)
    julia, outsider = await person("julia"), await person("outsider")
    reach = MatrixSettings(homeserver.url, f"@{name}:{homeserver.name}", "", store=folder / "matrix.db")
    kept = await log_in(reach, PASSWORD, Keyring([KEY.get_secret_value()]))
    empty = folder / "empty.db"
    migrate(f"sqlite:///{empty}")
    story_folder = folder / "story"
    story_folder.mkdir()
    async with telling(
        story_folder,
        empty,
        matrix_homeserver=homeserver.url,
        matrix_user=kept.user,
        matrix_token=SecretStr(kept.token),
        matrix_recovery_key=SecretStr(kept.recovery_key),
        matrix_store=str(reach.store),
    ) as story:
        room = await julia.room_with()
        directory = _with_julia(moved(town.directory(), room), julia.user)
        await story.writing(lambda tx: tx.replace_directory(directory, "operator"))
        await julia.session.client.invite_user(room, kept.user)  # type: ignore[arg-type]
        await julia.sync()
        made = Both(story, julia, outsider, room)
        await made.come(room)
        yield made


def moved(directory: Directory, room: str) -> Directory:
    """Return the town with BUP in a Matrix room."""
    bup = replace(directory.agencies["bup"], addresses=(Address("matrix", Kind.ROOM, room),))
    return Directory({**directory.agencies, "bup": bup}, dict(directory.staff))


def _with_julia(directory: Directory, user: str) -> Directory:
    """Return the town where Julia has another account."""
    julia = directory.staff["slack:T0/U0JULIA"]
    julia = replace(julia, identities=(f"matrix:{user}", *julia.identities))
    return Directory(dict(directory.agencies), {**directory.staff, julia.id: julia})
