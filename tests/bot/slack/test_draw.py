"""Cards as Block Kit: sound whatever they hold, readable, and nothing that a person wrote acts."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block

from bot.slack.draw import VIEW_BLOCKS, blocks, home, message
from handlers.ui.cards import Button, Card, Choice, Chooser, Section
from tests.bot.slack.samples import breaches, cards, summons, view_breaches, words

Json = dict[str, Any]

generous = settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def texts(drawn: list[Json]) -> str:
    return json.dumps(drawn, ensure_ascii=False)


@generous
@given(cards)
def test_every_card_is_a_sound_message_and_home_page_and_slack_sdk_reads_it_as_drawn(card: Card) -> None:
    assert breaches(message(card, words).blocks, "message") == []
    assert view_breaches(home(card, words)) == []
    drawn = blocks(card, words, VIEW_BLOCKS)
    assert [block.to_dict() for block in Block.parse_all(drawn)] == drawn


def test_a_summons_has_title_facts_list_buttons_and_a_quiet_last_line() -> None:
    drawn = message(summons(), words)
    assert [block["type"] for block in drawn.blocks] == ["header", "rich_text", "actions", "context"]
    rich = drawn.blocks[1]["elements"]
    assert [part["type"] for part in rich] == ["rich_text_section", "rich_text_list"]
    bold = [run["text"] for run in rich[0]["elements"] if run.get("style") == {"bold": True}]
    assert bold == ["Ärende: ", "När: "]


def test_the_buttons_of_a_summons_bear_their_contract_names_in_order() -> None:
    row = message(summons(), words).blocks[2]["elements"]
    assert [button["action_id"] for button in row] == [
        "summons.received", "summons.name", "summons.propose", "summons.forward", "summons.decline",
    ]  # fmt: skip
    assert [button.get("style") for button in row] == ["primary", None, None, None, "danger"]
    assert row[4]["accessibility_label"] == "Tacka nej till mötet SIP-7K3QD-M"


def test_buttons_stand_five_in_a_row() -> None:
    card = Card("T", "S", buttons=tuple(Button(f"a.{n}", "Knapp", "t") for n in range(7)))
    rows = [block for block in message(card, words).blocks if block["type"] == "actions"]
    assert [len(row["elements"]) for row in rows] == [5, 2]


def test_two_buttons_of_one_name_in_a_row_are_told_apart() -> None:
    card = Card("T", "S", buttons=(Button("nag.done", "Ett", "1"), Button("nag.done", "Två", "2")))
    row = message(card, words).blocks[-1]["elements"]
    assert [button["action_id"] for button in row] == ["nag.done", "nag.done#2"]


def test_dividers_stand_between_list_items_and_nowhere_else() -> None:
    item = Section(heading="SIP-7K3QD-M", buttons=(Button("case.show", "Visa", "t"),))
    card = Card("Mina ärenden", "Två ärenden", (Section(text="Mest brådskande först."), item, item))
    kinds = [block["type"] for block in message(card, words).blocks]
    assert kinds == ["header", "rich_text", "rich_text", "actions", "divider", "rich_text", "actions"]


def test_what_does_not_fit_is_counted_and_the_cards_own_buttons_stay() -> None:
    item = Section(heading="SIP-7K3QD-M", buttons=(Button("case.show", "Visa", "t"),))
    card = Card("Alla", "Alla", (item,) * 40, buttons=(Button("case.new", "Nytt", "t"),), footer="Slut")
    drawn = message(card, words).blocks
    assert len(drawn) <= 50
    kinds = [block["type"] for block in drawn[-3:]]
    assert kinds == ["context", "actions", "context"]
    shown = sum(1 for block in drawn if block["type"] == "rich_text")
    assert drawn[-3]["elements"][0]["text"] == f"… och {40 - shown} till"


def test_a_very_long_card_is_cut_before_slack_refuses_it() -> None:
    card = Card("Lång", "Lång", (Section(text="ord " * 700),) * 30)
    assert len(texts(message(card, words).blocks)) < 20_000


@given(st.sampled_from(["<!channel>", "<@U0ANNA>", "<https://evil.example|Klicka>", "*fet* _kursiv_ `kod`", "&lt;"]))
def test_what_a_person_wrote_is_never_markup(written: str) -> None:
    card = Card(written, written, (Section(text=written, lines=(written,)),), footer=written)
    drawn = message(card, words)
    assert '"mrkdwn"' not in texts(drawn.blocks)
    assert "<" not in drawn.text
    assert ">" not in drawn.text
    runs = drawn.blocks[1]["elements"][0]["elements"]
    assert runs == [{"type": "text", "text": written}]


def test_the_notification_line_reads_as_written_once_slack_has_decoded_it() -> None:
    drawn = message(Card("T", "R&D <3 'citat' \"citat\""), words)
    assert drawn.text == "R&amp;D &lt;3 'citat' \"citat\""


def test_a_link_button_goes_no_further_than_the_link() -> None:
    card = Card("T", "S", buttons=(Button("web.form", "Öppna", "", url="https://sip.example.se/f/1"),))
    button = message(card, words).blocks[-1]["elements"][0]
    assert button["url"] == "https://sip.example.se/f/1"
    assert button["action_id"] == "link:web.form"


def test_a_chooser_is_a_select_with_its_label_as_text_beside_it() -> None:
    chooser = Chooser("case.pick", "Vilket ärende?", (Choice("SIP-7K3QD-M", "tok1", "första mötet bokat"),))
    drawn = message(Card("T", "S", (Section(chooser=chooser),)), words).blocks[1]
    assert drawn["text"] == {"type": "plain_text", "text": "Vilket ärende?", "emoji": False}
    assert drawn["accessory"]["action_id"] == "case.pick"
    assert drawn["accessory"]["options"][0]["value"] == "tok1"
    assert drawn["accessory"]["options"][0]["description"]["text"] == "första mötet bokat"


def test_tokens_too_long_for_an_option_become_buttons() -> None:
    chooser = Chooser("case.pick", "Vilket ärende?", tuple(Choice(f"Nr {n}", "x" * 200 + str(n)) for n in range(6)))
    drawn = message(Card("T", "S", (Section(chooser=chooser),)), words).blocks
    rows = [block for block in drawn if block["type"] == "actions"]
    assert [button["value"][-1] for row in rows for button in row["elements"]] == list("012345")
