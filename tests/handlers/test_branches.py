"""Branches: a form asks what follows from its answers, and what it does not ask does not count."""

from __future__ import annotations

import pytest

from domain.steps.open_case import Assessment
from handlers.ui.branches import (
    answered,
    asked_parts,
    branched,
    chosen,
    is_asked,
    not_all_chosen,
    not_chosen,
    steering,
    unanswered,
    without_unasked,
)
from handlers.ui.form_data import FormData
from handlers.ui.forms import Field, FieldKind, Form, Note, Values

BRANCHES = {
    "why": (chosen("decision", "deny"),),
    "sure": (chosen("decision", "deny"), answered("why")),
    "who": (unanswered("lead"),),
    "others": (not_chosen("who", "nobody"),),
    "judged": (chosen("by", "child"), not_all_chosen("by", "first", "second")),
}


@pytest.mark.parametrize(
    "field, values, expected",
    [
        ("free", {}, True),
        ("why", {"decision": "deny"}, True),
        ("why", {"decision": "start"}, False),
        ("why", {"decision": None}, False),
        ("why", {}, True),  # never put: a form of an earlier version
        ("sure", {"decision": "deny", "why": "x"}, True),
        ("sure", {"decision": "deny", "why": ""}, False),
        ("sure", {"decision": "start", "why": "x"}, False),  # what is not asked itself steers nothing
        ("who", {"lead": None}, True),
        ("who", {"lead": "anna"}, False),
        ("others", {"lead": None, "who": "nobody"}, False),
        ("others", {"lead": "anna", "who": "somebody"}, False),
        ("judged", {"by": ("child",)}, True),
        ("judged", {"by": ("child", "first")}, True),
        ("judged", {"by": ("child", "first", "second")}, False),
        ("judged", {"by": ()}, False),
    ],
)
def test_a_field_is_asked_while_all_is_so_that_it_follows_from(field: str, values: Values, *, expected: bool) -> None:
    assert is_asked(field, BRANCHES, values) is expected


def test_what_is_sent_for_a_field_that_is_not_asked_reads_as_absent() -> None:
    values: Values = {"decision": "start", "why": "hemligt", "sure": ("yes",), "lead": "anna"}
    assert without_unasked(values, BRANCHES) == {"decision": "start", "lead": "anna"}
    read = FormData(values, str, BRANCHES)
    assert (read.text("why"), read.ticked("sure"), read.asks("why")) == ("", False, False)
    assert read.sent("why"), "that it was sent can be told of all the same"


def test_what_must_be_answered_must_be_so_only_while_it_is_asked() -> None:
    read = FormData({"decision": "start"}, str, BRANCHES)
    read.text("why", required=True)
    assert read.problems == []
    read = FormData({"decision": "deny"}, str, BRANCHES)
    read.text("why", required=True)
    read.one("decision", Assessment, required=True)
    assert [problem.field for problem in read.problems] == ["why"]


def test_a_form_shows_what_follows_from_what_it_begins_with() -> None:
    parts = (
        Note("Först en upplysning."),
        Field("decision", FieldKind.SELECT, "Bedömning", initial="start"),
        Field("why", FieldKind.TEXT, "Varför?", required=True),
    )
    form = Form("f", "F", "Spara", "Avbryt", "", branched(parts, BRANCHES))
    assert [part.name for part in asked_parts(form, {}) if isinstance(part, Field)] == ["decision"]
    shown = asked_parts(form, {"decision": "deny"})
    assert [part.name for part in shown if isinstance(part, Field)] == ["decision", "why"]
    assert isinstance(shown[0], Note)
    assert steering(form) == {"decision"}
