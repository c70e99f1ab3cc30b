"""Everything that the bot sends to be drawn has the types that Slack publishes for it.

Slack's own libraries let much pass that Slack refuses. Its TypeScript types do not: here every payload of a tour
through the whole bot, in both languages, and drawings of invented cards and forms are compiled against them.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Hashable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import pytest
import uvloop
from hypothesis import HealthCheck, Phase, given, settings

from bot.slack import transport
from bot.slack.draw import home, message
from bot.slack.manifest import manifest
from bot.slack.modal import closing_view, modal
from handlers.dispatch import TAKERS
from handlers.enqueue import What
from handlers.ui.branches import asked_parts, branches_of
from handlers.ui.cards import Card
from handlers.ui.forms import Field, Form
from tests import npm
from tests.bot.slack.samples import cards, words
from tests.bot.slack.test_modal import forms
from tests.payloads import clear
from tests.payloads.asked import Seen, branches, on_request, questions_of, shape_of, watch
from tests.payloads.compiler import Case, faults
from tests.payloads.tour import Language, sent, toured

pytestmark = [pytest.mark.slow, pytest.mark.waits]

Clear: TypeAlias = dict[str, set[str]]
Tour: TypeAlias = tuple[list[Case], str, Clear, Seen]
Tours: TypeAlias = dict[Language, Tour]

LETTERS_BY_MAIL = {What.INVITE, What.REMINDER_MAIL, What.NOTE_MAIL}

DIVIDER = {"type": "divider"}
PLAIN = {"type": "plain_text", "text": "x"}
BUTTON = {"type": "button", "text": PLAIN}
TITLED = {"type": "modal", "title": PLAIN}


def blocks(*held: object) -> dict[str, object]:
    return {"text": "x", "blocks": list(held)}


def row(element: object) -> dict[str, object]:
    return blocks({"type": "actions", "elements": [element]})


# What Slack refuses and the compiler must see, or the check checks nothing.
PLANTED = (
    Case("unknown block", "Message", blocks({"type": "unknown"})),
    Case("unknown property", "Message", blocks(DIVIDER | {"colour": "red"})),
    Case("markup in a header", "Message", blocks({"type": "header", "text": {"type": "mrkdwn", "text": "*x*"}})),
    Case("picture without words", "Message", blocks({"type": "image", "image_url": "x"})),
    Case("unknown style", "Message", row(BUTTON | {"style": "success"})),
    Case("text field among buttons", "Message", row({"type": "plain_text_input"})),
    Case("message without text", "Message", {"blocks": [DIVIDER]}),
    Case("form without title", "Modal", {"type": "modal", "blocks": [DIVIDER]}),
    Case("button in an input", "Modal", TITLED | {"blocks": [{"type": "input", "label": PLAIN, "element": BUTTON}]}),
    Case("unknown block in a form", "Modal", TITLED | {"blocks": [{"type": "unknown"}]}),
    Case("unknown block at home", "Home", {"type": "home", "blocks": [{"type": "unknown"}]}),
    Case("setting of another kind", "Manifest", {"display_information": {"name": 7}}),
)


@pytest.fixture(scope="module")
def tours(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> Tours:
    """What was sent on the tour; afterwards the metrics, and what stands in the clear in the database; by language."""

    async def tour(language: Language) -> Tour:
        folder = tmp_path_factory.mktemp(language)
        path = shutil.copy(empty_database, folder / "sipbot.db")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(transport, "_RATE", 1_000_000.0)
            seen = Seen()
            watching = partial(watch, seen=seen, patch=patch)
            async with toured(folder, f"sqlite:///{path}", language, watching) as life:
                shown, metrics = list(sent(life, language)), await life.metrics()
            return shown, metrics, clear.words(Path(path)), seen

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return {"sv": runner.run(tour("sv")), "en": runner.run(tour("en"))}


@pytest.fixture(scope="module")
def verdict(tours: Tours, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the compiler says against each case: of the tours, invented, and planted."""
    if reason := npm.missing():
        pytest.skip(reason)
    cases = [case for sent_there, *_ in tours.values() for case in sent_there]
    return faults([*cases, *invented(), *manifests(), *PLANTED], tmp_path_factory.mktemp("types"))


