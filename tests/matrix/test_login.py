"""`sipbot matrix login` and doctor's look at Matrix, against a real server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.findings import Line
from bot.matrix.checks import findings
from bot.matrix.login import log_in
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.session import MatrixSettings
from bot.serving import bring_up_to_date
from bot.settings import Settings
from domain.address import Address, Kind
from domain.directory import Agency, AgencyKind, Directory, Principal
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from tests.synapse import PASSWORD, Synapse

pytestmark = [pytest.mark.matrix, pytest.mark.slow]

KEY = fresh_key()


def _account(homeserver: Synapse, folder: Path) -> MatrixSettings:
    name = f"login{folder.name}".replace("_", "").lower()[:40]
    homeserver.register(name)
    return MatrixSettings(homeserver.url, f"@{name}:{homeserver.name}", "", store=folder / "matrix.db")


async def test_the_identity_is_made_once_and_taken_up_with_the_recovery_key(
    homeserver: Synapse, tmp_path: Path
) -> None:
    account = _account(homeserver, tmp_path)
    first = await log_in(account, PASSWORD, Keyring([KEY]))
    assert first.recovery_key
    with pytest.raises(MatrixFailed, match="identity_exists"):
        await log_in(replace(account, store=tmp_path / "second.db"), PASSWORD, Keyring([KEY]))
    # The file was lost: a new device is signed by the same identity.
    lost = replace(account, store=tmp_path / "third.db", recovery_key=first.recovery_key)
    again = await log_in(lost, PASSWORD, Keyring([KEY]))
    assert again.device != first.device
    assert again.recovery_key == first.recovery_key


async def test_a_wrong_password_is_said_so(homeserver: Synapse, tmp_path: Path) -> None:
    with pytest.raises(MatrixFailed, match="m_forbidden"):
        await log_in(_account(homeserver, tmp_path), "wrong", Keyring([KEY]))


async def test_doctor_names_what_is_wrong_with_a_room(homeserver: Synapse, tmp_path: Path) -> None:
    kept = await log_in(_account(homeserver, tmp_path), PASSWORD, Keyring([KEY]))
    body = {"preset": "public_chat", "power_level_content_override": {"users_default": 50}}
    room = homeserver.call("POST", "/_matrix/client/v3/createRoom", kept.token, body)["room_id"]
    settings = _settings(homeserver, tmp_path, kept.user, kept.token, room, "!elsewhere")
    said = [str(line) async for line in findings(settings)]
    assert any("signed by its owner" in line for line in said)
    for fault in ("not encrypted", "who comes later", "every member may change", "school: the bot is not in the room"):
        assert any(fault in line for line in said), (fault, said)


async def test_doctor_knows_a_token_that_is_over(homeserver: Synapse, tmp_path: Path) -> None:
    settings = _settings(homeserver, tmp_path, "@a:hs.example", "syt_over", "!one", "!two")
    found: list[Line] = [line async for line in findings(settings)]
    assert [line.failed for line in found] == [True]
    assert "does not take the token" in found[0].words


def _settings(homeserver: Synapse, folder: Path, user: str, token: str, *rooms: str) -> Settings:
    settings = Settings.model_construct(
        matrix_homeserver=homeserver.url,
        matrix_user=user,
        matrix_token=SecretStr(token),
        sipbot_database_url=f"sqlite:///{folder / 'sipbot.db'}",
        sipbot_secret_keys=(SecretStr(KEY),),
    )
    bring_up_to_date(settings)
    agencies = {
        name: Agency(
            name, name, name, AgencyKind.OTHER, Principal.STATE, addresses=(Address("matrix", Kind.ROOM, room),)
        )
        for name, room in zip(("unit", "school"), rooms, strict=True)
    }
    database = open_database(settings.sipbot_database_url, Keyring([KEY]), SystemClock())
    database.write(lambda tx: tx.replace_directory(Directory(agencies, {}), "operator")).result(10)
    database.close()
    return settings
