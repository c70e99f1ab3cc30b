"""Pictures: that they show what their words say, to everybody."""

from __future__ import annotations

import io
import logging

import pytest
from PIL import Image, ImageFont

from bot.picture.drawing import draw
from bot.picture.drawn import drawn
from bot.picture.image import NotDrawn
from handlers.ui.outgoing import Bar, Picture
from tests.conftest import ROOT

FILLED = (27, 79, 134)
RIM = (109, 120, 133)
PAPER = (255, 255, 255)


def share(part: float | None, label: str = "Planer skickade i tid") -> Bar:
    return Bar(label, "visas inte" if part is None else "6 av 9", "", part, kept_back=part is None)


def pixels(*bars: Bar, title: str = "Statistik") -> Image.Image:
    found = draw(Picture(title, bars, "sip.png"))
    image = Image.open(io.BytesIO(found.content))
    assert (image.format, image.size) == ("PNG", (found.width, found.height))
    return image.convert("RGB")


def filled(image: Image.Image) -> float:
    """Return how much of a row is filled where most of it is, from edge to edge of the bars."""
    width, height = map(int, image.size)
    return max(count(image, (0, y, width, y + 1), FILLED) for y in range(height)) / (width - 64)


def count(image: Image.Image, part: tuple[int, int, int, int], colour: tuple[int, int, int]) -> int:
    """Return how many pixels of a part have a colour, or one that nobody could tell from it."""
    found = image.crop(part).getcolors(1000) or []
    return sum(many for many, pixel in found if isinstance(pixel, tuple) and _near(pixel, colour))


def _near(pixel: tuple[int, ...], colour: tuple[int, int, int]) -> bool:
    return all(abs(one - other) < 12 for one, other in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("part", [0.0, 0.25, 0.67, 1.0])
def test_a_bar_is_as_full_as_its_share(part: float) -> None:
    assert filled(pixels(share(part))) == pytest.approx(part, abs=0.01)


def test_what_is_not_told_is_hatched_and_looks_like_no_share() -> None:
    """Law 4D: neither as empty nor as full. It differs by pattern and by its words, not by colour alone."""
    hidden, empty = pixels(share(None)), pixels(share(0.0))
    assert filled(hidden) == 0
    middle = (40, hidden.height - 43, 740, hidden.height - 42)
    assert 0.1 < count(hidden, middle, RIM) / 700 < 0.6
    assert count(empty, middle, RIM) == 0


def test_what_is_no_share_has_no_bar() -> None:
    mean = Bar("Från behov till första möte, i genomsnitt", "24,6 dagar", "")
    assert pixels(mean).height < pixels(share(0.5, mean.label)).height
    assert filled(pixels(mean)) == 0


def test_it_is_as_wide_as_a_phone_and_nothing_runs_over_its_edge() -> None:
    long = "Barn- och ungdomspsykiatrin, mottagningen för unga i Exempelby med omnejd"
    image = pixels(share(0.5, long), title=f"Statistik: {long}, kvartal 3 2026")
    assert image.width == 2 * 390
    assert image.height > pixels(share(0.5)).height
    for edge in (0, image.width - 30):
        assert count(image, (edge, 0, edge + 30, image.height), PAPER) == 30 * image.height


@pytest.mark.parametrize("font", ["regular", "bold"])
def test_it_can_write_the_names_of_units_and_all_that_the_words_are_made_of(font: str) -> None:
    letters = ImageFont.truetype(ROOT / "bot" / "picture" / f"{font}.ttf", 26)
    missing = bytes(letters.getmask("\uffff"))
    wanted = {*"åäöÅÄÖéüèçñøæßšžłőț–—’”…•½0123456789%(),.:", *(chr(code) for code in range(33, 127))}
    assert [letter for letter in sorted(wanted) if bytes(letters.getmask(letter)) == missing] == []


async def test_what_cannot_be_drawn_is_said_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    broken = Picture("Statistik för Hemliga enheten", (share("x"),), "sip.png")  # type: ignore[arg-type]
    with caplog.at_level(logging.ERROR), pytest.raises(NotDrawn):
        await drawn(broken)
    assert [record.message for record in caplog.records] == ["a picture could not be drawn"]
    assert "Hemliga" not in str([record.__dict__ for record in caplog.records])
