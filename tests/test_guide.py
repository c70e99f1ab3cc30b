"""The guide for those who use the bot is true: its buttons, commands and pictures are the bot's own."""

from __future__ import annotations

import re

import pytest

from handlers.commands import WORDS, fold
from tests.conftest import ROOT
from tests.templates.catalogues import texts

GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
BUTTONS = {text for key, text in texts("sv").items() if key.endswith((".do", ".tick"))}


@pytest.mark.parametrize("button", sorted(set(re.findall(r"\*\*(.+?)\*\*", GUIDE))))
def test_what_stands_in_bold_is_a_button_as_it_is_labelled(button: str) -> None:
    assert button in BUTTONS


@pytest.mark.parametrize("word", sorted(set(re.findall(r"`/sip ([^`]+)`", GUIDE))))
def test_a_command_exists(word: str) -> None:
    assert fold(word) in WORDS


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:srcset|src)=\"([^\"]+)\"", GUIDE))))
def test_a_picture_is_there(target: str) -> None:
    assert (ROOT / "docs" / target).exists()
