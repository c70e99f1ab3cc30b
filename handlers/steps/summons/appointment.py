"""Time and place of a meeting: as forms ask for them, as they are read back, and as they are said."""

from __future__ import annotations

from domain.case import Case
from domain.meeting import Meeting, Mode
from domain.problem import Problem
from domain.steps.appointment import Appointment, warnings_of
from handlers.request import Request
from handlers.ui.branches import Branches, chosen
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Note, Values
from handlers.ui.options import choices, tick
from templates import Words

#: People who meet are somewhere (R109); a link is for those who do not. One that is kept stays when none is asked for.
BRANCHES: Branches = {"place": (chosen("mode", Mode.IN_PERSON),), "link": (chosen("mode", Mode.DIGITAL),)}

MINUTES = (30, 45, 60, 90, 120)
USUAL_MINUTES = 60
USUAL_CLOCK = "13:00"
LONGEST_PLACE = 150


def time_fields(request: Request, case: Case, values: Values, *, day: str, clock: str) -> list[Field | Note]:
    """Return when it is, filled with `day` and `clock`.

    What speaks against the time that is in the form by now stands under it, with the box that says that it is meant
    so; there is none where nothing does.
    """
    words, begun = request.words, {"date": day, "start": clock}
    fields: list[Field | Note] = [
        Field("date", FieldKind.DATE, words("summon.date"), required=True, initial=day, redraws=True),
        Field("start", FieldKind.TIME, words("summon.start"), required=True, initial=clock, redraws=True),
    ]
    warnings = _warnings_of_time(request, case, FormData({**begun, **values}))
    if not warnings:
        return fields
    return [*fields, Note(" ".join(warnings), warning=True), tick(words, "confirmed", "summon.confirmed")]


def _warnings_of_time(request: Request, case: Case, values: FormData) -> list[str]:
    """Return what speaks against a day and a time in a form; nothing while they are no time, or a past one."""
    day, wall = values.day("date"), values.wall_time("start")
    if day is None or wall is None:
        return []
    start = request.services.rules.calendar.at(day, wall)
    coming, clock = case.coming_meeting, f"{wall:%H:%M}"
    stays = coming is not None and (coming.day, coming.clock) == (day, clock)
    if start <= request.now or stays:
        return []
    return warnings_in_words(request, case, Appointment(day, clock, start, USUAL_MINUTES, Mode.IN_PERSON))


def length_field(words: Words, meeting: Meeting | None) -> Field:
    """Return how long it is expected to take."""
    return Field(
        "minutes",
        FieldKind.SELECT,
        words("summon.length"),
        required=True,
        options=choices(words, "minutes", [str(m) for m in MINUTES]),
        initial=str(meeting.length if meeting is not None else USUAL_MINUTES),
    )


def way_fields(request: Request, case: Case, meeting: Meeting | None) -> tuple[Field, ...]:
    """Return how people meet, and where: filled with what is known of the meeting."""
    words = request.words
    return (
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
    """Read an appointment, or note what is wrong with it. An empty link leaves the one that is kept, as no length does.

    A protected case has neither place nor link, so what is sent there is told of, asked or not (R109, R131).
    """
    if case.protected:
        slipped = [name for name in ("place", "link") if values.sent(name)]
        values.problems += [Problem(name, "summon.protected_place") for name in slipped]
    day, wall = values.day("date", required=True), values.wall_time("start", required=True)
    minutes = values.number("minutes", frozenset(MINUTES), required=True)
    mode = values.one("mode", Mode, required=True)
    place, link = values.place("place", longest=LONGEST_PLACE), values.link("link")
    if day is None or wall is None or mode is None:
        return None
    minutes = minutes or (meeting.length if meeting is not None else USUAL_MINUTES)
    link = link or (meeting.link if meeting is not None else "")
    return Appointment(day, f"{wall:%H:%M}", request.services.rules.calendar.at(day, wall), minutes, mode, place, link)


def problems_unconfirmed(
    request: Request, case: Case, appointment: Appointment, values: FormData
) -> tuple[Problem, ...]:
    """Return that a time against which something speaks is to be confirmed, until somebody has ticked that it is.

    It is said before anything is sent, when a meeting is moved too, and blocks nothing (R120, R192). A form that was
    sent before it was made anew with the warning shows it then.
    """
    if values.ticked("confirmed") or not warnings_in_words(request, case, appointment):
        return ()
    return (Problem("confirmed", "summon.confirm"),)


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
