"""The field `others` of `summons.name`: one "Namn, titel, e-post" a line. All people are invented."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.text.people_lines import MAX_LINES, PersonLine, parse_people

ANNA = PersonLine("Anna Berg", "Socialsekreterare", "anna.berg@example.se")
BO = PersonLine("Bo Ek", "", "bo.ek@example.se")


def fault(text: str) -> tuple[str, dict[str, str | int]]:
    with pytest.raises(Invalid) as caught:
        parse_people(text)
    return caught.value.key, dict(caught.value.params)


def test_people_are_read_one_a_line_in_their_order() -> None:
    assert parse_people("Anna Berg, Socialsekreterare, anna.berg@example.se\nBo Ek,, bo.ek@example.se") == (
        ANNA,
        BO,
    )


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b\n\t"])
def test_no_lines_are_no_people(text: str) -> None:
    assert parse_people(text) == ()


@pytest.mark.parametrize(
    "line",
    [
        "Anna Berg, Socialsekreterare, anna.berg@example.se",
        "  Anna   Berg ,Socialsekreterare,anna.berg@EXAMPLE.se  ",
        "Anna Berg; Socialsekreterare; anna.berg@example.se",
        "Anna Berg\tSocialsekreterare\tanna.berg@example.se",
        "\ufeffAnna\u00a0Berg,\u00a0Socialsekreterare, anna.berg@example.se\r\n",
        "Anna Be\u00adrg, Socialsekreterare, anna.berg@example.se\u200b",
    ],
)
def test_spaces_separators_and_invisible_marks_do_not_matter(line: str) -> None:
    assert parse_people(line) == (ANNA,)


def test_the_title_may_be_left_out_or_hold_commas() -> None:
    assert parse_people("Bo Ek, bo.ek@example.se") == (BO,)
    assert parse_people("Bo Ek, läkare, BUP, bo.ek@example.se")[0].title == "läkare, BUP"


@pytest.mark.parametrize(
    "name",
    [
        "Bo",
        "Åsa Öberg-Ängström",
        "Siobhán O'Neill",
        "Siobhán O’Neill",
        "J. R. Ek",
        "Nguyễn Thị",
        "李娜",
        "A\u030asa",
    ],
)
def test_names_of_all_kinds_are_taken(name: str) -> None:
    assert len(parse_people(f"{name}, kurator, a@example.se")) == 1


@pytest.mark.parametrize("name", ["B", "", "-Bo", "Bo3", "Bo <b>", "Bo@ek", "Bo (vik.)", "x" * 81, "*Bo*", "Bo\x07Ek"])
def test_what_is_no_name_is_refused_with_its_line(name: str) -> None:
    assert fault(f"Anna Berg, , a@example.se\n\n{name}, kurator, b@example.se") == (
        "people.name",
        {"line": 3},
    )


@pytest.mark.parametrize("title", ["ring 070-174 06 05", "19121212-1212", "x@example.se", "x" * 81, "a\x07b"])
def test_a_title_holds_no_number_of_a_person_or_phone(title: str) -> None:
    assert fault(f"Bo Ek, {title}, bo.ek@example.se") == ("people.title", {"line": 1})


@pytest.mark.parametrize(
    "email", ["", "bo", "bo@", "bo@localhost", "bo@a@example.se", "bo ek@example.se", "Bo <bo@example.se>"]
)
def test_an_address_is_required_and_checked(email: str) -> None:
    assert fault(f"Bo Ek, kurator, {email}") == ("people.email", {"line": 1})


@pytest.mark.parametrize("line", ["Bo Ek", "Bo Ek kurator bo.ek@example.se", "bo.ek@example.se"])
def test_a_line_without_parts_is_refused(line: str) -> None:
    assert fault(f"Anna Berg, , a@example.se\n{line}") == ("people.parts", {"line": 2})


@pytest.mark.parametrize("again", ["bo.ek@example.se", "Bo.Ek@EXAMPLE.se"])
def test_nobody_is_named_twice(again: str) -> None:
    assert fault(f"Bo Ek, , bo.ek@example.se\nBo E., , {again}") == ("people.duplicate", {"line": 2})


def test_at_most_twenty_people_are_named() -> None:
    lines = [f"Bo Ek, , bo{n}@example.se" for n in range(MAX_LINES + 1)]

    assert len(parse_people("\n\n".join(lines[:MAX_LINES]))) == MAX_LINES
    assert fault("\n".join(lines)) == ("people.too_many", {"most": 20})


def test_no_line_break_gets_into_a_header() -> None:
    for injection in ("\r", "\n", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c"):
        with pytest.raises(Invalid):
            parse_people(f"Bo Ek{injection}Bcc: all@example.se, , bo@example.se")


@given(st.text(max_size=60) | st.text(alphabet="Bo ,;\t\n@.ex\u200b'-", max_size=60))
def test_whatever_is_typed_only_printable_people_come_out(text: str) -> None:
    with contextlib.suppress(Invalid):
        for person in parse_people(text):
            assert f"{person.name}{person.title}{person.email}".isprintable()
