"""A form as a conversation: every question can be answered, corrected and broken off by typing alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import templates
from bot.matrix.talk.conversation import End, Person, Question, Talk, Turn, begin, has_changed, made_anew, mended, turn
from bot.matrix.talk.questions import overview, question
from handlers.ui.forms import Field, FieldKind, Form, Note, Option

TODAY = date(2026, 11, 27)
SV = templates.load("sv")
PEOPLE = (Person("matrix:@anna:hs.example", "Anna Berg"), Person("slack:T0/U0BO", "Bo Ek"), Person("x", "Bo Alm"))
COLOURS = (Option("red", "Röd"), Option("green", "Grön"), Option("blue", "Blå"))

FORM = Form(
    "test.form",
    "Prov",
    "Skicka",
    "Avbryt",
    "token",
    (
        Note("Först en upplysning."),
        Field("date", FieldKind.DATE, "Dag", required=True, initial="2026-12-01"),
        Field("start", FieldKind.TIME, "Tid", required=True),
        Field("colour", FieldKind.SELECT, "Färg", required=True, options=COLOURS),
        Field("colours", FieldKind.MULTI_SELECT, "Färger", options=COLOURS),
        Field("chair", FieldKind.USER, "Ordförande", required=True),
        Field("sure", FieldKind.CHECKBOXES, "Säkert", required=True, options=(Option("yes", "Ja, det är säkert"),)),
        Field("note", FieldKind.LINES, "Anteckning"),
    ),
)


def tell(*lines: str, form: Form = FORM) -> Turn:
    """Type lines, one after the other."""
    last = Turn(begin(form, "matrix:@anna:hs.example", ""))
    for line in lines:
        last = turn(last.talk, line, SV, PEOPLE, TODAY)
    return last


def test_a_form_is_answered_line_by_line_and_sent_after_a_last_look() -> None:
    told = tell("2/12", "14.00", "2", "1, 3", "anna", "ja", "rad ett\nrad två")
    assert told.talk.values == {
        "date": "2026-12-02",
        "start": "14:00",
        "colour": "green",
        "colours": ("red", "blue"),
        "chair": "matrix:@anna:hs.example",
        "sure": ("yes",),
        "note": "rad ett\nrad två",
    }
    assert told.end is End.GOES_ON
    assert turn(told.talk, "kanske", SV, PEOPLE, TODAY).end is End.GOES_ON
    assert turn(told.talk, "Ja", SV, PEOPLE, TODAY).end is End.SEND


def test_a_day_typed_with_its_time_answers_both_questions_and_is_echoed_with_its_weekday() -> None:
    told = tell("torsdag 14")
    assert told.talk.at == 2
    said = overview(told.talk, SV, PEOPLE)
    assert "torsdag 3 december 2026" in said
    assert "14.00" in said


def test_a_dot_takes_what_is_proposed_and_a_dash_skips_what_is_optional() -> None:
    told = tell(".", "14", "röd", "-", "1", "ok", "-")
    assert told.talk.values["date"] == "2026-12-01"
    assert told.talk.values["colours"] == ()
    assert told.talk.values["note"] is None


def test_a_form_that_is_made_anew_goes_on_after_the_last_answer_with_what_it_asks_now() -> None:
    """What a time is warned of is said as soon as it has been told, and asked about there and then."""
    day, start, *rest = (part for part in FORM.parts if isinstance(part, Field))
    plain = replace(FORM, parts=(replace(day, redraws=True), replace(start, redraws=True), *rest))
    box = Field("confirmed", FieldKind.CHECKBOXES, "Är tiden rätt?", required=True, options=(Option("yes", "Ja"),))
    warning = replace(plain, parts=(*plain.parts[:2], Note("Det är en lördag."), box, *rest))
    begun = begin(plain, "matrix:@anna:hs.example", "")
    asked = turn(begun, "5/12", SV, PEOPLE, TODAY).talk
    told = turn(asked, "13", SV, PEOPLE, TODAY).talk
    assert (has_changed(begun, asked), has_changed(asked, told), has_changed(told, told)) == (True, True, False)
    warned = made_anew(told, warning)
    assert warned.questions[warned.at].field is box
    assert "Det är en lördag." in question(warned, SV, PEOPLE)
    assert warned.values == told.values
    after = turn(warned, "ja", SV, PEOPLE, TODAY).talk
    assert after.questions[after.at].field.name == "colour"
    again = made_anew(mended(after, {"date": "Fel."}).talk, plain)
    assert again.questions[again.at].field.name == "date", "what was to be mended is asked first"


def test_a_required_question_without_a_proposal_takes_neither() -> None:
    assert tell("2/12", ".").wrong == SV("matrix.needed")
    assert tell("2/12", "-").wrong == SV("matrix.which_time")


def test_back_returns_with_the_answer_kept_and_cancel_ends() -> None:
    told = tell("2/12 14.00", "tillbaka")
    assert told.talk.at == 1
    assert told.talk.values["start"] == "14:00"
    assert tell("2/12", "Avbryt").end is End.CANCELLED
    assert tell("back").talk.at == 0


@pytest.mark.parametrize("line", ["4", "0", "lila", "röd, grön", "1 2"])
def test_a_line_that_names_no_single_choice_changes_nothing(line: str) -> None:
    told = tell("2/12", "14", line)
    assert told.wrong
    assert told.talk.at == 2
    assert "colour" not in told.talk.values


def test_a_name_that_fits_several_people_is_asked_back() -> None:
    told = tell("2/12", "14", "1", "alla", "bo")
    assert told.wrong == SV("matrix.several", text="bo")
    assert turn(told.talk, "Bo Ek", SV, PEOPLE, TODAY).talk.values["chair"] == "slack:T0/U0BO"


def test_a_box_that_must_be_ticked_is_not_ticked_by_a_no() -> None:
    assert tell("2/12", "14", "1", "-", "anna", "nej").wrong == SV("matrix.needed")


def test_what_the_handlers_refuse_is_asked_again_at_its_question() -> None:
    told = tell("2/12", "14", "1", "-", "anna", "ja", "-")
    back = mended(told.talk, {"start": "För sent.", "colour": "Inte den."})
    assert back.talk.at == 1
    assert back.wrong == "För sent.\nInte den."
    assert back.talk.values["chair"] == "matrix:@anna:hs.example"


def test_each_question_says_how_it_is_answered() -> None:
    talk: Talk = begin(FORM, "", "")
    for line in ("2/12", "14", "1", "-", "anna", "ja", "-"):
        asked = question(talk, SV, PEOPLE)
        assert talk.questions[talk.at].field.label in asked
        talk = turn(talk, line, SV, PEOPLE, TODAY).talk
    assert question(talk, SV, PEOPLE) == SV("matrix.confirm")


def test_what_turns_the_writing_around_is_left_out() -> None:
    form = Form("f", "T", "S", "A", "t", (Field("text", FieldKind.TEXT, "Text"),))
    assert tell("a\u202eb", form=form).talk.values["text"] == "ab"


def test_in_a_room_with_two_thousand_members_one_types_a_name() -> None:
    """A list of all of them would fit into no message; what is typed still finds the one who is meant."""
    people = [Person(f"matrix:@p{number}:hs.example", f"Person Nummer{number:04}") for number in range(2000)]
    talk = Talk("f", "Prov", "t", (Question((), Field("who", FieldKind.USER, "Vem", required=True)),), "matrix:@a:hs")
    asked = question(talk, SV, people)
    assert len(asked) < 1000
    assert "Nummer0003" not in asked
    assert turn(talk, "nummer1234", SV, people, TODAY).talk.values == {"who": "matrix:@p1234:hs.example"}
    assert turn(talk, "person", SV, people, TODAY).wrong
