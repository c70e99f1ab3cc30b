"""Draws pictures as PNG: bars that can be read on a phone, with all that they say in words beside them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from PIL import Image as Library
from PIL import ImageDraw, ImageFont

from bot.picture.image import Image
from handlers.ui.outgoing import Bar, Picture

# Lengths are in points of a phone that is 390 wide. Each is drawn as two pixels: sharp there, and not large to send.
_SCALE: Final = 2
_WIDTH: Final = 390
_EDGE: Final = 16
_INNER: Final = _WIDTH - 2 * _EDGE
_TITLE: Final = 17
_TEXT: Final = 14
_LINE: Final = 1.3  # from one line of text to the next, in heights of its letters
_BAR: Final = 11
_ABOVE_BAR: Final = 3
_GAP: Final = 11
_HATCH: Final = 6

# Ink on paper of its own reads alike in light and in dark programs. Against the paper: 15, 8 and 4.5 to one.
_PAPER: Final = "#ffffff"
_INK: Final = "#1d2733"
_FILLED: Final = "#1b4f86"
_RIM: Final = "#6d7885"
# Few colours: a third of the bytes, and no difference that anybody sees.
_COLOURS: Final = 64


def draw(picture: Picture) -> Image:
    """Return a picture as PNG."""
    type_ = _Type()
    title = tuple(type_.wrapped(picture.title, type_.title, _INNER))
    heights = (len(title) * _TITLE * _LINE, *(_GAP + type_.height(bar) for bar in picture.bars))
    size = (_WIDTH * _SCALE, round((2 * _EDGE + sum(heights)) * _SCALE))
    image = Library.new("RGB", size, _PAPER)
    page = _Page(ImageDraw.Draw(image), type_)
    page.title(title)
    for bar in picture.bars:
        page.bar(bar)
    out = io.BytesIO()
    image.quantize(_COLOURS, Library.Quantize.FASTOCTREE).save(out, "PNG")
    return Image(out.getvalue(), *size)


class _Type:
    """The letters, and how much room words take in them."""

    def __init__(self) -> None:
        self.title = _font("bold", _TITLE)
        self.told = _font("bold", _TEXT)
        self.text = _font("regular", _TEXT)

    def wrapped(self, text: str, font: ImageFont.FreeTypeFont, width: float) -> Iterator[str]:
        """Yield a text in lines that are not wider; a single word may be."""
        line = ""
        for word in text.split():
            longer = f"{line} {word}".strip()
            if line and self.width(longer, font) > width:
                yield line
                longer = word
            line = longer
        yield line

    def label(self, bar: Bar) -> list[str]:
        """Return a label in lines, of which the last leaves room for what is told."""
        told = self.width(bar.value, self.told) + _EDGE
        lines = list(self.wrapped(bar.label, self.text, _INNER))
        if self.width(lines[-1], self.text) + told > _INNER:
            lines = list(self.wrapped(bar.label, self.text, _INNER - told))
        return lines

    def height(self, bar: Bar) -> float:
        return len(self.label(bar)) * _TEXT * _LINE + (_ABOVE_BAR + _BAR if _has_track(bar) else 0)

    def width(self, text: str, font: ImageFont.FreeTypeFont) -> float:
        return float(font.getlength(text)) / _SCALE


class _Page:
    """Paper on which one line comes below the other."""

    def __init__(self, ink: ImageDraw.ImageDraw, type_: _Type) -> None:
        self._ink = ink
        self._type = type_
        self._at: float = _EDGE

    def title(self, lines: tuple[str, ...]) -> None:
        for line in lines:
            self._write(line, self._type.title, _EDGE)
            self._at += _TITLE * _LINE

    def bar(self, bar: Bar) -> None:
        """Draw a label, at the right of its last line what is told, and below it how much of the whole that is."""
        self._at += _GAP
        *before, last = self._type.label(bar)
        for line in before:
            self._write(line, self._type.text, _EDGE)
            self._at += _TEXT * _LINE
        self._write(last, self._type.text, _EDGE)
        told = self._type.told
        self._write(bar.value, told, _WIDTH - _EDGE - self._type.width(bar.value, told))
        self._at += _TEXT * _LINE
        if _has_track(bar):
            self._at += _ABOVE_BAR
            self._track(bar.part)
            self._at += _BAR

    def _track(self, part: float | None) -> None:
        """Draw the whole and how much of it is filled; what is not told is hatched, so that it is no empty bar."""
        left, right = _EDGE * _SCALE, (_WIDTH - _EDGE) * _SCALE
        top, bottom = round(self._at * _SCALE), round((self._at + _BAR) * _SCALE)
        if part is None:
            for x in range(left, right - (bottom - top), _HATCH * _SCALE):
                self._ink.line((x, bottom, x + bottom - top, top), fill=_RIM, width=_SCALE)
        elif part:
            self._ink.rectangle((left, top, left + round((right - left) * part), bottom), fill=_FILLED)
        self._ink.rectangle((left, top, right, bottom), outline=_RIM, width=_SCALE)

    def _write(self, text: str, font: ImageFont.FreeTypeFont, x: float) -> None:
        self._ink.text((x * _SCALE, self._at * _SCALE), text, font=font, fill=_INK)


def _has_track(bar: Bar) -> bool:
    return bar.part is not None or bar.kept_back


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """Read one of the fonts beside this module. Each picture has its own: they are not made for several threads."""
    kept = io.BytesIO(files(__package__).joinpath(f"{name}.ttf").read_bytes())
    # The plain layout: the other is not in every build of the library, and Latin letters need none.
    return ImageFont.truetype(kept, size * _SCALE, layout_engine=ImageFont.Layout.BASIC)
