"""The lesser methods: who calls, whether a payload is sound, where Socket Mode is, reactions."""

from __future__ import annotations

from bot.slack.block_kit.rules import Violation, check_blocks, check_message, check_view
from demo.slack.api.call import HUNDREDS, TIER_3, TIER_4, Call, Method
from demo.slack.errors import ApiError
from demo.slack.state.records import Json


def _auth_test(call: Call) -> Json:
    install, directory = call.install, call.state.directory
    team, user = directory.teams[install.team], directory.users[install.bot_user]
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": user.name,
        "team_id": team.id,
        "user_id": user.id,
        "bot_id": install.bot_id,
        "is_enterprise_install": False,
    }


def _api_test(call: Call) -> Json:
    if call.args.text("error"):
        raise ApiError(call.args.text("error"))
    return {"args": {}}


def _validate(call: Call) -> Json:
    given = [name for name in ("blocks", "message", "view") if name in call.args]
    if len(given) != 1:
        text = "[ERROR] provide exactly one of blocks, view, or message"
        raise ApiError("invalid_arguments", messages=[text])
    name = given[0]
    payload = call.args.structure(name, f"invalid_{name}")
    found = _broken(name, payload)
    if found:
        errors = [{"pointer": held.pointer, "code": held.code, "message": held.text} for held in found]
        raise ApiError(f"invalid_{name}", errors=errors)
    return {}


def _broken(name: str, payload: object) -> list[Violation]:
    if name == "blocks":
        return check_blocks(payload, "message")
    if not isinstance(payload, dict):
        return [Violation("", "wrong_kind", "must provide an object")]
    if name == "view":
        return check_view(payload)
    # The method does not mind a missing text, though people who listen to a screen reader do.
    return [held for held in check_message(payload) if held.code != "text_missing"]


def _open_connection(call: Call) -> Json:
    address = call.state.base_url.replace("http", "ws", 1)
    ticket = call.state.ids.token(24)
    call.state.tickets.add(ticket)
    return {"url": f"{address}/link/?ticket={ticket}&app_id={call.state.app.id}"}


def _react(call: Call) -> Json:
    channel = call.channel()
    if call.install.bot_user not in channel.members:
        raise ApiError("not_in_channel")
    message = call.state.messages.find(channel.id, call.args.required("timestamp"))
    if message is None or message.only_for is not None:
        raise ApiError("message_not_found")
    users = message.reactions.setdefault(call.args.required("name"), [])
    if call.install.bot_user in users:
        raise ApiError("already_reacted")
    users.append(call.install.bot_user)
    call.state.stream.publish("reaction_added", message=message)
    return {}


METHODS = {
    "auth.test": Method(_auth_test, HUNDREDS),
    "api.test": Method(_api_test, TIER_4, caller="anyone"),
    "blocks.validate": Method(_validate, TIER_4, caller="anyone"),
    "apps.connections.open": Method(_open_connection, TIER_3, caller="app"),
    "reactions.add": Method(_react, TIER_3, "reactions:write"),
}
