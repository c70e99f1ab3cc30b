"""The app's manifest: made from the same names the listeners use, so that the two cannot part."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.slack.names import COMMAND, EVENTS, PATH, SCOPES
from bot.slack.phrases import Phrases
from bot.slack.texts import cut


def address_fault(public_url: str) -> str:
    """Say why Slack could not reach the bot at an address, whatever listens there; "" when it could."""
    parts = urlsplit(public_url)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        return "it takes an address that begins with https://, for example https://sip.example.se"
    return ""


def manifest(words: Phrases, public_url: str = "", *, socket_mode: bool = False) -> dict[str, Any]:
    """Return the manifest as JSON for "create an app from a manifest".

    `public_url` is how Slack reaches the bot over HTTP. Without one the bot itself connects, by Socket Mode, as it does
    when that is asked for.
    """
    socket_mode = socket_mode or not public_url
    address = "" if socket_mode else public_url.rstrip("/") + PATH
    at_address = {"url": address} if address else {}
    request_url = {"request_url": address} if address else {}
    return {
        "display_information": {
            "name": cut(words("slack.app_name"), 35),
            "description": cut(words("slack.app_description"), 140),
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": cut(words("slack.app_name"), 80), "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": cut(words("slack.command_description"), 2000),
                    "usage_hint": cut(words("slack.command_hint"), 1000),
                    "should_escape": False,
                    **at_address,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(EVENTS), **request_url},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def after_pasting(*, socket_mode: bool) -> str:
    """Tell what comes after the manifest: what to copy from which page of Slack's."""
    way = (
        "Socket Mode: the bot connects to Slack, and needs no address."
        if socket_mode
        else "HTTP: Slack connects to the bot."
    )
    steps = [
        "Paste this at https://api.slack.com/apps: Create New App, From a manifest. Then Install to Workspace.",
        "OAuth & Permissions has the Bot User OAuth Token, SLACK_BOT_TOKEN=xoxb-…",
        "Basic Information, App-Level Tokens: generate one with connections:write, SLACK_APP_TOKEN=xapp-…"
        if socket_mode
        else "Basic Information, App Credentials has SLACK_SIGNING_SECRET.",
        "Next: `sipbot init` takes them in.",
    ]
    return "\n".join([way, *steps])
