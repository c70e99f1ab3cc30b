"""Cases are kept whole, found by a few plain facts, and never changed by two at once (R151, law 4C)."""

from __future__ import annotations

import threading
import tracemalloc
import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import pytest

from domain.case import Case, Flag, State
from domain.code import make_code
from domain.errors import NotFound
from domain.listing import Party
from domain.snooze import Snooze
from storage.document import CaseFormat
from storage.encryption.cipher import Keyring
from storage.engine.database import open_database
from storage.errors import Conflict
from storage.migrate import downgrade, migrate
from storage.transaction import Transaction
from tests.storage.specimens import (
    ANNA,
    BO,
    CODE,
    OTHER_CODE,
    PATIENCE,
    START,
    HandClock,
    Store,
    a_case,
    a_listing,
    at_once,
)

DAY = timedelta(days=1)


def test_a_case_comes_back_as_it_was_kept(store: Store) -> None:
    case = a_case(flags=frozenset({Flag.PROTECTED}), snoozes={"names": Snooze(START.date(), "away")}, lead=BO)
    store.write(lambda tx: tx.cases.add(case, a_listing(), START))
    assert store.read(lambda reader: reader.cases.get(CODE)) == case
    assert store.read(lambda reader: reader.cases.listing(CODE)) == (a_listing(), START)


def test_a_case_is_opened_once_by_whoever_only_reads_and_anew_by_whoever_may_change_it(store: Store) -> None:
    case = store.add()
    once, again = store.read(lambda reader: (reader.cases.get(CODE), reader.cases.get(CODE)))
    assert once is again

    def change(tx: Transaction) -> tuple[Case, Case]:
        before = tx.cases.get(CODE)
        tx.cases.save(before, a_listing(), None)
        return before, tx.cases.get(CODE)

    before, after = store.write(change)
    assert (before.version, after.version) == (case.version, case.version + 1)


def test_a_document_is_kept_small_and_one_that_was_written_plain_is_read_as_it_is() -> None:
    case, written = a_case(snoozes={f"names:{n}": Snooze(START.date(), "away") for n in range(40)}), CaseFormat.of()
    document = written.encode(case)
    plain = zlib.decompress(document)
    assert len(document) < len(plain) / 3
    assert written.decode(document) == written.decode(plain) == case


