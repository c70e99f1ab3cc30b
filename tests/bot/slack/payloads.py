"""Payloads in Slack's shapes, signed as Slack signs them; workspaces, people and channels are invented."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from bot.slack.translate import Arrival
from handlers.ui.cards import Card
from handlers.ui.events import Event, Sender
from handlers.ui.responses import Response, Silence

Json = dict[str, Any]

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
NOW = 1_780_000_000.0
URL = "https://hooks.slack.com/actions/T0HOST/1/abc"


def command(text: str = "", **more: Any) -> Json:
    return {
        "token": "gone",
        "team_id": "T0HOST",
        "team_domain": "exempel",
        "channel_id": "C0SOC",
        "channel_name": "soc-sip",
        "user_id": "U0ANNA",
        "user_name": "anna",
        "command": "/sip",
        "text": text,
        "api_app_id": "A0SIP",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T0HOST/1/abc",
        "trigger_id": "1.2.abc",
        **more,
    }


def press(action: str = "summons.received", value: str = "sealed", **more: Any) -> Json:
    return {
        "type": "block_actions",
        "team": {"id": "T0HOST", "domain": "exempel"},
        "user": {"id": "U0ANNA", "username": "anna", "team_id": "T0HOST"},
        "api_app_id": "A0SIP",
        "container": {"type": "message", "message_ts": "1780000000.000100", "channel_id": "C0SOC"},
        "channel": {"id": "C0SOC", "name": "soc-sip"},
        "message": {"type": "message", "ts": "1780000000.000100", "text": "Kallelse", "blocks": []},
        "trigger_id": "1.2.abc",
        "response_url": URL,
        "actions": [
            {"type": "button", "action_id": action, "block_id": "b1", "value": value, "action_ts": "1780000001.5"}
        ],
        **more,
    }


def submit(form: str = "summons.propose", **more: Any) -> Json:
    date = {"type": "datepicker", "selected_date": "2026-12-03"}
    start = {"type": "timepicker", "selected_time": "13:00"}
    view = {
        "id": "V0VIEW",
        "team_id": "T0HOST",
        "type": "modal",
        "callback_id": form,
        "private_metadata": "sealed",
        "hash": "156772938.1827394",
        "title": {"type": "plain_text", "text": "Föreslå tid"},
        "blocks": [{"type": "section"}, {"type": "input", "block_id": "date"}, {"type": "input", "block_id": "start"}],
        "state": {"values": {"date": {"date": date}, "start": {"start": start}}},
        **more.pop("view", {}),
    }
    return {
        "type": "view_submission",
        "team": {"id": "T0HOST", "domain": "exempel"},
        "user": {"id": "U0ANNA", "username": "anna", "team_id": "T0HOST"},
        "api_app_id": "A0SIP",
        "trigger_id": "1.2.abc",
        "view": view,
        "response_urls": [],
        **more,
    }


def home_opened(tab: str = "home", **more: Any) -> Json:
    return {
        "token": "gone",
        "team_id": "T0HOST",
        "api_app_id": "A0SIP",
        "event": {"type": "app_home_opened", "user": "U0ANNA", "channel": "D0ANNA", "tab": tab, "event_ts": "1.5"},
        "type": "event_callback",
        "event_id": "Ev0ABC",
        "event_time": 1780000000,
        "authorizations": [{"enterprise_id": None, "team_id": "T0HOST", "user_id": "U0BOT", "is_bot": True}],
        **more,
    }


def outsider_press() -> Json:
    """A press by a member of another organisation in a shared channel."""
    return press(
        user={"id": "U2EXT", "username": "bo", "team_id": "T2EXT"},
        channel={"id": "C0SHARED", "name": "delad"},
        container={"type": "message", "message_ts": "1780000000.000100", "channel_id": "C0SHARED"},
    )


def outsider_submit(*, host: str | None = "T0HOST") -> Json:
    """The same person's submit: `team` is their own; the host stands in the view, or nowhere."""
    named = {"app_installed_team_id": host} if host else {}
    return submit(
        team={"id": "T2EXT", "domain": "annan"},
        user={"id": "U2EXT", "username": "bo", "team_id": "T2EXT"},
        view={"team_id": "T2EXT", **named},
    )


def body_of(payload: Json) -> tuple[bytes, str]:
    """Encode a payload as Slack posts it, with its content type."""
    form = "application/x-www-form-urlencoded"
    if "command" in payload:
        return urlencode(payload).encode(), form
    if payload["type"] == "event_callback":
        return json.dumps(payload).encode(), "application/json"
    return urlencode({"payload": json.dumps(payload)}).encode(), form


def signature(body: bytes, at: str, secret: str = SECRET) -> str:
    mac = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256)
    return "v0=" + mac.hexdigest()


def headers(body: bytes, content_type: str, at: float = NOW) -> dict[str, str]:
    stamp = str(int(at))
    return {
        "content-type": content_type,
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": signature(body, stamp),
    }


async def post(app: Any, body: bytes, given: dict[str, str] | None = None, method: str = "POST") -> tuple[int, bytes]:
    """Send one request through an ASGI application."""
    scope = {
        "type": "http",
        "method": method,
        "path": "/slack/events",
        "query_string": b"",
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (given or {}).items()],
    }
    events = [
        {"type": "http.request", "body": body[:1000], "more_body": True},
        {"type": "http.request", "body": body[1000:], "more_body": False},
    ]
    sent: list[Json] = []

    async def receive() -> Json:
        return events.pop(0) if events else {"type": "http.disconnect"}

    async def send(event: Json) -> None:
        sent.append(event)

    await app(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def deliver(app: Any, payload: Json) -> tuple[int, Any]:
    """Post a payload, signed, and read the answer."""
    body, content_type = body_of(payload)
    status, answer = await post(app, body, headers(body, content_type))
    try:
        return status, json.loads(answer)
    except ValueError:
        return status, answer.decode()


class Door:
    """A door that notes what comes in and answers what it was told to."""

    def __init__(self, answer: Response | Callable[[Event], Awaitable[Response]] | None = None) -> None:
        self.answer = answer or Silence()
        self.seen: list[Event] = []

    async def __call__(self, incoming: Event) -> Response:
        self.seen.append(incoming)
        return await self.answer(incoming) if callable(self.answer) else self.answer


class Whispers:
    """Where private words end up."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str, str]] = []

    async def __call__(self, sender: Sender, reply_to: str, card: Card) -> None:
        self.heard.append((sender.identity, reply_to, card.summary))


async def unchanged(found: Arrival) -> Arrival:
    """Know nobody's language."""
    return found
