"""One message, one language: what this folder adds to a card is in the card's own language, whoever it goes to."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

import templates
from bot.slack.phrases import Phrases
from handlers.ui.cards import Card, Choice, Chooser, Section
from handlers.ui.outgoing import Show, Whisper
from handlers.ui.responses import Ask, Say
from tests.bot.slack.samples import every_kind
from tests.bot.slack.test_transport import ANNA, SOC
from tests.bot.slack.workspace import Workspace, workspace

CHOOSING = Chooser("case.pick", "Which case?", (Choice("SIP-7K3QD-M", "token"),))
ENGLISH = Card("Choose a case", "Choose a case", (Section(chooser=CHOOSING),), language="en")


def spoken(language: str) -> Phrases:
    """The bot's own words, Swedish where nobody knows better."""
    return templates.load("en" if language.startswith("en") else "sv")


speaking = partial(workspace, words=spoken)


def placeholder(here: Workspace, method: str) -> Any:
    (call,) = here.calls(method)
    return call.args["blocks"][1]["accessory"]["placeholder"]["text"]


@pytest.mark.parametrize("address", [SOC, ANNA])
async def test_an_english_card_has_an_english_menu(address: str) -> None:
    async with speaking() as here:
        await here.platform.transport.deliver(address, Show("lista", 1, ENGLISH), "k", None)
        assert placeholder(here, "chat.postMessage") == "Choose"


async def test_a_private_word_keeps_its_language() -> None:
    async with speaking() as here:
        await here.platform.transport.deliver("slack:reply:1", Whisper("#C0SOC", ANNA, ENGLISH), "k", None)
        assert placeholder(here, "chat.postEphemeral") == "Choose"


async def test_an_answer_at_once_keeps_its_language_although_slack_has_not_told_the_persons() -> None:
    async with speaking(Say(ENGLISH)) as here:
        outcome = await here.slack.person("anna").type("/sip summon", "C0SOC")
        assert outcome.messages[-1].blocks[1]["accessory"]["placeholder"]["text"] == "Choose"


async def test_a_form_keeps_its_language() -> None:
    form = replace(every_kind(), language="en")
    async with speaking(Ask(form)) as here:
        await here.slack.person("anna").type("/sip summon", "C0SOC")
        await here.slack.until(lambda: here.slack.person("anna").view is not None)
        shown = str(here.slack.person("anna").view)
        assert "Important:" in shown
        assert "Viktigt:" not in shown
