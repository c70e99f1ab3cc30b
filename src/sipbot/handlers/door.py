"""The one door: whatever arrives, from whatever platform, comes through here and gets its answer."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from sipbot.domain.errors import Invalid, SipError
from sipbot.handlers import answering, closing, consenting, holding, nags, opening, planning, replying, summoning
from sipbot.handlers.answers import Answer, Mend, Say, Silence, Unchanged
from sipbot.handlers.commands import command
from sipbot.handlers.incoming import Command, HomeOpened, Incoming, Press, Submit
from sipbot.handlers.keeping import put
from sipbot.handlers.letters import writing
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
    if form in answering.BUTTONS:
        asked = replying.find(visit, code, _number(fields, "m"), _text(fields, "a"))
        return answering.submit(visit, form, asked, (_number(fields, "r"), _number(fields, "w")), values)
    if form == summoning.FORM:
        return summoning.submit(visit, code, (_number(fields, "n"), _number(fields, "o")), values)
    if form == summoning.MOVE_FORM:
        return summoning.submit_move(visit, code, _number(fields, "n"), _number(fields, "r"), values)
    if form == holding.FORM:
        seen = holding.Seen(_number(fields, "m"), _number(fields, "r"), _number(fields, "p"))
        return holding.submit(visit, code, seen, values)
    if form == planning.FORM:
        return planning.submit(visit, code, _number(fields, "m"), values)
    if form == nags.SNOOZE:
        return nags.submit(visit, code, _text(fields, "k"), values)
    if form == opening.FORM:
        return opening.submit(visit, values)
    if form == consenting.FORM:
        return consenting.submit(visit, code, _number(fields, "n"), values)
    plain = {
        consenting.WITHDRAW_FORM: consenting.submit_withdrawal,
        closing.FORM: closing.submit,
    }.get(form)
    if plain is None:
        raise Invalid("press.unknown")
    return plain(visit, code, values)


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
