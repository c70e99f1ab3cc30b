"""What Bolt calls for every payload: one function, since what a payload is about is read in `translate` alone.

It translates, asks the gateway (one transaction), and acknowledges; it never posts. What takes longer than Slack
waits is answered late, in private.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.background import Background
from bot.error_log import report
from bot.metrics import Metrics
from bot.slack.api import quiet_logger
from bot.slack.ingress import Reply
from bot.slack.open_views import Gateway, OpenViews
from bot.slack.opener import FormOpener, SayPrivately
from bot.slack.payload import Payload
from bot.slack.phrases import Phrases, PhrasesFor
from bot.slack.replies import ack_body, late_card
from bot.slack.translate import Arrival, arrival
from handlers.ui.cards import Card, Section
from handlers.ui.events import Change, HomeOpened, Press, Submit
from handlers.ui.responses import Ask, Failed, Mend, Response, Say

_logger = logging.getLogger(__name__)

#: Seconds for the language of somebody new and for the gateway together; Slack shows an error after three.
PATIENCE = 2.2
_KINDS = frozenset({"block_actions", "event_callback", "url_verification", "view_submission"})
_OK = 200


class Ack(Protocol):
    """Bolt's acknowledgement."""

    async def __call__(self, body: str | dict[str, Any] = "") -> BoltResponse:
        """Return what answers Slack with `body`."""
        ...


class Hello(Protocol):
    """Told of each person who acts; gives the sender with the locale that is known."""

    async def __call__(self, arrival: Arrival, /) -> Arrival:
        """Return `arrival` with its sender's locale filled in, if it is known."""
        ...


class Listeners:
    """Handles every payload of Slack, whichever way it came in."""

    def __init__(  # noqa: PLR0913 - all that it is made from
        self,
        gateway: Gateway,
        opener: FormOpener,
        open_views: OpenViews,
        say_privately: SayPrivately,
        phrases_for: PhrasesFor,
        hello: Hello,
        background: Background,
        metrics: Metrics,
        *,
        patience: float = PATIENCE,
    ) -> None:
        self._gateway = gateway
        self._opener = opener
        self._open_views = open_views
        self._say_privately = say_privately
        self._phrases_for = phrases_for
        self._hello = hello
        self._background = background
        self._metrics = metrics
        self._patience = patience
        self._bolt = _bolt()
        self._register(self._bolt)

    async def dispatch(self, payload: Payload) -> Reply:
        """Answer one payload that `payload.sound` let through. What the bot does not know is acknowledged."""
        if payload.get("type") not in _KINDS and not payload.get("command"):
            return Reply(_OK)
        started = time.monotonic()
        response = await self._bolt.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
        self._metrics.acked("slack", time.monotonic() - started)
        content_type = response.first_headers().get("content-type", "text/plain; charset=utf-8")
        return Reply(response.status, (response.body or "").encode(), content_type)

    def _register(self, bolt: AsyncApp) -> None:
        bolt.use(self._on)
        bolt.error(_failed)

    async def _on(self, ack: Ack, body: Payload) -> BoltResponse:
        found = arrival(body)
        if found is None:
            return await ack()
        self._metrics.inbound("slack", found.kind)
        until = time.monotonic() + self._patience
        found = await self._hello(found)
        if isinstance(found.incoming, Change):
            # Nothing is kept of it, so there is nothing to wait for.
            self._background.start(self._open_views.draw_anew(found), "slack.draw_anew")
            return await ack()
        words = self._phrases_for(found.incoming.sender.locale)
        answer = await self._answer(found, words, until)
        words = self._phrases_for(_language(answer) or found.incoming.sender.locale)
        if isinstance(answer, Ask) and found.trigger and not isinstance(found.incoming, Submit):
            self._opener.open_soon(found, answer.form, words)
        reply = ack_body(found, answer, words)
        return await (ack(reply) if reply else ack())

    async def _answer(self, found: Arrival, words: Phrases, until: float) -> Response:
        """Ask the gateway; a failure or a wait becomes an answer that a person can read."""
        asked = asyncio.ensure_future(self._gateway(found.incoming))
        try:
            answer = await asyncio.wait_for(asyncio.shield(asked), until - time.monotonic())
        except TimeoutError:
            if isinstance(found.incoming, Press):
                return await self._kept(asked, found, words)
            self._background.start(self._later(asked, found, words), "slack.late_answer")
            return _say(words("slack.later"))
        if not isinstance(answer, Failed):
            return answer
        apology = _apology(found, words, answer)
        if isinstance(found.incoming, Press):
            self._background.start(self._show(found, apology, words), "slack.say_privately")
        return apology

    async def _kept(self, asked: asyncio.Future[Response], found: Arrival, words: Phrases) -> Response:
        """Wait until a press is kept. Its acknowledgement says so and nothing else does, so it may not come earlier.

        Slack itself tells the person after three seconds that there was no answer.
        """
        answer = await asked
        if isinstance(answer, Failed):
            answer = _apology(found, words, answer)
        elif isinstance(answer, Ask):
            answer = _say(words("slack.too_slow"))
        else:
            return answer
        self._background.start(self._show(found, answer, words), "slack.say_privately")
        return answer

    async def _later(self, asked: asyncio.Future[Response], found: Arrival, words: Phrases) -> None:
        """Bring an answer that came too late for its window to the person's own messages."""
        answer = await asked
        if isinstance(answer, Failed):
            answer = _apology(found, words, answer)
        elif isinstance(answer, Ask):
            answer = _say(words("slack.too_slow"))
        elif isinstance(found.incoming, HomeOpened):
            return
        await self._show(found, answer, words)

    async def _show(self, found: Arrival, answer: Response, words: Phrases) -> None:
        card = late_card(answer, words)
        if card is not None:
            await self._say_privately(found.incoming.sender, found.reply_to, card)


def _apology(found: Arrival, words: Phrases, failed: Failed) -> Response:
    """Say plainly that it failed; a form stays open with what was typed."""
    text = words("slack.failed", reference=failed.reference)
    return Mend({found.fields[0]: text}) if found.fields else _say(text)


def _say(text: str) -> Say:
    return Say(Card("", text, (Section(text=text),)))


def _language(answer: Response) -> str:
    match answer:
        case Say(card):
            return card.language
        case Ask(form):
            return form.language
        case _:
            return ""


def _bolt() -> AsyncApp:
    """Make Bolt's dispatcher; what it would do beside dispatching is done at our ingress, or not wanted."""
    return AsyncApp(
        # Bolt sets the level of the logger of this name; "sipbot" itself would silence the whole program.
        name="bot.slack.sdk.bolt",
        logger=quiet_logger(),
        process_before_response=True,
        authorize=_authorize,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
    )


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Let every payload through: the gateway decides by the directory who may do what; Slack is not asked.

    Bolt wants a token to build a client of its own, which is never used.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-unused")  # noqa: S106


async def _failed(error: Exception) -> None:
    report(_logger, "a listener failed", error)
