"""`sipbot statistics`: the figures as a table, without what is too small (R207; law 4D)."""

from __future__ import annotations

import csv
from datetime import date
from typing import Literal

import pytest
from pydantic import SecretStr

from bot.admin.figures import HEAD, figures_table
from bot.settings import Settings
from domain.figures.sums import Key, Sum
from storage.encryption.cipher import Keyring, fresh_key
from storage.engine.database import open_database
from tests.storage.specimens import START, HandClock


@pytest.fixture
def settings(migrated_sqlite_url: str) -> Settings:
    found = Settings(
        _env_file=None, sipbot_database_url=migrated_sqlite_url, sipbot_secret_keys=(SecretStr(fresh_key()),)
    )
    database = open_database(migrated_sqlite_url, Keyring(found.keys), HandClock(START))
    counts = {"soc": 12, "bup": 3, "fk": 6, "vc": 6}
    sums = {Key("2025-4", unit, "adult", "noticed"): Sum(count) for unit, count in counts.items()}
    sums[Key("2025-4", "soc", "adult", "first_held")] = Sum(10, 205)
    database.write(lambda tx: tx.figures.grow(sums, date(2025, 12, 31))).result(10)
    database.close()
    return found


def rows(table: str, figure: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Return value and mean of one figure, by unit and track."""
    lines = list(csv.DictReader(table.splitlines()))
    return {(line["unit"], line["track"]): (line["value"], line["mean"]) for line in lines if line["figure"] == figure}


def test_each_unit_all_and_each_track_have_their_rows_and_small_numbers_do_not_show(settings: Settings) -> None:
    table = figures_table(settings, "2025-4")
    assert table.splitlines()[0] == ",".join(HEAD)
    found = rows(table, "noticed")
    assert found["vc", "*"] == ("6", "")
    assert found["bup", "*"] == found["fk", "*"] == ("..", "")
    assert (found["*", "*"], found["*", "adult"]) == (("27", ""), ("27", ""))
    assert rows(table, "first_held_mean")["soc", "*"] == ("", "20.5")


@pytest.mark.parametrize("language, delimiter, mean", [("sv", ";", "20,5"), ("en", ",", "20.5")])
def test_for_a_spreadsheet_they_are_written_as_it_reads_them(
    language: Literal["sv", "en"], delimiter: str, mean: str, settings: Settings
) -> None:
    """A Swedish one puts what stands between commas into one column, and takes 3.4 for a day in April."""
    database = open_database(settings.sipbot_database_url, Keyring(settings.keys), HandClock(START))
    odd = {Key("2025-4", unit, "adult", "noticed"): Sum(9) for unit in ("-1-2", "soc")}
    database.write(lambda tx: tx.figures.grow(odd, date(2025, 12, 31))).result(10)
    database.close()
    table = figures_table(settings.model_copy(update={"sipbot_language": language}), "2025-4", spreadsheet=True)
    assert table.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")
    found = list(csv.DictReader(table[1:].splitlines(), delimiter=delimiter))
    assert tuple(found[0]) == HEAD
    assert [line["mean"] for line in found if line["figure"] == "first_held_mean" and line["unit"] == "soc"] == [mean]
    assert table.count("\r\n") == table.count("\n") == len(found) + 1
    assert "'-1-2" in {line["unit"] for line in found}, "what begins like a formula is text"
    assert [cell for line in found for cell in line.values() if cell.startswith(("=", "+", "-", "@", "\t"))] == []


def test_without_a_quarter_all_that_are_settled_are_told(settings: Settings) -> None:
    assert figures_table(settings, "") == figures_table(settings, "2025-4")


@pytest.mark.parametrize(
    "typed, why", [("2090-1", "shown from 2090-05-02"), ("2025-3", "nothing was counted"), ("i fjol", "no quarter")]
)
def test_what_is_no_quarter_or_cannot_be_told_is_said_to_be_so(settings: Settings, typed: str, why: str) -> None:
    with pytest.raises(LookupError, match=why):
        figures_table(settings, typed)
