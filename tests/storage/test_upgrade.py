"""What a version before has left is whole after every migration: nothing is lost, nothing changed, nothing sent twice.

Each folder under `versions` holds the database of one version, made by that version itself (see `versions/dump.py`).
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from domain.case import State
from domain.summons import Standing
from handlers.reminders import fire
from handlers.ui.actions import Action
from handlers.ui.cards import Card
from handlers.ui.responses import Ask, Mend, Say
from storage.encryption.cipher import Keyring
from storage.migrate import downgrade, is_current, migrate, transaction
from storage.schema.version import NEWEST
from tests.conftest import ROOT
from tests.postgres import PostgresServer
from tests.storage.test_schema import described
from tests.storage.versions.described import computed, system_in_words, words_of
from tests.storage.versions.dump import Dump, carried_for_sure, kept_versions
from tests.storage.versions.visitor import Visitor, visiting

VERSIONS = kept_versions()
# Only a version that was released can have left a database behind.
UNRELEASED = {f"{number:04}" for number in range(2, 16)}

# The states that no case of a version could be in, since they came later: a need waited for no assessment then.
# Nor had a summons been known not to come, or an agency been the wrong one without knowing which is right.
ANSWERS_THEN = set(Standing) - {Standing.UNDELIVERED, Standing.MISDIRECTED}
UNKNOWN_TO = {version: {State.NOTICED} for version in ("0001", "0002", "0003")}

# A line of a reminder, and what it says of that since then.
REMINDED = "påminnelse skickad"
OF_WHAT = re.compile(rf"({REMINDED}): [^,(]+?(?=,| \()")
# A case showed the newest of its history so far back; now it shows how it began, a count, and one fewer of the newest.
SHOWN_IN_0_1 = 15
COMES = re.compile(r".* kl\. \d\d\.\d\d: .+, till .+")
HISTORY = "\nDet här har hänt\n"
# How many the consent covers was counted there; now they are named.
COUNTED = re.compile(r", omfattar \d+ verksamhet(?:er)?")
HAPPENED = re.compile(r"(?P<when>\w+ \d+ \w+ kl\. \d\d\.\d\d): (?P<what>.+)")

pytestmark = pytest.mark.slow

SQLITE_TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
POSTGRES_TRIGGERS = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"


@pytest.fixture(scope="session", params=VERSIONS, ids=[dump.version for dump in VERSIONS])
def dump(request: pytest.FixtureRequest) -> Dump:
    found: Dump = request.param
    return found


@pytest.fixture(scope="session")
def upgraded_sqlite(dump: Dump, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kept version's SQLite file, brought to the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("upgraded") / "sipbot.db"
    url = f"sqlite:///{path}"
    dump.load(url)
    migrate(url, Keyring(dump.keys))
    return path


@pytest.fixture(scope="session")
def upgraded_postgres(dump: Dump, postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a kept version's PostgreSQL database, brought to the newest schema, to be used as a template."""
    with postgres_server.database() as url:
        dump.load(url)
        migrate(url, Keyring(dump.keys))
        yield url.rpartition("/")[2]


@pytest.fixture
def upgraded_sqlite_url(upgraded_sqlite: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(upgraded_sqlite, tmp_path / 'sipbot.db')}"


