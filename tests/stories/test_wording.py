"""Purpose and questions in words, where the operator lets them stand: on a real server (law 4D)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from domain.address import Address, Kind
from domain.directory import Directory, Staff
from domain.summons import Standing
from tests.stories import acts
from tests.stories.acts import accepted

if TYPE_CHECKING:
    from tests.stories.company import Company
    from tests.stories.matrix import MatrixWorld

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

AIM = "Vem stöttar skolvägen på morgonen?"
EVERYBODY = ["bup", "skola", "fk", "vc"]

Begin = Callable[..., AbstractAsyncContextManager["MatrixWorld"]]


def text(world: MatrixWorld, agency: str) -> str:
    """Return all that stands in an agency's room."""
    return "\n".join(message.words for message in world.messages(agency))


@pytest.fixture
def begin(folder: Path, empty_database: Path, company: Company) -> Begin:
    """Begin a story over Matrix alone, with settings of its own."""
    from tests.stories.matrix import over_matrix  # noqa: PLC0415 - the library is loaded for these stories alone

    return partial(over_matrix, folder, empty_database, company)


@pytest.fixture
async def worded(begin: Begin) -> AsyncIterator[MatrixWorld]:
    async with begin(sipbot_chat_policy="text") as world:
        yield world


async def test_4d_they_are_asked_for_and_stand_in_encrypted_rooms_alone(worded: MatrixWorld) -> None:
    await acts.summoned(worded, aim=AIM)
    assert [AIM in text(worded, agency) for agency in ("bup", "skola", "fk")] == [True] * 3
    bup = worded.keeper("bup").person
    path = f"/_matrix/client/v3/rooms/{worded.rooms['bup']}/messages?dir=b&limit=50"
    assert "skolv" not in repr(worded.server.call("GET", path, bup.session.settings.token))
    assert [line for line in await worded.journal() if "skolv" in line] == []
    await acts.moves(worded, worded.anna)
    assert AIM in text(worded, "bup"), "a meeting that is moved keeps its purpose"


async def test_4d_they_stand_nowhere_else_and_whoever_summons_is_told(worded: MatrixWorld) -> None:
    """Not with people of a server that nobody trusts; and nothing at all before strangers, or in clear."""
    world = worded
    clear = world.server.call(
        "POST",
        "/_matrix/client/v3/createRoom",
        world.keeper("vc").person.session.settings.token,
        {"preset": "private_chat", "invite": [world.bot]},
    )["room_id"]
    fk, stranger = world.keeper("fk").person, world.company.people["ove"]

    def elsewhere(directory: Directory) -> Directory:
        far = Staff(
            "matrix:@frida:annan.invalid", "skola", "Frida Fjärran", identities=("matrix:@frida:annan.invalid",)
        )
        vc = replace(directory.agencies["vc"], addresses=(Address("matrix", Kind.ROOM, clear),))
        return Directory({**directory.agencies, "vc": vc}, {**directory.staff, far.id: far})

    known = await world.reading(lambda reader: reader.directory)
    await world.story.writing(lambda tx: tx.replace_directory(elsewhere(known), "operator"))
    await fk.session.client.invite_user(world.rooms["fk"], stranger.user)  # type: ignore[arg-type]
    try:
        await acts.consented(world)
        accepted(await acts.records_consent(world, world.anna, agencies=EVERYBODY))
        told = accepted(await acts.summons(world, world.anna, aim=AIM, agencies=EVERYBODY))
        assert AIM in text(world, "bup")
        assert (AIM in text(world, "skola"), "skolv" in text(world, "skola")) == (False, False)
        assert "Ansvarsfördelning" in text(world, "skola")
        assert "Här står bara kategorin: Påhittskolan." in told.words
        await world.until("2026-11-23 12:00")
        standings = await world.standings()
        assert {agency: standings[agency] for agency in ("fk", "vc")} == dict.fromkeys(
            ("fk", "vc"), Standing.UNDELIVERED
        )
        assert (text(world, "fk"), world.messages("vc")) == ("", [])
    finally:
        await fk.session.client.kick_user(world.rooms["fk"], stranger.user)  # type: ignore[arg-type]


async def test_4d_with_codes_nobody_is_asked_for_words(begin: Begin) -> None:
    async with begin() as world:
        await acts.consented(world)
        form = await world.anna.types(f"kalla {await world.code()}")
        assert {"purpose", "chair"} <= set(form.fields)
        assert "aim" not in form.fields
