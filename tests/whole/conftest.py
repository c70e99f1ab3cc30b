"""The whole program: `sipbot serve` as a process, against the strict Slack stand-in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.admin.directory_file import read_directory
from bot.app import build_services
from bot.clock import SystemClock
from bot.settings import Settings
from demo.slack.running import RunningSlack, running_slack
from demo.slack.seed import Seed
from domain.directory import Directory
from handlers.services import Services
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import Database, open_database
from storage.migrate import migrate
from tests.ports import free_port

WORLD = Path(__file__).with_name("directory.toml")


PEOPLE = {"anna": "soc", "maria": "soc", "julia": "bup", "omar": "skola", "pia": "vc", "leif": "fk"}


def seed() -> Seed:
    """A workspace with the people and channels of `directory.toml`."""
    made = Seed(("/sip",)).team("T0", "Exempelregionen")
    for name in PEOPLE:
        made.person(f"U0{name.upper()}", name, name.capitalize(), "T0")
    for agency in dict.fromkeys(PEOPLE.values()):
        members = [f"U0{name.upper()}" for name, own in PEOPLE.items() if own == agency]
        made.channel(f"C0{agency.upper()}", agency, "T0", members, private=True)
    return made


@pytest.fixture
def slack() -> Iterator[RunningSlack]:
    """A stand-in without rate limits; `slack.connect` tells it where the bot is."""
    with running_slack(seed(), rate_limited=False) as running:
        yield running


@pytest.fixture
def settings(slack: RunningSlack, migrated_url: str) -> Settings:
    """Settings of a bot on a fresh database, with this folder's directory in it."""
    return prepared(slack, migrated_url)


def prepared(slack: RunningSlack, database_url: str) -> Settings:
    """Make a database ready, and return the settings of a bot on it that the stand-in knows of."""
    found = Settings.model_construct(
        slack_signing_secret=SecretStr(slack.slack.state.app.signing_secret),
        slack_bot_token=SecretStr(slack.slack.bot_token()),
        slack_api_url=slack.api_url,
        sipbot_database_url=database_url,
        sipbot_secret_keys=(SecretStr(fresh_key()),),
        sipbot_port=free_port(),
        sipbot_replica="one",
        sipbot_log_level="INFO",
    )
    migrate(database_url)
    opened = opening(found)
    opened.write(lambda tx: tx.replace_directory(directory(), "test")).result(30)
    opened.close()
    slack.connect(f"http://127.0.0.1:{found.sipbot_port}")
    return found


def directory() -> Directory:
    """The demo's invented agencies and staff."""
    return read_directory(WORLD)


def opening(settings: Settings) -> Database:
    """Open the database beside the running program."""
    return open_database(settings.sipbot_database_url, Keyring(settings.keys), SystemClock())


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The database, opened beside the running program."""
    opened = opening(settings)
    yield opened
    opened.close()


@pytest.fixture
def services(settings: Settings) -> Services:
    """The handlers' surroundings with the program's own keys, to make button tokens with."""
    return build_services(settings, Keyring(settings.keys))


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds, or fail."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the program stands and keeps its log."""
    return tmp_path