@pytest.fixture
def upgraded_postgres_url(upgraded_postgres: str, postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database(upgraded_postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def upgraded_url(request: pytest.FixtureRequest, dump: Dump) -> str:
    """The URL of a kept version's database at the newest schema: on SQLite and on PostgreSQL."""
    url: str = request.getfixturevalue(f"upgraded_{request.param}_url")
    return url


@pytest.fixture
async def visitor(dump: Dump, upgraded_url: str) -> AsyncIterator[Visitor]:
    """The program of today in the upgraded database, at the moment the dump was made."""
    async with visiting(upgraded_url, dump.keys, dump.made_at) as found:
        yield found


def guards(url: str) -> set[str]:
    """Return the triggers, which a table that is made anew on SQLite loses unless the migration takes care."""
    with transaction(url) as connection:
        query = SQLITE_TRIGGERS if connection.dialect.name == "sqlite" else POSTGRES_TRIGGERS
        return {" ".join(row.split()) for row in connection.exec_driver_sql(query).scalars()}


def in_any_order(case: dict[str, Any]) -> dict[str, Any]:
    """Put what is sorted by a key into one order, whatever the keys are called now.

    A reminder's key comes first of what is told of it, and holds nothing that is not told by the rest.
    """
    reminders = [told[1:] for told in case["reminders_open"]]
    return case | {"fired": sorted(case["fired"], key=str), "reminders_open": sorted(reminders, key=str)}


def facts_of(words: str) -> set[str]:
    """Return the numbers and the names in a text: what a better wording would still tell."""
    return set(re.findall(r"\d+(?:[.:]\d+)*|[A-ZÅÄÖ][\wåäö]+ [A-ZÅÄÖ][\wåäö]+|\S+@\S+", words))


def test_every_version_before_this_one_has_a_dump() -> None:
    """A migration is not written before the database that it changes is kept."""
    migrations = (ROOT / "storage" / "migrations" / "versions").glob("*_*.py")
    older = {path.name.partition("_")[0] for path in migrations} - {NEWEST} - UNRELEASED
    assert {dump.version for dump in VERSIONS} >= older | {"0001"}


def test_the_schema_is_that_of_a_fresh_database(dump: Dump, upgraded_url: str) -> None:
    assert is_current(upgraded_url)
    upgraded = described(upgraded_url), guards(upgraded_url)
    downgrade(upgraded_url, "base", Keyring(dump.keys))
    migrate(upgraded_url)
    assert (described(upgraded_url), guards(upgraded_url)) == upgraded


@pytest.mark.parametrize("change", ["UPDATE journal SET actor = ''", "DELETE FROM journal"])
def test_to_the_journal_rows_can_still_only_be_added(upgraded_url: str, change: str) -> None:
    with pytest.raises(DBAPIError), transaction(upgraded_url) as connection:
        connection.exec_driver_sql(change)


def test_a_dump_holds_every_state_and_every_answer(dump: Dump) -> None:
    """Otherwise what follows would prove little."""
    cases = dump.expected["cases"].values()
    assert {case["state"] for case in cases} == set(State) - UNKNOWN_TO[dump.version]
    meetings = [meeting for case in cases for meeting in case["meetings"]]
    assert {s["standing"] for meeting in meetings for s in meeting["summonses"].values()} == ANSWERS_THEN
    assert {letter[4] for case in cases for letter in case["letters_open"]} == {"waiting", "taken", "dead"}


async def test_every_case_is_what_it_was(dump: Dump, visitor: Visitor) -> None:
    for code, expected in dump.expected["cases"].items():
        found = await visitor.tells(code)
        # When it is next looked at is another matter, see below.
        assert in_any_order({**found, "due_at": None}) == in_any_order({**expected, "due_at": None}), code


async def test_what_is_held_beside_the_cases_is_what_it_was(dump: Dump, visitor: Visitor) -> None:
    at = dump.made_at
    assert await visitor.reading(lambda reader: system_in_words(reader, at)) == dump.expected["system"]


async def test_the_journal_is_whole(visitor: Visitor) -> None:
    assert await visitor.breaks() == []


async def test_what_is_due_follows_from_the_case_as_it_stands_in_the_tables(dump: Dump, visitor: Visitor) -> None:
    """R90, R125, R128: else a reminder would never come, or come twice."""
    for code, expected in dump.expected["cases"].items():
        case, stored = await visitor.case(code), await visitor.tells(code)
        if case.protected:
            continue  # its reminders are counted from the summons since then (law 4D.4), and anew when it is next saved
        found = computed(case, visitor.bot.services.rules, dump.made_at)
        assert stored["listing"] == expected["listing"], code
        # The ladders are calmer now, and lists name other steps: every case is looked at once, and notes both then.
        assert datetime.fromisoformat(stored["due_at"]).timestamp() == 0, code
        await visitor.writing(lambda tx, code=code: fire(visitor.bot.services, tx, code))  # type: ignore[misc]
        looked_at = await visitor.tells(code)
        assert looked_at["listing"] == found["listing"], code


async def test_people_are_shown_what_they_were_shown(dump: Dump, visitor: Visitor) -> None:
    for code, words in dump.expected["told"].items():
        case = await visitor.case(code)
        if case.protected:
            continue  # other days are ahead for it, see above
        answer = await visitor.types(case.responsible, f"visa {code}")
        assert isinstance(answer, Say), code
        card = words_of(answer.card)
        told = COUNTED.sub("", _but_what_comes_and_happened(words))
        assert facts_of(told) <= facts_of(_but_what_comes_and_happened(card)), code
        before, now = happened(words), happened(card)
        gone = Counter(before) - Counter(now)
        if gone:
            # Reminders in a row have become one line, and the oldest line has made room for the one with which the case
            # began; all of it stands in the whole history.
            oldest = Counter(before[:1] if len(before) == SHOWN_IN_0_1 else ())
            assert not gone - oldest - Counter(happened(_reminders_in(words))), code
            whole = happened(await _history(visitor, case.responsible, answer.card))
            assert now[0] == whole[0], code
            assert not Counter(before) - Counter(whole), code


def happened(words: str) -> list[tuple[str, str]]:
    """Return when each line of a history happened and of whom it tells; what happened may be worded anew."""
    lines = words.rpartition(HISTORY)[2].splitlines()
    found = [HAPPENED.fullmatch(OF_WHAT.sub(r"\1", line)) for line in lines]
    return [(line["when"], line["what"].rpartition(", ")[2]) for line in found if line]


def _reminders_in(words: str) -> str:
    return "\n".join(line for line in words.rpartition(HISTORY)[2].splitlines() if REMINDED in line)


def _but_what_comes_and_happened(words: str) -> str:
    """Leave out the lines of the next reminders, which come on other days now, and the lines of the history."""
    above, _, below = words.partition(HISTORY)
    lines = [line for line in above.splitlines() if not COMES.fullmatch(line)]
    return "\n".join([*lines, *(line for line in below.splitlines() if not HAPPENED.fullmatch(line))])


async def _history(visitor: Visitor, who: str, card: Card) -> str:
    """Turn the pages of the whole history, from the newest that the card leads to, back to the oldest."""
    opens = next(b for section in card.sections for b in section.buttons if b.action == Action.CASE_HISTORY)
    page = await visitor.turns(who, opens)
    pages = [words_of(page)]
    while older := [button for button in page.buttons if button.label == "Tidigare"]:
        page = await visitor.turns(who, older[0])
        pages.insert(0, words_of(page))
    return "\n".join(pages)


async def test_every_waiting_letter_goes_out_once(dump: Dump, visitor: Visitor) -> None:
    carried = await visitor.delivers()
    assert len(carried) == len(set(carried))
    assert carried_for_sure(carried) == dump.expected["carried"]
    counts = await visitor.reading(lambda reader: reader.outbox.counts())
    assert (counts.waiting, counts.taken) == (0, 0)
    assert await visitor.delivers() == [], "and never again"


async def test_the_register_extract_tells_of_each_case(dump: Dump, visitor: Visitor) -> None:
    """GDPR 15."""
    for code, expected in dump.expected["cases"].items():
        extract = await visitor.export(code)
        assert extract["document"]["code"] == code
        assert len(extract["journal"]) == expected["journal"][0]
        assert json.dumps(extract, ensure_ascii=False)
    erased = await visitor.export(dump.expected["erased"])
    assert erased["document"] is None
    assert erased["journal"]


# ---- what people hold in their hands: buttons, open forms, addresses -----------------------------------------------


async def standing(visitor: Visitor, kept: dict[str, Any], agency: str) -> Standing | None:
    meeting = (await visitor.case(kept["case"])).meeting
    return None if meeting is None else meeting.standing_of(agency)


@pytest.mark.parametrize("label, agency", [("received", "vc"), ("followup_received", "skola")])
async def test_a_summons_from_before_is_answered_by_its_button(
    dump: Dump, visitor: Visitor, label: str, agency: str
) -> None:
    """R125."""
    kept = dump.expected["presses"][label]
    assert await standing(visitor, kept, agency) is Standing.SENT
    await visitor.acts(kept)
    assert await standing(visitor, kept, agency) is Standing.RECEIVED


async def test_a_notice_of_the_end_from_before_is_confirmed_by_its_button(dump: Dump, visitor: Visitor) -> None:
    """R77, R174."""
    kept = dump.expected["presses"]["closing_confirmed"]
    await visitor.acts(kept)
    closure = (await visitor.case(kept["case"])).closure
    assert closure is not None
    notice = closure.notice_of("fk")
    assert notice is not None
    assert notice.confirmed is not None


async def test_a_plan_from_before_is_confirmed_by_its_button(dump: Dump, visitor: Visitor) -> None:
    """R161."""
    kept = dump.expected["presses"]["plan_received"]
    await visitor.acts(kept)
    assert [row.entry.agency for row in await visitor.journal(kept["case"], "plan.received")] == ["bup", "skola"]


@pytest.mark.parametrize("label", ["step", "done"])
async def test_a_button_from_before_opens_its_form(dump: Dump, visitor: Visitor, label: str) -> None:
    assert isinstance(await visitor.acts(dump.expected["presses"][label]), Ask)


async def test_a_button_whose_time_is_over_changes_nothing(dump: Dump, visitor: Visitor) -> None:
    kept = dump.expected["presses"]["spent"]
    before = await visitor.case(kept["case"])
    await visitor.acts(kept)
    assert await visitor.case(kept["case"]) == before


async def test_a_form_that_stood_open_is_taken(dump: Dump, visitor: Visitor) -> None:
    close, move = dump.expected["presses"]["close"], dump.expected["presses"]["move"]
    for kept in (close, move):
        answer = await visitor.acts(kept)
        assert not isinstance(answer, Mend), answer
    assert (await visitor.case(close["case"])).state is State.CLOSED
    meeting = (await visitor.case(move["case"])).meeting
    assert meeting is not None
    assert (meeting.day.isoformat(), meeting.clock, meeting.place) == ("2027-03-05", "09:00", "Sammanträdesrum 5")
    assert meeting.end - meeting.start == timedelta(minutes=90)


async def test_the_address_of_a_calendar_answer_still_leads_to_who_was_invited(dump: Dump, visitor: Visitor) -> None:
    secret = dump.expected["secrets"]["answer"]
    code = dump.expected["codes"]["answers"]
    assert await visitor.reading(lambda reader: reader.tokens.code_of(secret)) == code
    meeting = (await visitor.case(code)).meeting
    assert meeting is not None
    owners = [attendee.name for _, attendee in meeting.attendees() if attendee.token == secret]
    assert owners == [dump.expected["attendee_of_answer"]]


async def test_an_overview_is_read_at_the_address_from_before(dump: Dump, visitor: Visitor) -> None:
    secrets = dump.expected["secrets"]
    for name, expected in dump.expected["overviews"].items():
        status, text = await visitor.overview(secrets[name])
        assert status == (404 if name == "overview_revoked" else 200), name
        found = sorted(line for line in text.splitlines() if line.startswith(("UID:", "DTSTART")))
        assert found == expected, name
        assert bool(found) == (status == 200), name


async def test_every_agency_is_reached_where_it_was_and_its_manager_in_its_own_team(visitor: Visitor) -> None:
    """A manager was a user, with or without a team; now an identity."""
    directory = await visitor.reading(lambda reader: reader.directory)
    assert {
        key: (directory.address_of_agency(key), directory.address_of_manager(key)) for key in directory.agencies
    } == {
        "soc": ("slack:channel:C0SOC", "slack:person:T0/U0MARIA"),
        "bup": ("slack:channel:C0BUP", "slack:person:T0/U0BIRGIT"),
        "skola": ("slack:channel:C0SKOLA", "slack:person:T0/U0RIKARD"),
        "vc": ("slack:channel:C0VC", "slack:person:T0/U0VERA"),
        "fk": ("slack:channel:C0FK", ""),
        "polis": ("", ""),
    }
