"""The manifest asks for what the listeners hear, and for no more; `doctor` sees what is missing."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from bot.slack.manifest import manifest
from bot.slack.names import SCOPES
from bot.slack.workspace.checks import check
from tests.bot.slack.samples import words
from tests.bot.slack.workspace import workspace


def test_over_http_every_address_is_the_one_door() -> None:
    made = manifest(words, "https://sip.example.se/")
    door = "https://sip.example.se/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == door
    assert made["settings"]["interactivity"]["request_url"] == door
    assert made["settings"]["event_subscriptions"]["request_url"] == door
    assert made["settings"]["socket_mode_enabled"] is False


def test_over_socket_mode_there_is_no_address() -> None:
    made = manifest(words, "https://sip.example.se", socket_mode=True)
    assert "https://" not in json.dumps(made)
    assert made["settings"]["socket_mode_enabled"] is True


def test_it_names_the_command_the_event_and_the_scopes_that_are_used() -> None:
    made = manifest(words)
    assert made["features"]["slash_commands"][0]["command"] == "/sip"
    assert made["settings"]["event_subscriptions"]["bot_events"] == ["app_home_opened"]
    assert made["oauth_config"]["scopes"]["bot"] == list(SCOPES)


def test_slacks_limits_are_kept() -> None:
    made = manifest(lambda key, /, **_: key * 200)
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140


def test_every_scope_has_a_reason_an_administrator_can_read() -> None:
    assert all(reason.endswith(".") and len(reason) > 20 for reason in SCOPES.values())


async def test_a_good_token_is_well() -> None:
    async with workspace() as here:
        found = await check(here.platform.api, here.slack.state.app.app_token)
        assert [(one.well, one.key) for one in found] == [
            (True, "doctor.slack.well"),
            (True, "doctor.slack.socket_well"),
        ]


async def test_missing_scopes_are_named() -> None:
    """Slack tells the granted scopes in a header of every answer."""

    async def auth_test() -> Any:
        return SimpleNamespace(headers={"x-oauth-scopes": "commands, chat:write"}, data={"ok": True})

    api: Any = SimpleNamespace(client=SimpleNamespace(auth_test=auth_test))
    found = await check(api)
    assert found[1].key == "doctor.slack.scopes_missing"
    assert found[1].parameters["scopes"].split(", ") == sorted(set(SCOPES) - {"commands", "chat:write"})


async def test_a_revoked_token_and_a_wrong_app_token_are_said() -> None:
    async with workspace() as here:
        found = await check(here.platform.api, "xapp-wrong")
        assert [one.key for one in found] == ["doctor.slack.well", "doctor.slack.socket_refused"]
        here.slack.revoke()
        found = await check(here.platform.api)
        assert [(one.well, one.parameters) for one in found] == [(False, {"why": "token_revoked"})]
