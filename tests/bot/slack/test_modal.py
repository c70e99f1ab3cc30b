"""Forms as modals: sound whatever they hold, and what is answered comes back under the field's own name."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.views import View

from bot.slack.modal import closing_view, modal, values
from handlers.ui.forms import Field, FieldKind, Form, Note, Option, Value
from tests.bot.slack.samples import cards, every_kind, summons, view_breaches, words

Json = dict[str, Any]

generous = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

# Drawn letter by letter: the same by a pattern takes three times as long.
_names = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=20)
_text = st.text(max_size=20) | st.just("å" * 300)
_options = st.lists(
    st.builds(Option, st.text("abcxyz019_", min_size=1, max_size=20), st.text(min_size=1, max_size=20), _text),
    max_size=12,
    unique_by=lambda option: option.value,
).map(tuple)


@st.composite
def fields(draw: st.DrawFn, name: str) -> Field:
    kind = draw(st.sampled_from(FieldKind))
    several = kind in {FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES, FieldKind.USERS}
    chosen: st.SearchStrategy[tuple[str, ...] | str] = st.lists(_text, max_size=3).map(tuple) if several else _text
    initial = draw(st.none() | chosen)
    return Field(
        name,
        kind,
        draw(st.text(min_size=1, max_size=100)),
        required=draw(st.booleans()),
        hint=draw(_text),
        placeholder=draw(_text),
        options=draw(_options),
        initial=initial,
        max_length=draw(st.integers(0, 5000)),
    )


@st.composite
def forms(draw: st.DrawFn) -> Form:
    names = draw(st.lists(_names, min_size=1, max_size=8, unique=True))
    parts: list[Field | Note] = [draw(fields(name)) for name in names]
    parts += draw(st.lists(st.builds(Note, st.text(max_size=4000), st.booleans()), max_size=3))
    label = st.text(min_size=1, max_size=30)
    return Form(draw(_names), draw(label), draw(label), draw(label), draw(_text), tuple(draw(st.permutations(parts))))


def answered(view: Json, choose: Any) -> Json:
    """Answer every input as a person's screen would; `choose(element)` gives what is put in."""
    state: Json = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            state[block["block_id"]] = {element["action_id"]: {"type": element["type"], **choose(element)}}
    return {"values": state}


def as_opened(element: Json) -> Json:
    """What a person sends who changes nothing."""
    match element["type"]:
        case "plain_text_input" | "url_text_input":
            return {"value": element.get("initial_value")}
        case "datepicker":
            return {"selected_date": element.get("initial_date")}
        case "timepicker":
            return {"selected_time": element.get("initial_time")}
        case "static_select":
            return {"selected_option": element.get("initial_option")}
        case "multi_static_select" | "checkboxes":
            return {"selected_options": element.get("initial_options", [])}
        case "users_select":
            return {"selected_user": element.get("initial_user")}
        case "multi_users_select":
            return {"selected_users": element.get("initial_users", [])}
    raise AssertionError(element["type"])


@generous
@given(forms())
def test_every_form_is_a_sound_view_and_slack_sdk_reads_it_as_drawn(form: Form) -> None:
    drawn = modal(form, words)
    assert view_breaches(drawn) == []
    assert View(**drawn).to_dict() == drawn


@generous
@given(cards)
def test_every_answer_is_a_sound_closing_view_with_nothing_left_to_send(card: Any) -> None:
    view = closing_view(card, "Kalla till möte som heter något långt", words)
    assert view_breaches(view) == []
    assert "submit" not in view


def test_what_a_form_starts_with_comes_back_unchanged() -> None:
    """Every kind of value makes the way out and back."""
    read = values(answered(modal(every_kind(), words), as_opened), "T0")
    assert read == {
        "date": "2026-12-03",
        "start": "13:00",
        "minutes": "60",
        "place": None,
        "wish": "Två\nrader",
        "link": None,
        "agencies": ("bup",),
        "flags": (),
        "chair": "slack:T0/U0ANNA",
        "attendees": ("slack:T0/U1", "slack:T0/U2"),
    }


