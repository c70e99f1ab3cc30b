"""The page's drawing of Block Kit: everything that the bot sends is drawn, and mrkdwn is read as Slack reads it."""

from __future__ import annotations

from typing import Any

import pytest

from demo.play.story import Story
from tests.demo.page.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_DRAW = """async payloads => {
  const { blocks } = await import('/static/blocks.js');
  const context = { named: () => 'Anna', people: [], values: {}, press() {} };
  return payloads.map(payload => {
    const box = document.createElement('div');
    box.append(...blocks(payload, context));
    return { unknown: box.querySelectorAll('.unknown').length, empty: !box.textContent.trim() };
  });
}"""


def _sent_by_the_bot(visitor: Visitor) -> list[list[Any]]:
    """Return the blocks of every message, form, home tab and answer of the whole story."""
    world = visitor.demo.world
    visitor.demo.do(Story(world, lambda _line: None).play())
    for name in world.slack.people:
        if name == "eva":
            continue
        visitor.demo.do(world.slack.person(name).open_home())
        visitor.demo.do(world.slack.person(name).type("/sip"))
        visitor.demo.do(world.slack.person(name).type("/sip lista"))
        visitor.demo.do(world.slack.person(name).type(f"/sip visa {visitor.demo.codes()[0]}"))
    visitor.demo.do(world.settle())
    found: list[list[Any]] = []
    for call in world.slack.calls:
        found.extend(_blocks(call.args))
    for sent in world.slack.dispatch.sent:
        found.extend(_blocks(sent.answer.json() or {}))
    return found


def _blocks(held: Any) -> list[list[Any]]:
    import json  # noqa: PLC0415

    found: list[list[Any]] = []
    if isinstance(held, str) and held[:1] in "[{" and held:
        try:
            return _blocks(json.loads(held))
        except ValueError:
            return []
    if isinstance(held, list) and held and all(isinstance(item, dict) and "type" in item for item in held):
        return [held]
    if isinstance(held, dict):
        for name, value in held.items():
            if name in ("blocks", "view"):
                found.extend(_blocks(value))
    return found


def test_nothing_that_the_bot_sends_in_the_whole_story_is_drawn_as_unknown(visitor: Visitor) -> None:
    payloads = _sent_by_the_bot(visitor)
    assert len(payloads) > 60
    visitor.arrive()
    drawn = visitor.page.evaluate(_DRAW, payloads)
    bad = [(held, payload) for held, payload in zip(drawn, payloads, strict=True) if held["unknown"] or held["empty"]]
    assert bad == []


def test_a_kind_of_block_that_nobody_knows_is_shown_as_such(visitor: Visitor) -> None:
    visitor.arrive()
    drawn = visitor.page.evaluate(_DRAW, [[{"type": "carousel", "elements": []}]])
    assert drawn[0]["unknown"] == 1


@pytest.mark.parametrize(
    "text, drawn",
    [
        ("*fet* och _kursiv_ och ~struken~", "<strong>fet</strong> och <em>kursiv</em> och <s>struken</s>"),
        ("kl. 09:00 till 10:30", "kl. 09:00 till 10:30"),
        (":white_check_mark: klart", '<span class="emoji" title=":white_check_mark:">✅</span> klart'),
        (":ingen_sadan:", ":ingen_sadan:"),
        ("snake_case_name och 2*3*4", "snake_case_name och 2*3*4"),
        ("`*inte fet*`", "<code>*inte fet*</code>"),
        ("en rad\n*fet rad*", "en rad<br><strong>fet rad</strong>"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("<https://exempel.invalid|här>", '<a href="https://exempel.invalid" target="_blank" rel="noreferrer">här</a>'),
        ("<javascript:alert(1)|här>", "&lt;javascript:alert(1)|här&gt;"),
        ("<@U0ANNA>", '<span class="mention">@Anna</span>'),
        ("*fet med `kod` i*", "<strong>fet med <code>kod</code> i</strong>"),
    ],
)
def test_mrkdwn_is_split_into_tokens_before_it_is_styled(visitor: Visitor, text: str, drawn: str) -> None:
    visitor.arrive()
    made = visitor.page.evaluate(
        """async text => {
          const { drawn } = await import('/static/mrkdwn.js');
          const box = document.createElement('div');
          box.append(...drawn(text, () => 'Anna'));
          return box.innerHTML;
        }""",
        text,
    )
    assert made == drawn
