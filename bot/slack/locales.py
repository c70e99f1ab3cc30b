"""The language each person has chosen in Slack: asked until it is answered, after the bot's own answer."""

from __future__ import annotations

import dataclasses
import re
from collections import OrderedDict

from bot.background import Background
from bot.delivery.outcome import Never
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.translate import Arrival
from handlers.ui.events import Sender

_KEPT = 10_000
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*", re.ASCII)
_SECONDS = 5.0


class Locales:
    """Fills in the sender's locale. Payloads carry none, so the first answer is in the bot's own language."""

    def __init__(self, api: SlackApi, background: Background) -> None:
        self._api = api
        self._background = background
        self._known: OrderedDict[str, str] = OrderedDict()
        self._asking: set[str] = set()

    def __call__(self, arrival: Arrival) -> Arrival:
        """Return `arrival` with its sender's locale, and ask Slack for it if this is somebody new."""
        sender = arrival.incoming.sender
        locale = self._known.get(sender.identity)
        if locale is None and sender.identity not in self._asking:
            self._asking.add(sender.identity)
            self._background.start(self._ask(sender.identity), "slack.locale")
        if not locale:
            return arrival
        incoming = dataclasses.replace(arrival.incoming, sender=Sender(sender.identity, locale))
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
            return
        finally:
            self._asking.discard(identity)
        found = answer.get("user")
        locale = found.get("locale") if isinstance(found, dict) else None
        self._keep(identity, locale if isinstance(locale, str) and _LOCALE.fullmatch(locale) else "")

    def _keep(self, identity: str, locale: str) -> None:
        self._known[identity] = locale
        self._known.move_to_end(identity)
        while len(self._known) > _KEPT:
            self._known.popitem(last=False)
