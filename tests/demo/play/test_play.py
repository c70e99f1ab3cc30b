"""`sipbot demo --play`: the main job as a transcript, in both languages, that fails when the story fails."""

from __future__ import annotations

from collections import Counter

import pytest
from typer.testing import CliRunner

from bot.cli import app
from demo.play import story, transcript
from demo.world.texts import Language, texts
from templates import load

pytestmark = [pytest.mark.slow, pytest.mark.waits]

LONG = 60  # characters: what is longer says something, what is shorter may be a title or a button


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_story_is_told_from_the_opening_to_the_end(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    # Unbroken lines: of two that differ only at their ends the first pieces would be the same.
    monkeypatch.setattr(transcript, "_WIDTH", 10_000)
    told = CliRunner().invoke(app, ["demo", "--play", "--language", language])
    words = texts(language)
    assert told.exit_code == 0, told.output
    assert words("play.end") in told.stdout
    assert words("play.open") in told.stdout
    assert f"#{words('channel.C0SKOLA')}" in told.stdout
    assert "@ julia.lind@exempel.invalid" in told.stdout
    assert told.stdout.count("── ") >= 4
    assert load(language)("state.closed") in told.stdout
    assert words("play.close", code="").strip() in told.stdout
    for happening in told.stdout.split("\n\n"):
        said = [line for line in happening.splitlines() if line.startswith(" " * 8) and len(line) > LONG]
        assert [line for line, times in Counter(said).items() if times > 1] == []


def test_a_story_that_goes_wrong_ends_with_what_went_wrong_and_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(story, "example", lambda *_, **__: {})
    told = CliRunner().invoke(app, ["demo", "--play"])
    assert told.exit_code == 1
    assert "case.open" in told.stderr
