"""What the neutral language promises is looked at on every card and form that is shown in memory."""

from __future__ import annotations

from typing import Any

import pytest

from demo.memory.limits import breaches_of_card, breaches_of_form
from handlers.ui.cards import Button, Card, Choice, Chooser, Section
from handlers.ui.forms import Field, FieldKind, Form, Option


def card(*buttons: Button, summary: str = "Ett prov", chooser: Chooser | None = None, language: str = "sv") -> Card:
    return Card("Prov", summary, (Section(text="Text", chooser=chooser),), buttons, language=language)


def form(*fields: Field, title: str = "Prov") -> Form:
    return Form("case.test", title, "Spara", "Avbryt", "token", fields, language="sv")


def test_a_sound_card_and_form_break_nothing() -> None:
    sound = Field("boxes", FieldKind.CHECKBOXES, "Rutor", options=(Option("one", "Ett"),), initial=("one",))
    assert breaches_of_card(card(Button("case.step", "Nästa", "token"))) == []
    assert breaches_of_form(form(sound)) == []


@pytest.mark.parametrize(
    "broken",
    [
        card(summary=" "),
        card(language=""),
        card(Button("case.step", "x" * 76, "token")),
        card(Button("case.step", "", "token")),
        card(Button("case.step", "Nästa", "")),
        card(chooser=Chooser("case.pick", "Välj", ())),
        card(chooser=Chooser("case.pick", "Välj", tuple(Choice(f"{n}", f"{n}") for n in range(101)))),
    ],
)
def test_each_promise_of_a_card_is_looked_at(broken: Card) -> None:
    assert len(breaches_of_card(broken)) == 1


@pytest.mark.parametrize(
    "fields, title",
    [
        ([], "En rubrik som är för lång"),
        ([Field("one", FieldKind.TEXT, "Ett"), Field("one", FieldKind.TEXT, "Ett till")], "Prov"),
        (
            [Field("b", FieldKind.CHECKBOXES, "Rutor", options=tuple(Option(str(n), str(n)) for n in range(11)))],
            "Prov",
        ),
        ([Field("several", FieldKind.USERS, "Vilka", initial="memory:t0/anna")], "Prov"),
        ([Field("choice", FieldKind.SELECT, "Välj", options=(Option("one", "Ett"),), initial="two")], "Prov"),
    ],
)
def test_each_promise_of_a_form_is_looked_at(fields: list[Any], title: str) -> None:
    assert len(breaches_of_form(form(*fields, title=title))) == 1
