"""Payloads as what the handlers understand: who, what, under which key, and where an answer may go."""

from __future__ import annotations

from typing import Any

from bot.slack.translate import arrival
from handlers.ui.events import Command, HomeOpened, Press, Submit
from tests.bot.slack.payloads import (
    URL,
    command,
    home_opened,
    outsider_press,
    outsider_submit,
    press,
    submit,
)


def incoming(payload: dict[str, Any]) -> Any:
    found = arrival(payload)
    assert found is not None
    return found.incoming


def test_a_command_carries_everything_after_its_name() -> None:
    found = arrival(command("  kalla 7k3qd-m "))
    assert found is not None
    assert isinstance(found.incoming, Command)
    assert found.incoming.text == "kalla 7k3qd-m"
    assert found.incoming.sender.identity == "slack:T0HOST/U0ANNA"
    assert found.incoming.key == "command:1.2.abc"
    assert found.trigger == "1.2.abc"
    assert found.reply_to == "https://hooks.slack.com/commands/T0HOST/1/abc#C0SOC"


def test_a_press_carries_the_buttons_name_and_token() -> None:
    found = incoming(press("summons.name", "opaque"))
    assert isinstance(found, Press)
    assert (found.action, found.token, found.reply_to) == ("summons.name", "opaque", f"{URL}#C0SOC")


def test_a_press_is_known_again_by_message_button_person_and_time() -> None:
    again, other = press(), press()
    other["actions"][0]["action_ts"] = "1780000009.1"
    assert incoming(press()).key == incoming(again).key
    assert incoming(press()).key != incoming(other).key
    assert incoming(press("a.b")).key != incoming(press("a.c")).key


def test_the_second_button_of_a_name_is_the_same_action() -> None:
    assert incoming(press("nag.done#2")).action == "nag.done"


def test_a_chooser_carries_the_chosen_lines_token() -> None:
    chosen = {"type": "static_select", "action_id": "case.pick", "selected_option": {"value": "tok"}}
    assert incoming(press(actions=[chosen])).token == "tok"


def test_a_press_on_the_home_page_has_nowhere_to_answer_but_is_heard() -> None:
    payload = press(container={"type": "view", "view_id": "V0HOME"}, view={"id": "V0HOME", "type": "home"})
    del payload["channel"], payload["message"], payload["response_url"]
    found = arrival(payload)
    assert found is not None
    assert isinstance(found.incoming, Press)
    assert found.incoming.reply_to == ""
    assert "V0HOME" in found.incoming.key
    assert not found.in_modal


def test_a_submit_carries_form_token_and_values() -> None:
    found = arrival(submit())
    assert found is not None
    assert isinstance(found.incoming, Submit)
    assert (found.incoming.form, found.incoming.token) == ("summons.propose", "sealed")
    assert found.incoming.values == {"date": "2026-12-03", "start": "13:00"}
    assert (found.title, found.fields) == ("Föreslå tid", ("date", "start"))


def test_the_same_submit_twice_is_one_and_a_mended_one_is_another() -> None:
    mended = submit()
    mended["view"]["state"]["values"]["start"]["start"]["selected_time"] = "14:00"
    assert incoming(submit()).key == incoming(submit()).key
    assert incoming(submit()).key != incoming(mended).key


def test_opening_the_home_page_is_known_by_its_event() -> None:
    found = incoming(home_opened())
    assert found == HomeOpened(found.sender, "event:Ev0ABC")
    assert found.sender.identity == "slack:T0HOST/U0ANNA"


def test_an_outsiders_press_bears_their_own_workspace() -> None:
    """Slack Connect: `team` is the host that installed the bot, `user.team_id` the outsider's."""
    assert incoming(outsider_press()).sender.identity == "slack:T2EXT/U2EXT"


def test_an_outsiders_submit_bears_their_own_workspace_with_or_without_the_hosts_name() -> None:
    assert incoming(outsider_submit()).sender.identity == "slack:T2EXT/U2EXT"
    assert incoming(outsider_submit(host=None)).sender.identity == "slack:T2EXT/U2EXT"


def test_people_an_outsider_picks_are_of_the_outsiders_workspace() -> None:
    payload = outsider_submit()
    picked = {"type": "multi_users_select", "selected_users": ["U3", "U4"]}
    payload["view"]["state"] = {"values": {"attendees": {"attendees": picked}}}
    assert incoming(payload).values == {"attendees": ("slack:T2EXT/U3", "slack:T2EXT/U4")}


def test_without_the_persons_workspace_the_hosts_is_taken() -> None:
    payload = press(user={"id": "U0ANNA", "name": "anna"})
    assert incoming(payload).sender.identity == "slack:T0HOST/U0ANNA"


def test_an_organisation_wide_install_names_no_team_but_the_persons() -> None:
    payload = press(team=None, enterprise={"id": "E0ORG"}, is_enterprise_install=True)
    assert incoming(payload).sender.identity == "slack:T0HOST/U0ANNA"


def test_long_texts_are_cut_and_long_tokens_are_none() -> None:
    assert len(incoming(command("x" * 1_000_000)).text) == 3000
    assert incoming(press(value="x" * 1_000_000)).token == ""
