"""A tick with nothing due, and lists, among few and among very many cases, on both databases."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy

from bench.measure import Result, percentile
from bench.surroundings import COORDINATOR, Seeded, seeded, settings, utc
from handlers import reminders
from handlers.screens import case_lists
from handlers.view import View
from storage.sql.instants import micros
from storage.transaction import Reader, Transaction
from tests.postgres import PostgresServer

FEW, MANY = 10_000, 1_000_000
LIST_FEW, LIST_MANY = 100, 100_000
OWN_CASES = 40

Run = Callable[[Transaction], object]


def measure() -> list[Result]:
    """Return the cost of a tick and of the lists."""
    results = []
    with tempfile.TemporaryDirectory() as folder:
        results += _ticks("SQLite", Path(folder), "")
        results += _lists(Path(folder))
    with PostgresServer() as server, server.database() as url, tempfile.TemporaryDirectory() as folder:
        results += _ticks("PostgreSQL", Path(folder), url)
    return results


def _ticks(name: str, folder: Path, url: str) -> list[Result]:
    found = settings(folder, "http://127.0.0.1:1", 0, url)
    filled = seeded(found, 1, 5)
    _fill(found.sipbot_database_url, 0, FEW)
    few = _median(filled, lambda tx: reminders.tick(filled.services, tx, 20))
    _fill(found.sipbot_database_url, FEW, MANY)
    many = _median(filled, lambda tx: reminders.tick(filled.services, tx, 20))
    filled.database.close()
    return [
        Result(f"a tick with nothing due, {MANY:,} open cases, {name}", f"{many:.3f} ms", "<= 1 ms", many <= 1),
        Result(f"  against {FEW:,} cases", f"{many / few:.2f} x", "<= 1.5 x", many / few <= 1.5),
    ]


NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})",
    "postgresql": "WITH numbers AS (SELECT n FROM generate_series({first}, {last}) AS n)",
}
# `n % 25000` owners with forty cases each at a million; all deadlines lie ahead.
ROWS = {
    "case_": "INSERT INTO case_ "
    "(code, version, state, step, owner, urgent_at, open, protected, opened_at, parties, document) {numbers} "
    "SELECT 'B' || n, 0, 'summoned', 'wait', 'owner' || (n - n / 25000 * 25000), {at} + n, 1, 0, {at}, '[]', '' "
    "FROM numbers",
    "due": "INSERT INTO due (code, at) {numbers} SELECT 'B' || n, {at} + n FROM numbers",
}


def _fill(url: str, have: int, up_to: int) -> None:
    """Add rows as the bot would have them, without their contents: nothing measured here reads those."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    target = url if kind == "sqlite" else url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = sqlalchemy.create_engine(target)
    numbers = NUMBERS[kind].format(first=have + 1, last=up_to)
    ahead = micros(utc() + timedelta(days=30))
    with engine.begin() as connection:
        for statement in ROWS.values():
            connection.exec_driver_sql(statement.replace("{numbers}", numbers).replace("{at}", str(ahead)))
    if kind == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _median(filled: Seeded, run: Run, rounds: int = 1000) -> float:
    """Return the median milliseconds of a write transaction, from asking to its commit."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        filled.database.write(run).result(30)
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.5) * 1000


def _lists(folder: Path) -> list[Result]:
    """Compare the lists of a coordinator with forty cases among a hundred and among a hundred thousand cases."""
    few = _list_times(folder / "few", 0)
    many = _list_times(folder / "many", LIST_MANY)
    results = []
    for name, at_few, at_many in zip(("App Home", "/sip lista"), few, many, strict=True):
        results.append(
            Result(
                f"{name} with {OWN_CASES} own cases among {LIST_MANY:,}", f"{at_many:.2f} ms", "<= 5 ms", at_many <= 5
            )
        )
        results.append(
            Result(f"  against {LIST_FEW} cases", f"{at_many / at_few:.2f} x", "as at 100", at_many / at_few <= 1.5)
        )
    return results


def _list_times(folder: Path, others: int) -> tuple[float, float]:
    folder.mkdir()
    found = settings(folder, "http://127.0.0.1:1", 0)
    filled = seeded(found, OWN_CASES, 5)
    _fill(found.sipbot_database_url, 0, max(others, LIST_FEW))
    words = filled.services.words_for("sv")

    def drawn(make: Callable[[View, Reader], object]) -> Callable[[Reader], object]:
        def read(reader: Reader) -> object:
            return make(View(filled.services, words, reader.directory, reader.now), reader)

        return read

    def home(view: View, reader: Reader) -> object:
        return case_lists.home(view, reader, view.directory.staff[COORDINATOR])

    def lista(view: View, reader: Reader) -> object:
        return case_lists.list_card(view, reader, view.directory.staff[COORDINATOR])

    times = tuple(_read_median(filled, drawn(make)) for make in (home, lista))
    filled.database.close()
    return times[0], times[1]


def _read_median(filled: Seeded, run: Callable[[Reader], object], rounds: int = 100) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        filled.database.read(run).result(30)
        taken.append(time.perf_counter() - began)
    return percentile(taken, 0.5) * 1000
