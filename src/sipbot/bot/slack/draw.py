"""Draws cards with Block Kit.

What people wrote stands only in `rich_text` and `plain_text`, which hold no markup, no links and no mentions
(reference, block-kit). The `text` beside the blocks is mrkdwn and is escaped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    Option,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextListElement,
    RichTextSectionElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import RichTextElement

from sipbot.bot.slack.names import LINK_PREFIX
from sipbot.bot.slack.phrases import Phrases
from sipbot.bot.slack.texts import cut, escaped
from sipbot.handlers.cards import Button, Card, Choice, Chooser, Section, Tone

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

_STYLES = {Tone.PRIMARY: "primary", Tone.DANGER: "danger", Tone.PLAIN: None}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message as Slack takes it: the line for notifications and screen readers, and the blocks."""

    text: str
    blocks: list[Json] = field(default_factory=list)


def message(card: Card, words: Phrases) -> Drawn:
    """Draw `card` as a message of at most 50 blocks."""
    return Drawn(escaped(card.summary or card.title, _NOTIFICATION), blocks(card, words, MESSAGE_BLOCKS))


def home(card: Card, words: Phrases) -> Json:
    """Draw `card` as a person's Home tab."""
    return {"type": "home", "blocks": blocks(card, words, VIEW_BLOCKS)}


def blocks(card: Card, words: Phrases, most: int) -> list[Json]:
    """Draw `card` in at most `most` blocks.

    Where the sections do not fit, the last ones are left out and one line says how many; the card's own
    buttons and its last line always stand.
    """
    head: list[Block] = []
    if card.title.strip():
        head.append(HeaderBlock(text=plain(card.title, 150)))
    tail = [*_rows(card.buttons), *_footer(card.footer)]
    groups = [drawn_blocks(_section(section, words)) for section in card.sections]
    fitting = _fitting(groups, most - len(head) - len(tail))
    body = list(_joined(card.sections, groups[:fitting]))
    if fitting < len(groups):
        body += drawn_blocks([_quiet(words("slack.more", n=len(groups) - fitting))])
    return [*drawn_blocks(head), *body, *drawn_blocks(tail)]


def drawn_blocks(models: Iterable[Block]) -> list[Json]:
    """Turn Slack's models into the JSON that is sent; they check themselves on the way."""
    return [model.to_dict() for model in models]


def plain(text: str, most: int) -> PlainTextObject:
    """A plain text of at most `most` characters, in which `:word:` stays what was written."""
    return PlainTextObject(text=cut(text, most) or "–", emoji=False)


def _fitting(groups: Sequence[Sequence[Json]], room: int) -> int:
    """Count the groups that fit into `room` blocks with dividers and the line about the rest."""
    used, letters = 0, 0
    for index, group in enumerate(groups):
        used += len(group) + (1 if index else 0)
        letters += sum(map(_letters, group))
        last = index == len(groups) - 1
        if used + (0 if last else 1) > room or letters > _TEXT_TOGETHER:
            return index
    return len(groups)


def _letters(block: Json) -> int:
    """Count what a block holds of text, roughly: only rich text is ever long."""
    return sum(len(run) for run in _runs(block)) if block["type"] == "rich_text" else 100


def _runs(part: Json) -> Iterator[str]:
    if "text" in part:
        yield str(part["text"])
    for inner in part.get("elements", ()):
        yield from _runs(inner)


def _joined(sections: Sequence[Section], groups: Sequence[Sequence[Json]]) -> Iterator[Json]:
    """Put dividers between the items of a list: neighbours that both carry buttons of their own."""
    for index, group in enumerate(groups):
        if index and sections[index].buttons and sections[index - 1].buttons:
            yield DividerBlock().to_dict()
        yield from group


def _section(section: Section, words: Phrases) -> list[Block]:
    drawn: list[Block] = []
    parts = list(_rich(section))
    if parts:
        drawn.append(RichTextBlock(elements=parts))
    if section.chooser and section.chooser.choices:
        drawn.extend(_chooser(section.chooser, words))
    drawn.extend(_rows(section.buttons[:_SECTION_BUTTONS]))
    return drawn