@pytest.mark.parametrize("broken", [b"\x78", b"\x78\x9cnothing", zlib.compress(b'{"format":2,"case":{}}')])
def test_a_document_that_is_not_whole_is_no_case(broken: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        CaseFormat.of().decode(broken)


@pytest.mark.parametrize("around", [b"", b"an end that is none"])
def test_a_document_that_inflates_beyond_any_case_is_given_up_before_it_fills_the_memory(around: bytes) -> None:
    bomb = zlib.compress(b'{"format":2,"case":' + b" " * 50_000_000, 9) + around
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        with pytest.raises(msgspec.ValidationError):
            CaseFormat.of().decode(bomb)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 40_000_000


def test_saving_gives_a_new_version_and_keeps_it(store: Store) -> None:
    case = store.add()
    saved = store.write(lambda tx: tx.cases.save(replace(case, lead=BO), a_listing(), None))
    assert saved == replace(case, lead=BO, version=1)
    assert store.read(lambda reader: reader.cases.get(CODE)) == saved


def test_a_case_may_be_saved_twice_in_one_transaction(store: Store) -> None:
    store.add()

    def twice(tx: Transaction) -> Case:
        once = tx.cases.save(replace(tx.cases.get(CODE), lead=BO), a_listing(state="ready"), START)
        return tx.cases.save(replace(once, lead=ANNA), a_listing(state="active"), None)

    assert store.write(twice).version == 2
    listing, due_at = store.read(lambda reader: reader.cases.listing(CODE))
    assert (listing.state, due_at) == ("active", None)


def test_an_unknown_case_is_not_found(store: Store) -> None:
    for work in (
        lambda tx: tx.cases.get(CODE),
        lambda tx: tx.cases.save(a_case(), a_listing(), None),
        lambda tx: tx.shred(CODE),
    ):
        with pytest.raises(NotFound) as missing:
            store.write(work)
        assert missing.value.key == "case.unknown"
    assert not store.read(lambda reader: reader.cases.exists(CODE))


def test_a_code_is_used_once_and_never_again(store: Store) -> None:
    store.add()
    with pytest.raises(Conflict):
        store.add()
    store.write(lambda tx: tx.shred(CODE))
    with pytest.raises(Conflict) as taken:
        store.add()
    assert taken.value.key == "case.code_taken"


def test_a_change_decided_on_an_old_version_is_refused(store: Store) -> None:
    seen = store.add()
    store.write(lambda tx: tx.cases.save(replace(seen, lead=BO), a_listing(), None))
    with pytest.raises(Conflict) as refused:
        store.write(lambda tx: tx.cases.save(replace(seen, lead=ANNA), a_listing(), None))
    assert refused.value.key == "case.changed"
    assert store.read(lambda reader: reader.cases.get(CODE)).lead == BO


def test_of_two_processes_that_answer_the_same_case_one_is_told(store: Store, keyring: Keyring) -> None:
    """Both have seen the same version; the loser is told, and nothing of the loser's is kept."""
    seen = store.add()
    other = store.another(keyring)

    def answer(place: Store, lead: str) -> str:
        def work(tx: Transaction) -> str:
            tx.journal.write(CODE, "answered", lead)
            return tx.cases.save(replace(seen, lead=lead), a_listing(), None).lead

        try:
            return place.write(work)
        except Conflict as conflict:
            return conflict.key

    for _ in range(10):
        outcomes = at_once(partial(answer, store, ANNA), partial(answer, other, BO))
        seen = store.read(lambda reader: reader.cases.get(CODE))
        assert sorted(outcomes) == sorted([seen.lead, "case.changed"])
    other.database.close()
    assert seen.version == 10
    assert len(store.read(lambda reader: reader.journal.read(CODE))) == 10


def test_updates_are_never_lost(store: Store) -> None:
    """Read, change and write again from many threads at once: each of them counts."""
    store.add()

    def again(tx: Transaction) -> None:
        case = tx.cases.get(CODE)
        tx.cases.save(replace(case, record_ref=f"{int(case.record_ref or 0) + 1}"), a_listing(), None)

    def press() -> None:
        for _ in range(20):
            store.write(again)

    at_once(*[press] * 8)
    case = store.read(lambda reader: reader.cases.get(CODE))
    assert (case.record_ref, case.version) == ("160", 160)


def test_own_cases_are_listed_with_the_most_urgent_first(store: Store) -> None:
    store.add("SIP-AAAAA-1", urgent_at=START + 2 * DAY)
    store.add("SIP-BBBBB-1", urgent_at=START + DAY, protected=True)
    store.add("SIP-CCCCC-1", urgent_at=None)
    store.add("SIP-DDDDD-1", urgent_at=START, open=False)
    store.add("SIP-EEEEE-1", urgent_at=START, owner=BO)
    listed = store.read(lambda reader: reader.cases.own(ANNA, 10))
    assert [(case.code, case.urgent_at) for case in listed] == [
        ("SIP-BBBBB-1", START + DAY),
        ("SIP-AAAAA-1", START + 2 * DAY),
        ("SIP-CCCCC-1", None),
    ]
    assert listed[0].protected
    assert (listed[0].state, listed[0].step, listed[0].owner) == ("summoned", "answers", ANNA)
    assert store.read(lambda reader: reader.cases.count_own(ANNA)) == 3
    assert len(store.read(lambda reader: reader.cases.own(ANNA, 2))) == 2


def test_an_agency_finds_the_cases_that_wait_for_it(store: Store) -> None:
    case = store.add()
    store.add(OTHER_CODE, parties=(Party("bup", waiting=True, urgent_at=START),))
    waiting = store.read(lambda reader: reader.cases.waiting_for("bup", 10))
    assert [(listed.code, listed.urgent_at) for listed in waiting] == [(OTHER_CODE, START), (CODE, START + DAY)]
    assert store.read(lambda reader: reader.cases.waiting_for("skola", 10)) == ()

    answered = (Party("bup", waiting=False), Party("habilitering", waiting=True, urgent_at=START))
    store.write(lambda tx: tx.cases.save(case, a_listing(parties=answered), None))
    assert [listed.code for listed in store.read(lambda r: r.cases.waiting_for("bup", 10))] == [OTHER_CODE]
    assert [listed.code for listed in store.read(lambda r: r.cases.waiting_for("habilitering", 10))] == [CODE]


def test_a_closed_case_waits_for_nobody(store: Store) -> None:
    case = store.add()
    store.write(lambda tx: tx.cases.save(case, a_listing(open=False, state=State.CLOSED), None))
    assert store.read(lambda reader: reader.cases.waiting_for("bup", 10)) == ()
    assert store.read(lambda reader: reader.cases.own(ANNA, 10)) == ()
    assert store.read(lambda reader: reader.cases.open_codes("", 10)) == ()


def test_what_is_due_is_found_and_nothing_else(store: Store) -> None:
    case = store.add("SIP-AAAAA-1", START + DAY)
    store.add("SIP-BBBBB-1", START - DAY)
    store.add("SIP-CCCCC-1", START)
    store.add("SIP-DDDDD-1", None)
    assert store.read(lambda reader: reader.cases.due(START, 10)) == ("SIP-BBBBB-1", "SIP-CCCCC-1")
    assert store.read(lambda reader: reader.cases.due(START, 1)) == ("SIP-BBBBB-1",)
    store.write(lambda tx: tx.cases.save(case, a_listing(), START - 2 * DAY))
    assert store.write(lambda tx: tx.cases.due(START, 10))[0] == "SIP-AAAAA-1"


@pytest.mark.postgres
def test_two_ticks_at_once_take_different_cases(postgres_store: Store) -> None:
    for number in range(4):
        postgres_store.add(f"SIP-AAAA{number}-1", START)
    taken = threading.Event()
    done = threading.Event()

    def tick(tx: Transaction) -> tuple[str, ...]:
        codes = tx.cases.due(START, 2)
        taken.set()
        assert done.wait(PATIENCE)
        return codes

    first = postgres_store.database.write(tick)
    assert taken.wait(PATIENCE)
    second = postgres_store.write(lambda tx: tx.cases.due(START, 10))
    done.set()
    assert set(first.result(PATIENCE)) | set(second) == {f"SIP-AAAA{n}-1" for n in range(4)}
    assert len(first.result(PATIENCE)) + len(second) == 4


def test_open_cases_can_be_walked_through_in_steps(store: Store) -> None:
    codes = [f"SIP-AAAA{number}-1" for number in range(5)]
    for code in codes:
        store.add(code)
    walked: list[str] = []
    while step := store.read(lambda reader, after: reader.cases.open_codes(after, 2), walked[-1] if walked else ""):
        walked += step
    assert walked == codes


def test_an_erased_case_is_gone_with_all_its_traces_but_the_journal(store: Store) -> None:
    store.add(due_at=START)
    store.write(lambda tx: tx.tokens.keep(CODE, ["a2b3c4"], START + timedelta(days=1)))
    store.write(lambda tx: tx.feeds.enter(CODE, [ANNA], START + timedelta(days=1)))
    store.write(lambda tx: tx.shred(CODE))
    assert not store.read(lambda reader: reader.cases.exists(CODE))
    for rows in (
        lambda reader: reader.cases.own(ANNA, 5),
        lambda reader: reader.cases.waiting_for("bup", 5),
        lambda reader: reader.cases.due(START, 5),
        lambda reader: reader.cases.open_codes("", 5),
    ):
        assert store.read(rows) == ()
    assert store.read(lambda reader: reader.tokens.code_of("a2b3c4")) is None
    assert store.read(lambda reader: reader.feeds.cases_of(ANNA, 5)) == ()
    assert [row.entry.action for row in store.read(lambda reader: reader.journal.read(CODE))] == ["case.erased"]
    assert store.breaks() == []


@dataclass(frozen=True, slots=True)
class SmallCase:
    """All that storage needs of a case."""

    code: str
    opened_at: datetime
    version: int = 0


def test_storage_needs_no_more_of_a_case_than_code_version_and_opening(
    migrated_url: str, keyring: Keyring, clock: HandClock
) -> None:
    database = open_database(migrated_url, keyring, clock, case_type=SmallCase)
    small = SmallCase(CODE, datetime(2026, 1, 1, tzinfo=UTC))
    try:
        database.write(lambda tx: tx.cases.add(small, a_listing(), None)).result(PATIENCE)  # type: ignore[arg-type]
        kept: object = database.read(lambda reader: reader.cases.get(CODE)).result(PATIENCE)
        assert kept == small
    finally:
        database.close()


def test_every_open_case_is_looked_at_once_after_the_upgrade(store: Store, keyring: Keyring) -> None:
    """0016: what lists show of a case is kept beside it, and would have stayed as it was until the case went on."""
    late, never, closed = (make_code(number) for number in (5001, 5002, 5003))
    store.add(late, datetime.now(UTC) + timedelta(days=100))
    store.add(never)
    store.add(closed, open=False)
    downgrade(store.url, "0015", keyring)
    migrate(store.url, keyring)
    assert set(store.read(lambda reader: reader.cases.due(datetime.now(UTC), 10))) == {late, never}
