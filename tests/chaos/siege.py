"""A siege: members of the bot on one database, people who press all the while, and what must hold when it is over."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import or_, select

from bot.app import build_services
from bot.settings import Settings
from demo.slack.running import RunningSlack
from demo.slack.stand_in import StandIn
from domain.case import Case
from domain.code import make_code
from domain.lapse import Lapse
from handlers import enqueue
from handlers.auditor import codes, look_at_cases, look_at_outbox
from handlers.services import Services
from storage.audit import Walk
from storage.encryption.cipher import Keyring
from storage.engine.database import Database
from storage.schema.tables import hold, lane, outbox
from storage.sql.link import Link, Row
from storage.sql.statement import Statement
from storage.transaction import Reader, Transaction
from tests.chaos.crew import Crew
from tests.chaos.pressing import Press, Pressing
from tests.whole.cases import UNITS, add, summoned
from tests.whole.conftest import opening, until
from tests.whole.test_kill import _keys

AGENCIES = tuple(UNITS.values())
CODE = re.compile(r"SIP-\w{5}-\w")
CALM = 120.0  # seconds until nothing waits any more


@dataclass(slots=True)
class Siege:
    """One siege. `members` and `pressing` are what is done something to; `assert_whole` ends it."""

    settings: Settings
    slack: RunningSlack
    crew: Crew
    pressing: Pressing
    codes: tuple[str, ...]
    shown: tuple[str, ...]
    began: float

    def until_pressed(self, count: int, seconds: float = 60.0) -> None:
        """Wait until so many presses more have been answered."""
        before = len(self.pressing.done)

        def pressed() -> bool:
            # One that ended by itself would be waited for in vain.
            assert self.crew.ended() == [], self.crew.ended()
            return len(self.pressing.done) >= before + count or not self.pressing.left

        until(pressed, seconds)

    def assert_whole(self) -> None:
        """Let it calm down, and find that nothing was lost and nothing doubled."""
        self.pressing.stop()
        database = opening(self.settings)
        try:
            _calm_down(database)
            time.sleep(0.5)
            self.crew.dismiss()
            lost = _lost(database, self.pressing.done)
            assert lost == set(), (sorted(lost), self.pressing.slowest)
            assert _broken(database) == []
            assert _lapses(database, build_services(self.settings, Keyring(self.settings.keys)), self.codes) == []
        finally:
            database.close()
        standing = _standing(self.slack)
        assert {code for (_, code), count in standing.items() if count > 1} == set()
        assert {(channel_of(a), code) for code in self.shown for a in AGENCIES} <= set(standing)
        assert [key for key, count in _keys(self.slack).items() if count > 1] == []

    def figures(self, **faults: int | str) -> dict[str, int | str]:
        """Return what it held at."""
        pressing = self.pressing
        return {
            **faults,
            "presses kept": len(pressing.done),
            "lost": 0,
            "pressed again": pressing.unanswered + pressing.told,
            "slowest answer ms": round(pressing.slowest * 1000),
            "messages": sum(_keys(self.slack).values()),
            "doubled": 0,
            "seconds": round(time.monotonic() - self.began),
        }


@contextmanager
def besieged(
    settings: Settings,
    slack: RunningSlack,
    folder: Path,
    *,
    cases: int,
    skews: Sequence[float] = (0.0,),
    people: int = 3,
    direct: Settings | None = None,
) -> Iterator[Siege]:
    """Fill the database with cases, start one member for each clock, and let people press.

    `direct`: where the tests themselves find the database, when the members reach it by another way.
    """
    looking = direct or settings
    services = build_services(settings, Keyring(settings.keys))
    named = [make_code(number * 17 + 3) for number in range(cases)]
    shown = tuple(named[:: max(1, len(named) // 25)])
    _fill(looking, services, named, shown)
    work: list[Press] = [(code, agency) for code in named for agency in AGENCIES]
    crew = Crew(settings, folder)
    began = time.monotonic()
    try:
        for skew in skews:
            crew.hire(skew=skew)
        with Pressing(settings, services, work, crew.ports, people) as pressing:
            yield Siege(looking, slack, crew, pressing, tuple(named), shown, began)
    finally:
        crew.dismiss()


def channel_of(agency: str) -> str:
    """Return the channel of an agency in the workspace of these tests."""
    return f"C0{agency.upper()}"


def _standing(slack: RunningSlack) -> Counter[tuple[str, str]]:
    """Count the summonses that stand in channels, by channel and case."""

    def count(stand_in: StandIn) -> Counter[tuple[str, str]]:
        held = (m for m in stand_in.state.messages.everywhere() if not m.deleted and m.thread_ts in {None, m.ts})
        found = ((m.channel, CODE.search(m.text)) for m in held if m.channel.startswith("C0"))
        return Counter((channel, code[0]) for channel, code in found if code is not None)

    return slack.do(count)


def _fill(settings: Settings, services: Services, named: Sequence[str], shown: Sequence[str]) -> None:
    """Keep the cases, some of them with summonses that are still to be shown."""

    def put(some: Sequence[str], tx: Transaction) -> None:
        for code in some:
            case = summoned(code, tx.now, AGENCIES)
            add(services, tx, case)
            if code in shown:
                letters = (enqueue.summons(case, case.meetings[0], a, tx.directory, tx.now) for a in AGENCIES)
                tx.outbox.put_many(list(letters))

    database = opening(settings)
    try:
        for first in range(0, len(named), 50):
            database.write(partial(put, named[first : first + 50])).result(60)
    finally:
        database.close()


def _calm_down(database: Database) -> None:
    """Wait until nothing waits to be sent any more."""
    deadline = time.monotonic() + CALM
    while database.read(_something_waits).result(30):
        assert time.monotonic() < deadline, database.read(_waiting).result(30)
        time.sleep(0.2)


def _something_waits(reader: Reader) -> bool:
    counts = reader.outbox.counts()
    return counts.waiting + counts.taken > 0


_UNSETTLED = Statement(
    select(outbox.c.what, outbox.c.state, outbox.c.attempts, outbox.c.why, outbox.c.next_at, lane)
    .join_from(outbox, lane, lane.c.address == outbox.c.address, isouter=True)
    .where(or_(outbox.c.state == "waiting", outbox.c.state == "taken"))
    .limit(20)
)


_HELD = Statement(select(hold))


def _waiting(reader: Reader) -> list[Row]:
    link: Link = vars(reader)["_link"]
    return [*link.rows(_HELD), *link.rows(_UNSETTLED)]


def _lost(database: Database, done: set[Press]) -> set[Press]:
    """Return the presses that were answered and cannot be found."""
    lost = set()
    for code in sorted({code for code, _ in done}):
        meeting = database.read(partial(_case, code)).result(30).meetings[0]
        for _, agency in (press for press in done if press[0] == code):
            summons = meeting.summons_of(agency)
            if summons is None or summons.received is None:
                lost.add((code, agency))
    return lost


def _case(code: str, reader: Reader) -> Case:
    return reader.cases.get(code)


def _broken(database: Database) -> list[object]:
    """Walk the whole journal."""
    walk = Walk()
    while not walk.done and not walk.breaks:
        database.read(lambda reader: reader.audit.go_on(walk)).result(60)
    return list(walk.breaks)


def _lapses(database: Database, services: Services, of: Sequence[str]) -> list[Lapse]:
    """Have the auditor look. These cases were put into the database without their summonses, for all but some."""

    def look(reader: Reader) -> list[Lapse]:
        assert set(codes(reader, "", len(of) + 1)) >= set(of)
        return look_at_outbox(reader)

    found = list(database.read(look).result(120))
    for first in range(0, len(of), 200):
        found += database.read(partial(_look_at, services, of[first : first + 200])).result(60)
    return [lapse for lapse in found if lapse.subject != "board"]


def _look_at(services: Services, some: Sequence[str], reader: Reader) -> list[Lapse]:
    return look_at_cases(services, reader, some)
