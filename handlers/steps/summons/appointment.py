"""Time and place of a meeting: as forms ask for them, as they are read back, and as they are said."""

from __future__ import annotations

from domain.case import Case
from domain.meeting import Meeting, Mode
from domain.problem import Problem
from domain.steps.appointment import Appointment, warnings_of
from handlers.request import Request
from handlers.ui.branches import Branches, chosen
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind
from handlers.ui.options import choices, tick
from templates import Words

#: People who meet are somewhere (R109); a link is for those who do not. One that is kept stays when none is asked for.
BRANCHES: Branches = {"place": (chosen("mode", Mode.IN_PERSON),), "link": (chosen("mode", Mode.DIGITAL),)}

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
        *(() if case.protected else _place_fields(request, meeting, _agreed_place(case))),
    )


def _agreed_place(case: Case) -> str:
    """Return the place of the follow-up that was agreed on at the last meeting (R142)."""
    held = case.last_held
    return held.report.follow_up_place if held is not None and held.report is not None else ""


def _place_fields(request: Request, meeting: Meeting | None, agreed: str) -> tuple[Field, ...]:
    """Return place and link. A link that is kept is not shown again, in a form no more than elsewhere (law 4D)."""
    words, kept = request.words, meeting is not None and bool(meeting.link)
    return (
        Field(
            "place",
            FieldKind.TEXT,
            words("summon.place"),
            required=True,
            hint=words("summon.place.hint"),
            max_length=LONGEST_PLACE,
            initial=(meeting.place if meeting is not None else agreed) or None,
        ),
        Field(
            "link",
            FieldKind.URL,
            words("summon.link"),
            hint=words("summon.link.kept" if kept else "summon.link.hint"),
        ),
    )


def read_appointment(
    request: Request, case: Case, values: FormData, meeting: Meeting | None = None
) -> Appointment | None:
    """Read an appointment, or note what is wrong with it. An empty link leaves the one that is kept.

    A protected case has neither place nor link, so what is sent there is told of, asked or not (R109, R131).
    """
    if case.protected:
        slipped = [name for name in ("place", "link") if values.sent(name)]
        values.problems += [Problem(name, "summon.protected_place") for name in slipped]
    day, wall = values.day("date", required=True), values.wall_time("start", required=True)
    minutes = values.number("minutes", frozenset(MINUTES), required=True)
    mode = values.one("mode", Mode, required=True)
    place, link = values.place("place", longest=LONGEST_PLACE), values.link("link")
    if day is None or wall is None or minutes is None or mode is None:
        return None
    link = link or (meeting.link if meeting is not None else "")
    return Appointment(day, f"{wall:%H:%M}", request.services.rules.calendar.at(day, wall), minutes, mode, place, link)


def confirmed_field(words: Words) -> Field:
    """Return the box that says that an unusual time is meant so."""
    return tick(words, "confirmed", "summon.confirmed", required=False)


def problems_unconfirmed(
    request: Request, case: Case, appointment: Appointment, values: FormData
) -> tuple[Problem, ...]:
    """Return what speaks against a time, at the field of the date, until somebody has ticked that it is meant so.

    It is said before anything is sent, when a meeting is moved too, and blocks nothing (R120, R192).
    """
    warnings = warnings_in_words(request, case, appointment)
    if not warnings or not values.asks("confirmed") or values.ticked("confirmed"):
        return ()
    return (Problem("date", "summon.confirm", {"warnings": " ".join(warnings)}),)


def warnings_in_words(request: Request, case: Case, appointment: Appointment | Meeting) -> list[str]:
    """Return what speaks against a time, in words that say what each number rests on."""
    words, rules = request.words, request.services.rules_of(case)
    last = words(f"fact.deadline.{rules.meeting_basis(case)}", day=words.day(rules.meeting_deadline(case)))
    until = case.consent.valid_until if case.consent is not None else None
    params = {
        "days": rules.profile.notice_working_days.value,
        "day": words.day(appointment.day),
        "last": last,
        "until": "" if until is None else words.day(until),
    }
    keys = warnings_of(case, appointment, rules.profile, rules.calendar, request.today)
    return [words(key, **params) for key in keys]


def when(request: Request, meeting: Meeting) -> str:
    """Return day, time and length in words."""
    words = request.words
    return words("when.meeting", day=words.day(meeting.day), clock=words.clock(meeting.clock), minutes=meeting.length)