@generous
@given(forms(), st.data())
def test_every_choice_a_screen_offers_comes_back_as_the_forms_value(form: Form, data: st.DataObject) -> None:
    sent: dict[str, Value] = {}

    def choose(element: Json) -> Json:
        name, options = (
            element["action_id"],
            element.get("options")
            or [option for group in element.get("option_groups", []) for option in group["options"]],
        )
        match element["type"]:
            case "static_select":
                option = data.draw(st.sampled_from(options))
                sent[name] = option["value"]
                return {"selected_option": option}
            case "multi_static_select" | "checkboxes":
                chosen = data.draw(st.lists(st.sampled_from(options), max_size=3, unique_by=lambda o: o["value"]))
                sent[name] = tuple(option["value"] for option in chosen)
                return {"selected_options": chosen}
            case "users_select":
                sent[name] = "slack:T9EXT/U7"
                return {"selected_user": "U7"}
            case "multi_users_select":
                sent[name] = ("slack:T9EXT/U7", "slack:T9EXT/U8")
                return {"selected_users": ["U7", "U8"]}
            case "datepicker":
                sent[name] = "2026-12-03"
                return {"selected_date": "2026-12-03"}
            case "timepicker":
                sent[name] = "08:30"
                return {"selected_time": "08:30"}
        sent[name] = "Åsa skrev\nså här"
        return {"value": "Åsa skrev\nså här"}

    assert values(answered(modal(form, words), choose), "T9EXT") == sent
    offered = {part.name: {option.value for option in part.options} for part in form.parts if isinstance(part, Field)}
    kinds = {part.name: part.kind for part in form.parts if isinstance(part, Field)}
    for name, value in sent.items():
        if kinds[name] in {FieldKind.SELECT, FieldKind.MULTI_SELECT, FieldKind.CHECKBOXES}:
            assert {value} <= offered[name] if isinstance(value, str) else set(value or ()) <= offered[name]


def test_the_fields_name_is_block_and_action_and_the_order_is_kept() -> None:
    form = every_kind()
    inputs = [block for block in modal(form, words)["blocks"] if block["type"] == "input"]
    assert [block["block_id"] for block in inputs] == [part.name for part in form.parts if isinstance(part, Field)]
    assert all(block["block_id"] == block["element"]["action_id"] for block in inputs)


def test_required_hint_note_and_warning_are_seen() -> None:
    drawn = modal(every_kind(), words)["blocks"]
    by_name = {block["block_id"]: block for block in drawn if block["type"] == "input"}
    assert by_name["date"].get("optional") in (None, False)
    assert by_name["place"]["optional"] is True
    assert by_name["attendees"]["hint"]["text"] == "De som kommer"
    assert by_name["agencies"]["element"]["options"][1]["description"]["text"] == "Region Exempel"
    assert drawn[0]["elements"][0]["elements"][0] == {"type": "text", "text": "Viktigt: ", "style": {"bold": True}}
    assert drawn[-1]["type"] == "context"


def test_more_than_a_hundred_options_are_grouped() -> None:
    options = tuple(Option(f"a{n}", f"Enhet {n:03}") for n in range(130))
    form = Form("f", "T", "S", "A", "tok", (Field("agency", FieldKind.SELECT, "Enhet", options=options),))
    element = modal(form, words)["blocks"][0]["element"]
    assert [len(group["options"]) for group in element["option_groups"]] == [100, 30]
    assert element["option_groups"][0]["label"]["text"] == "Enhet 000 – Enhet 099"


def test_a_question_without_choices_says_so_instead_of_breaking_the_window() -> None:
    form = Form("f", "T", "S", "A", "tok", (Field("agency", FieldKind.SELECT, "Enhet", required=True),))
    assert modal(form, words)["blocks"][0]["text"]["text"] == "Enhet: inget att välja"


def test_the_closing_view_shows_the_card_and_a_way_out() -> None:
    view = closing_view(summons(), "Kalla till möte", words)
    assert view["title"]["text"] == "Kalla till möte"
    assert view["close"]["text"] == "Stäng"
    assert view["blocks"][0]["text"]["text"] == "Kallelse till SIP-möte"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)
_elements = st.dictionaries(
    st.sampled_from(["type", "value", "selected_option", "selected_options", "selected_user", "selected_users"]),
    st.sampled_from(["plain_text_input", "static_select", "multi_static_select", "users_select"]) | anything,
)


@given(anything | st.fixed_dictionaries({"values": st.dictionaries(_names, st.dictionaries(_names, _elements))}))
def test_a_strange_state_is_read_as_far_as_it_makes_sense(state: Any) -> None:
    for value in values(state, "T0").values():
        assert value is None or isinstance(value, str | tuple)


def test_control_characters_and_half_characters_never_reach_a_handler() -> None:
    state = {"values": {"b": {"b": {"type": "plain_text_input", "value": "a\x00b\ud800c\r\nd"}}}}
    assert values(state, "T0") == {"b": "abc\nd"}
