"""The language each person has chosen in Slack: asked until it is answered, and first of all about somebody new."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from collections import OrderedDict

from bot.background import Background
from bot.delivery.outcome import Never
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.translate import Arrival
from bot.slack.workspace.direct import Remembered
from handlers.ui.events import Sender

_KEPT = 10_000
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)
_SECONDS = 5.0

# Seconds that the first answer to somebody new waits: Slack itself gives up after three.
_PATIENCE = 0.8
# Seconds in which nobody waits after Slack could not be asked.
_QUIET = 30.0


class Locales:
    """Fills in the sender's locale, which payloads do not carry.

    Somebody whom the bot has never met is asked about before the first answer, so that it is in the right language
    already. That wait is short: where Slack is slow the bot's own language serves, and the next answer is right.
    """

    def __init__(self, api: SlackApi, background: Background, remembered: Remembered) -> None:
        self._api = api
        self._background = background
        self._remembered = remembered
        self._known: OrderedDict[str, str] = OrderedDict()
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._not_before = 0.0

    async def __call__(self, arrival: Arrival) -> Arrival:
        """Return `arrival` with its sender's locale, and ask Slack for it if this is somebody new."""
        identity = arrival.incoming.sender.identity
        locale = self._known.get(identity)
        if locale is None:
            asked = self._asking.get(identity)
            if asked is None:
                asked = self._asking[identity] = self._background.start(self._ask(identity), "slack.locale")
            # Who was met before this program started has a language that the handlers find themselves.
            if time.monotonic() >= self._not_before and not await self._remembered.locale(identity):
                await asyncio.wait({asked}, timeout=_PATIENCE)
            locale = self._known.get(identity)
        if not locale:
            return arrival
        incoming = dataclasses.replace(arrival.incoming, sender=Sender(identity, locale))
        return dataclasses.replace(arrival, incoming=incoming)

    async def _ask(self, identity: str) -> None:
        """Ask Slack, and keep what it answers; whoever could not be asked about now is asked about next time."""
        user = identity.rpartition("/")[2]
        try:
            answer = await answered(self._api.client.users_info(user=user, include_locale=True), _SECONDS)
        except SlackFailed as failed:
            # Strangers from another organisation have no readable profile; the bot's language serves.
            if isinstance(failed.failure, Never):
                self._keep(identity, "")
            else:
                self._not_before = time.monotonic() + _QUIET
            return
        finally:
            self._asking.pop(identity, None)
        found = answer.get("user")
        locale = found.get("locale") if isinstance(found, dict) else None
        self._keep(identity, locale if isinstance(locale, str) and _LOCALE.fullmatch(locale) else "")

    def _keep(self, identity: str, locale: str) -> None:
        self._known[identity] = locale
        self._known.move_to_end(identity)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
