"""Days and times as people type them in chat."""

from __future__ import annotations

from datetime import date, time

import pytest

from bot.matrix.talk.typed import clock, moment

TODAY = date(2026, 11, 27)  # a Friday


@pytest.mark.parametrize(
    "text,day,wall",
    [
        ("2/12 14.00", date(2026, 12, 2), time(14)),
        ("2/12 kl 14", date(2026, 12, 2), time(14)),
        ("torsdag 14", date(2026, 12, 3), time(14)),
        ("Torsdag 3 december kl. 14.30", date(2026, 12, 3), time(14, 30)),
        ("fre 9", date(2026, 12, 4), time(9)),
        ("imorgon 14h", date(2026, 11, 28), time(14)),
        ("i dag", TODAY, None),
        ("2026-12-03", date(2026, 12, 3), None),
        ("3 maj", date(2027, 5, 3), None),
        ("3 mars 2028", date(2028, 3, 3), None),
        ("3.12.26", date(2026, 12, 3), None),
        ("29/2", date(2028, 2, 29), None),
        ("14.00", None, time(14)),
        ("thursday 14:15", date(2026, 12, 3), time(14, 15)),
        ("31/2", None, None),
        ("snart", None, None),
        ("", None, None),
        ("９９/12", None, None),
    ],
)
def test_a_line_is_read_as_it_is_meant(text: str, day: date | None, wall: time | None) -> None:
    assert moment(text, TODAY) == (day, wall)


@pytest.mark.parametrize("text", ["24.00", "12.60", "-1", "kl", "14.0", "1400"])
def test_what_is_no_time_is_not_made_one(text: str) -> None:
    assert clock(text) is None
