"""Draws cards with Block Kit.

What people wrote stands only in `rich_text` and `plain_text`, which hold no markup, no links and no mentions
(reference, block-kit). The `text` beside the blocks is mrkdwn and is escaped. Blocks are plain JSON here: the
SDK's models take some thirty times as long, on the way of every acknowledgement, to check what `block_rules`
checks too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.slack.names import LINK_PREFIX
from bot.slack.phrases import Phrases
from bot.slack.texts import cut, escaped
from handlers.ui.cards import Button, Card, Chooser, Section, Tone
from handlers.ui.outgoing import Picture

Json: TypeAlias = dict[str, Any]

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
_ROW = 5
_SECTION_BUTTONS = 25
_CHOICES = 100
_VALUE_OF_A_BUTTON = 2000
_VALUE_OF_AN_OPTION = 150
#: Slack refuses blocks that hold too much text together (`msg_blocks_too_long`); it names no number.
_TEXT_TOGETHER = 12_000
_NOTIFICATION = 3000
_ALT = 2000

_STYLES = {Tone.PRIMARY: "primary", Tone.DANGER: "danger", Tone.PLAIN: ""}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message as Slack takes it: the line for notifications and screen readers, and the blocks."""

    text: str
    blocks: list[Json] = field(default_factory=list)


def message(card: Card, words: Phrases) -> Drawn:
    """Draw `card` as a message of at most 50 blocks."""
    return Drawn(escaped(card.summary or card.title, _NOTIFICATION), blocks(card, words, MESSAGE_BLOCKS))


def picture_message(picture: Picture, file: str) -> Drawn:
    """Draw a picture that Slack keeps as `file` as a message, with all that it shows in words for screen readers."""
    image = {"type": "image", "slack_file": {"id": file}, "alt_text": cut(picture.alt, _ALT)}
    return Drawn(escaped(picture.title, _NOTIFICATION), [image])


def home(card: Card, words: Phrases) -> Json:
    """Draw `card` as a person's Home tab."""
    return {"type": "home", "blocks": blocks(card, words, VIEW_BLOCKS)}


def blocks(card: Card, words: Phrases, most: int) -> list[Json]:
    """Draw `card` in at most `most` blocks.

    Where the sections do not fit, the last ones are left out and one line says how many; the card's own
    buttons and its last line always stand.
    """
    head = [{"type": "header", "text": plain(card.title, 150)}] if card.title.strip() else []
    tail = [*_rows(card.buttons), *_footer(card.footer)]
    groups = [_section(section, words) for section in card.sections]
    fitting = _fitting(card.sections, groups, most - len(head) - len(tail))
    body = list(_joined(card.sections, groups[:fitting]))
    if fitting < len(groups):
        body.append(quiet(words("slack.more", n=len(groups) - fitting)))
    return [*head, *body, *tail]


def plain(text: str, most: int) -> Json:
    """A plain text of at most `most` characters, in which `:word:` stays what was written."""
    return {"type": "plain_text", "text": cut(text, most) or "–", "emoji": False}


def run(text: str, most: int, *, bold: bool = False) -> Json:
    """A piece of rich text of at most `most` characters."""
    piece: Json = {"type": "text", "text": cut(text, most) or "–"}
    return piece | {"style": {"bold": True}} if bold else piece


def rich(*parts: Json) -> Json:
    """A block of rich text."""
    return {"type": "rich_text", "elements": list(parts)}


def runs(*pieces: Json) -> Json:
    """A paragraph of rich text."""
    return {"type": "rich_text_section", "elements": list(pieces)}


def quiet(text: str) -> Json:
    """A small grey line."""
    return {"type": "context", "elements": [plain(text, 2000)]}


def words_in_full(text: str) -> Json:
    """A section of plain text."""
    return {"type": "section", "text": plain(text, 3000)}


def option(label: str, value: str, note: str = "") -> Json:
    """One line of a menu, with its note below it."""
    line: Json = {"text": plain(label, 75), "value": value}
    return line | {"description": plain(note, 75)} if note.strip() else line


def _fitting(sections: Sequence[Section], groups: Sequence[Sequence[Json]], room: int) -> int:
    """Count the groups that fit into `room` blocks with dividers and the line about the rest."""
    used, letters = 0, 0
    for index, group in enumerate(groups):
        used += len(group) + _is_divided(sections, index)
        letters += sum(map(_letters, group))
        last = index == len(groups) - 1
        if used + (0 if last else 1) > room or letters > _TEXT_TOGETHER:
            return index
    return len(groups)


