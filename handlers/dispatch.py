"""Dispatch: whatever arrives, from whatever platform, comes through here and gets its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from domain.errors import Invalid, SipError
from domain.reminders.kinds import current_key
from handlers import enqueue
from handlers.commands import command
from handlers.request import Request, enter, sorry
from handlers.save import put_letters
from handlers.services import Services
from handlers.steps import (
    answer_common,
    answer_summons,
    close_case,
    open_case,
    record_answer,
    record_consent,
    reminder_buttons,
    report_meeting,
    send_plan,
    summon,
)
from handlers.steps.by_name import take_step
from handlers.ui.events import Command, Event, HomeOpened, Press, Submit
from handlers.ui.form_data import FormData
from handlers.ui.responses import Mend, Response, Say, Silence, Unchanged, in_language
from storage.transaction import Transaction

Fields = Mapping[str, str | int]


def handle(services: Services, tx: Transaction, incoming: Event) -> Response:
    """Answer what has arrived, in one transaction.

    A `SipError` undoes the transaction and is answered by `apologise`; `Unchanged` undoes it and holds the answer.
    """
    if isinstance(incoming, HomeOpened):
        return _open_home(tx, incoming)
    request = enter(services, tx, incoming.sender)
    language = request.words.language
    if isinstance(incoming, Command):
        return in_language(command(request, incoming.text), language)
    if not tx.inbox.first(incoming.key):
        return Silence()
    if isinstance(incoming, Submit):
        return in_language(_submit(request, incoming), language)
    return whispered(tx, incoming, in_language(_press(request, incoming), language))


def apologise(services: Services, tx: Transaction, incoming: Event, error: SipError, reference: str) -> Response:
    """Tell the person why nothing was done, on the surface where they acted."""
    words = services.words_for(incoming.sender.locale or tx.people.locale(incoming.sender.identity))
    if isinstance(incoming, Submit) and isinstance(error, Invalid) and error.field:
        return Mend({error.field: words(error.key, **error.params)})
    answer = in_language(sorry(words, error, reference), words.language)
    return whispered(tx, incoming, answer) if isinstance(incoming, Press) else answer


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
    fields = request.services.seal.open(press.token)
    if press.action == "case.new":
        return open_case.ask(request)
    if press.action in {"case.step", "case.pick"}:
        return _step(request, fields)
    if press.action in answer_summons.BUTTONS:
        return answer_summons.press(request, press.action, _text(fields, "c"), _number(fields, "m"), _text(fields, "a"))
    if press.action == close_case.CONFIRM:
        return close_case.confirm(request, _text(fields, "c"), _text(fields, "a"))
    if press.action == send_plan.CONFIRM:
        return send_plan.confirm(request, _text(fields, "c"), _number(fields, "v"), _text(fields, "a"))
    if press.action in {reminder_buttons.DONE, reminder_buttons.SNOOZE}:
        return reminder_buttons.press(request, press.action, _text(fields, "c"), current_key(_text(fields, "k")))
    raise Invalid("press.unknown")


def _step(request: Request, fields: Fields) -> Response:
    step, code = _text(fields, "s"), _text(fields, "c")
    if step == "move" and fields.get("d"):
        return summon.ask_move(request, code, _text(fields, "d"), _text(fields, "t"))
    return take_step(request, step, code)


def _submit(request: Request, submit: Submit) -> Response:
    fields = request.services.seal.open(submit.token)
    if fields.get("f") != submit.form:
        raise Invalid("token.broken")
    values, code = FormData(submit.values), _text(fields, "c") if "c" in fields else ""
    answer = _submit_form(request, submit.form, code, fields, values)
    if isinstance(answer, Mend):
        raise Unchanged(answer)
    return answer


def _submit_form(request: Request, form: str, code: str, fields: Fields, values: FormData) -> Response:
    taker = TAKERS.get(form)
    if taker is None:
        raise Invalid("press.unknown")
    return taker(request, code, fields, values)


def _take_opening(request: Request, _code: str, _fields: Fields, values: FormData) -> Response:
    return open_case.submit(request, values)


def _take_consent(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    return record_consent.submit(request, code, _number(fields, "n"), values)


def _take_withdrawal(request: Request, code: str, _fields: Fields, values: FormData) -> Response:
    return record_consent.submit_withdrawal(request, code, values)


def _take_summons(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    return summon.submit(request, code, (_number(fields, "n"), _number(fields, "o")), values)


def _take_move(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    return summon.submit_move(request, code, _number(fields, "n"), _number(fields, "r"), values)


def _take_answer(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    asked = answer_common.find(request, code, _number(fields, "m"), _text(fields, "a"))
    seen = _number(fields, "r"), _number(fields, "w")
    return answer_summons.submit(request, _text(fields, "f"), asked, seen, values)


def _take_report(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    seen = report_meeting.Seen(_number(fields, "m"), _number(fields, "r"), _number(fields, "p"))
    return report_meeting.submit(request, code, seen, values)


def _take_recorded_answer(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    return record_answer.submit(request, code, _number(fields, "m"), _number(fields, "w"), values)


def _take_plan(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    return send_plan.submit(request, code, _number(fields, "m"), values)


def _take_closing(request: Request, code: str, _fields: Fields, values: FormData) -> Response:
    return close_case.submit(request, code, values)


def _take_snooze(request: Request, code: str, fields: Fields, values: FormData) -> Response:
    return reminder_buttons.submit(request, code, current_key(_text(fields, "k")), values)


# Which handler takes which form; each reads of the sealed token what its own form put there.
TAKERS: Mapping[str, Callable[[Request, str, Fields, FormData], Response]] = {
    open_case.FORM: _take_opening,
    record_consent.FORM: _take_consent,
    record_consent.WITHDRAW_FORM: _take_withdrawal,
    summon.FORM: _take_summons,
    summon.MOVE_FORM: _take_move,
    answer_summons.NAME: _take_answer,
    answer_summons.PROPOSE: _take_answer,
    answer_summons.DECLINE: _take_answer,
    answer_summons.FORWARD: _take_answer,
    record_answer.FORM: _take_recorded_answer,
    report_meeting.FORM: _take_report,
    send_plan.FORM: _take_plan,
    close_case.FORM: _take_closing,
    reminder_buttons.SNOOZE: _take_snooze,
}


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise Invalid("token.broken")
    return value


def _number(fields: Fields, name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int):
        raise Invalid("token.broken")
    return value
