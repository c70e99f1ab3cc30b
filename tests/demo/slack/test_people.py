"""People: what each sees, what they may do, and what reaches the bot when somebody cheats."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from demo.slack.delivery.delivery import Forgery
from demo.slack.delivery.http_link import encoded, signature
from demo.slack.errors import NotVisible, UnknownField
from demo.slack.people.inputs import entry, first_entry
from demo.slack.people.person import Person
from demo.slack.stand_in import StandIn
from tests.demo.slack.bolt_bot import BoltBot, bolt_bot, card, form, plain


@pytest.fixture
def bot(slack: StandIn) -> BoltBot:
    held = bolt_bot(slack)
    slack.connect(held.asgi)
    return held


async def posted(bot: BoltBot, channel: str, text: str = "Hej", **more: Any) -> None:
    await bot.bolt.client.chat_postMessage(channel=channel, text=text, **more)


# ---- sight


async def test_each_sees_their_own_channels(slack: StandIn, bot: BoltBot) -> None:
    await posted(bot, "C0TWO")
    await posted(bot, "C0SHARED", "Delat")
    assert [held.text for held in slack.person("julia").messages()] == ["Hej"]
    assert [held.text for held in slack.person("anna").messages()] == ["Delat"]
    assert [held.text for held in slack.person("eva").messages()] == ["Delat"]
    for nosy, channel in [("anna", "tva"), ("eva", "ett"), ("anna", "finns-inte")]:
        with pytest.raises(NotVisible):
            slack.person(nosy).messages(channel)
    with pytest.raises(NotVisible):
        slack.person("anna").newest("ett")
    with pytest.raises(NotVisible):
        slack.person("nobody")


async def test_unread_is_what_came_since_reading(slack: StandIn, bot: BoltBot) -> None:
    anna = slack.person("anna")
    await posted(bot, "C0ONE", "1")
    anna.read()
    await posted(bot, "C0ONE", "2")
    assert [held.text for held in anna.unread()] == ["2"]
    anna.read("ett")
    assert anna.unread("ett") == []


async def test_what_is_not_on_the_screen_cannot_be_pressed(slack: StandIn, bot: BoltBot) -> None:
    await posted(bot, "C0TWO", blocks=card("Läget"))
    message = slack.person("julia").newest()
    for source in (message, None):
        with pytest.raises(NotVisible):
            await slack.person("anna").press("confirm", source=source)
    with pytest.raises(NotVisible, match="confirm, edit"):
        await slack.person("julia").press("other")
    with pytest.raises(NotVisible):
        await slack.person("anna").submit({})
    with pytest.raises(NotVisible):
        await slack.person("anna").cancel()


async def test_nobody_submits_another_ones_form(slack: StandIn, bot: BoltBot) -> None:
    view = (await slack.person("anna").type("/case")).view
    assert view is not None
    with pytest.raises(NotVisible):
        await slack.person("olle").press("title", source=view)


async def test_a_field_that_is_not_there_is_an_error_of_the_test(slack: StandIn, bot: BoltBot) -> None:
    anna = slack.person("anna")
    await anna.type("/case")
    with pytest.raises(UnknownField, match="there are: title, kind, day, who, link"):
        await anna.submit({"titel": "x"})
    with pytest.raises(UnknownField, match="there are: one, two"):
        await anna.submit({"kind": "three"})


# ---- strangers (Slack Connect)


async def test_a_stranger_has_no_commands_and_no_direct_messages(slack: StandIn, bot: BoltBot) -> None:
    eva = slack.person("eva")
    outcome = await eva.type("/case", "delad")
    assert (outcome.shown, bot.heard) == ("/case is not a valid command.", [])
    with pytest.raises(NotVisible):
        eva.direct_messages()
    with pytest.raises(NotVisible):
        await eva.open_home()


async def test_a_strangers_act_says_whose_workspace_and_whose_person(slack: StandIn, bot: BoltBot) -> None:
    eva = slack.person("eva")
    await posted(bot, "C0SHARED", blocks=card("Läget"))
    await eva.press("edit")
    pressed = bot.heard[-1]
    assert (pressed["team"]["id"], pressed["user"]["team_id"]) == ("T0", "T2")
    outcome = await eva.submit({"title": "Svar", "kind": "one"})
    submitted = bot.heard[-1]
    assert outcome.action == "closed"
    assert submitted["team"]["id"] == submitted["user"]["team_id"] == submitted["view"]["team_id"] == "T2"
    assert submitted["view"]["app_installed_team_id"] == "T0"


# ---- cheating


async def test_what_is_signed_is_what_slack_sdk_verifies(slack: StandIn, bot: BoltBot) -> None:
    link = slack.connect(bot.asgi)
    outcome = await slack.person("anna").type("/case help")
    assert outcome.delivery is not None
    _, body = encoded(outcome.delivery)
    headers = link.signed(body)
    verifier = SignatureVerifier(slack.state.app.signing_secret)
    stamp, made = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
    assert verifier.is_valid(body, stamp, made)
    assert not verifier.is_valid(body + b"x", stamp, made)
    assert made == signature(slack.state.app.signing_secret, stamp, body)


@pytest.mark.parametrize(
    "forgery",
    [Forgery(secret="other"), Forgery(signature="v0=0"), Forgery(timestamp="1700000000")],
    ids=["secret", "signature", "old"],
)
async def test_a_forged_request_is_turned_away_by_a_real_bolt_app(
    slack: StandIn, bot: BoltBot, forgery: Forgery
) -> None:
    outcome = await slack.person("anna").type("/case", forgery=forgery)
    assert (outcome.status, outcome.failure, bot.heard) == (401, "http_service_error", [])


async def test_any_bytes_can_be_sent_with_a_true_signature(slack: StandIn, bot: BoltBot) -> None:
    link = slack.connect(bot.asgi)
    body = b"ssl_check=1"
    headers = {"Content-Type": "application/x-www-form-urlencoded", **link.signed(body)}
    assert (await link.send_raw(body, headers)).status == 200


async def test_a_tampered_value_reaches_the_bot(slack: StandIn, bot: BoltBot) -> None:
    await posted(bot, "C0ONE", blocks=card("Läget"))
    await slack.person("anna").press("confirm", tampered={"value": "stolen"})
    assert bot.heard[-1]["actions"][0]["value"] == "stolen"


async def test_a_tampered_form_reaches_the_bot(slack: StandIn, bot: BoltBot) -> None:
    anna = slack.person("anna")
    await anna.type("/case")
    false_option = {"type": "static_select", "selected_option": {"text": plain("Tre"), "value": "three"}}
    await anna.submit({"title": "kort"}, tampered={"kind": false_option}, altered={"private_metadata": "forged"})
    view = bot.heard[-1]["view"]
    assert view["state"]["values"]["kind"]["kind"]["selected_option"]["value"] == "three"
    assert view["private_metadata"] == "forged"


async def test_the_same_request_can_be_sent_again(slack: StandIn, bot: BoltBot) -> None:
    await posted(bot, "C0ONE", blocks=card("Läget"))
    anna = slack.person("anna")
    pressed = await anna.press("confirm")
    await anna.retry(pressed)
    assert bot.heard[-1]["trigger_id"] == bot.heard[-2]["trigger_id"]
    assert bot.heard[-1]["actions"] == bot.heard[-2]["actions"]
    nothing = await anna.type("/other")
    with pytest.raises(NotVisible):
        await anna.retry(nothing)


# ---- elements


OPTIONS = [{"text": plain("A"), "value": "a"}, {"text": plain("B"), "value": "b"}]
ELEMENTS: list[tuple[dict[str, Any], Any, str, Any]] = [
    ({"type": "plain_text_input"}, "x", "value", "x"),
    ({"type": "number_input", "is_decimal_allowed": False}, 7, "value", "7"),
    ({"type": "email_text_input"}, None, "value", None),
    ({"type": "static_select", "options": OPTIONS}, "b", "selected_option", OPTIONS[1]),
    ({"type": "static_select", "options": OPTIONS}, None, "selected_option", None),
    (
        {"type": "static_select", "option_groups": [{"label": plain("G"), "options": OPTIONS}]},
        "a",
        "selected_option",
        OPTIONS[0],
    ),
    ({"type": "radio_buttons", "options": OPTIONS}, "a", "selected_option", OPTIONS[0]),
    ({"type": "multi_static_select", "options": OPTIONS}, ["a", "b"], "selected_options", OPTIONS),
    ({"type": "checkboxes", "options": OPTIONS}, [], "selected_options", []),
    ({"type": "users_select"}, "U0ANNA", "selected_user", "U0ANNA"),
    ({"type": "multi_users_select"}, ["U0ANNA"], "selected_users", ["U0ANNA"]),
    ({"type": "conversations_select"}, "C0ONE", "selected_conversation", "C0ONE"),
    ({"type": "multi_conversations_select"}, ["C0ONE"], "selected_conversations", ["C0ONE"]),
    ({"type": "channels_select"}, "C0ONE", "selected_channel", "C0ONE"),
    ({"type": "datepicker"}, "2026-12-01", "selected_date", "2026-12-01"),
    ({"type": "timepicker"}, "09:00", "selected_time", "09:00"),
    ({"type": "datetimepicker"}, 1_796_000_000, "selected_date_time", 1_796_000_000),
]


@pytest.mark.parametrize("element,given,name,held", ELEMENTS)
def test_each_element_has_its_own_shape_of_answer(element: dict[str, Any], given: Any, name: str, held: Any) -> None:
    assert entry(element, given) == {"type": element["type"], name: held}


def test_a_button_has_no_value_to_fill_in() -> None:
    button = {"type": "button", "action_id": "b"}
    assert first_entry(button) is None
    with pytest.raises(UnknownField):
        entry(button, "x")


def test_an_element_begins_with_its_initial_value() -> None:
    assert first_entry({"type": "datepicker", "initial_date": "2026-12-01"}) == {
        "type": "datepicker",
        "selected_date": "2026-12-01",
    }
    assert first_entry({"type": "checkboxes", "options": OPTIONS}) == {"type": "checkboxes", "selected_options": []}


@pytest.mark.parametrize(
    "element,value,good",
    [
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", False),
        ({"type": "number_input", "is_decimal_allowed": True}, "1.5", True),
        ({"type": "number_input", "is_decimal_allowed": True, "min_value": "2"}, "1.5", False),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "1.5", False),
        ({"type": "email_text_input"}, "anna@example.se", True),
        ({"type": "email_text_input"}, "anna", False),
        ({"type": "plain_text_input", "min_length": 3}, "ab", False),
        ({"type": "url_text_input"}, "https://example.se", True),
    ],
)
async def test_slacks_client_checks_what_is_typed(
    slack: StandIn, element: dict[str, Any], value: str, *, good: bool
) -> None:
    block = {"type": "input", "block_id": "f", "label": plain("F"), "element": {"action_id": "f", **element}}
    slack.state.views.open("U0ANNA", "T0", "T0", {**form(), "blocks": [block], "notify_on_close": False})
    outcome = await slack.person("anna").submit({"f": value})
    assert (not outcome.errors) == good


async def test_a_menu_on_a_message_and_one_in_a_form_say_what_was_chosen(slack: StandIn, bot: BoltBot) -> None:
    menu = {"type": "static_select", "action_id": "edit", "options": OPTIONS, "placeholder": plain("Välj")}
    await posted(bot, "C0ONE", blocks=[{"type": "actions", "block_id": "row", "elements": [menu]}])
    anna = slack.person("anna")
    await anna.press("edit", "b")
    body = bot.heard[-1]
    assert body["actions"][0]["selected_option"]["value"] == "b"
    assert body["actions"][0]["placeholder"] == plain("Välj")
    assert body["state"]["values"]["row"]["edit"]["selected_option"]["value"] == "b"
    assert anna.view is not None
    anna.view.payload["blocks"][0] = {"type": "actions", "block_id": "row", "elements": [menu]}
    await anna.press("edit", "a", source=anna.view)
    assert bot.heard[-1]["view"]["state"]["values"]["row"]["edit"]["selected_option"]["value"] == "a"


async def test_an_overflow_menu_says_which_line(slack: StandIn, bot: BoltBot) -> None:
    more = {"type": "overflow", "action_id": "edit", "options": OPTIONS}
    await posted(bot, "C0ONE", blocks=[{"type": "actions", "elements": [more]}])
    anna: Person = slack.person("anna")
    await anna.press("edit", "a")
    assert bot.heard[-1]["actions"][0]["selected_option"] == OPTIONS[0]
