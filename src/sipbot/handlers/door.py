"""The one door: whatever arrives, from whatever platform, comes through here and gets its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from sipbot.domain.errors import Invalid, SipError
from sipbot.handlers import (
    answering,
    closing,
    consenting,
    holding,
    nags,
    opening,
    planning,
    replying,
    summoning,
    writing,
)
from sipbot.handlers.answers import Answer, Mend, Say, Silence, Unchanged
from sipbot.handlers.commands import command
from sipbot.handlers.incoming import Command, HomeOpened, Incoming, Press, Submit
from sipbot.handlers.keeping import put
from sipbot.handlers.office import Office
from sipbot.handlers.stepping import take_step
from sipbot.handlers.values import Reading
from sipbot.handlers.visit import Visit, enter, sorry
from sipbot.storage.transaction import Transaction

Fields = Mapping[str, str | int]


def handle(office: Office, tx: Transaction, incoming: Incoming) -> Answer:
    """Answer what has arrived, in one transaction.

    A `SipError` undoes the transaction and is answered by `apologise`; `Unchanged` undoes it and holds the answer.
    """
    if isinstance(incoming, HomeOpened):
        return _open_home(tx, incoming)
    visit = enter(office, tx, incoming.sender)
    if isinstance(incoming, Command):
        return command(visit, incoming.text)
    if not tx.inbox.first(incoming.key):
        return Silence()
    if isinstance(incoming, Submit):
        return _submit(visit, incoming)
    return whispered(tx, incoming, _press(visit, incoming))


def apologise(office: Office, tx: Transaction, incoming: Incoming, error: SipError, reference: str) -> Answer:
    """Tell the person why nothing was done, on the surface where they acted."""
    words = office.words_for(incoming.sender.locale or tx.people.locale(incoming.sender.identity))
    if isinstance(incoming, Submit) and isinstance(error, Invalid) and error.field:
        return Mend({error.field: words(error.key, **error.params)})
    answer = sorry(words, error, reference)
    return whispered(tx, incoming, answer) if isinstance(incoming, Press) else answer


def whispered(tx: Transaction, incoming: Press, answer: Answer) -> Answer:
    """A press cannot be answered with a card at once: the card goes out as a private word, ahead of all else."""
    if not isinstance(answer, Say):
        return answer
    card = msgspec.json.encode(answer.card).decode()
    put(tx, [writing.whisper(incoming.sender.identity, incoming.reply_to, card, incoming.key, tx.now)])
    return Silence()


def _open_home(tx: Transaction, incoming: HomeOpened) -> Answer:
    if tx.inbox.first(incoming.key):
        put(tx, [writing.home(incoming.sender.identity, incoming.key, tx.now)])
    return Silence()


def _press(visit: Visit, press: Press) -> Answer:
    fields = visit.office.seal.open(press.token)
    if press.action == "case.new":
        return opening.ask(visit)
    if press.action in {"case.step", "case.pick"}:
        return _step(visit, fields)
    if press.action in answering.BUTTONS:
        return answering.press(visit, press.action, _text(fields, "c"), _number(fields, "m"), _text(fields, "a"))
    if press.action == closing.CONFIRM:
        return closing.confirm(visit, _text(fields, "c"), _text(fields, "a"))
    if press.action == planning.CONFIRM:
        return planning.confirm(visit, _text(fields, "c"), _number(fields, "v"), _text(fields, "a"))
    if press.action in {nags.DONE, nags.SNOOZE}:
        return nags.press(visit, press.action, _text(fields, "c"), _text(fields, "k"))
    raise Invalid("press.unknown")


def _step(visit: Visit, fields: Fields) -> Answer:
    step, code = _text(fields, "s"), _text(fields, "c")
    if step == "move" and fields.get("d"):
        return summoning.ask_move(visit, code, _text(fields, "d"), _text(fields, "t"))
    return take_step(visit, step, code)


def _submit(visit: Visit, submit: Submit) -> Answer:
    fields = visit.office.seal.open(submit.token)
    if fields.get("f") != submit.form:
        raise Invalid("token.broken")
    values, code = Reading(submit.values), _text(fields, "c") if "c" in fields else ""
    answer = _submit_form(visit, submit.form, code, fields, values)
    if isinstance(answer, Mend):
        raise Unchanged(answer)
    return answer


def _submit_form(visit: Visit, form: str, code: str, fields: Fields, values: Reading) -> Answer:
    taker = TAKERS.get(form)
    if taker is None:
        raise Invalid("press.unknown")
    return taker(visit, code, fields, values)


def _take_opening(visit: Visit, _code: str, _fields: Fields, values: Reading) -> Answer:
    return opening.submit(visit, values)


def _take_consent(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    return consenting.submit(visit, code, _number(fields, "n"), values)


def _take_withdrawal(visit: Visit, code: str, _fields: Fields, values: Reading) -> Answer:
    return consenting.submit_withdrawal(visit, code, values)


def _take_summons(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    return summoning.submit(visit, code, (_number(fields, "n"), _number(fields, "o")), values)


def _take_move(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    return summoning.submit_move(visit, code, _number(fields, "n"), _number(fields, "r"), values)


def _take_answer(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    asked = replying.find(visit, code, _number(fields, "m"), _text(fields, "a"))
    seen = _number(fields, "r"), _number(fields, "w")
    return answering.submit(visit, _text(fields, "f"), asked, seen, values)


def _take_report(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    seen = holding.Seen(_number(fields, "m"), _number(fields, "r"), _number(fields, "p"))
    return holding.submit(visit, code, seen, values)


def _take_plan(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    return planning.submit(visit, code, _number(fields, "m"), values)


def _take_closing(visit: Visit, code: str, _fields: Fields, values: Reading) -> Answer:
    return closing.submit(visit, code, values)


def _take_snooze(visit: Visit, code: str, fields: Fields, values: Reading) -> Answer:
    return nags.submit(visit, code, _text(fields, "k"), values)


# Which handler takes which form; each reads of the sealed token what its own form put there.
TAKERS: Mapping[str, Callable[[Visit, str, Fields, Reading], Answer]] = {
    opening.FORM: _take_opening,
    consenting.FORM: _take_consent,
    consenting.WITHDRAW_FORM: _take_withdrawal,
    summoning.FORM: _take_summons,
    summoning.MOVE_FORM: _take_move,
    answering.NAME: _take_answer,
    answering.PROPOSE: _take_answer,
    answering.DECLINE: _take_answer,
    answering.FORWARD: _take_answer,
    holding.FORM: _take_report,
    planning.FORM: _take_plan,
    closing.FORM: _take_closing,
    nags.SNOOZE: _take_snooze,
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
