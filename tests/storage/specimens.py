"""Invented cases, directories and a clock that the tests turn by hand."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from domain.address import Address, Kind
from domain.case import AgeBand, Case
from domain.directory import Agency, AgencyKind, Directory, Principal, Staff
from domain.listing import Listing, Party
from domain.matters.need import NoticedBy
from storage.audit import Break, Walk
from storage.encryption.cipher import Keyring
from storage.engine.database import Database, open_database
from storage.transaction import Reader, Transaction

T = TypeVar("T")
P = ParamSpec("P")

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

ANNA = "slack:T0/U0ANNA"
BO = "slack:T0/U0BO"
CODE = "SIP-7K3QX-M"
OTHER_CODE = "SIP-9AB2C-D"

PATIENCE = 30.0  # seconds that a test waits for a promise


@dataclass
class HandClock:
    """A clock that stands until it is turned."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def turn(self, by: timedelta) -> datetime:
        self.at += by
        return self.at


@dataclass
class Store:
    """A database whose promises are waited for at once."""

    database: Database
    clock: HandClock
    url: str

    def another(self, keyring: Keyring) -> Store:
        """Open the same database once more, as another process would."""
        return Store(open_database(self.url, keyring, self.clock), self.clock, self.url)

    @property
    def is_sqlite(self) -> bool:
        return self.database.kind == "sqlite"

    def ask(self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Ask for a write transaction; the promise is not waited for."""
        return self.database.write(lambda tx: function(tx, *args, **kwargs))

    def write(self, function: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.ask(function, *args, **kwargs).result(PATIENCE)

    def read(self, function: Callable[Concatenate[Reader, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self.database.read(lambda reader: function(reader, *args, **kwargs)).result(PATIENCE)

    def add(self, code: str = CODE, due_at: datetime | None = None, **changes: Any) -> Case:
        case = a_case(code)
        self.write(lambda tx: tx.cases.add(case, a_listing(**changes), due_at))
        return case

    def breaks(self, rows_at_a_time: int = 2000) -> list[Break]:
        """Walk through the whole journal."""
        walk = Walk()
        while not walk.done:
            self.read(lambda reader: reader.audit.go_on(walk, rows_at_a_time))
        return [*walk.breaks, *self.read(lambda reader: list(reader.audit.gone()))]


def at_once(*works: Callable[[], T]) -> list[T]:
    """Run functions in threads of their own, and return what they returned."""
    with ThreadPoolExecutor(len(works)) as threads:
        return [future.result(PATIENCE) for future in [threads.submit(work) for work in works]]


def a_case(code: str = CODE, **changes: Any) -> Case:
    case = Case(
        code=code,
        profile="gotland",
        opened_at=START,
        coordinator=ANNA,
        agency="soc",
        noticed_on=date(2026, 11, 1),
        noticed_by=NoticedBy.STAFF,
        age_band=AgeBand.CHILD,
        ongoing=True,
        agencies=("soc", "bup", "skola"),
    )
    return replace(case, **changes)


def a_listing(**changes: Any) -> Listing:
    listing = Listing(
        state="summoned",
        step="answers",
        owner=ANNA,
        urgent_at=START + timedelta(days=3),
        open=True,
        protected=False,
        parties=(
            Party("bup", waiting=True, urgent_at=START + timedelta(days=1)),
            Party("skola", waiting=False),
        ),
    )
    return replace(listing, **changes)


def an_agency(agency: str, **changes: Any) -> Agency:
    made = Agency(
        id=agency,
        name=f"Enheten {agency}",
        alias="Enhet A",
        kind=AgencyKind.SOCIAL_SERVICES,
        principal=Principal.MUNICIPALITY,
        email=f"{agency}@example.se",
        addresses=(Address("slack", Kind.CHANNEL, f"C0{agency.upper()}"),),
    )
    return replace(made, **changes)


def a_person(identity: str, agency: str, **changes: Any) -> Staff:
    made = Staff(id=identity, agency=agency, name="Anna Berg", title="Socialsekreterare", identities=(identity,))
    return replace(made, **changes)


def a_directory(*parts: Agency | Staff) -> Directory:
    return Directory(
        {part.id: part for part in parts if isinstance(part, Agency)},
        {part.id: part for part in parts if isinstance(part, Staff)},
    )
