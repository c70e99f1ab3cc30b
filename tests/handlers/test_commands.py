"""The command's grammar, and codes typed by hand (README)."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from domain.code import ALPHABET
from handlers.commands import WITHOUT_CODE, WORDS
from handlers.letters.render import compose
from handlers.screens.board import BUTTON_OF_STEP
from handlers.screens.case_lists import PARTS
from handlers.steps.by_name import ALIASES, STEPS
from handlers.ui.events import Command, Sender
from handlers.ui.outgoing import Show
from handlers.ui.responses import Ask, Say
from templates import load
from tests.conftest import ROOT
from tests.handlers.story import Story, buttons, elements, plain


async def answer(story: Story, text: str) -> str:
    """Return what the coordinator is told to a command."""
    outcome = await story.command(story.anna, text)
    return plain(outcome.messages[-1].blocks)


@pytest.mark.parametrize("word", ["hållet", "hallet", "HÅLLET", "held", "Ha\u030allet"])
async def test_words_are_known_in_either_language_and_without_their_dots(story: Story, word: str) -> None:
    await story.summoned(agencies=["bup"])
    assert (await story.ask(story.anna, f"{word} {story.code}")).callback_id == "meeting.held"


@pytest.mark.parametrize(
    "word, form",
    [
        ("ny", "case.open"),
        ("new", "case.open"),
        ("samtycke {}", "consent.record"),
        ("consent {}", "consent.record"),
        ("återta {}", "consent.withdraw"),
        ("withdraw {}", "consent.withdraw"),
        ("kalla {}", "meeting.summon"),
        ("summon {}", "meeting.summon"),
        ("flytta {}", "meeting.move"),
        ("move {}", "meeting.move"),
    ],
)
async def test_each_command_opens_its_form(story: Story, word: str, form: str) -> None:
    await story.summoned(agencies=["bup"])
    assert (await story.ask(story.anna, word.format(story.code))).callback_id == form


@pytest.mark.parametrize("text", ["", "hjälp", "help"])
async def test_alone_it_helps_with_own_cases_first(story: Story, text: str) -> None:
    code = await story.opens()
    assert code in await answer(story, text)


async def test_an_unknown_word_is_answered_and_not_repeated(story: Story) -> None:
    shown = await answer(story, "ta bort 19121212-1212")
    assert story.says("command.unknown").strip() in shown
    assert "1212" not in shown


async def test_a_code_is_understood_however_it_is_typed(story: Story) -> None:
    code = await story.opens()
    for typed in (code.lower(), code.replace("-", ""), code[4:], f"  {code}  "):
        assert (await story.ask(story.anna, f"samtycke {typed}")).callback_id == "consent.record"
        await story.anna.cancel()


async def test_a_wrong_check_symbol_gets_the_code_that_was_meant(story: Story) -> None:
    code = await story.opens()
    slip = code[:-1] + next(symbol for symbol in ALPHABET if symbol != code[-1])
    assert story.says("case.did_you_mean", code=code).strip() in await answer(story, f"visa {slip}")


async def test_two_swapped_symbols_get_the_own_case_that_was_meant(story: Story) -> None:
    code = await story.opens()
    place = next(n for n in range(4, 8) if code[n] != code[n + 1])
    slip = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert story.says("case.did_you_mean", code=code).strip() in await answer(story, f"visa {slip}")


async def test_a_case_that_one_may_not_see_is_never_what_was_meant(story: Story) -> None:
    code = await story.opens()
    place = next(n for n in range(4, 8) if code[n] != code[n + 1])
    slip = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    outcome = await story.command(story.omar, f"visa {slip}")
    assert code not in plain(outcome.messages[-1].blocks)


@pytest.mark.parametrize("typed", ["hej", "19121212-1212", "070-174 06 05", "<@U0ANNA>", "SIP-", "x" * 2000])
async def test_what_is_no_code_is_said_to_be_none_and_not_repeated(story: Story, typed: str) -> None:
    shown = await answer(story, f"visa {typed}")
    assert story.says("case.not_a_code").strip() in shown
    assert "1212" not in shown


async def test_a_code_of_no_case_looks_like_one_that_is_not_for_me(story: Story) -> None:
    code = await story.opens()
    other = (await story.command(story.omar, f"visa {code}")).messages[-1]
    unknown = "SIP-00000-0"
    none = (await story.command(story.omar, f"visa {unknown}")).messages[-1]
    assert plain(other.blocks).replace(code, "")[:40] == plain(none.blocks).replace(unknown, "")[:40]


async def test_without_a_code_own_cases_are_offered_and_one_leads_to_the_form(story: Story) -> None:
    code = await story.opens()
    outcome = await story.command(story.anna, "samtycke")
    message = outcome.messages[-1]
    (chooser,) = [e for e in elements(message.blocks) if e["action_id"].startswith("case.pick")]
    assert code in chooser["options"][0]["text"]["text"]
    await story.anna.press(chooser["action_id"], chooser["options"][0]["value"], source=message)
    assert (await story.form(story.anna)).callback_id == "consent.record"


async def test_who_has_no_case_is_told_so(story: Story) -> None:
    assert story.says("list.nothing_to_pick").strip() in await answer(story, "kalla")


async def test_answers_to_commands_are_for_the_one_who_typed(story: Story) -> None:
    """Contract: ephemeral."""
    await story.opens()
    outcome = await story.anna.type(f"/sip visa {story.code}", "alla")
    assert outcome.messages[-1].only_for == "U0ANNA"
    assert [m for m in story.slack.state.messages.in_channel("C0ALLA") if m.only_for is None] == []


async def test_a_person_reads_their_own_language(story: Story) -> None:
    english = story.bot.services.speak("en")
    users = story.slack.directory.users
    users["U0JULIA"] = replace(users["U0JULIA"], locale="en-GB")
    await story.julia.type("/sip")
    await story.settle()
    outcome = await story.command(story.julia, "")
    assert english("help.title") in plain(outcome.messages[-1].blocks)


async def test_the_step_buttons_of_a_card_open_the_forms(story: Story) -> None:
    await story.opens()
    outcome = await story.command(story.anna, f"visa {story.code}")
    message = outcome.messages[-1]
    assert "case.step" in buttons(message.blocks)
    await story.anna.press("case.step", source=message)
    assert (await story.form(story.anna)).callback_id == "consent.record"


@pytest.mark.parametrize("locale, language", [("en-GB", "en"), ("sv-SE", "sv")])
async def test_an_answer_says_in_which_language_it_is(story: Story, locale: str, language: str) -> None:
    """A person's language is kept from one run to the next, and the platform itself learns it only afterwards."""
    await story.opens()
    await story.writing(lambda tx: tx.people.remember_locale("slack:T0/U0ANNA", locale))
    anna = Sender("slack:T0/U0ANNA")
    picker = await story.bot.gateway(Command(anna, "k1", "summon"))
    assert isinstance(picker, Say)
    assert picker.card.language == language
    form = await story.bot.gateway(Command(anna, "k2", "new"))
    assert isinstance(form, Ask)
    assert form.form.language == language
    refusal = await story.bot.gateway(Command(anna, "k3", "show SIP-XXXXX-X"))
    assert isinstance(refusal, Say)
    assert refusal.card.language == language


