"""The whole program by itself: set up at a terminal as an operator does, started, ended, and set up anew."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.encryption.cipher import fresh_key
from tests.matrix.client import Person, current
from tests.matrix.desk import Desk
from tests.matrix.operator import Operator
from tests.synapse import PASSWORD, Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

NewPerson = Callable[[str], Awaitable[Person]]
PATIENCE = 60.0

DIRECTORY = """
[[agency]]
id = "soc"
name = "Socialtjänsten Exempel"
alias = "Enhet A"
kind = "social_services"
principal = "municipality"
email = "soc@exempel.invalid"
matrix_room = "{room}"

[[agency.staff]]
matrix = "{anna}"
name = "Anna Exempelberg"
title = "Socialsekreterare"
email = "anna@exempel.invalid"
coordinator = true

[[agency]]
id = "bup"
name = "Barnpsykiatrin Exempel"
alias = "Enhet B"
kind = "health_care"
principal = "region"
email = "bup@exempel.invalid"
"""


@dataclass
class Set:
    """The program, set up but not started, and Anna with a room of her agency."""

    operator: Operator
    bot: str
    anna: Person
    room: str
    shown: str


@pytest.fixture
async def up(homeserver: Synapse, person: NewPerson, tmp_path: Path) -> AsyncIterator[Set]:
    name = f"whole{tmp_path.name}".replace("_", "").lower()[:40]
    bot = homeserver.register(name)
    operator = Operator(
        tmp_path,
        MATRIX_HOMESERVER=homeserver.url,
        MATRIX_USER=bot,
        SIPBOT_SECRET_KEYS=fresh_key(),
        SIPBOT_DATABASE_URL=f"sqlite:///{tmp_path / 'sipbot.db'}",
    )
    shown = operator.logs_in(PASSWORD)
    anna = await person("anna")
    room = await anna.room_with(bot)
    (tmp_path / "directory.toml").write_text(DIRECTORY.format(room=room, anna=anna.user))
    end, said = operator.types("directory", "import", "directory.toml")
    assert end == 0, said
    yield Set(operator, bot, anna, room, shown)
    operator.ends()


async def test_the_account_is_set_up_by_one_command_and_the_secret_is_not_shown(up: Set) -> None:
    assert PASSWORD not in up.shown
    assert {"MATRIX_TOKEN", "MATRIX_RECOVERY_KEY", "MATRIX_USER"} <= up.operator.settings.keys()
    # It can be copied into a file of settings or a shell as it stands.
    assert re.fullmatch(r"\w{40,80}", up.operator.settings["MATRIX_RECOVERY_KEY"])
    end, said = up.operator.types("matrix", "login", secret="wrong")
    assert end == 1
    assert "name and password" in said


async def test_an_identity_that_is_there_is_not_made_anew(up: Set) -> None:
    up.operator.keep(MATRIX_RECOVERY_KEY="", MATRIX_STORE="second.db")
    end, said = up.operator.types("matrix", "login", secret=PASSWORD)
    assert end == 1
    assert "MATRIX_RECOVERY_KEY" in said


async def test_a_room_with_one_of_the_staff_in_it_is_still_the_agencys(up: Set) -> None:
    """What is meant for one person alone is not said there: others may come."""
    up.operator.starts()
    await _joined(up.anna, up.room, up.bot)
    await up.anna.say(up.room, "!sip lista")
    direct = await up.anna.join_next()
    assert direct != up.room


async def test_a_bot_that_lost_its_file_goes_on_with_the_recovery_key(up: Set) -> None:
    """What was answered stays; what is shown is drawn anew where it stands, and can be answered again."""
    operator, anna = up.operator, up.anna
    desk = Desk(up.operator.as_settings(), f"matrix:{anna.user}")
    code = await desk.opens("bup")
    desk.close()
    operator.starts()
    direct = await anna.join_next()
    board = await anna.wait(lambda e: code in current(e) and "Svara med siffran" in current(e), PATIENCE)
    operator.ends()
    for file in operator.folder.joinpath("data").glob("matrix.db*"):
        file.unlink()
    await anna.say(direct, "a word that the new device cannot read")
    operator.logs_in(PASSWORD)
    operator.starts()
    await anna.wait_for("satts upp på nytt", room=direct, patience=PATIENCE)
    await anna.wait(lambda e: _replaces(e) == board["event_id"], PATIENCE)
    await anna.say(direct, "1", thread=board["event_id"])
    await anna.wait(lambda e: "1/" in current(e) and e["origin_server_ts"] > board["origin_server_ts"], PATIENCE)
    assert "error" not in operator.log()


def _replaces(event: dict) -> str:  # type: ignore[type-arg]
    relation = event["content"].get("m.relates_to", {})
    return str(relation["event_id"]) if relation.get("rel_type") == "m.replace" else ""


async def _joined(anna: Person, room: str, bot: str) -> None:
    for _ in range(100):
        await anna.sync(0.2)
        if bot in await anna.session.client.get_joined_members(room):  # type: ignore[arg-type]
            return
    raise AssertionError("the bot does not come")