def invented() -> list[Case]:
    """Draw cards and forms as strange as they may be."""
    found: list[Case] = []
    alike = settings(
        max_examples=40,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )

    @alike
    @given(cards)
    def of_cards(card: Card) -> None:
        shown = message(card, words)
        found.append(Case(f"card {len(found)}", "Message", {"text": shown.text, "blocks": shown.blocks}))
        found.append(Case(f"card {len(found)}", "Home", home(card, words)))
        found.append(Case(f"card {len(found)}", "Modal", closing_view(card, "Klart", words)))

    @alike
    @given(forms())
    def of_forms(form: Form) -> None:
        found.append(Case(f"form {len(found)}", "Modal", modal(form, words)))

    of_cards()
    of_forms()
    return found


def manifests() -> list[Case]:
    """Return the manifest for HTTP and for Socket Mode."""
    return [
        Case("manifest for HTTP", "Manifest", manifest(words, "https://sip.example.se")),
        Case("manifest for Socket Mode", "Manifest", manifest(words, socket_mode=True)),
    ]


def test_the_compiler_sees_what_slack_would_refuse(verdict: dict[str, str]) -> None:
    assert {case.name for case in PLANTED} <= set(verdict)


def test_everything_that_is_sent_is_of_slacks_types(verdict: dict[str, str]) -> None:
    planted = {case.name for case in PLANTED}
    assert {name: fault for name, fault in verdict.items() if name not in planted} == {}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_tour_has_met_every_form_and_every_letter(language: Language, tours: Tours) -> None:
    cases, metrics, *_ = tours[language]
    asked = {str(case.payload.get("callback_id")) for case in cases if case.kind == "Modal"}
    assert set(TAKERS) - asked == set()
    assert any(case.kind == "Home" for case in cases)
    for what in set(What) - LETTERS_BY_MAIL:
        assert f'sipbot_outbox_sent_total{{platform="slack",what="{what.value}"}}' in metrics, what


@pytest.mark.parametrize("language", ["sv", "en"])
def test_who_reads_the_database_without_the_keys_finds_acts_and_nothing_of_what_they_say(
    language: Language, tours: Tours
) -> None:
    """Law 4D; docs/security.md says the same in a sentence. A word that is new here is to be judged, then added."""
    _, _, found, _ = tours[language]
    assert {column: new for column, words in found.items() if (new := words - clear.allowed(column))} == {}
    assert "confirm_receipt" in found["reminder.kind"], "it was looked into"
    assert {"_sealed", "true"} <= found["journal.details"]


# What a screen takes: as a form opens, and where answers make it ask most. What somebody ticks that they want to tell
# beside is theirs to choose, and does not count.
OPENS_WITH_MOST, ASKS_MOST = 8, 12
# What is filled in most often opens with least.
OPENS_WITH = {"case.open": 7, "meeting.summon": 7, "meeting.move": 6}
# What a conversation asks of somebody who takes what is suggested, and of the rest the first.
SAYS_MOST = 10

# Optional, though leaving it out is refused now and then: the label or the hint says when.
EITHER_OR = {
    ("summons.name", "attendees"),  # or others, who are typed
    ("meeting.summon", "agencies"),  # or what else is to be changed of a meeting that is called already
    ("evaluation.staff", "divided"),  # or any other of its questions: "answer what you like"
}


@pytest.mark.parametrize("language", ["sv", "en"])
def test_no_form_is_longer_than_a_screen_and_every_question_can_be_reached(language: Language, tours: Tours) -> None:
    ways: dict[Hashable, set[str]] = {}
    for form in tours[language][3].forms:
        fields = [part.name for part in form.parts if isinstance(part, Field)]
        aside = on_request(form)
        if (shape := shape_of(form)) not in ways:
            ways[shape] = set()
            for answers, asked in branches(form):
                names = {one.name for one in asked}
                ways[shape] |= names
                assert len(names - aside) <= ASKS_MOST, (form.name, answers)
        reached = ways[shape]
        opens = {part.name for part in asked_parts(form, {}) if isinstance(part, Field)}
        warned = "confirmed" in fields
        assert len(opens - aside) <= OPENS_WITH.get(form.name, OPENS_WITH_MOST) + warned, form.name
        assert len(list(questions_of(form))) <= SAYS_MOST + warned, form.name
        assert reached == set(fields), form.name
        for name, whens in branches_of(form).items():
            assert all(fields.index(when.field) < fields.index(name) for when in whens if when.field in fields), name


@pytest.mark.parametrize("language", ["sv", "en"])
def test_what_is_marked_as_optional_can_be_left_out_and_nothing_else_can(language: Language, tours: Tours) -> None:
    left_out = tours[language][3].left_out
    wrong = {(form, name, required) for form, name, required, taken in left_out if required is taken}
    assert {(form, name, required) for form, name, required in wrong if (form, name) not in EITHER_OR} == set()
    assert {form for form, *_ in left_out} == set(TAKERS)