def _letters(block: Json) -> int:
    """Count what a block holds of text, roughly: only rich text is ever long."""
    return sum(map(len, _texts(block))) if block["type"] == "rich_text" else 100


def _texts(part: Json) -> Iterator[str]:
    if "text" in part:
        yield str(part["text"])
    for inner in part.get("elements", ()):
        yield from _texts(inner)


def _joined(sections: Sequence[Section], groups: Sequence[Sequence[Json]]) -> Iterator[Json]:
    """Put dividers between the items of a list: neighbours that both carry buttons of their own."""
    for index, group in enumerate(groups):
        if _is_divided(sections, index):
            yield {"type": "divider"}
        yield from group


def _is_divided(sections: Sequence[Section], index: int) -> bool:
    """Say whether a section is set apart from the one before it."""
    return index > 0 and bool(sections[index].buttons) and bool(sections[index - 1].buttons)


def _section(section: Section, words: Phrases) -> list[Json]:
    drawn: list[Json] = []
    parts = list(_rich_parts(section))
    if parts:
        drawn.append(rich(*parts))
    if section.chooser and section.chooser.choices:
        drawn.extend(_chooser(section.chooser, words))
    drawn.extend(_rows(section.buttons[:_SECTION_BUTTONS]))
    return drawn


def _rich_parts(section: Section) -> Iterator[Json]:
    """Draw heading, text and facts as one paragraph with a line for each, and the bullet lines as a list."""
    lines: list[list[Json]] = []
    if section.heading.strip():
        lines.append([run(section.heading, 300, bold=True)])
    if section.text.strip():
        lines.append([run(section.text.strip("\n"), 3000)])
    lines += [[run(f"{fact.label}: ", 200, bold=True), run(fact.value, 2000)] for fact in section.facts]
    if lines:
        pieces = list(lines[0])
        for line in lines[1:]:
            pieces += [{"type": "text", "text": "\n"}, *line]
        yield runs(*pieces)
    items = [runs(run(line, 1000)) for line in section.lines if line.strip()]
    if items:
        yield {"type": "rich_text_list", "style": "bullet", "elements": items}


def _rows(buttons: Sequence[Button]) -> list[Json]:
    """Draw buttons in rows of at most five, which fit side by side on a phone's width or wrap once."""
    rows = [buttons[start : start + _ROW] for start in range(0, len(buttons), _ROW)]
    return [{"type": "actions", "elements": list(_buttons(row))} for row in rows]


def _buttons(row: Iterable[Button]) -> Iterator[Json]:
    """Give each button in a row its own `action_id`: the second of a name gets `#2`, dropped on arrival."""
    seen: Counter[str] = Counter()
    for button in row:
        name = LINK_PREFIX + button.action if button.url else button.action
        seen[name] += 1
        drawn: Json = {
            "type": "button",
            "action_id": name if seen[name] == 1 else f"{name}#{seen[name]}",
            "text": plain(button.label, 75),
            "value": button.token[:_VALUE_OF_A_BUTTON],
            "url": button.url,
            "style": _STYLES[button.tone],
            "accessibility_label": cut(button.hint, 75),
        }
        yield {key: value for key, value in drawn.items() if value}


def _chooser(chooser: Chooser, words: Phrases) -> list[Json]:
    """Draw a menu with its label as text beside it: a menu has no label of its own for screen readers."""
    if any(len(choice.token) > _VALUE_OF_AN_OPTION for choice in chooser.choices):
        return _choices_as_buttons(chooser, words)
    shown = {choice.token: choice for choice in chooser.choices[:_CHOICES]}
    select = {
        "type": "static_select",
        "action_id": chooser.action,
        "placeholder": plain(words("slack.choose"), 150),
        "options": [option(choice.label, choice.token, choice.note) for choice in shown.values()],
    }
    menu = words_in_full(chooser.label) | {"accessory": select}
    return [menu, *_rest(len(chooser.choices) - _CHOICES, words)]


def _choices_as_buttons(chooser: Chooser, words: Phrases) -> list[Json]:
    """Draw a chooser whose tokens are too long for an option (150 characters): a button holds 2000."""
    shown = chooser.choices[:_SECTION_BUTTONS]
    buttons = [
        Button(chooser.action, choice.label, choice.token, hint=f"{chooser.label} {choice.label}") for choice in shown
    ]
    rest = _rest(len(chooser.choices) - len(shown), words)
    return [words_in_full(chooser.label), *_rows(buttons), *rest]


def _rest(count: int, words: Phrases) -> list[Json]:
    return [quiet(words("slack.more", n=count))] if count > 0 else []


def _footer(text: str) -> list[Json]:
    return [quiet(text)] if text.strip() else []
