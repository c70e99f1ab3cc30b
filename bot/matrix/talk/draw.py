"""Draws cards as messages: the same content as plain text and as HTML, with a legend of every way to answer.

What people wrote is text in both: it is escaped in the HTML, and characters that turn the direction of writing, with
which one text can be made to look like another, are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from textwrap import shorten
from typing import Any, Protocol

from bot.matrix.names import COMMAND
from bot.matrix.talk.arrivals import Way, Ways, plain_sign
from handlers.ui.cards import Button, Card, Section

_HTML = "org.matrix.custom.html"
#: Characters of one part; an event holds 65 536 bytes, and encrypted it is a third larger.
_PART_MOST = 3000
_BODY_MOST = 12_000
#: The ways that stand in a legend; a longer list of cases is cut, and `!sip visa CODE` shows the rest.
_WAYS_MOST = 40
#: Characters of what a way to answer is about, where a message holds several things.
_BESIDE_MOST = 60

#: Signs under a message, one for each way to answer a summons; other buttons get a number.
SIGNS = {
    "summons.received": "✅",
    "summons.name": "👥",
    "summons.propose": "🕘",
    "summons.decline": "❌",
    "summons.forward": "➡️",
}
_DIGITS = ("1️⃣", "2️⃣", "3️⃣", "4️⃣", "5️⃣", "6️⃣", "7️⃣", "8️⃣", "9️⃣")
_COMMAND = re.compile(r"(?<![\w/])/sip\b")
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f]")


class Phrases(Protocol):
    """The words of one language."""

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text for `key`."""
        ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message, and how it can be answered."""

    content: Mapping[str, Any]
    ways: Ways = ()


class _Page:
    """Text and HTML, written side by side so that they cannot differ."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._html: list[str] = []

    def heading(self, text: str) -> None:
        if text.strip():
            self._text.append(shown(text))
            self._html.append(f"<h4>{escape(shown(text))}</h4>")

    def lines(self, lines: Iterable[tuple[str, str]]) -> None:
        """A paragraph; each line has a bold beginning or none."""
        kept = [(shown(bold), shown(text)) for bold, text in lines if (bold + text).strip()]
        if kept:
            self._text.append("\n".join(f"{bold} {text}".strip() for bold, text in kept))
            inner = "<br>".join(_line(bold, text) for bold, text in kept)
            self._html.append(f"<p>{inner}</p>")

    def bullets(self, lines: Iterable[str]) -> None:
        kept = [shown(line) for line in lines if line.strip()]
        if kept:
            self._text.append("\n".join(f"• {line}" for line in kept))
            self._html.append("<ul>" + "".join(f"<li>{_broken(line)}</li>" for line in kept) + "</ul>")

    def content(self, msgtype: str) -> dict[str, Any]:
        text, html = "\n\n".join(self._text), "".join(self._html)
        drawn: dict[str, Any] = {"msgtype": msgtype, "body": text[:_BODY_MOST], "m.mentions": {}}
        if len(html) <= _BODY_MOST * 2:
            drawn |= {"format": _HTML, "formatted_body": html}
        return drawn


def draw(card: Card, words: Phrases, *, direct: bool = False) -> Drawn:
    """Draw a card, for one person alone or for a room."""
    page, ways = _Page(), _ways_of(card)
    how = words("matrix.legend_direct" if direct else "matrix.legend")
    # Where buttons stand by themselves amid a card, one answers there; what comes below can be read afterwards.
    place = next((section for section in card.sections if _holds_buttons_alone(section)), None)
    page.heading(card.title)
    for section in card.sections:
        _section(page, section)
        if section is place:
            _legend(page, ways, how)
    links = [button for button in card.buttons if button.url]
    page.lines((f"{button.label}:", button.url) for button in links)
    if place is None:
        _legend(page, ways, how)
    page.lines([("", card.footer)])
    return Drawn(page.content("m.text"), ways.found)


