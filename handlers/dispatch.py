"""Dispatch: whatever arrives, from whatever platform, comes through here and gets its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from domain.errors import Invalid, SipError
from handlers import enqueue, looks
from handlers.commands import command
from handlers.open_forms import branches_of, with_form
from handlers.request import Request, enter, sorry
from handlers.save import put_letters
from handlers.services import Services
from handlers.steps import (
    absence,
    assess_case,
    by_name,
    change_lead,
    close_case,
    companions,
    hand_over,
    keep_time,
    mark_case,
    move_follow_up,
    open_case,
    prepare_case,
    reminder_buttons,
    report_meeting,
    send_plan,
    show_case,
    statistics,
)
from handlers.steps.consent import own_consent, record_consent, withdraw_consent
from handlers.steps.matters import admission, deviation, evaluation, measure, promise, review, run_sheet
from handlers.steps.summons import answer_summons, move, record_answer, send_again, summon
from handlers.ui.actions import (
    Action,
    AnswerForm,
    CaseForm,
    CaseStep,
    ConsentForm,
    Fields,
    FiguresOf,
    FormToken,
    MatterForm,
    MoveForm,
    NewCase,
    OneDeviation,
    OneEnding,
    OneMatter,
    OnePage,
    OnePlan,
    OnePoint,
    OneReminder,
    OneSummons,
    PlanForm,
    RecordForm,
    ReportForm,
    SnoozeForm,
    SummonForm,
    Token,
    UnitForm,
)
from handlers.ui.events import Act, Command, HomeOpened, Press, Submit
from handlers.ui.form_data import FormData
from handlers.ui.responses import Mend, Response, Say, Silence, Unchanged, in_language
from storage.transaction import Transaction

T = TypeVar("T", bound=Token)


def handle(services: Services, tx: Transaction, incoming: Act) -> Response:
    """Response what has arrived, in one transaction.

    A `SipError` undoes the transaction and is answered by `apologise`; `Unchanged` undoes it and holds the answer.
    """
    if isinstance(incoming, HomeOpened):
        return _open_home(tx, incoming)
    request = enter(services, tx, incoming.sender)
    language = request.words.language
    if not tx.inbox.first(incoming.key):
        # What a command showed is for whoever typed it, and not for whoever sends the same request again; whoever
        # typed it and saw no answer is told to type it anew.
        return in_language(request.say("command.again"), language) if isinstance(incoming, Command) else Silence()
    if isinstance(incoming, Command):
        return _seen(request, in_language(command(request, incoming.text), language))
    if isinstance(incoming, Submit):
        if not note_seen(tx, name_of(incoming)):
            raise Unchanged(Mend({"": request.words("form.again")}))
        return _seen(request, in_language(_submit(request, incoming), language))
    return whispered(tx, incoming, _seen(request, in_language(_press(request, incoming), language)))


def _seen(request: Request, answer: Response) -> Response:
    looks.note_form(request, answer)
    return answer


def apologise(services: Services, tx: Transaction, incoming: Act, error: SipError, reference: str) -> Response:
    """Tell the person why nothing was done, on the surface where they acted.

    What was refused does not count later either, when it would be right; but a form stays theirs to send anew.
    """
    note_seen(tx, name_of(incoming))
    words = services.words_for(incoming.sender.locale or tx.people.locale(incoming.sender.identity))
    if isinstance(incoming, Submit) and isinstance(error, Invalid) and error.field:
        return Mend({error.field: words(error.key, **error.params)})
    answer = in_language(sorry(words, error, reference), words.language)
    return whispered(tx, incoming, answer) if isinstance(incoming, Press) else answer


def name_of(incoming: Act) -> str:
    """Return under which name it is noted that this has arrived and was not taken; "" where it cannot come again.

    Of a form it is this one sending alone: the same form sent anew is another.
    """
    if isinstance(incoming, Submit):
        return f"sending:{incoming.sending}:{incoming.sender.identity}" if incoming.sending else ""
    return incoming.key


def note_seen(tx: Transaction, name: str) -> bool:
    """Note that something arrived, and say whether it is the first of its name: as it was sent it counts no later."""
    return not name or tx.inbox.first(name)


def whispered(tx: Transaction, incoming: Press, answer: Response) -> Response:
    """A press cannot be answered with a card at once: the card goes out as a private word, ahead of all else."""
    if not isinstance(answer, Say):
        return answer
    card = msgspec.json.encode(answer.card).decode()
    put_letters(tx, [enqueue.whisper(incoming.sender.identity, incoming.reply_to, card, incoming.key, tx.now)])
    return Silence()


def _open_home(tx: Transaction, incoming: HomeOpened) -> Response:
    if tx.inbox.first(incoming.key):
        put_letters(tx, [enqueue.home(incoming.sender.identity, incoming.key, tx.now)])
    return Silence()


def _press(request: Request, press: Press) -> Response:
    taker = PRESSES.get(press.action)
    fields = request.services.seal.open(press.token)
    if taker is None:
        raise Invalid("press.unknown")
    return taker(request, fields)


def _submit(request: Request, submit: Submit) -> Response:
    taker = TAKERS.get(submit.form)
    fields = request.services.seal.open(submit.token)
    if taker is None:
        raise Invalid("press.unknown")
    if FormToken.read(fields).form != submit.form:
        raise Invalid("token.broken")
    answer = taker(request, fields, FormData(submit.values, request.directory.picked, branches_of(submit.form)))
    if isinstance(answer, Mend):
        raise Unchanged(with_form(request, submit, fields, answer))
    if submit.window and not request.tx.inbox.first(f"done:{submit.window}:{submit.form}:{submit.sender.identity}"):
        raise Unchanged(Silence())  # it was drawn anew between two sendings, and so did not look the same
    return answer


def _pressed(kind: type[T], handler: Callable[[Request, T], Response]) -> Callable[[Request, Fields], Response]:
    """Return what reads a button's token of this kind and lets its handler answer."""
    return lambda request, fields: handler(request, kind.read(fields))


