"""`/sip borta` and `/sip tillbaka`: who is away is stood in for until they are back (R40)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from domain.directory import Staff
from domain.errors import Invalid
from domain.problem import Problem
from handlers.absence import set_away
from handlers.request import Request
from handlers.ui.actions import FormToken
from handlers.ui.cards import Section
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.responses import Ask, Response, Say

FORM: Final = "staff.away"
LONGEST: Final = timedelta(days=366)


def command(request: Request, text: str) -> Response:
    """Set oneself away until the day that was typed; without a day ask for it, and for whom."""
    if not text:
        return Ask(_form(request))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid("absence.no_day") from None
    if not request.today < day <= request.today + LONGEST:
        raise Invalid("absence.day")
    return _away(request, request.staff, day)


def back(request: Request, text: str) -> Response:
    """End one's own absence before its day."""
    if text:
        raise Invalid("command.unknown")
    if not set_away(request.services, request.tx, request.staff.id, None, request.staff.id):
        return request.say("absence.was_here")
    return request.say("absence.back")


def _form(request: Request) -> Form:
    words = request.words
    parts: tuple[Field | Note, ...] = (
        Note(words("absence.intro")),
        Field("until", FieldKind.DATE, words("absence.until"), required=True, hint=words("absence.until.hint")),
        Field("who", FieldKind.USER, words("absence.who"), hint=words("absence.who.hint")),
    )
    token = request.seal(FormToken(FORM))
    return Form(FORM, words("absence.form_title"), words("form.save"), words("form.cancel"), token, parts)


def submit(request: Request, _token: FormToken, values: FormData) -> Response:
    """Set somebody away: oneself, or by the manager of their agency."""
    day, identity = values.day("until", required=True), values.identity("who")
    who = request.directory.by_identity(identity) if identity else request.staff
    if who is None or not _may_set(request, who):
        values.problems.append(Problem("who", "absence.not_yours"))
    if day is not None and not request.today < day <= request.today + LONGEST:
        values.problems.append(Problem("until", "absence.day"))
    if values.problems or who is None or day is None:
        return request.mend(values.problems)
    return _away(request, who, day)


def _may_set(request: Request, who: Staff) -> bool:
    if who.id == request.staff.id:
        return True
    manager = request.directory.manager_of(who.agency)
    return manager is not None and manager.id == request.staff.id


def _away(request: Request, who: Staff, day: date) -> Response:
    until: datetime = request.services.rules.at(day, time(0))
    set_away(request.services, request.tx, who.id, until, request.staff.id)
    # The directory of the request is from before.
    stand_in = request.tx.directory.stand_in_for(who.id)
    said = "absence.nobody" if stand_in is None else "absence.set"
    name = "" if stand_in is None else stand_in.name
    told = request.say(said, who=who.name, day=request.words.day(day), name=name)
    if request.tx.directory.deputy_for(who.id) is not None:
        return told
    shielded = Section(text=request.words("absence.protected"))
    return Say(replace(told.card, sections=(*told.card.sections, shielded)))
