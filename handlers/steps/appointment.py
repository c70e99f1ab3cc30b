"""Time and place of a meeting: as forms ask for them, as they are read back, and as they are said."""

from __future__ import annotations

from domain.case import Case
from domain.meeting import Meeting, Mode
from domain.steps.summon import Appointment
from handlers.request import Request
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind
from handlers.ui.options import choices

MINUTES = (30, 45, 60, 90, 120)
LONGEST_PLACE = 150


def appointment_fields(
    request: Request, case: Case, meeting: Meeting | None, day: str, clock: str
) -> tuple[Field, ...]:
    """Return the fields of an appointment, filled with `day` and `clock` and what else is known of the meeting."""
    words = request.words
    return (
        Field("date", FieldKind.DATE, words("summon.date"), required=True, initial=day),
        Field("start", FieldKind.TIME, words("summon.start"), required=True, initial=clock),
        Field(
            "minutes",
            FieldKind.SELECT,
            words("summon.length"),
            required=True,
            options=choices(words, "minutes", [str(m) for m in MINUTES]),
            initial=str(meeting.length) if meeting else "60",
        ),
        Field(
            "mode",
            FieldKind.SELECT,
            words("summon.mode"),
            required=True,
            options=choices(words, "mode", Mode),
            initial=(meeting.mode if meeting else Mode.IN_PERSON).value,
        ),
        *(() if case.protected else _place_fields(request, meeting)),
    )


def _place_fields(request: Request, meeting: Meeting | None) -> tuple[Field, ...]:
    """Return place and link. A link that is kept is not shown again, in a form no more than elsewhere (law 4D)."""
    words, kept = request.words, meeting is not None and bool(meeting.link)
    return (
        Field(
            "place",
            FieldKind.TEXT,
            words("summon.place"),
            hint=words("summon.place.hint"),
            max_length=LONGEST_PLACE,
            initial=(meeting and meeting.place) or None,
        ),
        Field(
            "link",
            FieldKind.URL,
            words("summon.link"),
            hint=words("summon.link.kept" if kept else "summon.link.hint"),
        ),
    )


def read_appointment(request: Request, values: FormData, meeting: Meeting | None) -> Appointment | None:
    """Read an appointment, or note what is wrong with it. An empty link leaves the one that is kept."""
    day, wall = values.day("date", required=True), values.wall_time("start", required=True)
    minutes = values.number("minutes", frozenset(MINUTES), required=True)
    mode = values.one("mode", Mode, required=True)
    place, link = values.place("place", longest=LONGEST_PLACE), values.link("link")
    if day is None or wall is None or minutes is None or mode is None:
        return None
    link = link or (meeting.link if meeting is not None else "")
    return Appointment(day, f"{wall:%H:%M}", request.services.rules.calendar.at(day, wall), minutes, mode, place, link)


def when(request: Request, meeting: Meeting) -> str:
    """Return day, time and length in words."""
    words = request.words
    return words("when.meeting", day=words.day(meeting.day), clock=words.clock(meeting.clock), minutes=meeting.length)
