"""The style page, `docs/words.md`, as far as a program can read: tone, terms, dates, punctuation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.templates.catalogues import FOLDER, LANGUAGES, all_texts

STYLE = (ROOT / "docs" / "words.md").read_text(encoding="utf-8")
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{\w+\}")
# Who runs the bot, and who looks behind the demo's scenes, reads names of settings and of calls.
FOR_OPERATORS = re.compile(r"SIPBOT_\w+|SLACK_\w+")
LONGEST_ENGLISH = 30
TYPED = {key for key, text in all_texts("sv").items() if key.startswith("help.") and text.startswith("/sip ")}


def said(language: str) -> Iterator[tuple[str, str]]:
    """Yield all texts of a language, the demo's too, without what is put in."""
    demo = json.loads((FOLDER / language / "demo.json").read_text(encoding="utf-8"))
    for key, text in {**all_texts(language), **{f"demo {key}": text for key, text in demo.items()}}.items():
        yield key, PLACEHOLDER.sub("x", text)


def against(language: str, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> dict[str, str]:
    return {key: text for key, text in said(language) if re.search(pattern, text, flags)}


def spoken_of_as() -> list[tuple[str, str]]:
    """Return the rows of the style page's table of words that are not used: language, and pattern."""
    rows = [re.split(r"(?<!\\)\|", line.strip("|")) for line in STYLE.splitlines() if line.startswith("|")]
    cells = [(row[0].strip(), row[1].strip().strip("`").replace("\\|", "|")) for row in rows]
    return [(language, pattern) for language, pattern in cells if language in LANGUAGES]


def test_the_style_page_names_words_that_are_not_used_in_both_languages() -> None:
    assert {language for language, _ in spoken_of_as()} == set(LANGUAGES)


@pytest.mark.parametrize("language, pattern", spoken_of_as())
def test_one_thing_has_one_word(language: str, pattern: str) -> None:
    assert against(language, pattern, re.IGNORECASE) == {}


@pytest.mark.parametrize("language, word", [("sv", r"\(valfri"), ("en", r"\(optional")])
def test_no_label_says_itself_whether_it_must_be_filled_in(language: str, word: str) -> None:
    """The platform adds that, and twice is once too often; on a required field it would be false."""
    assert set(against(language, word)) <= {"demo form.optional"}


@pytest.mark.parametrize("language, pattern", [("sv", r"\b[Jj]ag\b|\b[Mm]ig\b"), ("en", r"\bI\b|\b[Mm]e\b")])
def test_the_bot_is_the_bot_and_only_a_button_speaks_for_who_presses_it(language: str, pattern: str) -> None:
    assert {key: text for key, text in against(language, pattern).items() if not key.endswith(".do")} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_reads_a_raw_key_or_a_word_of_code(language: str) -> None:
    code = re.compile(r"\b[a-zåäö]+_[a-zåäö_]+\b|\bNone\b|\bTrue\b|\bFalse\b|\bnull\b|\b[a-z]+(?:\.[a-z]+){2,}\b")
    found = {key: code.search(FOR_OPERATORS.sub("x", text)) for key, text in said(language)}
    assert {key: hit[0] for key, hit in found.items() if hit} == {}


def test_english_sentences_are_short() -> None:
    ends = re.compile(r"(?<=[.?:;])\s+|\n+")
    long = {key: text for key, text in said("en") if max(len(p.split()) for p in ends.split(text)) > LONGEST_ENGLISH}
    assert long == {}


def test_times_are_written_as_each_language_writes_them() -> None:
    assert against("sv", r"\b\d{1,2}:\d{2}\b") == {}
    assert against("en", r"\b\d{1,2}\.\d{2}\b") == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotation_marks_and_dots_are_those_of_print(language: str) -> None:
    assert against(language, r"\"|\.\.\.|\b's\b|n't\b") == {}
    assert against(language, {"sv": "[“„»]", "en": "[”„»](?!\\W)"}[language]) == {}


@pytest.mark.parametrize("language, pattern", [("sv", r"[a-zåäö,] (?:Ni|Er|Ert|Era|Du|Din)\b|[Vv]änligen|[Vv]ar god")])
def test_the_reader_is_addressed_plainly(language: str, pattern: str) -> None:
    assert against(language, pattern) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_button_is_no_sentence(language: str) -> None:
    assert {key: text for key, text in said(language) if key.endswith((".do", ".submit")) and text.endswith(".")} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_command_is_named_in_the_language_of_the_text(language: str) -> None:
    """The list of what one can type has each command in both languages; words that both have are free."""
    command = re.compile(r"/sip ([^\W\d_]+(?:-[^\W\d_]+)*)")
    typed = {lang: {command.findall(text)[0] for key, text in said(lang) if key in TYPED} for lang in LANGUAGES}
    strange = set.union(*typed.values()) - typed[language]
    found = {key: command.findall(text) for key, text in said(language) if not key.startswith("demo ")}
    assert {key: words for key, words in found.items() if strange & set(words)} == {}
