"""A form is filled in as a client lets a person do it: what is not asked cannot be sent."""

from __future__ import annotations

from typing import Any

import pytest

from demo.memory.filling import NOT_A_DATE, NOT_A_LINK, NOT_A_TIME, REQUIRED, TOO_LONG, NotAsked, filled, refusals
from handlers.ui.forms import Field, FieldKind, Form, Note, Option

BOXES = (Option("one", "Ett"), Option("two", "Två"))
PEOPLE = {"anna": "memory:t0/anna", "julia": "memory:t0/julia"}


def form(*fields: Field | Note) -> Form:
    return Form("case.test", "Prov", "Spara", "Avbryt", "token", fields)


def field(kind: FieldKind, **more: Any) -> Field:
    return Field("asked", kind, "Fråga", **more)


def sent(asked: Field, answer: Any) -> Any:
    return filled(form(asked), {"asked": answer}, PEOPLE)["asked"]


def test_what_nobody_touched_is_sent_as_it_began() -> None:
    asked = form(Note("Läs detta"), field(FieldKind.DATE, initial="2026-12-08"))
    assert filled(asked, {}, PEOPLE) == {"asked": "2026-12-08"}


def test_a_field_that_is_not_there_cannot_be_sent() -> None:
    with pytest.raises(NotAsked, match="place"):
        filled(form(field(FieldKind.TEXT)), {"place": "Rum 3"}, PEOPLE)


def test_a_list_without_choices_is_nothing_to_choose_from() -> None:
    with pytest.raises(NotAsked, match="asked"):
        filled(form(field(FieldKind.SELECT)), {"asked": "one"}, PEOPLE)


@pytest.mark.parametrize(
    "kind, answer",
    [(FieldKind.SELECT, "three"), (FieldKind.MULTI_SELECT, ["one", "three"]), (FieldKind.CHECKBOXES, ["three"])],
)
def test_a_choice_that_is_not_offered_cannot_be_sent(kind: FieldKind, answer: Any) -> None:
    with pytest.raises(NotAsked, match="three"):
        sent(field(kind, options=BOXES), answer)


def test_people_are_picked_by_name_and_sent_by_identity() -> None:
    assert sent(field(FieldKind.USER), "anna") == "memory:t0/anna"
    assert sent(field(FieldKind.USERS), ["anna", "julia"]) == ("memory:t0/anna", "memory:t0/julia")


def test_who_is_not_in_the_chat_cannot_be_picked() -> None:
    with pytest.raises(NotAsked, match="nobody"):
        sent(field(FieldKind.USER), "nobody")
    assert filled(form(field(FieldKind.USER, initial="memory:t0/gone")), {}, PEOPLE) == {"asked": None}


def test_each_kind_is_sent_in_the_shape_that_is_promised() -> None:
    assert sent(field(FieldKind.SELECT, options=BOXES), "one") == "one"
    assert sent(field(FieldKind.CHECKBOXES, options=BOXES), ["one"]) == ("one",)
    assert sent(field(FieldKind.CHECKBOXES, options=BOXES), []) == ()
    assert sent(field(FieldKind.TEXT), "") is None


@pytest.mark.parametrize(
    "asked, answer, why",
    [
        (field(FieldKind.TEXT, required=True), "", REQUIRED),
        (field(FieldKind.USERS, required=True), [], REQUIRED),
        (field(FieldKind.TEXT, max_length=3), "fyra", TOO_LONG),
        (field(FieldKind.DATE), "8 dec", NOT_A_DATE),
        (field(FieldKind.TIME), "25:00", NOT_A_TIME),
        (field(FieldKind.URL), "exempel", NOT_A_LINK),
    ],
)
def test_what_is_amiss_at_once_is_refused_at_its_field(asked: Field, answer: Any, why: str) -> None:
    assert refusals(form(asked), filled(form(asked), {"asked": answer}, PEOPLE)) == {"asked": why}


@pytest.mark.parametrize(
    "asked, answer",
    [
        (field(FieldKind.TEXT), ""),
        (field(FieldKind.TEXT, max_length=3), "tre"),
        (field(FieldKind.DATE), "2026-12-08"),
        (field(FieldKind.TIME), "09:30"),
        (field(FieldKind.URL), "https://exempel.invalid/rum"),
    ],
)
def test_what_is_in_order_is_sent(asked: Field, answer: Any) -> None:
    assert refusals(form(asked), filled(form(asked), {"asked": answer}, PEOPLE)) == {}
