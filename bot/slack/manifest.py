"""The app's manifest: made from the same names the listeners use, so that the two cannot part."""

from __future__ import annotations

from typing import Any

from bot.slack.names import COMMAND, EVENTS, PATH, SCOPES
from bot.slack.phrases import Phrases
from bot.slack.texts import cut


def manifest(words: Phrases, public_url: str = "", *, socket_mode: bool = False) -> dict[str, Any]:
    """Return the manifest as JSON for "create an app from a manifest".

    `public_url` is how Slack reaches the bot over HTTP; with Socket Mode no address is needed.
    """
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
