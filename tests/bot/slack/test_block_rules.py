"""Block Kit's rules: every limit Slack states is found here, and sound payloads pass untouched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.block_kit.rules import Violation, check_blocks, check_message, check_view

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn("En rad"), **more}


def option(value: str, text: str = "Val") -> Json:
    return {"text": plain(text), "value": value}


def options(count: int) -> list[Json]:
    return [option(str(number)) for number in range(count)]


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "press", "text": plain("Svara"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": "field", "label": plain("Fråga"), "element": element, **more}


def text_input(**more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": "field", **more}


def message(*blocks: Json) -> Json:
    return {"text": "Kort", "blocks": list(blocks)}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain("Titel"), "submit": plain("OK"), "blocks": list(blocks), **more}


def codes(found: list[Violation]) -> set[str]:
    return {violation.code for violation in found}


def problems(payload: Mapping[str, Any]) -> list[Violation]:
    return check_view(payload) if payload.get("type") in ("modal", "home") else check_message(payload)


TABLE: Json = {"type": "table", "rows": [[{"type": "raw_text", "text": "Cell"}]]}

# Forty-eight payloads that no tool at hand judges all rightly: the code and the place of the broken rule.
WRONG: dict[str, tuple[Json, str, str]] = {
    "section text 3001": (
        message({"type": "section", "text": mrkdwn("x" * 3001)}),
        "too_long",
        "/blocks/0/text/text",
    ),
    "header 151": (message({"type": "header", "text": plain("x" * 151)}), "too_long", "/blocks/0/text/text"),
    "header with mrkdwn": (
        message({"type": "header", "text": mrkdwn("Rubrik")}),
        "not_allowed_here",
        "/blocks/0/text/type",
    ),
    "button text 76": (
        message(actions(button(text=plain("x" * 76)))),
        "too_long",
        "/blocks/0/elements/0/text/text",
    ),
    "button value 2001": (
        message(actions(button(value="x" * 2001))),
        "too_long",
        "/blocks/0/elements/0/value",
    ),
    "button text mrkdwn": (
        message(actions(button(text=mrkdwn("Svara")))),
        "not_allowed_here",
        "/blocks/0/elements/0/text/type",
    ),
    "button style success": (
        message(actions(button(style="success"))),
        "not_allowed",
        "/blocks/0/elements/0/style",
    ),
    "image without alt_text": (
        message({"type": "image", "image_url": "https://example.se/a.png"}),
        "missing",
        "/blocks/0",
    ),
    "text input as section accessory": (
        message(section(accessory=text_input())),
        "not_allowed_here",
        "/blocks/0/accessory/type",
    ),
    "text input in actions": (
        message(actions(text_input())),
        "not_allowed_here",
        "/blocks/0/elements/0/type",
    ),
    "button inside input": (modal(asked(button())), "not_allowed_here", "/blocks/0/element/type"),
    "section without text or fields": (message({"type": "section"}), "missing", "/blocks/0"),
    "select 101 options": (
        modal(asked({"type": "static_select", "options": options(101)})),
        "too_many",
        "/blocks/0/element/options",
    ),
    "select 0 options": (
        modal(asked({"type": "static_select", "options": []})),
        "too_few",
        "/blocks/0/element/options",
    ),
    "option text 76": (
        modal(asked({"type": "static_select", "options": [option("a", "x" * 76)]})),
        "too_long",
        "/blocks/0/element/options/0/text/text",
    ),
    "checkboxes 11 options": (
        modal(asked({"type": "checkboxes", "options": options(11)})),
        "too_many",
        "/blocks/0/element/options",
    ),
    "actions 26 elements": (
        message(actions(*(button(action_id=f"a{number}") for number in range(26)))),
        "too_many",
        "/blocks/0/elements",
    ),
    "context 11 elements": (
        message({"type": "context", "elements": [mrkdwn("x")] * 11}),
        "too_many",
        "/blocks/0/elements",
    ),
    "fields 11": (
        message({"type": "section", "fields": [mrkdwn("x")] * 11}),
        "too_many",
        "/blocks/0/fields",
    ),
    "actions empty": (message(actions()), "too_few", "/blocks/0/elements"),
    "empty text": (message({"type": "section", "text": mrkdwn("")}), "too_short", "/blocks/0/text/text"),
    "two tables in a message": (message(TABLE, TABLE), "second_table", "/blocks/1"),
    "51 blocks in a message": (message(*[{"type": "divider"}] * 51), "too_many", "/blocks"),
    "101 blocks in a modal": (modal(*[{"type": "divider"}] * 101), "too_many", "/blocks"),
    "modal title 25": ({**modal(), "title": plain("x" * 25)}, "too_long", "/title/text"),
    "modal submit 25": ({**modal(), "submit": plain("x" * 25)}, "too_long", "/submit/text"),
    "modal close 25": (modal(close=plain("x" * 25)), "too_long", "/close/text"),
    "modal without title": ({"type": "modal", "blocks": []}, "missing", ""),
    "input block without submit": (
        {"type": "modal", "title": plain("Titel"), "blocks": [asked(text_input())]},
        "needs_submit",
        "",
    ),
    "private_metadata 3001": (modal(private_metadata="x" * 3001), "too_long", "/private_metadata"),
    "callback_id 256": (modal(callback_id="x" * 256), "too_long", "/callback_id"),
    "label 2001": (
        modal({**asked(text_input()), "label": plain("x" * 2001)}),
        "too_long",
        "/blocks/0/label/text",
    ),
    "placeholder 151": (
        modal(asked(text_input(placeholder=plain("x" * 151)))),
        "too_long",
        "/blocks/0/element/placeholder/text",
    ),
    "max_length 3001": (
        modal(asked(text_input(max_length=3001))),
        "out_of_range",
        "/blocks/0/element/max_length",
    ),
    "min_length over max_length": (
        modal(asked(text_input(min_length=5, max_length=4))),
        "min_over_max",
        "/blocks/0/element/min_length",
    ),
    "two focus_on_load": (
        modal(
            asked(text_input(focus_on_load=True)),
            {**asked(text_input(focus_on_load=True)), "block_id": "other"},
        ),
        "second_focus",
        "/blocks/1/element/focus_on_load",
    ),
    "number_input without is_decimal_allowed": (
        modal(asked({"type": "number_input"})),
        "missing",
        "/blocks/0/element",
    ),
    "unknown block type": (message({"type": "hologram"}), "unknown_type", "/blocks/0/type"),
    "unknown property": (message(section(colour="red")), "unknown_property", "/blocks/0/colour"),
    "duplicate block_id": (
        message(section(block_id="same"), section(block_id="same")),
        "duplicate_block_id",
        "/blocks/1/block_id",
    ),
    "duplicate action_id in a block": (
        message(actions(button(), button())),
        "duplicate_action_id",
        "/blocks/0/elements/1/action_id",
    ),
    "block_id 256": (message(section(block_id="x" * 256)), "too_long", "/blocks/0/block_id"),
    "action_id 256": (
        message(actions(button(action_id="x" * 256))),
        "too_long",
        "/blocks/0/elements/0/action_id",
    ),
    "datepicker 2026-13-01": (
        modal(asked({"type": "datepicker", "initial_date": "2026-13-01"})),
        "bad_format",
        "/blocks/0/element/initial_date",
    ),
    "timepicker 25:00": (
        modal(asked({"type": "timepicker", "initial_time": "25:00"})),
        "bad_format",
        "/blocks/0/element/initial_time",
    ),
    "alert in a message": (
        message({"type": "alert", "text": mrkdwn("Obs")}),
        "not_allowed_here",
        "/blocks/0/type",
    ),
    "message without text": ({"blocks": [section()]}, "text_missing", ""),
    "table in a modal": (modal(TABLE), "not_allowed_here", "/blocks/0/type"),
}


def test_the_table_holds_all_forty_eight_cases() -> None:
    assert len(WRONG) == 48


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_rule_is_found_at_its_place(name: str) -> None:
    payload, code, pointer = WRONG[name]
    assert (pointer, code) in {(violation.pointer, violation.code) for violation in problems(payload)}


@pytest.mark.parametrize("name", WRONG)
def test_a_payload_with_one_fault_gets_one_complaint(name: str) -> None:
    assert len(problems(WRONG[name][0])) == 1


MORE_WRONG: dict[str, tuple[Json, str]] = {
    "http address of a stranger": (message(actions(button(url="http://example.se/"))), "bad_url"),
    "address without a host": (message(actions(button(url="https:///x"))), "bad_url"),
    "address that is no address": (message(actions(button(url="https://[x/"))), "bad_url"),
    "address 3001": (message(actions(button(url="https://a.se/" + "x" * 3000))), "too_long"),
    "address is a number": (message(actions(button(url=7))), "wrong_kind"),
    "initial option not offered": (
        modal(asked({"type": "static_select", "options": options(2), "initial_option": option("9")})),
        "not_an_option",
    ),
    "initial options not offered": (
        modal(asked({"type": "checkboxes", "options": options(2), "initial_options": [option("9")]})),
        "not_an_option",
    ),
    "options and groups at once": (
        modal(
            asked(
                {
                    "type": "static_select",
                    "options": options(1),
                    "option_groups": [{"label": plain("Grupp"), "options": [option("b")]}],
                }
            )
        ),
        "both",
    ),
    "two options of one value": (
        modal(asked({"type": "radio_buttons", "options": [option("a"), option("a")]})),
        "duplicate_value",
    ),
    "overflow with six": (message(actions({"type": "overflow", "options": options(6)})), "too_many"),
    "number bounds crossed": (
        modal(
            asked(
                {
                    "type": "number_input",
                    "is_decimal_allowed": False,
                    "min_value": "7",
                    "max_value": "3",
                }
            )
        ),
        "min_over_max",
    ),
    "number bound as a number": (
        modal(asked({"type": "number_input", "is_decimal_allowed": False, "min_value": 7})),
        "bad_format",
    ),
    "unix time of nine digits": (
        modal(asked({"type": "datetimepicker", "initial_date_time": 999_999_999})),
        "bad_format",
    ),
    "confirmation without its words": (
        message(actions(button(confirm={"title": plain("Säkert?")}))),
        "missing",
    ),
    "quote with a list in it": (
        message(
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_quote",
                        "elements": [{"type": "rich_text_list", "style": "bullet", "elements": []}],
                    }
                ],
            }
        ),
        "unknown_type",
    ),
    "emoji in preformatted text": (
        message(
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_preformatted", "elements": [{"type": "emoji", "name": "wave"}]}],
            }
        ),
        "not_allowed_here",
    ),
    "uneven table": (
        message({"type": "table", "rows": [TABLE["rows"][0], TABLE["rows"][0] * 2]}),
        "uneven_rows",
    ),
    "image with two sources": (
        message(
            {
                "type": "image",
                "alt_text": "Bild",
                "image_url": "https://a.se/b.png",
                "slack_file": {"id": "F1"},
            }
        ),
        "both",
    ),
    "home with a title": ({"type": "home", "title": plain("Hem"), "blocks": []}, "unknown_property"),
    "home with an alert": (
        {"type": "home", "blocks": [{"type": "alert", "text": plain("Obs")}]},
        "not_allowed_here",
    ),
    "text 40001": ({"text": "x" * 40_001}, "too_long"),
    "blocks are no list": ({"text": "a", "blocks": "[]"}, "wrong_kind"),
    "block is no object": ({"text": "a", "blocks": ["x"]}, "wrong_kind"),
    "block without a type": ({"text": "a", "blocks": [{}]}, "missing"),
    "metadata without a type": ({"text": "a", "metadata": {"event_payload": {}}}, "missing"),
    "markdown 12001 in two": (
        message({"type": "markdown", "text": "x" * 6001}, {"type": "markdown", "text": "x" * 6000}),
        "too_long",
    ),
    "optional is a word": (modal(asked(text_input(), optional="yes")), "wrong_kind"),
}


@pytest.mark.parametrize("name", MORE_WRONG)
def test_the_lesser_rules_are_found_too(name: str) -> None:
    payload, code = MORE_WRONG[name]
    assert code in codes(problems(payload))


def test_a_view_of_no_known_kind_is_refused() -> None:
    assert codes(check_view({"type": "window", "blocks": []})) == {"unknown_type"}
    assert codes(check_view({"blocks": []})) == {"missing"}


def test_a_view_heavier_than_250_kilobytes_is_refused() -> None:
    blocks = [{"type": "section", "text": mrkdwn("x" * 3000)} for _ in range(90)]
    assert codes(check_view(modal(*blocks))) == {"too_long"}


FULL_MODAL = modal(
    {"type": "header", "text": plain("Rubrik")},
    {"type": "alert", "text": mrkdwn("Obs"), "level": "warning"},
    asked(text_input(multiline=True, min_length=1, max_length=3000, initial_value="a"), hint=plain("Råd")),
    {
        **asked({"type": "static_select", "options": options(100), "initial_option": option("3")}),
        "block_id": "b",
    },
    {
        **asked({"type": "multi_static_select", "options": options(2), "max_selected_items": 1}),
        "block_id": "c",
    },
    {**asked({"type": "datepicker", "initial_date": "2026-12-01"}), "block_id": "d"},
    {
        **asked({"type": "timepicker", "initial_time": "09:30", "timezone": "Europe/Stockholm"}),
        "block_id": "e",
    },
    {**asked({"type": "datetimepicker", "initial_date_time": 1_796_000_000}), "block_id": "f"},
    {**asked({"type": "users_select", "initial_user": "U1"}), "block_id": "g"},
    {**asked({"type": "multi_users_select", "initial_users": ["U1"]}), "block_id": "h"},
    {**asked({"type": "conversations_select", "filter": {"include": ["public"]}}), "block_id": "i"},
    {**asked({"type": "checkboxes", "options": [{"text": mrkdwn("*Ja*"), "value": "y"}]}), "block_id": "j"},
    {**asked({"type": "radio_buttons", "options": options(2)}, optional=True), "block_id": "k"},
    {**asked({"type": "url_text_input"}, dispatch_action=False), "block_id": "l"},
    {**asked({"type": "email_text_input"}), "block_id": "m"},
    {**asked({"type": "number_input", "is_decimal_allowed": True, "min_value": "-1.5"}), "block_id": "n"},
    private_metadata="x" * 3000,
    callback_id="case",
    notify_on_close=True,
)
FULL_MESSAGE = message(
    section(fields=[mrkdwn("a")] * 10, accessory=button(style="danger", url="https://example.se/x")),
    {"type": "divider"},
    {
        "type": "context",
        "elements": [mrkdwn("a"), {"type": "image", "alt_text": "b", "image_url": "https://a.se/b"}],
    },
    actions(
        button(confirm={"title": plain("a"), "text": mrkdwn("b"), "confirm": plain("c"), "deny": plain("d")}),
        {"type": "overflow", "action_id": "o", "options": [{**option("a"), "url": "https://a.se"}]},
    ),
    {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_section",
                "elements": [
                    {"type": "text", "text": "a", "style": {"bold": True}},
                    {"type": "link", "url": "https://a.se", "text": "b"},
                    {"type": "user", "user_id": "U1"},
                    {"type": "channel", "channel_id": "C1"},
                    {"type": "emoji", "name": "wave"},
                    {"type": "date", "timestamp": 1_796_000_000, "format": "{date_num}"},
                ],
            },
            {
                "type": "rich_text_list",
                "style": "ordered",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "a"}]}],
            },
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a"}], "border": 0},
        ],
    },
    {"type": "file", "external_id": "F1", "source": "remote"},
    TABLE,
)


@pytest.mark.parametrize("payload", [FULL_MODAL, FULL_MESSAGE, {"type": "home", "blocks": [section()]}])
def test_sound_payloads_pass(payload: Json) -> None:
    assert problems(payload) == []


def test_plain_http_is_allowed_to_this_machine_alone() -> None:
    assert problems(message(actions(button(url="http://127.0.0.1:3000/x")))) == []


def test_the_pointer_begins_where_the_view_stands() -> None:
    found = check_view({**modal(), "title": plain("x" * 25)}, "/view")
    assert [violation.as_slack() for violation in found] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    ]


@given(st.integers(0, 3100))
def test_a_section_takes_1_to_3000_characters_and_no_other_length(length: int) -> None:
    found = check_blocks([{"type": "section", "text": mrkdwn("x" * length)}], "message")
    assert (not found) == (1 <= length <= 3000)


_KEYS = ["type", "text", "elements", "element", "options", "block_id", "accessory", "rows", "fields", "label"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=12,
)


@given(json_values)
def test_whatever_arrives_the_checker_answers_and_never_fails(value: Any) -> None:
    check_blocks(value, "message")
    check_message({"text": value, "blocks": value, "metadata": value})
    check_view({"type": "modal", "title": value, "blocks": value})
