"""The two buttons on a reminder: take the step it asks for, or put it off with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.case import Case
from domain.errors import WrongState
from domain.problem import Problem
from domain.reminders.due import Due, ReminderKind, To
from domain.reminders.kinds import Settles, kind_of, may_be_snoozed
from domain.responsibility import may_send_plan, may_steer, stands_in, works_at
from domain.snooze import Snooze
from domain.steps.ending import confirm_notice
from handlers import enqueue
from handlers.reminders import SnoozeReason, first_free_day, step_of
from handlers.request import Request
from handlers.save import put_letters, settle_reminders, write_entry
from handlers.screens.reminder_card import is_of_own_unit
from handlers.screens.reminder_list import find_due
from handlers.steps import close_case, manager_buttons, send_plan
from handlers.steps.by_name import take_step
from handlers.steps.matters import deviation, measure, promise
from handlers.steps.summons import answer_summons
from handlers.ui.actions import Action, OneEnding, OneMatter, OnePlan, OneReminder, OneSummons, SnoozeForm
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note
from handlers.ui.options import choices
from handlers.ui.responses import Ask, Response

SNOOZE: Final = Action.REMINDER_SNOOZE  # the form is named as the button that opens it
LONGEST_SNOOZE = timedelta(days=30)


# What settles a reminder of one of the numbered things, for the unit and for its manager.
NUMBERED: Mapping[Settles | None, Callable[[Request, OneMatter], Response]] = {
    Settles.PROMISE: promise.kept,
    Settles.DEVIATION: deviation.ask_answer,
}


def done(request: Request, token: OneReminder) -> Response:
    """Take the step that a reminder asks for."""
    case = request.tx.cases.get(token.code)
    due = _find(request, case, token.key)
    if due is None:
        return request.say("reminders.already_done", code=token.code)
    if due.to is To.MANAGER and not kind_of(due).at_once:
        return manager_buttons.known(request, case, due)
    return _done(request, case, due)


def ask_snooze(request: Request, token: OneReminder) -> Response:
    """Open the form that puts a reminder off, or those of one case that stand together."""
    case = request.tx.cases.get(token.code)
    dues = _find_all(request, case, token.keys)
    if not dues:
        return request.say("reminders.already_done", code=token.code)
    return Ask(_snooze_form(request, case, dues))


def _find_all(request: Request, case: Case, keys: tuple[str, ...]) -> list[Due]:
    """Return those reminders whose matter is still open; each must be one that may be put off, by this person."""
    dues = [due for key in keys if (due := _find(request, case, key)) is not None]
    for due in dues:
        _require_snoozable(due, case.code)
    return dues


def take(request: Request, token: OneReminder) -> Response:
    """A manager sees to what others have left undone."""
    case = request.tx.cases.get(token.code)
    due = _find(request, case, token.key)
    if due is None or due.to is not To.MANAGER:
        return request.say("reminders.already_done", code=token.code)
    return manager_buttons.take(request, case, due)


def _find(request: Request, case: Case, key: str) -> Due | None:
    """Return the reminder for somebody whom it concerns, or None when its matter is settled."""
    due = find_due(request.view, case, key)
    _require_concerned(request, case, due)
    return due


def _require_snoozable(due: Due, code: str) -> None:
    """Escalations keep their days, and that an agency must be phoned now cannot wait (R77)."""
    if not may_be_snoozed(due):
        raise WrongState("reminders.not_to_be_put_off", {"code": code})


def _require_concerned(request: Request, case: Case, due: Due | None) -> None:
    """Only those whom the reminder is for may settle it or put it off."""
    if may_steer(case, request.staff, request.directory):
        return
    agency = due.unit if due is not None else ""
    if due is None and request.staff.agency in case.parties():
        return
    manager = request.directory.manager_of(agency) if agency in request.directory.agencies else None
    concerned = (
        request.staff.agency == agency
        or (manager is not None and _is_or_stands_in(request, case, manager.id))
        or (due is not None and _is_or_stands_in(request, case, due.who) and _is_theirs(request, case, due))
        or (due is not None and due.to is To.ATTENDEES and request.staff.agency in case.parties())
    )
    if not concerned:
        raise WrongState("right.reminder")


def _is_or_stands_in(request: Request, case: Case, who: str) -> bool:
    return who == request.staff.id or stands_in(case, request.staff, who, request.directory)


def _is_theirs(request: Request, case: Case, due: Due) -> bool:
    """Say whether somebody still has the role in which they were reminded (law 4D.9)."""
    if due.kind is ReminderKind.SEND_PLAN:
        return may_send_plan(case, request.staff, request.directory)
    return due.who not in {case.coordinator, case.lead} or works_at(due.who, due.unit, request.directory)


def _done(request: Request, case: Case, due: Due) -> Response:
    meeting, kind = case.coming_meeting, kind_of(due)
    settles = kind.settles if due.to is kind.settled_by else None
    if kind.settles is Settles.ENDING and due.to is To.PERSON:
        settles = Settles.PHONED
    if settles is Settles.PHONED and is_of_own_unit(due) and request.staff.agency == due.agency:
        settles = Settles.ENDING  # who has told their colleagues confirms it for the unit
    if settles is Settles.RECEIPT and meeting is not None:
        return answer_summons.receive(request, OneSummons(case.code, meeting.number, due.agency))
    if settles is Settles.NAMES and meeting is not None:
        token = OneSummons(case.code, meeting.number, due.agency)
        return answer_summons.ask(request, Action.SUMMONS_NAME, token)
    if settles is Settles.ENDING:
        return close_case.confirm(request, OneEnding(case.code, due.agency))
    if settles is Settles.PLAN:
        return send_plan.confirm(request, OnePlan(case.code, case.plans[-1].version, due.agency))
    numbered = NUMBERED.get(kind.settles if due.to is not To.PERSON else settles)
    if numbered is not None:
        numbered = measure.reported if _is_of_measure(due) else numbered
        return numbered(request, OneMatter(case.code, _number_of(due)))
    if settles is Settles.PHONED:
        return _phoned(request, case, due)
    step = step_of(case, due, request.services, request.now)
    if step and due.to is To.PERSON:
        return take_step(request, step, case.code)
    return _dismiss(request, case, due)


def _is_of_measure(due: Due) -> bool:
    """Say whether a promised answer is that of a measure, and not of a decision: its group says so."""
    return due.group.split(":")[2] == "measure"


def _number_of(due: Due) -> int:
    """Return which of the numbered things in a case a reminder is about: its group says so after its kind."""
    return int(due.group.split(":")[1])


def _phoned(request: Request, case: Case, due: Due) -> Response:
    """The agency has been told by telephone that the case has ended (R77)."""
    after = confirm_notice(case, due.agency, request.stamp)
    entry = request.entry("closing.phoned", agency=due.agency)
    request.save(case, after, [entry])
    return request.say("reminders.phoned", agency=request.agency_name(due.agency), code=case.code)


def _dismiss(request: Request, case: Case, due: Due) -> Response:
    entry = request.entry("reminder.seen", {"reminder": due.key})
    write_entry(request.tx, case, entry, case.state)
    # Others who got the same reminder still have it: each has seen it for himself.
    own = request.directory.address_of(request.staff)
    for place in settle_reminders(request.tx, case.code, frozenset({due.key}), own):
        seen = enqueue.reminders(
            place.address, f"seen:{case.code}:{due.key}", request.now, anew=False, manager=place.manager
        )
        put_letters(request.tx, [seen])
    return request.say("reminders.seen", code=case.code)


def _snooze_form(request: Request, case: Case, dues: list[Due]) -> Form:
    words = request.words
    intro = "reminders.snooze.intro" if len(dues) == 1 else "reminders.snooze.intro_many"
    until = first_free_day(request.today, request.services)
    parts: tuple[Field | Note, ...] = (
        Note(words(intro, code=case.code, count=len(dues))),
        Field("until", FieldKind.DATE, words("reminders.snooze.until"), required=True, initial=until.isoformat()),
        Field(
            "reason",
            FieldKind.SELECT,
            words("reminders.snooze.reason"),
            required=True,
            options=choices(words, "snooze_reason", SnoozeReason),
        ),
    )
    token = request.seal(SnoozeForm(SNOOZE, case.code, " ".join(due.key for due in dues)))
    return Form(SNOOZE, words("reminders.snooze.form_title"), words("form.save"), words("form.cancel"), token, parts)


def submit(request: Request, token: SnoozeForm, values: FormData) -> Response:
    """Put reminders off. The reason stands in the journal; escalations keep their days."""
    code = token.code
    case = request.tx.cases.get(code)
    dues = _find_all(request, case, token.keys)
    if not dues:
        raise WrongState("reminders.already_done.text", {"code": code})
    until, reason = values.day("until", required=True), values.one("reason", SnoozeReason, required=True)
    if until is not None and not request.today < until <= request.today + LONGEST_SNOOZE:
        values.problems.append(Problem("until", "reminders.snooze.too_far", {"days": LONGEST_SNOOZE.days}))
    if values.problems or until is None or reason is None:
        return request.mend(values.problems)
    snooze = Snooze(until, reason.value)
    after = replace(case, snoozes={**case.snoozes, **{due.group: snooze for due in dues}})
    details: dict[str, str | int] = {"until": until.isoformat(), "reason": reason.value}
    entries = [request.entry("reminder.snoozed", {"reminder": due.key, **details}) for due in dues]
    request.save(case, after, entries)
    said = "reminders.snoozed" if len(dues) == 1 else "reminders.snoozed_many"
    return request.say(said, code=code, day=request.words.day(until), count=len(dues))