def plain(text: str, *, msgtype: str = "m.text") -> dict[str, Any]:
    """Draw a few lines of text."""
    page = _Page()
    for part in text.split("\n\n"):
        page.lines(("", line) for line in part.split("\n"))
    return page.content(msgtype)


def edited(content: Mapping[str, Any], event: str) -> dict[str, Any]:
    """Return the message that puts `content` in place of an earlier one; nobody is called anew for it."""
    return {
        **content,
        "body": f"* {content['body']}",
        **({"formatted_body": f"* {content['formatted_body']}"} if "formatted_body" in content else {}),
        "m.new_content": dict(content),
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }


def in_thread(content: Mapping[str, Any], root: str, after: str = "") -> dict[str, Any]:
    """Return a message in the thread of another; programs without threads show it as a reply."""
    relation = {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": after or root},
    }
    return {**content, "m.relates_to": relation}


def shown(text: str) -> str:
    """Return what may be seen of a text. Commands begin otherwise here than where the words were written for."""
    return _COMMAND.sub(COMMAND, _TURNING.sub("", text))[:_PART_MOST]


class _Ways:
    """Numbers the ways to answer as they are met."""

    def __init__(self) -> None:
        self.found: Ways = ()

    def add(self, buttons: Iterable[Button], beside: str = "") -> None:
        for button in buttons:
            if button.url or len(self.found) >= _WAYS_MOST:
                continue
            number = self._number(button.action)
            sign = SIGNS.get(button.action) or (_DIGITS[number - 1] if number <= len(_DIGITS) else "")
            # Two cards' buttons of one name in one message: the second is answered by its number.
            if plain_sign(sign) in {way.sign for way in self.found}:
                sign = ""
            label = f"{button.label} – {beside}" if beside else button.label
            self.found += (Way(number, plain_sign(sign), shown(label)[:200], button.action, button.token),)

    def _number(self, action: str) -> int:
        """Return the number of a way; one of a summons keeps its own when others fall away: people remember it."""
        taken = {way.number for way in self.found}
        own = next((number for number, known in enumerate(SIGNS, 1) if known == action), 0)
        return own if own and own not in taken else max(taken, default=0) + 1

    def legend(self) -> list[str]:
        by_plain = {plain_sign(sign): sign for sign in (*SIGNS.values(),)}
        return [f"{way.number} {by_plain.get(way.sign, '')} {way.label}".replace("  ", " ") for way in self.found]


def _ways_of(card: Card) -> _Ways:
    ways = _Ways()
    for section in card.sections:
        ways.add(section.buttons, section.heading or _brief(section.text))
        if section.chooser is not None:
            ways.add(
                Button(section.chooser.action, f"{choice.label} {choice.note}".strip(), choice.token)
                for choice in section.chooser.choices
            )
    ways.add(card.buttons)
    return ways


def _holds_buttons_alone(section: Section) -> bool:
    return bool(section.buttons) and section == Section(buttons=section.buttons)


def _legend(page: _Page, ways: _Ways, how: str) -> None:
    if ways.found:
        page.lines([("", how)])
        page.bullets(ways.legend())


def _section(page: _Page, section: Section) -> None:
    page.lines([(section.heading, ""), ("", section.text)])
    page.lines((f"{fact.label}:", fact.value) for fact in section.facts)
    page.bullets(section.lines)
    page.lines((f"{button.label}:", button.url) for button in section.buttons if button.url)
    if section.chooser is not None:
        page.lines([("", section.chooser.label)])


def _brief(text: str) -> str:
    """Return what a text is about, to tell its ways to answer from others': whole words of its first line."""
    return shorten(text.partition("\n")[0], _BESIDE_MOST, placeholder=" …", break_on_hyphens=False)


def _line(bold: str, text: str) -> str:
    return f"<strong>{escape(bold)}</strong> {_broken(text)}" if bold else _broken(text)


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")