def _rich(section: Section) -> Iterator[RichTextElement]:
    paragraphs: list[list[RichTextElement]] = []
    if section.heading.strip():
        paragraphs.append([_text(section.heading, 300, bold=True)])
    if section.text.strip():
        paragraphs.append([_text(section.text.strip("\n"), 3000)])
    paragraphs += [[_text(f"{fact.label}: ", 200, bold=True), _text(fact.value, 2000)] for fact in section.facts]
    if paragraphs:
        runs: list[RichTextElement] = []
        for index, paragraph in enumerate(paragraphs):
            if index:
                runs.append(RichTextElementParts.Text(text="\n"))
            runs.extend(paragraph)
        yield RichTextSectionElement(elements=runs)
    lines = [line for line in section.lines if line.strip()]
    if lines:
        items = [RichTextSectionElement(elements=[_text(line, 1000)]) for line in lines]
        yield RichTextListElement(style="bullet", elements=items)


def _text(text: str, most: int, *, bold: bool = False) -> RichTextElement:
    style = RichTextElementParts.TextStyle(bold=True) if bold else None
    return RichTextElementParts.Text(text=cut(text, most) or "–", style=style)


def _rows(buttons: Sequence[Button]) -> list[Block]:
    """Draw buttons in rows of at most five, which fit side by side on a phone's width or wrap once."""
    rows = [buttons[start : start + _ROW] for start in range(0, len(buttons), _ROW)]
    return [ActionsBlock(elements=list(_buttons(row))) for row in rows]


def _buttons(row: Iterable[Button]) -> Iterator[ButtonElement]:
    """Give each button in a row its own `action_id`: the second of a name gets `#2`, dropped on arrival."""
    seen: Counter[str] = Counter()
    for button in row:
        name = LINK_PREFIX + button.action if button.url else button.action
        seen[name] += 1
        yield ButtonElement(
            text=plain(button.label, 75),
            action_id=name if seen[name] == 1 else f"{name}#{seen[name]}",
            value=button.token[:_VALUE_OF_A_BUTTON] or None,
            url=button.url or None,
            style=_STYLES[button.tone],
            accessibility_label=cut(button.hint, 75) or None,
        )


def _chooser(chooser: Chooser, words: Phrases) -> list[Block]:
    if any(len(choice.token) > _VALUE_OF_AN_OPTION for choice in chooser.choices):
        return _choices_as_buttons(chooser, words)
    shown = list({choice.token: choice for choice in chooser.choices[:_CHOICES]}.values())
    select = StaticSelectElement(
        action_id=chooser.action,
        placeholder=plain(words("slack.choose"), 150),
        options=[_option(choice) for choice in shown],
    )
    drawn: list[Block] = [SectionBlock(text=plain(chooser.label, 3000), accessory=select)]
    if len(chooser.choices) > len(shown):
        drawn.append(_quiet(words("slack.more", n=len(chooser.choices) - len(shown))))
    return drawn


def _choices_as_buttons(chooser: Chooser, words: Phrases) -> list[Block]:
    """Draw a chooser whose tokens are too long for an option (150 characters): a button holds 2000."""
    shown = chooser.choices[:_SECTION_BUTTONS]
    buttons = [
        Button(chooser.action, choice.label, choice.token, hint=f"{chooser.label} {choice.label}") for choice in shown
    ]
    drawn: list[Block] = [SectionBlock(text=plain(chooser.label, 3000)), *_rows(buttons)]
    if len(chooser.choices) > len(shown):
        drawn.append(_quiet(words("slack.more", n=len(chooser.choices) - len(shown))))
    return drawn


def _option(choice: Choice) -> Option:
    note = plain(choice.note, 75) if choice.note.strip() else None
    return Option(text=plain(choice.label, 75), value=choice.token, description=note)


def _footer(text: str) -> list[Block]:
    return [_quiet(text)] if text.strip() else []


def _quiet(text: str) -> Block:
    return ContextBlock(elements=[plain(text, 2000)])
