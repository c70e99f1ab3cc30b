"""Letters about what comes beside the meetings' own: the run sheet, deviations and their answers, figures drawn."""

from __future__ import annotations

from datetime import datetime

from domain.case import Case
from domain.directory import Directory
from domain.matters.deviation import Deviation
from domain.meeting import Meeting
from domain.responsibility import place_of, reached_at, works_at
from handlers.enqueue import WHISPER_LIVES, Args, What, about_case, person
from storage.outbox.letter import Letter, Rank


def run_sheet(
    case: Case, meeting: Meeting, who: str, directory: Directory, now: datetime, *, first: bool = False
) -> Letter:
    """The run sheet of a meeting, in somebody's direct messages: asked for `first`, or changed where they have it."""
    key = f"sheet:{case.code}:{meeting.number}:{case.version}:{who}:{int(first)}"
    args: Args = {"meeting": meeting.number, "who": who, "first": int(first)}
    return about_case(case, What.RUN_SHEET, key, directory.address_of(who), args, now)


def deviation(case: Case, found: Deviation, directory: Directory, now: datetime) -> Letter:
    """A deviation, to the manager of the unit it concerns, or to the unit where it has none in chat (R183).

    Of a protected case only the one named person of the unit hears (law 4D.4).
    """
    key = f"deviation:{case.code}:{found.number}:{case.version}"
    args: Args = {"number": found.number, "agency": found.agency}
    return about_case(case, What.DEVIATION, key, deviation_at(case, found, directory), args, now)


def deviation_at(case: Case, found: Deviation, directory: Directory) -> str:
    """Return where a deviation is told of today."""
    agency = found.agency
    manager = directory.address_of_manager(agency) if agency in directory.agencies and not case.protected else ""
    return manager or place_of(case, agency, directory)


def deviation_answer(case: Case, found: Deviation, directory: Directory, now: datetime) -> Letter:
    """The written answer, to whoever reported the deviation while they work where they did (R183)."""
    key = f"deviation:{case.code}:{found.number}:answer"
    args: Args = {"number": found.number, "agency": found.by_agency}
    return about_case(case, What.DEVIATION_ANSWER, key, answer_at(case, found, directory), args, now)


def answer_at(case: Case, found: Deviation, directory: Directory) -> str:
    """Return where the answer to a deviation is told today; of a protected case no manager hears."""
    who, unit = found.reported.by, found.by_agency
    if works_at(who, unit, directory):
        return reached_at(case, who, directory)
    if case.protected or unit not in directory.agencies:
        return place_of(case, unit, directory)
    return directory.address_of_manager(unit)


def figures_picture(identity: str, quarter: str, unit: str, now: datetime) -> Letter:
    """The figures of a quarter as a picture, in the direct messages of the one who asked; `unit` "" for all together.

    It goes beside the answer in words, which waits for nothing. Whoever leafs back and forth has it once an hour.
    """
    key = f"figures:{identity}:{quarter}:{unit}:{now:%Y-%m-%dT%H}"
    args: Args = {"identity": identity, "quarter": quarter, "unit": unit}
    return Letter(
        key, person(identity), What.FIGURES, args, rank=Rank.ANSWER, not_before=now, expires_at=now + WHISPER_LIVES
    )
