"""The payloads that go to a bot, in Slack's own shapes (reference, interaction-payloads and events)."""

from __future__ import annotations

from demo.slack.state.records import Channel, Installation, Json, Message, User, View
from demo.slack.state.response_urls import ResponseUrl
from demo.slack.state.shapes import message_json, view_json
from demo.slack.state.state import State


def slash_command(state: State, install: Installation, user: User, channel: Channel, typed: tuple[str, str]) -> Json:
    """Return the form of a slash command; `typed` is the command and the text after it."""
    team = state.directory.teams[user.team]
    return {
        "token": state.app.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": _shown_name(channel),
        "user_id": user.id,
        "user_name": user.name,
        "command": typed[0],
        "text": typed[1],
        "api_app_id": state.app.id,
        "is_enterprise_install": "false",
        "response_url": address(state, state.response_urls.issue(install.team, channel.id, user.id)),
        "trigger_id": state.triggers.issue(user.id, install.team),
    }


def address(state: State, held: ResponseUrl) -> str:
    """Return a response URL as the bot gets it."""
    return state.base_url + held.path


def message_action(state: State, user: User, message: Message, action: Json) -> Json:
    """Return the `block_actions` payload of an act on a message."""
    channel = state.directory.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.only_for is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    held = state.response_urls.issue(message.team, channel.id, user.id, message)
    payload = _act(state, user, message.team, action) | {
        "container": container,
        "channel": {"id": channel.id, "name": _shown_name(channel)},
        "state": {"values": _entry_of(action)},
        "trigger_id": state.triggers.issue(user.id, message.team),
        "response_url": address(state, held),
    }
    if message.only_for is None:
        # Slack keeps no ephemeral message, so its payload cannot carry one.
        payload["message"] = message_json(state, message)
    return payload


def view_action(state: State, user: User, view: View, action: Json) -> Json:
    """Return the `block_actions` payload of an act in a modal or a home tab."""
    below = view.id if view.kind == "modal" else None
    return _act(state, user, view.installed_team, action) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(state, view),
        "trigger_id": state.triggers.issue(user.id, view.installed_team, below),
    }


def view_submission(state: State, user: User, view: View) -> Json:
    """Return the `view_submission` payload; its `team` is the submitter's own, which may be a stranger's."""
    return {
        "type": "view_submission",
        "team": _team(state, user.team),
        "user": _user(user),
        "api_app_id": state.app.id,
        "token": state.app.verification_token,
        "trigger_id": state.triggers.issue(user.id, view.installed_team, view.id),
        "view": view_json(state, view),
        "response_urls": [],
        "is_enterprise_install": False,
        "enterprise": None,
    }


def view_closed(state: State, user: User, view: View, *, is_cleared: bool) -> Json:
    """Return the `view_closed` payload."""
    return {
        "type": "view_closed",
        "team": _team(state, user.team),
        "user": _user(user),
        "api_app_id": state.app.id,
        "token": state.app.verification_token,
        "view": view_json(state, view),
        "is_cleared": is_cleared,
        "is_enterprise_install": False,
        "enterprise": None,
    }


def event(state: State, install: Installation, content: Json) -> Json:
    """Return the envelope of an event from the Events API."""
    return {
        "token": state.app.verification_token,
        "team_id": install.team,
        "context_team_id": install.team,
        "context_enterprise_id": None,
        "api_app_id": state.app.id,
        "event": content,
        "type": "event_callback",
        "event_id": state.ids.fresh("Ev"),
        "event_time": int(state.clock()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": install.team,
                "user_id": install.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def _act(state: State, user: User, team: str, action: Json) -> Json:
    return {
        "type": "block_actions",
        "user": _user(user),
        "api_app_id": state.app.id,
        "token": state.app.verification_token,
        "team": _team(state, team),
        "enterprise": None,
        "is_enterprise_install": False,
        "actions": [action],
    }


def _entry_of(action: Json) -> Json:
    if action["type"] in ("button", "overflow"):
        return {}
    answer = {name: held for name, held in action.items() if name == "type" or name.startswith("selected_")}
    return {action["block_id"]: {action["action_id"]: answer}}


def _team(state: State, team_id: str) -> Json:
    return {"id": team_id, "domain": state.directory.teams[team_id].domain}


def _user(user: User) -> Json:
    return {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team}


def _shown_name(channel: Channel) -> str:
    return {"im": "directmessage", "private": "privategroup"}.get(channel.kind, channel.name)
