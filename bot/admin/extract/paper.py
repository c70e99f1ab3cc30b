"""The extract of a case on paper: a PDF in A4, with headings, page numbers, marks to jump to, and text to copy."""

from __future__ import annotations

import logging
import unicodedata
from importlib.resources import as_file, files
from typing import Final

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from bot.admin.extract.words import Line, Paper, Part
from templates import Words

# The letters that figures are drawn with, too (decision 22).
_FAMILY: Final = "dejavu"
_FACES: Final = {"": "regular.ttf", "B": "bold.ttf"}

# It tells of tables of a typeface that it leaves out, which are of no use on paper.
logging.getLogger("fontTools.subset").setLevel(logging.ERROR)

# In millimetres: the margins, a step inwards, and the height of a line of each size in points.
_MARGIN: Final = 20
_STEP: Final = 5
_TITLE, _HEADING, _TEXT, _SMALL = 20, 14, 10, 9
_HEIGHT: Final = 0.5  # of the size

# As much of an entry stands together at the foot of a page.
_TOGETHER: Final = 25


def pdf_of(paper: Paper, words: Words) -> bytes:
    """Return the extract as a PDF file.

    A sign for which the typeface has no shape, or that would turn the text around it, is written as its number.
    """
    sheets = _Sheets(paper, words)
    sheets.write_paper()
    return bytes(sheets.output())


class _Sheets(FPDF):
    def __init__(self, paper: Paper, words: Words) -> None:
        super().__init__(format="A4")
        self._paper = paper
        self.words = words
        shapes = [self._face(style, name) for style, name in _FACES.items()]
        self._shapes = frozenset.intersection(*shapes)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_MARGIN)
        self.set_title(paper.title)
        self.set_lang(paper.language)
        self.set_creation_date(paper.made)
        self.set_creator("sipbot")

    def _face(self, style: str, name: str) -> frozenset[int]:
        """Take one face of the typeface, and return the signs it has."""
        with as_file(files("bot.picture") / name) as file, TTFont(file) as font:
            self.add_font(_FAMILY, style, file)
            return frozenset(font.getBestCmap())

    def footer(self) -> None:
        """Write the code and the number of the page at its foot."""
        self.set_xy(_MARGIN, -_MARGIN + 5)
        self.set_font(_FAMILY, "", _SMALL)
        pages = self.str_alias_nb_pages or ""
        self.cell(
            0, _SMALL * _HEIGHT, self.words("paper.page", code=self._paper.code, page=self.page_no(), pages=pages)
        )

    def write_paper(self) -> None:
        self.add_page()
        self._say(self._paper.title, _TITLE, "B", after=4)
        for text in self._paper.intro:
            self._say(text, _TEXT, after=2)
        for part in self._paper.parts:
            self._part(part)

    def _part(self, part: Part) -> None:
        if self.will_page_break(2 * _TOGETHER):
            self.add_page()
        self.ln(6)
        self.start_section(self._plain(part.heading))
        self._say(part.heading, _HEADING, "B", after=1)
        self._say(part.text, _TEXT, after=3)
        for entry in part.entries:
            if self.will_page_break(_TOGETHER):
                self.add_page()
            if entry.title:
                self._say(entry.title, _TEXT, "B")
            for line in entry.lines:
                self._line(line, small=bool(entry.title))
            self.ln(2)

    def _line(self, line: Line, *, small: bool) -> None:
        self.set_left_margin(_MARGIN + line.depth * _STEP)
        self._say(line.text, _SMALL if small else _TEXT)
        self.set_left_margin(_MARGIN)

    def _say(self, text: str, size: int, style: str = "", after: float = 0) -> None:
        self.set_font(_FAMILY, style, size)
        self.set_x(self.l_margin)
        self.multi_cell(0, size * _HEIGHT, self._plain(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(after)

    def _plain(self, text: str) -> str:
        return "".join(sign if sign == "\n" or self._has(sign) else f"[U+{ord(sign):04X}]" for sign in text)

    def _has(self, sign: str) -> bool:
        return ord(sign) in self._shapes and unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs"}
