"""The catalogues hold exactly what the program asks for, in both languages; each text can be filled and fits."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

import pytest

from domain.case import State
from templates import Words, load
from tests.conftest import ROOT
from tests.templates.asked import Asked, asked, needed, puzzles, second_lines, used_as
from tests.templates.catalogues import LANGUAGES, VALUES, all_texts, long_texts, msgids, placeholders, texts

# Where words are cut: Slack takes 24 letters in the head and feet of a form and 75 in a choice. Buttons are shorter, so
# that two stand side by side on a phone.
FORM_HEAD, BUTTON, CHOICE, CARD_HEAD, ANY = 24, 30, 75, 150, 3000
SHORT = {"slack.app_name": 35, "slack.app_description": 140, "slack.close": 24, "slack.choose": 75}

# What a refusal ends with: something to do, something to type, or that there is nothing to do.
NEXT_STEP = {
    "sv": r"/sip|sipbot|\b(?:välj|skriv|fråga|kryssa|be|ring|öppna|försök|fyll|ta bort|ta reda|kontakta|kontrollera"
    r"|stäng|säg|utöka|ändra|kör|flytta|använd|lägg|svara|vänta|anmäl|avsluta|läs|stäm av|gör|bestäm|dokumentera"
    r"|registrera|kopiera|rapportera|stoppa|installera|återställ|sätt|verifiera|ange|avbryt|byt|börja|lämna"
    r"|uppge|föreslå|bocka)\b"
    r"|behöver (?:inte|varken)|säkerhetskopieras med",
    "en": r"/sip|sipbot|\b(?:choose|type|write|say|give|ask|tick|have|phone|call|open|try|fill|remove|find|contact"
    r"|check|close|tell|widen|change|run|move|use|add|answer|wait|report|read|make|do|set|document|record|copy|stop"
    r"|install|restore|put|verify|enter|cancel|begin|leave|end|confirm|take|load|settle|complete|assess|propose|forward)\b"
    r"|need (?:not|neither)|backed up with",
}
# Found among the errors, but none: that all is well, and where a meeting is held.
NO_REFUSALS = re.compile(r"doctor\.\w+\.(?:\w+_)?well|place\.(?:in_person|digital|phone)")


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return load(request.param)


def test_every_computed_key_in_the_code_is_understood() -> None:
    assert puzzles() == ()


def test_no_text_that_the_program_asks_for_is_missing(words: Words) -> None:
    missing = needed() - words.keys()
    assert {key: use.where for use in asked() if (key := use.key) in missing} == {}


def test_no_text_stands_there_that_nobody_asks_for(words: Words) -> None:
    assert sorted(words.keys() - needed() - second_lines()) == []


def test_both_languages_hold_the_same_keys_in_the_same_order() -> None:
    assert msgids("sv") == msgids("en")
    assert [key for key, times in Counter(msgids("sv")).items() if times > 1] == []
    assert list(long_texts("sv")) == list(long_texts("en"))


def test_the_long_texts_are_those_that_are_asked_for() -> None:
    assert frozenset(long_texts("sv")) == used_as("mail")


def test_both_languages_put_in_the_same() -> None:
    swedish, english = ({key: placeholders(text) for key, text in all_texts(lang).items()} for lang in LANGUAGES)
    assert {key: names for key, names in swedish.items() if names != english[key]} == {}


def _filled(words: Words, use: Asked, *, empty: bool) -> str:
    values = {name: "" if empty else VALUES.get(name, "–") for name in use.given}
    return words.long(use.key, **values) if use.use == "mail" else words(use.key, **values)


def test_every_text_is_filled_from_what_each_place_gives(words: Words) -> None:
    failed = {}
    for use in asked():
        for empty in (False, True):
            try:
                filled = _filled(words, use, empty=empty)
                assert filled.strip() or empty
                assert "{" not in filled
            except Exception as error:  # noqa: BLE001 - all that fail are told at once
                failed[use.key, use.where] = repr(error)
    assert failed == {}


def _heads_of_forms() -> set[str]:
    ends = (".form_title", ".submit")
    found = used_as("form_title") | used_as("form_button")
    return {*found, *(key for key in texts("sv") if key.endswith(ends))}


def test_the_words_of_a_forms_head_and_feet_fit(words: Words) -> None:
    assert {key: words(key) for key in _heads_of_forms() if len(words(key)) > FORM_HEAD} == {}


def test_buttons_are_short(words: Words) -> None:
    buttons = {*used_as("button"), *(key for key in texts("sv") if key.endswith(".do"))}
    assert {key: words(key) for key in buttons if len(words(key)) > BUTTON} == {}


def test_choices_and_their_second_lines_fit(words: Words) -> None:
    keys = {*used_as("option"), *(second_lines() & words.keys())}
    said = {key: words(key, now="allt som samtycket omfattar") for key in keys}  # the longest that is put in
    assert {key: text for key, text in said.items() if len(text) > CHOICE} == {}


def test_a_case_in_a_chooser_fits(words: Words) -> None:
    lines = [words("list.choice", code=VALUES["code"], state=words(f"state.{state.value}")) for state in State]
    assert [line for line in lines if len(line) > CHOICE] == []


def test_the_heads_of_cards_fit_with_a_long_agency_name_in_them(words: Words) -> None:
    heads = [_filled(words, use, empty=False) for use in asked() if use.key.endswith(".title")]
    assert [head for head in heads if len(head) > CARD_HEAD] == []


def test_no_text_is_longer_than_a_message_takes(words: Words) -> None:
    assert [use.key for use in asked() if len(_filled(words, use, empty=False)) > ANY] == []
    assert {key: words(key) for key, most in SHORT.items() if len(words(key)) > most} == {}


def test_a_consent_of_one_agency_is_told_in_the_singular() -> None:
    swedish, english = load("sv"), load("en")
    one, two = ({"day": "", "names": "", "parties": parties, "limited": False} for parties in (1, 2))
    assert swedish("summons.consent", **one).startswith("för 1 verksamhet:")
    assert english("summons.consent", **two).startswith("for 2 agencies:")


def raised() -> Iterator[tuple[str, str]]:
    """Yield each error that is raised about what somebody did, with its key."""
    for path in (path for folder in ("domain", "handlers") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Raise(exc=ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(key)), *_])):
                    yield kind, key


def test_what_asks_nothing_of_anybody_is_told_as_no_failure() -> None:
    """“Det gick inte” and a reference to ask for help with stand over what somebody has to mend, or somebody else."""
    settled = re.compile(r"\bbehöver (?:inte|varken)\b")
    swedish = texts("sv")
    told = {key: kind for kind, key in raised() if key in swedish and settled.search(swedish[key])}
    assert told
    assert {key: kind for key, kind in told.items() if kind != "WrongState"} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_says_what_to_do_next(language: str) -> None:
    said = {key: texts(language)[key] for key in used_as("error") if not NO_REFUSALS.fullmatch(key)}
    leads_on = re.compile(NEXT_STEP[language], re.IGNORECASE)
    assert {key: text for key, text in said.items() if not leads_on.search(text)} == {}