async def test_a_letter_says_in_which_language_it_is(story: Story) -> None:
    code = await story.opens()
    await story.writing(lambda tx: tx.people.remember_locale("slack:T0/U0ANNA", "en-GB"))
    (letter,) = [kept.letter for kept in await story.letters("board")]
    board = await story.reading(
        lambda reader: compose(
            story.bot.services, reader, replace(letter, args={"code": code, "owner": "slack:T0/U0ANNA"})
        )
    )
    assert isinstance(board, Show)
    assert board.card.language == "en"


SOURCE = ROOT / "handlers"
IN_SOURCE = re.compile(r'(?:to_step|CaseStep)\(\s*[\w.]+,\s*"(\w+)"(,\s*label=)?')


def test_every_word_and_every_button_leads_to_a_step_that_can_be_taken() -> None:
    known = {*STEPS, *ALIASES}
    assert set(WORDS.values()) - known - {*WITHOUT_CODE, "help", "list", "new"} == set()
    assert set(BUTTON_OF_STEP.values()) - known == set()
    found = [match for path in SOURCE.rglob("*.py") for match in IN_SOURCE.findall(path.read_text(encoding="utf-8"))]
    assert {step for step, _ in found} - known == set()
    words = load("sv")
    assert [step for step, label in found if not label and not words.has(f"step.{step}.do")] == []


def test_every_step_is_typed_in_either_language() -> None:
    """The first word of each is the Swedish one, the second its English alias; `plan` and `mark` (märk) are both."""
    typed = Counter(WORDS.values())
    assert {step for step, words in typed.items() if words < 2} - {"plan", "mark"} == set()


@pytest.mark.parametrize("who", ["anna", "julia"])
async def test_with_many_cases_all_that_can_be_typed_still_stands_there(story: Story, who: str) -> None:
    """A message holds fifty blocks: the cases came first, and from some ten on there was no room for the commands."""
    for _ in range(6):
        await story.summoned()
    for _ in range(6):
        await story.opens()
    await story.command(getattr(story, who), "hjälp")
    shown = story.whispered(getattr(story, who))
    for part in (*PARTS, "look"):
        assert story.says(f"help.part.{part}") in shown
    assert story.says("list.waiting_more", count=2) in shown or story.says("list.more", count=8) in shown
