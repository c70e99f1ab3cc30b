"""What forms ask, looked at on the tour: every branch of each, and whether what is marked optional is so."""

from __future__ import annotations

import copy
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from bot.matrix.talk import conversation
from bot.slack import opener
from bot.slack.modal import modal
from bot.slack.translate import arrival
from demo.slack.delivery import payloads
from demo.slack.people.inputs import interactive
from demo.slack.people.person import Person
from demo.slack.state.records import View
from domain.errors import SipError
from handlers import dispatch
from handlers.ui.branches import aside, asked_parts, branches_of, redrawing, steering
from handlers.ui.events import Submit
from handlers.ui.forms import Field, FieldKind, Form, Value
from handlers.ui.responses import Ask, Say, Unchanged
from storage.transaction import Transaction
from tests.whole.lives import Life

SEVERAL = frozenset({FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USERS})


class Undo(Exception):
    """Raised in a transaction so that nothing of it is kept."""


@dataclass
class Seen:
    """The forms that were opened, and each field that was left out once: its form, its name, required, taken."""

    forms: list[Form] = field(default_factory=list)
    left_out: set[tuple[str, str, bool, bool]] = field(default_factory=set)


def watch(life: Life, seen: Seen, patch: pytest.MonkeyPatch) -> None:
    """Note every form that opens; before one is sent, find out what comes of leaving out each of its fields."""

    def drawn(form: Form, *more: Any) -> Any:
        seen.forms.append(form)
        return modal(form, *more)

    patch.setattr(opener, "modal", drawn)
    send = life.submit

    async def submit(who: Person, values: Mapping[str, Any], **options: Any) -> Any:
        view = who.view
        assert view is not None
        await who.work_through(view, values)
        await who.answer(values, view)
        await _leave_out_each(life, who, view, seen)
        return await send(who, values, **options)

    patch.setattr(life, "submit", submit)


async def _leave_out_each(life: Life, who: Person, view: View, seen: Seen) -> None:
    if not await _is_taken(life, who, view):
        return
    held = copy.deepcopy(view.values)
    for block, element in interactive(view.blocks):
        name = block["block_id"]
        if block.get("dispatch_action") and block.get("optional"):
            continue  # without an answer to it the form asks why, and that is required
        view.values = {**held, name: {element["action_id"]: {"type": element["type"]}}}
        taken = await _is_taken(life, who, view)
        seen.left_out.add((view.callback_id, name, not block.get("optional"), taken))
    view.values = held


async def _is_taken(life: Life, who: Person, view: View) -> bool:
    """Say whether the form would be taken as it is filled in. Nothing is kept of trying."""
    found = arrival(payloads.view_submission(life.slack.state, who.user, view))
    assert found is not None
    incoming = found.incoming
    assert isinstance(incoming, Submit)

    def attempt(tx: Transaction) -> bool:
        try:
            answer = dispatch.handle(life.bot.services, tx, incoming)
        except (Unchanged, SipError):
            return False
        raise Undo if isinstance(answer, Say | Ask) else AssertionError(answer)

    try:
        return await life.writing(attempt)
    except Undo:
        return True


def branches(form: Form) -> Iterator[tuple[dict[str, Value], tuple[Field, ...]]]:
    """Yield every way in which the answers can steer a form, and what it asks then."""
    fields = {part.name: part for part in form.parts if isinstance(part, Field)}
    steers = [fields[name] for name in fields if name in steering(form) - redrawing(form)]
    for answers in product(*(_answers(one) for one in steers)):
        given = dict(zip((one.name for one in steers), answers, strict=True))
        yield given, tuple(part for part in asked_parts(form, given) if isinstance(part, Field))


def shape_of(form: Form) -> Hashable:
    """Return what of a form decides in which ways it can be steered: forms that differ in words alone are alike."""
    fields = (part for part in form.parts if isinstance(part, Field))
    return form.name, tuple((one.name, one.kind, one.when, one.redraws, _answers(one)) for one in fields)


def questions_of(form: Form) -> Iterator[str]:
    """Yield what a conversation asks of somebody who takes what is suggested, else the first choice."""
    talk = conversation.begin(form, "", "")
    if talk.asked and talk.at != talk.asked[0]:
        talk = talk.onwards()
    while talk.at < len(talk.questions):
        field = talk.questions[talk.at].field
        yield field.name
        first = field.options[0].value if field.options else "x"
        value: Value = field.initial or (((first,) if field.kind in SEVERAL else first) if field.required else None)
        talk = talk.given(field.name, value).onwards()


def _answers(one: Field) -> tuple[Value, ...]:
    options = tuple(option.value for option in one.options)
    if one.kind in SEVERAL:
        return ((), *((option,) for option in options), options) if options else ((), ("x",))
    return (None, *(options or ("x",)))


def on_request(form: Form) -> frozenset[str]:
    """Return the fields that are asked of whoever has ticked that they want to tell just this."""
    return frozenset(name for name, whens in branches_of(form).items() if aside(name) in whens)
