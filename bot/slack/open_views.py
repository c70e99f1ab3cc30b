"""Draws a form anew while it stands open, so that it asks what follows from the answers in it (`views.update`)."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from bot.delivery.outcome import NotSent
from bot.error_log import report
from bot.metrics import Metrics
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.modal import modal
from bot.slack.phrases import PhrasesFor
from bot.slack.translate import Arrival, OpenView
from handlers.ui.events import Change, Event
from handlers.ui.responses import Ask, Response

Gateway: TypeAlias = Callable[[Event], Awaitable[Response]]

_logger = logging.getLogger(__name__)

_SECONDS = 2.5
#: Windows of which the newest change is remembered, while one is being drawn.
_MOST = 500
#: Slack's word for a window that has been closed meanwhile.
_CLOSED = "not_found"
#: Slack's word for a window that was drawn anew since the state that was seen.
_CONFLICT = "hash_conflict"


class OpenViews:
    """Answers changes in open forms. Who changes two answers at once gets the form of the later one."""

    def __init__(self, api: SlackApi, gateway: Gateway, phrases_for: PhrasesFor, metrics: Metrics) -> None:
        self._api = api
        self._gateway = gateway
        self._phrases_for = phrases_for
        self._metrics = metrics
        self._newest: OrderedDict[str, str] = OrderedDict()

    async def draw_anew(self, arrival: Arrival) -> None:
        """Draw the form of an arrival anew. When that fails it stays as it is, and is mended when it is sent in."""
        view, change = arrival.open_view, arrival.incoming
        if view is None or not isinstance(change, Change):
            return
        self._note(view)
        answer = await self._gateway(change)
        if not isinstance(answer, Ask) or self._is_old(view):
            return
        words = self._phrases_for(answer.form.language or change.sender.locale)
        try:
            await self._update(view, modal(answer.form, words, view.answers))
        except SlackFailed as failed:
            if failed.code != _CLOSED:
                self._metrics.form_unopened("slack", failed.code or failed.failure.why)
                _logger.warning("an open form was not drawn anew", extra={"why": failed.code or failed.failure.why})
        except Exception as error:  # noqa: BLE001 - the form stays as it is
            report(_logger, "an open form could not be drawn anew", error)

    async def _update(self, view: OpenView, drawn: dict[str, Any]) -> None:
        try:
            await self._call(view, drawn, view.hash)
        except SlackFailed as failed:
            if failed.code == _CONFLICT:
                # An earlier change was drawn first. This one is the newer, unless another has come meanwhile.
                if not self._is_old(view):
                    await self._call(view, drawn, "")
            elif isinstance(failed.failure, NotSent):
                await self._call(view, drawn, view.hash)
            else:
                raise

    async def _call(self, view: OpenView, drawn: dict[str, Any], seen: str) -> None:
        state = {"hash": seen} if seen else {}
        await answered(self._api.client.views_update(view_id=view.id, view=drawn, **state), _SECONDS)

    def _note(self, view: OpenView) -> None:
        if _moment(view.at) >= _moment(self._newest.get(view.id, "")):
            self._newest[view.id] = view.at
        self._newest.move_to_end(view.id)
        while len(self._newest) > _MOST:
            self._newest.popitem(last=False)

    def _is_old(self, view: OpenView) -> bool:
        return _moment(view.at) < _moment(self._newest.get(view.id, ""))


def _moment(at: str) -> float:
    """Return Slack's time of a change as a number; one that is none is older than all."""
    try:
        return float(at)
    except ValueError:
        return 0.0
