"""What the operator reads where a command cannot begin (docs/operate.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from bot.admin.doctor import examine, next_of
from bot.admin.terminal import require_keys
from bot.findings import fail
from bot.settings import Settings
from storage.encryption.cipher import fresh_key
from storage.migrate import migrate

LENGTH_OF_A_KEY = len(fresh_key())


def keyless(url: str) -> Settings:
    return Settings(_env_file=None, sipbot_database_url=url)


def refused(capsys: pytest.CaptureFixture[str], settings: Settings, *, may_begin: bool = False) -> str:
    with pytest.raises(typer.Exit):
        require_keys(settings, may_begin=may_begin)
    return capsys.readouterr().err


def offers_a_key(told: str) -> bool:
    return any(word.endswith("=") and len(word) >= LENGTH_OF_A_KEY for word in told.split())


def test_what_reads_is_never_offered_a_fresh_key(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """In a folder without .env, `sipbot export` showed a new key: with it nothing that is kept can be read."""
    told = refused(capsys, keyless(f"sqlite:///{tmp_path / 'sipbot.db'}"))
    assert not offers_a_key(told)
    assert str(Path(".env").absolute()) in told
    assert "the folder with the bot's .env" in told


def test_where_something_is_kept_the_start_asks_for_its_key(
    capsys: pytest.CaptureFixture[str], migrated_sqlite_url: str
) -> None:
    told = refused(capsys, keyless(migrated_sqlite_url), may_begin=True)
    assert not offers_a_key(told)
    assert "sipbot.db" in told


def test_where_nothing_is_kept_the_start_offers_one_and_init(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = refused(capsys, keyless(f"sqlite:///{tmp_path / 'sipbot.db'}"), may_begin=True)
    assert offers_a_key(told)
    assert "`sipbot init`" in told


@pytest.mark.parametrize("keys", [(), ("nonsense",)])
async def test_doctor_offers_a_fresh_key_only_where_nothing_is_kept(tmp_path: Path, keys: tuple[str, ...]) -> None:
    url = f"sqlite:///{tmp_path / 'sipbot.db'}"
    settings = Settings.model_construct(sipbot_database_url=url, sipbot_secret_keys=tuple(map(SecretStr, keys)))
    before = next(line for line in await examine(settings) if line.what == "keys")
    migrate(url)
    after = next(line for line in await examine(settings) if line.what == "keys")
    assert [offers_a_key(str(line)) for line in (before, after)] == [True, False]


def test_in_an_empty_folder_doctor_leads_to_init(tmp_path: Path) -> None:
    settings = keyless(f"sqlite:///{tmp_path / 'sipbot.db'}")
    found = [fail("keys", "missing")]
    assert "`sipbot init`" in next_of(settings, found)
    Path(".env").write_text("")
    assert "mend keys" in next_of(settings, found)
