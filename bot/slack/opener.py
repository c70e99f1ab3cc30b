"""Opens forms after the acknowledgement, while the trigger lives: three seconds, used once."""

from __future__ import annotations

import logging
from typing import Protocol

from bot.background import Background
from bot.delivery.outcome import Never, NotSent
from bot.delivery.transport import Halted
from bot.error_log import report
from bot.metrics import Metrics
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.modal import modal
from bot.slack.phrases import Phrases
from bot.slack.translate import Arrival
from handlers.ui.cards import Card, Section
from handlers.ui.events import Sender
from handlers.ui.forms import Form

_logger = logging.getLogger(__name__)

_SECONDS = 2.5
#: Slack's words for a trigger that is over; what else fails is a fault of ours or of the line.
_OVER = frozenset({"expired_trigger_id", "invalid_trigger_id", "trigger_expired"})
#: The first attempt had arrived after all.
_OPEN_ALREADY = frozenset({"exchanged_trigger_id", "trigger_exchanged"})


class SayPrivately(Protocol):
    """Shows a card to one person only, best effort and at once, without the outbox."""

    async def __call__(self, sender: Sender, reply_to: str, card: Card) -> None:
        """Show `card` where `reply_to` allows, else in the person's direct message."""
        ...


class FormOpener:
    """Opens forms in the background, so that no acknowledgement waits for Slack."""

    def __init__(self, api: SlackApi, say_privately: SayPrivately, background: Background, metrics: Metrics) -> None:
        self._api = api
        self._say_privately = say_privately
        self._background = background
        self._metrics = metrics

    def open_soon(self, arrival: Arrival, form: Form, words: Phrases) -> None:
        """Start opening `form` for the one who acted; a failure is told to that person alone."""
        self._background.start(self._open(arrival, form, words), "slack.open_form")

    async def _open(self, arrival: Arrival, form: Form, words: Phrases) -> None:
        try:
            view = modal(form, words)
            try:
                await self._call(arrival, view)
            except SlackFailed as failed:
                if not isinstance(failed.failure, NotSent):
                    raise
                await self._call(arrival, view)
        except SlackFailed as failed:
            if failed.code not in _OPEN_ALREADY:
                await self._excuse(arrival, words, failed)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person must hear of it
            report(_logger, "a form could not be drawn", error)
            await self._say(arrival, words, "slack.form_failed", "not_drawn")

    async def _call(self, arrival: Arrival, view: dict[str, object]) -> None:
        client = self._api.client
        open_view = client.views_push if arrival.in_modal else client.views_open
        await answered(open_view(trigger_id=arrival.trigger, view=view), _SECONDS)

    async def _excuse(self, arrival: Arrival, words: Phrases, failed: SlackFailed) -> None:
        why = failed.code or failed.failure.why
        slow = failed.code in _OVER or not isinstance(failed.failure, Never | Halted)
        if not slow:
            _logger.error("Slack refused a form", extra={"why": why})
        await self._say(arrival, words, "slack.too_slow" if slow else "slack.form_failed", why)

    async def _say(self, arrival: Arrival, words: Phrases, key: str, why: str) -> None:
        self._metrics.form_unopened("slack", why)
        text = words(key)
        card = Card("", text, (Section(text=text),))
        await self._say_privately(arrival.incoming.sender, arrival.reply_to, card)
