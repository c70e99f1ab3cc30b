"""What the words must say and must never say, as the process and the law have it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest

from domain.code import is_code
from domain.text.free_text import find_forbidden
from handlers.commands import WORDS, fold
from templates import Words, load
from tests.templates.catalogues import LANGUAGES, all_texts, every_text, long_texts, texts

MARKUP = re.compile(
    r"<[a-zA-Z/!@#]|</|&(?:amp|lt|gt|nbsp|#)|`|~\w|\]\(|\*\S|(?<!\w)_\S[^_]*_(?!\w)|^#|^>|:[a-z_]+:(?!//)", re.MULTILINE
)
PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")

# What an agency reads when a case ends, whatever the reason (R77-R79).
OF_AN_ENDING = (
    "ending.stopped.title",
    "ending.stopped.text",
    "ending.closed.title",
    "ending.closed.text",
    "summons.over.recalled.title",
    "summons.over.recalled.text",
    "summons.notice.recalled.title",
    "summons.notice.recalled.text",
    "answer.over",
    "answer.recalled",
    "close.confirmed.text",
    "close.confirmed_already.text",
    "reminder.phone_ending.phone",
    "reminder.phone_ending.manager",
    "reminder.confirm_ending.unit",
    "invite.cancel.subject",
    "invite.cancel.summary",
    "invite.cancel.description",
    "state.closed",
)
REASONS = ("samtyck", "återta", "tagit tillbaka", "consent", "withdr")


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return load(request.param)


def _bare(text: str) -> str:
    """Return a text without what is put in."""
    return PLACEHOLDER.sub("x", text)


def _wrong(is_wrong: Callable[[str], object], language: str = "") -> dict[str, str]:
    """Return the texts that are wrong, by name."""
    return {name: text for name, text in every_text() if name.startswith(language) and is_wrong(text)}


def test_texts_are_plain() -> None:
    assert _wrong(lambda text: MARKUP.search(_bare(text))) == {}
    assert _wrong(lambda text: {unicodedata.category(mark) for mark in text} & {"So", "Cf", "Co"}) == {}


def test_texts_are_calm_and_tidy() -> None:
    assert _wrong(lambda text: "!" in _bare(text)) == {}
    assert _wrong(lambda text: "  " in text or text.strip("\n") != text.strip()) == {}


def test_examples_in_texts_are_invented_and_sound() -> None:
    assert _wrong(lambda text: not all(map(is_code, re.findall(r"SIP-[0-9A-Z]{5}-.", text)))) == {}
    assert _wrong(lambda text: find_forbidden(re.sub(r"\w+@example\.se", "", text))) == {}


def test_commands_that_are_named_exist() -> None:
    found = {word for _, text in every_text() for word in re.findall(r"/sip ([^\W\d_]+(?:-[^\W\d_]+)*)", text)}
    # "Skriv /sip och välj ...": the command alone.
    assert {word for word in found if fold(word) not in WORDS} <= {"och", "and"}


def test_swedish_sentences_are_short() -> None:
    ends = re.compile(r"(?<=[.?:])\s+|\n+")
    assert _wrong(lambda text: max(len(part.split()) for part in ends.split(_bare(text))) > 22, "sv") == {}


def test_the_fields_own_words_are_used() -> None:
    assert _wrong(lambda text: re.search(r"landsting|klient|patient|brukare|\bhen\b|\bman\b", text), "sv") == {}


def test_an_agency_that_declines_reads_its_duty(words: Words) -> None:
    """R114: the duty; R116: also when the person is not enrolled; what can be done instead, and what a no leads to."""
    swedish = load("sv")("summons.decline.duty", code="SIP-7K3QD-Y")
    for said in (
        "skyldiga att delta",
        "även om personen inte är aktuell hos er i dag",
        "hälso- och sjukvård och socialtjänst följer den av lag",
        "för skolan av regionens överenskommelse",
        "föreslå en annan",
        "skicka vidare",
        "kallelsen öppen",
    ):
        assert said in swedish
    assert "duty to attend" in words("summons.decline.duty", code="") or words.language == "sv"


def test_an_invited_agency_reads_that_it_has_no_duty() -> None:
    """R117."""
    assert "inte skyldiga att delta" in load("sv")("summons.decline.intro", code="")
    assert "inte skyldiga att delta" in load("sv")("summons.text.invited", agency="")


@pytest.mark.parametrize("key", OF_AN_ENDING)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_agencies_never_read_why_a_case_ends(language: str, key: str) -> None:
    """R77; the reason is the person's own matter."""
    assert [reason for reason in REASONS if reason in texts(language)[key].lower()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cancelled_invite_gives_no_reason(language: str) -> None:
    assert [reason for reason in REASONS if reason in long_texts(language)["invite_cancel"].lower()] == []


def test_the_one_who_withdraws_reads_what_follows() -> None:
    """R77: told at once, not why; R78: the case closes; R79: what is documented is kept."""
    text = load("sv")("withdraw.consequences", code="SIP-7K3QD-Y")
    for said in (
        "avslutas direkt",
        "får nu veta att det är återtaget",
        "men inte varför",
        "återkallas",
        "redan är dokumenterat sparas",
    ):
        assert said in text


@pytest.mark.parametrize(
    "key", ["consent.intro", "consent.given.text", "summon.state_assessed", "summon.consent_missing"]
)
def test_both_parts_of_the_consent_are_named(key: str) -> None:
    """R61."""
    text = texts("sv")[key]
    assert "information" in text
    assert "att en SIP görs" in text


def test_exclusions_are_never_more_than_a_flag() -> None:
    """R65, law 4D: that there are limits may be told, which they are never."""
    swedish = load("sv")
    assert swedish("extra.exclusions") == "Det finns begränsningar"
    assert swedish("consent.is_given_limited", day="", names="A").endswith("Det finns begränsningar.")
    limited = swedish("summons.consent", day="", names="", parties=2, limited=True)
    assert "Det finns begränsningar." in limited
    assert "begränsningar" not in swedish("summons.consent", day="", names="", parties=2, limited=False)


@pytest.mark.parametrize(
    "key", ["open.no_person", "help.intro", "help.intro_agency", "invite_request", "invite_update"]
)
def test_people_are_told_never_to_write_who_it_is_about(key: str) -> None:
    """Law 4D.2."""
    text = all_texts("sv")[key]
    assert "Skriv aldrig namn, personnummer, telefonnummer eller adress, och inget om personens situation" in text


@pytest.mark.parametrize(
    "key", ["fact.deadline.default", "summon.warn_notice", "summons.footer.asked", "consent.valid_until.hint"]
)
def test_a_number_that_this_product_chose_is_not_taken_for_law(key: str) -> None:
    """R191, R192."""
    assert "inte lag" in texts("sv")[key]
    assert "not law" in texts("en")[key]


def test_a_protected_case_shows_in_a_channel_neither_time_nor_why() -> None:
    """Law 4D.4: the mark is for those named alone."""
    for key in ("summons.protected", "summons.protected_time"):
        assert "skydd" not in texts("sv")[key]
        assert "protected" not in texts("en")[key]


@pytest.mark.parametrize(
    "text, named",
    [
        ("answer.received.text", "summons.name.do"),
        ("answer.declined_obliged.text", "summons.name.do"),
        ("home.empty", "step.new.do"),
        ("summon.all_asked_already", "form.cancel"),
        ("withdraw.tick_sure", "form.cancel"),
        ("move.same", "form.cancel"),
        ("plan.person_missing", "plan.person"),
        ("consent.both_guardians", "giver.representative"),
        ("consent.given_by.child", "giver.representative"),
        ("consent.exchange_needed", "decision.refused"),
        ("note.calendar_bounced.text", "summons.name.change"),
    ],
)
def test_a_button_or_choice_is_named_as_it_is_labelled(words: Words, text: str, named: str) -> None:
    assert words(named) in texts(words.language)[text]
