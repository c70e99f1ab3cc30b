"""`views.*`: modals opened, pushed and changed, and home tabs."""

from __future__ import annotations

from typing import Any

from demo.slack.api.call import TIER_4, Call, Method
from demo.slack.errors import ApiError
from demo.slack.state.records import Json, View
from demo.slack.state.shapes import view_json
from demo.slack.state.triggers import Trigger
from demo.slack.state.views import sound_view


def _payload(call: Call, *kinds: str) -> Json:
    held: Any = call.args.structure("view", "invalid_arguments")
    if held is None:
        raise ApiError("invalid_arguments", messages=["[ERROR] missing required field: view"])
    return sound_view(held, kinds)


def _trigger(call: Call) -> Trigger:
    name = call.args.text("trigger_id") or call.args.required("interactivity_pointer")
    return call.state.triggers.redeem(name, call.install.team)


def _answer(call: Call, view: View) -> Json:
    return {"view": view_json(call.state, view)}


def _open(call: Call) -> Json:
    payload = _payload(call, "modal")
    trigger = _trigger(call)
    user = call.state.directory.users[trigger.user]
    return _answer(call, call.state.views.open(user.id, user.team, call.install.team, payload))


def _push(call: Call) -> Json:
    payload = _payload(call, "modal")
    trigger = _trigger(call)
    below = call.state.views.find(trigger.view) if trigger.view else None
    if below is None:
        raise ApiError("not_found")
    return _answer(call, call.state.views.push(below, payload))


def _update(call: Call) -> Json:
    args = call.args
    view = call.state.views.find(args.text("view_id") or None, args.text("external_id") or None)
    if view is None or view.installed_team != call.install.team:
        raise ApiError("not_found")
    call.state.views.change(view, _payload(call, view.kind), args.text("hash") or None)
    return _answer(call, view)


def _publish(call: Call) -> Json:
    payload = _payload(call, "home")
    user = call.state.directory.user_seen_by_app(call.install, call.args.required("user_id"))
    view_hash = call.args.text("hash") or None
    return _answer(call, call.state.views.publish(user.id, user.team, call.install.team, payload, view_hash))


METHODS = {
    "views.open": Method(_open, TIER_4),
    "views.push": Method(_push, TIER_4),
    "views.update": Method(_update, TIER_4),
    "views.publish": Method(_publish, TIER_4),
}