def _sent(
    kind: type[T], handler: Callable[[Request, T, FormData], Response]
) -> Callable[[Request, Fields, FormData], Response]:
    """Return what reads a form's token of this kind and lets its handler answer."""
    return lambda request, fields, values: handler(request, kind.read(fields), values)


def _asks(action: Action) -> Callable[[Request, Fields], Response]:
    """Return what opens the form of one of a summons's buttons."""
    return _pressed(OneSummons, lambda request, token: answer_summons.ask(request, action, token))


# Which handler takes which button, and which token that button carries.
PRESSES: Mapping[str, Callable[[Request, Fields], Response]] = {
    Action.CASE_NEW: _pressed(NewCase, lambda request, _token: open_case.ask(request)),
    Action.CASE_STEP: _pressed(CaseStep, by_name.press),
    Action.CASE_PICK: _pressed(CaseStep, by_name.press),
    Action.CASE_HISTORY: _pressed(OnePage, show_case.page),
    Action.SUMMONS_RECEIVED: _pressed(OneSummons, answer_summons.receive),
    Action.SUMMONS_NAME: _asks(Action.SUMMONS_NAME),
    Action.SUMMONS_PROPOSE: _asks(Action.SUMMONS_PROPOSE),
    Action.SUMMONS_DECLINE: _asks(Action.SUMMONS_DECLINE),
    Action.SUMMONS_FORWARD: _asks(Action.SUMMONS_FORWARD),
    Action.SUMMONS_TAKE_BACK: _pressed(OneSummons, answer_summons.take_back),
    Action.SUMMONS_SEND_AGAIN: _pressed(OneSummons, send_again.send),
    Action.PROPOSAL_KEEP: _pressed(OneSummons, keep_time.keep),
    Action.PLAN_RECEIVED: _pressed(OnePlan, send_plan.confirm),
    Action.CLOSING_CONFIRM: _pressed(OneEnding, close_case.confirm),
    Action.REMINDER_DONE: _pressed(OneReminder, reminder_buttons.done),
    Action.MEASURE_CHANGE: _pressed(OneMatter, measure.press),
    Action.DEVIATION_NEW: _pressed(OneDeviation, deviation.press),
    Action.DEVIATION_ANSWER: _pressed(OneMatter, deviation.ask_answer),
    Action.MEETING_TICK: _pressed(OnePoint, run_sheet.press),
    Action.PROMISE_KEPT: _pressed(OneMatter, promise.kept),
    Action.REMINDER_SNOOZE: _pressed(OneReminder, reminder_buttons.ask_snooze),
    Action.STATISTICS_SHOW: _pressed(FiguresOf, statistics.press),
    Action.REMINDER_TAKE: _pressed(OneReminder, reminder_buttons.take),
}

# Which handler takes which form, and which token that form carries.
TAKERS: Mapping[str, Callable[[Request, Fields, FormData], Response]] = {
    open_case.FORM: _sent(FormToken, open_case.submit),
    assess_case.FORM: _sent(CaseForm, assess_case.submit),
    mark_case.FORM: _sent(CaseForm, mark_case.submit),
    prepare_case.FORM: _sent(CaseForm, prepare_case.submit),
    companions.FORM: _sent(CaseForm, companions.submit),
    record_consent.FORM: _sent(ConsentForm, record_consent.submit),
    own_consent.FORM: _sent(UnitForm, own_consent.submit),
    withdraw_consent.FORM: _sent(CaseForm, withdraw_consent.submit),
    summon.FORM: _sent(SummonForm, summon.submit),
    move.FORM: _sent(MoveForm, move.submit),
    answer_summons.NAME: _sent(AnswerForm, answer_summons.submit),
    answer_summons.PROPOSE: _sent(AnswerForm, answer_summons.submit),
    answer_summons.DECLINE: _sent(AnswerForm, answer_summons.submit),
    answer_summons.FORWARD: _sent(AnswerForm, answer_summons.submit),
    record_answer.FORM: _sent(RecordForm, record_answer.submit),
    report_meeting.FORM: _sent(ReportForm, report_meeting.submit),
    send_plan.FORM: _sent(PlanForm, send_plan.submit),
    close_case.FORM: _sent(CaseForm, close_case.submit),
    hand_over.FORM: _sent(CaseForm, hand_over.submit),
    absence.FORM: _sent(FormToken, absence.submit),
    change_lead.FORM: _sent(CaseForm, change_lead.submit),
    move_follow_up.FORM: _sent(CaseForm, move_follow_up.submit),
    measure.FORM: _sent(MatterForm, measure.submit),
    deviation.FORM: _sent(UnitForm, deviation.submit),
    deviation.ANSWER_FORM: _sent(MatterForm, deviation.submit_answer),
    admission.FORM: _sent(MatterForm, admission.submit),
    review.FORM: _sent(MatterForm, review.submit),
    evaluation.STAFF_FORM: _sent(MatterForm, evaluation.submit_staff),
    evaluation.PERSON_FORM: _sent(MatterForm, evaluation.submit_for_person),
    promise.FORM: _sent(CaseForm, promise.submit),
    reminder_buttons.SNOOZE: _sent(SnoozeForm, reminder_buttons.submit),
}
