"""What the measures run against: a database full of cases, and the settings of a bot on it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot.app import build_services
from bot.clock import SystemClock
from bot.settings import Settings
from domain.address import Address, Kind
from domain.code import make_code
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from handlers.services import Services
from handlers.ui.actions import OneSummons
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import Database, open_database
from storage.migrate import migrate
from storage.transaction import Transaction
from tests.program import SECRET
from tests.whole.cases import add, summoned

AGENCIES = 60
COORDINATOR = "slack:T0/U0COORD"

# Cases added in one transaction.
BATCH = 200


def directory() -> Directory:
    """Return invented agencies, each with a channel and one member of staff, and one coordinator."""
    agencies = {
        f"a{n}": Agency(
            f"a{n}",
            f"Enhet {n}",
            f"E{n}",
            AgencyKind.HEALTH_CARE,
            Principal.REGION,
            addresses=(Address("slack", Kind.CHANNEL, f"C0A{n}"),),
            manager="slack:T0/U0BOSS",
        )
        for n in range(AGENCIES)
    }
    staff = {
        f"slack:T0/U0S{n}": Staff(f"slack:T0/U0S{n}", f"a{n}", f"Person {n}", identities=(f"slack:T0/U0S{n}",))
        for n in range(AGENCIES)
    }
    for n, name in ((0, "COORD"), (0, "BOSS")):
        identity = f"slack:T0/U0{name}"
        staff[identity] = Staff(
            identity, f"a{n}", f"Ledning {name}", coordinator=name == "COORD", identities=(identity,)
        )
    return Directory(agencies, staff)


def settings(folder: Path, slack_url: str, port: int, url: str = "") -> Settings:
    """Return the settings of a bot in a folder."""
    key = folder / "key"
    if not key.exists():
        key.write_text(fresh_key())
    return Settings.model_construct(
        slack_signing_secret=SecretStr(SECRET),
        slack_bot_token=SecretStr("xoxb-T0"),
        slack_api_url=f"{slack_url}/api/",
        sipbot_database_url=url or f"sqlite:///{folder / 'bench.db'}",
        sipbot_secret_keys=(SecretStr(key.read_text()),),
        sipbot_port=port,
    )


@dataclass(frozen=True, slots=True)
class Seeded:
    """A database with cases in it."""

    services: Services
    database: Database
    codes: tuple[str, ...]

    def token(self, code: str, agency: str) -> str:
        """Return the token that a summons's buttons carry."""
        return OneSummons(code, 1, agency).seal(self.services.seal)


def seeded(found: Settings, cases: int, agencies_each: int) -> Seeded:
    """Make a database with open summonses in it."""
    migrate(found.sipbot_database_url)
    keyring = Keyring(found.keys)
    services = build_services(found, keyring)
    database = open_database(found.sipbot_database_url, keyring, SystemClock())
    database.write(lambda tx: tx.replace_directory(directory(), "bench")).result(60)
    codes = tuple(make_code(n * 7 + 11) for n in range(cases))

    def fill(batch: range) -> Callable[[Transaction], None]:
        def write(tx: Transaction) -> None:
            for n in batch:
                agencies = tuple(f"a{(n + k) % AGENCIES}" for k in range(agencies_each))
                add(services, tx, summoned(codes[n], tx.now, agencies, COORDINATOR))

        return write

    for start in range(0, cases, BATCH):
        database.write(fill(range(start, min(start + BATCH, cases)))).result(120)
    return Seeded(services, database, codes)


def resident_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Return how much memory a process holds."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(row for row in status.splitlines() if row.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def utc() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
