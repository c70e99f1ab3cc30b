"""`users.*`: who somebody is."""

from __future__ import annotations

from demo.slack.api.call import TIER_2, TIER_4, Call, Method
from demo.slack.api.pages import page
from demo.slack.state.records import Json, User
from demo.slack.state.shapes import user_json


def _shape(call: Call, user: User) -> Json:
    scopes = call.install.scopes
    return user_json(
        user,
        call.install,
        with_locale=call.args.flag("include_locale"),
        with_email=scopes is None or "users:read.email" in scopes,
    )


def _info(call: Call) -> Json:
    user = call.state.directory.user_seen_by_app(call.install, call.args.required("user"))
    return {"user": _shape(call, user)}


def _list(call: Call) -> Json:
    own = [user for user in call.state.directory.users.values() if user.team == call.install.team]
    shown, cursor = page(own, call.args)
    return {
        "members": [_shape(call, user) for user in shown],
        "cache_ts": int(call.state.clock()),
        "response_metadata": {"next_cursor": cursor},
    }


METHODS = {
    "users.info": Method(_info, TIER_4, "users:read"),
    "users.list": Method(_list, TIER_2, "users:read"),
}
