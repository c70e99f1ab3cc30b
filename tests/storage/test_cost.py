"""What is asked while people wait costs the same however much is kept: each such query walks along an index."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from storage import calendar_feeds, calendar_tokens, cases, inbox, posts, reminders
from storage.outbox import claims, lanes, outbox
from storage.sql.instants import NEVER, micros
from storage.sql.statement import Statement
from tests.storage.raw import Raw
from tests.storage.specimens import ANNA, START, Store

LEASE = timedelta(seconds=120)

# Statements on the way of a press, a tick or a claim; each must find its rows by an index.
HOT = {
    "get": cases.CaseReading._get,  # noqa: SLF001
    "own": cases._OWN,  # noqa: SLF001
    "count_own": cases._COUNT_OWN,  # noqa: SLF001
    "waiting_for": cases._WAITING_FOR,  # noqa: SLF001
    "due": cases.CaseReading._due,  # noqa: SLF001
    "open_codes": cases._OPEN,  # noqa: SLF001
    "ready lanes": lanes._READY,  # noqa: SLF001
    "next ready lane": lanes._NEXT,  # noqa: SLF001
    "pick": claims._PICK,  # noqa: SLF001
    "rank at": lanes._RANK_AT,  # noqa: SLF001
    "withdraw": outbox._WITHDRAW_WHAT,  # noqa: SLF001
    "letters of case": outbox._OF_CASE,  # noqa: SLF001
    "dead letters": outbox._DEAD,  # noqa: SLF001
    "open nags": reminders._OPEN_FOR,  # noqa: SLF001
    "posts of case": posts._OF_CASE,  # noqa: SLF001
    "first": inbox._INSERT,  # noqa: SLF001
    "case of a token": calendar_tokens._CODE_OF,  # noqa: SLF001
    "owner of an overview": calendar_feeds._OWNERS,  # noqa: SLF001
    "cases of an overview": calendar_feeds._CASES,  # noqa: SLF001
}


def plan_in_sqlite(store: Store, statement: Statement) -> list[str]:
    text, constants = statement.compiled["sqlite"]
    params = {name: constants.get(name, 0) for name in re.findall(r":(\w+)", text)}
    explain = f"EXPLAIN QUERY PLAN {text}"
    rows = store.read(lambda reader: reader._link._cursor.execute(explain, params).fetchall())  # type: ignore[attr-defined]  # noqa: SLF001
    return [row[3] for row in rows]


@pytest.mark.parametrize("name", HOT)
def test_sqlite_walks_along_an_index(sqlite_store: Store, name: str) -> None:
    plan = plan_in_sqlite(sqlite_store, HOT[name])
    assert not [step for step in plan if step.startswith("SCAN") and "INDEX" not in step], plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


def test_lists_and_ticks_need_no_look_at_what_is_not_in_the_index(sqlite_store: Store) -> None:
    for name, index in {"due": "ix_due_at", "count_own": "ix_case_owner", "rank at": "ix_outbox_waiting"}.items():
        assert any(f"COVERING INDEX {index}" in step for step in plan_in_sqlite(sqlite_store, HOT[name])), name


def median(work: Callable[[], Any], times: int = 30) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


# What makes many rows, with the words that each kind of database spells in its own way.
FILLING = (
    """
    NUMBERS INSERT INTO case_
    SELECT CODE, 0, 's', 's', 'slack:T0/U' || (i % 1000), LATER + i, 1, 0, 0, '[]', EMPTY FROM n
    """,
    "NUMBERS INSERT INTO due SELECT CODE, LATER + i FROM n",
    """
    NUMBERS INSERT INTO outbox (key, address, what, code, rank, state, put_at, not_before, next_at, expires_at,
    attempts, uncertain, holder, why, receipt, args)
    SELECT 'k' || i, 'slack:channel:C' || (i % 500), 'card', '', 2, 'waiting', 0, LATER, LATER, NEVER,
    0, 0, '', '', '', EMPTY FROM n
    """,
)
LANES = "INSERT INTO lane SELECT DISTINCT address, 2, LATER, 0, '', CAST(NULL AS BIGINT) FROM outbox"
SPELLED = {
    "sqlite": {
        "NUMBERS": "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)",
        "CODE": "printf('SIP-%07d', i)",
        "EMPTY": "x''",
    },
    "postgresql": {
        "NUMBERS": "WITH n(i) AS (SELECT generate_series(0, ? - 1))",
        "CODE": "'SIP-' || lpad(i::text, 7, '0')",
        "EMPTY": "''::bytea",
    },
}


def fill(store: Store, count: int) -> None:
    """Keep many open cases that are due later, and as many letters that wait at many addresses for later."""
    words = SPELLED[store.database.kind] | {"LATER": str(micros(START + timedelta(days=1))), "NEVER": str(NEVER)}

    def spelled(statement: str) -> str:
        return re.sub("|".join(words), lambda found: words[found[0]], statement)

    with Raw(store) as raw:
        raw.disarm()
        for statement in FILLING:
            raw.run(spelled(statement), count)
        raw.run(spelled(LANES))
        if not store.is_sqlite:
            raw.run("ANALYZE")


@pytest.mark.slow
def test_finding_nothing_due_and_nothing_to_send_costs_the_same_in_a_full_database(store: Store) -> None:
    """A tick and a claim that find nothing, and a claim that finds one letter, with 100 000 of each kept."""

    def tick() -> None:
        assert store.read(lambda reader: reader.cases.due(START, 200)) == ()

    def claim_nothing() -> None:
        assert store.write(lambda tx: tx.outbox.claim(tx.now, 8, "courier", LEASE)) == ()

    works = (tick, claim_nothing, lambda: store.read(lambda reader: reader.cases.own(ANNA, 20)))
    empty = [median(work) for work in works]
    fill(store, 100_000)
    full = [median(work) for work in works]
    for before, after in zip(empty, full, strict=True):
        assert after < 5 * before + 0.001
