"""Translates payloads of Slack into what the handlers understand.

The identity is workspace and person together, never the person alone: in a shared channel `user.team_id`
names the outsider's own workspace, while `team` is the one that installed the bot.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.slack.modal import values
from bot.slack.names import COMMAND, EVENT_HOME_OPENED, LINK_PREFIX
from bot.slack.payload import Payload
from bot.slack.texts import shown
from handlers.ui.events import Change, Command, Event, HomeOpened, Press, Sender, Submit
from handlers.ui.forms import Values

_ID = re.compile(r"[A-Z0-9]{1,32}", re.ASCII)
_TEXT_MOST = 3000
_NAME_MOST = 255


@dataclass(frozen=True, slots=True)
class OpenView:
    """A form's window as it stood open when an answer in it was changed.

    `hash` is Slack's name for that state of it, `at` Slack's time of the change (seconds since 1970, ""), `answers`
    all that was filled in.
    """

    id: str
    hash: str
    at: str
    answers: Values


@dataclass(frozen=True, slots=True)
class Arrival:
    """What came in, and what an answer at once may need.

    `trigger` opens a form within three seconds. `reply_to` is a `response_url` with the channel as its
    fragment, or the fragment alone (`#C0SOC`), or empty. `title` and `fields` tell the open modal's title and
    its inputs; `open_view` is the window in which an answer was changed.
    """

    incoming: Event
    trigger: str = ""
    reply_to: str = ""
    in_modal: bool = False
    title: str = ""
    fields: tuple[str, ...] = field(default=())
    open_view: OpenView | None = None

    @property
    def kind(self) -> str:
        """The kind of payload as one word, for the metrics."""
        return type(self.incoming).__name__.lower()


def arrival(payload: Payload) -> Arrival | None:
    """Translate `payload` (of a shape that `payload.sound` let through); None for what needs no answer."""
    kind = payload.get("type")
    if payload.get("command"):
        return _command(payload)
    if kind == "block_actions":
        return _change(payload) if _is_in_form(payload) else _press(payload)
    if kind == "view_submission":
        return _submit(payload)
    if kind == "event_callback":
        return _home_opened(payload)
    return None


def _command(payload: Payload) -> Arrival | None:
    sender = _sender(payload.get("team_id") or payload.get("enterprise_id"), payload.get("user_id"))
    trigger = _word(payload.get("trigger_id"))
    if sender is None or not trigger or payload.get("command") != COMMAND:
        return None
    text = payload.get("text")
    text = shown(text[:_TEXT_MOST]).strip() if isinstance(text, str) else ""
    reply_to = _reply_to(payload.get("response_url"), payload.get("channel_id"))
    return Arrival(Command(sender, f"command:{trigger}", text), trigger, reply_to)


def _press(payload: Payload) -> Arrival | None:
    sender = _person(payload)
    action = payload["actions"][0]
    name = _word(action.get("action_id")).partition("#")[0]
    container = payload.get("container") or {}
    view = payload.get("view") or {}
    place = _word(container.get("message_ts")) or _word(view.get("id")) or _word(container.get("view_id"))
    if sender is None or not name or not place or name.startswith(LINK_PREFIX):
        return None
    channel = container.get("channel_id") or _id_of(payload.get("channel"))
    key = f"press:{place}:{_word(action.get('action_id'))}:{sender.identity}:{_word(action.get('action_ts'))}"
    return Arrival(
        Press(sender, key, name, _token(action), _reply_to(payload.get("response_url"), channel)),
        _word(payload.get("trigger_id")),
        _reply_to(payload.get("response_url"), channel),
        in_modal=view.get("type") == "modal",
    )


def _is_in_form(payload: Payload) -> bool:
    """Say whether somebody answered a question of a form, rather than pressed a button or chose a line of a card."""
    view = payload.get("view") or {}
    blocks = view.get("blocks")
    place = payload["actions"][0].get("block_id")
    found = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    return any(block.get("type") == "input" and block.get("block_id") == place for block in found)


def _change(payload: Payload) -> Arrival | None:
    sender, view = _person(payload), payload["view"]
    form, view_id = _word(view.get("callback_id")), _word(view.get("id"))
    if sender is None or not form or not view_id:
        return None
    read = values(view.get("state"), sender.identity.removeprefix("slack:").partition("/")[0])
    at = _word(payload["actions"][0].get("action_ts"))
    return Arrival(
        Change(sender, form, _text(view.get("private_metadata")), read),
        in_modal=True,
        open_view=OpenView(view_id, _word(view.get("hash")), at, read),
    )


def _submit(payload: Payload) -> Arrival | None:
    sender = _person(payload)
    view = payload.get("view") or {}
    form, view_id = _word(view.get("callback_id")), _word(view.get("id"))
    if sender is None or not form or not view_id:
        return None
    read = values(view.get("state"), sender.identity.removeprefix("slack:").partition("/")[0])
    # The same window sent again with other values is another arrival: who mended a field must be heard.
    digest = hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()[:16]
    key = f"submit:{view_id}:{_word(view.get('hash'))}:{sender.identity}:{digest}"
    trigger = _word(payload.get("trigger_id"))
    title = view.get("title")
    title = title.get("text") if isinstance(title, dict) else None
    return Arrival(
        Submit(sender, key, form, _text(view.get("private_metadata")), read, view_id, trigger),
        trigger,
        in_modal=True,
        title=shown(title[:_NAME_MOST]) if isinstance(title, str) else "",
        fields=_fields(view.get("blocks"), read),
    )


def _fields(blocks: object, read: Mapping[str, object]) -> tuple[str, ...]:
    """Name the inputs of the view in their order: only there can an error stand."""
    found = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    inputs = [_word(block.get("block_id")) for block in found if block.get("type") == "input"]
    return tuple(name for name in inputs if name) or tuple(read)


def _home_opened(payload: Payload) -> Arrival | None:
    event = payload["event"]
    if event.get("type") != EVENT_HOME_OPENED or event.get("tab") not in (None, "home"):
        return None
    sender = _sender(payload.get("team_id"), _id_of(event.get("user")))
    event_id = _word(payload.get("event_id"))
    if sender is None or not event_id:
        return None
    return Arrival(HomeOpened(sender, f"event:{event_id}"))


def _person(payload: Payload) -> Sender | None:
    """Tell who pressed or submitted, by their own workspace; the host's only where Slack names no other."""
    user = payload.get("user")
    if not isinstance(user, dict):
        return None
    view = payload.get("view") or {}
    team = user.get("team_id") or _id_of(payload.get("team")) or view.get("team_id")
    return _sender(team or _id_of(payload.get("enterprise")), user.get("id"))


def _sender(team: object, user: object) -> Sender | None:
    if not (isinstance(team, str) and isinstance(user, str) and _ID.fullmatch(team) and _ID.fullmatch(user)):
        return None
    return Sender(f"slack:{team}/{user}")


def _id_of(place: object) -> object:
    return place.get("id") if isinstance(place, dict) else place


def _token(action: Mapping[str, object]) -> str:
    """Return what the button or the chosen line carried."""
    option = action.get("selected_option")
    return _text(option.get("value") if isinstance(option, dict) else action.get("value"))


def _reply_to(response_url: object, channel: object) -> str:
    place = channel if isinstance(channel, str) and _ID.fullmatch(channel) else ""
    return _text(response_url).partition("#")[0] + (f"#{place}" if place else "")


def _word(value: object) -> str:
    return shown(value) if isinstance(value, str) and len(value) <= _NAME_MOST else ""


def _text(value: object) -> str:
    return shown(value) if isinstance(value, str) and len(value) <= _TEXT_MOST else ""
