"""A small real Bolt app that drives every way between a bot and Slack."""

from __future__ import annotations

from typing import Any

from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.slack.stand_in import StandIn


def bolt_bot(slack: StandIn) -> BoltBot:
    """Return the app, made for a stand-in."""
    return BoltBot(slack.api_url, slack.bot_token(), slack.state.app.signing_secret)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def form(title: str = "Nytt", callback_id: str = "new") -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain("Spara"),
        "close": plain("Avbryt"),
        "private_metadata": "m",
        "notify_on_close": True,
        "blocks": [
            {
                "type": "input",
                "block_id": "title",
                "label": plain("Rubrik"),
                "element": {"type": "plain_text_input", "action_id": "title", "max_length": 20},
            },
            {
                "type": "input",
                "block_id": "kind",
                "label": plain("Slag"),
                "element": {
                    "type": "static_select",
                    "action_id": "kind",
                    "options": [{"text": plain("Ett"), "value": "one"}, {"text": plain("Två"), "value": "two"}],
                },
            },
            {
                "type": "input",
                "block_id": "day",
                "optional": True,
                "label": plain("Dag"),
                "element": {"type": "datepicker", "action_id": "day"},
            },
            {
                "type": "input",
                "block_id": "who",
                "optional": True,
                "label": plain("Vilka"),
                "element": {"type": "multi_users_select", "action_id": "who", "max_selected_items": 2},
            },
            {
                "type": "input",
                "block_id": "link",
                "optional": True,
                "label": plain("Länk"),
                "element": {"type": "url_text_input", "action_id": "link"},
            },
        ],
    }


def card(status: str) -> list[dict[str, Any]]:
    return [
        {"type": "section", "text": {"type": "mrkdwn", "text": status}},
        {
            "type": "actions",
            "block_id": "acts",
            "elements": [
                {"type": "button", "action_id": "confirm", "text": plain("Bekräfta"), "value": "token-1"},
                {"type": "button", "action_id": "edit", "text": plain("Ändra"), "value": "token-2"},
            ],
        },
    ]


class BoltBot:
    """The app, and a list of what it heard."""

    def __init__(self, api_url: str, token: str, signing_secret: str, channel: str = "C0ONE") -> None:
        self.heard: list[dict[str, Any]] = []
        self.channel = channel
        client = AsyncWebClient(token=token, base_url=api_url, retry_handlers=[])
        self.bolt = AsyncApp(client=client, signing_secret=signing_secret, process_before_response=True)
        self.bolt.command("/case")(self._command)
        self.bolt.view("new")(self._submitted)
        self.bolt.view_closed("new")(self._noted)
        self.bolt.action("confirm")(self._confirmed)
        self.bolt.action("edit")(self._edited)
        self.bolt.event("app_home_opened")(self._home)
        self.bolt.event("app_mention")(self._event)
        self.bolt.event("message")(self._event)
        handler = AsyncSlackRequestHandler(self.bolt)

        async def endpoint(request: Request) -> Response:
            return await handler.handle(request)

        self.asgi = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])

    async def _command(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        self.heard.append(body)
        if body["text"] == "help":
            await ack(text="Så här gör du")
        elif body["text"] == "broken":
            await ack(blocks=[{"type": "nonsense"}], text="x")
        else:
            await client.views_open(trigger_id=body["trigger_id"], view=form())
            await ack()

    async def _submitted(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        self.heard.append(body)
        values = body["view"]["state"]["values"]
        title = values["title"]["title"]["value"]
        if title == "kort":
            await ack(response_action="errors", errors={"title": "Skriv mer"})
        elif title == "byt":
            await ack(response_action="update", view=form("Bytt"))
        elif title == "mera":
            await ack(response_action="push", view=form("Ovanpå"))
        elif title == "allt":
            await ack(response_action="clear")
        elif title == "trasig":
            await ack(response_action="update", view=form("x" * 25))
        else:
            await client.chat_postMessage(channel=self.channel, text=title, blocks=card(title))
            await ack()

    async def _confirmed(self, ack: Any, body: dict[str, Any], client: Any, respond: Any) -> None:
        self.heard.append(body)
        await ack()
        if "message" in body:
            channel, ts = body["channel"]["id"], body["message"]["ts"]
            await client.chat_update(channel=channel, ts=ts, text="Bekräftat", blocks=[])
        await respond(text="Tack", response_type="ephemeral", replace_original=False)

    async def _edited(self, ack: Any, body: dict[str, Any], client: Any) -> None:
        self.heard.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=form("Ändra"))
        await ack()

    async def _home(self, ack: Any, event: dict[str, Any], client: Any) -> None:
        self.heard.append(event)
        await ack()
        await client.views_publish(
            user_id=event["user"],
            view={"type": "home", "blocks": [{"type": "header", "text": plain("Hemma")}, *card("Läget")]},
        )

    async def _noted(self, ack: Any, body: dict[str, Any]) -> None:
        self.heard.append(body)
        await ack()

    async def _event(self, body: dict[str, Any]) -> None:
        self.heard.append(body)
