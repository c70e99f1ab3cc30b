"""Private answers: into the `response_url`, else ephemerally in the channel, else by direct message."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from bot.delivery.outcome import Never
from bot.slack.api import SlackApi, SlackFailed, answered, status_failure
from bot.slack.draw import message
from bot.slack.phrases import Phrases, PhrasesFor
from bot.slack.replies import private
from bot.slack.workspace.direct import DirectMessages, user_of
from handlers.ui.cards import Card
from handlers.ui.events import Sender

_logger = logging.getLogger(__name__)
_HOOKS = "hooks.slack.com"


class PrivateAnswers:
    """Shows cards to one person only."""

    def __init__(self, api: SlackApi, direct: DirectMessages, phrases_for: PhrasesFor) -> None:
        self._api = api
        self._direct = direct
        self._phrases_for = phrases_for

    async def __call__(self, sender: Sender, reply_to: str, card: Card) -> None:
        """Show `card` at once, best effort: a failure is logged, for this is often the word about another."""
        try:
            await self.whisper(sender.identity, reply_to, card, self._phrases_for(card.language or sender.locale))
        except SlackFailed as failed:
            _logger.warning("a private word did not arrive", extra={"why": failed.failure.why})

    async def whisper(self, identity: str, reply_to: str, card: Card, words: Phrases) -> None:
        """Show `card` to the person in the first place that takes it; raises SlackFailed when none does."""
        url, _, channel = reply_to.partition("#")
        if url and may_be_used(url, self._api.base_url) and await self._by_url(url, card, words):
            return
        if channel and await self._in_channel(channel, identity, card, words):
            return
        drawn = message(card, words)
        place = await self._direct.channel(identity)
        call = self._api.client.chat_postMessage(
            channel=place, text=drawn.text, blocks=drawn.blocks, unfurl_links=False, unfurl_media=False
        )
        await answered(call)

    async def _by_url(self, url: str, card: Card, words: Phrases) -> bool:
        """Whether the `response_url` took it; False once it is used up (5 times) or over (30 minutes)."""
        failure = status_failure(await self._api.post(url, json=private(card, words)))
        if failure is not None and not isinstance(failure, Never):
            raise SlackFailed(failure)
        return failure is None

    async def _in_channel(self, channel: str, identity: str, card: Card, words: Phrases) -> bool:
        drawn = message(card, words)
        user = user_of(identity)
        call = self._api.client.chat_postEphemeral(channel=channel, user=user, text=drawn.text, blocks=drawn.blocks)
        try:
            await answered(call)
        except SlackFailed as failed:
            if isinstance(failed.failure, Never):
                return False
            raise
        return True


def may_be_used(url: str, base_url: str) -> bool:
    """Whether a `response_url` leads to Slack: a signed payload must not make the bot post somewhere else.

    The host has to be the Web API's own or hooks.slack.com; without TLS only if the Web API itself has none.
    """
    try:
        found, base = urlsplit(url), urlsplit(base_url)
        plain_names = found.username is None and found.password is None and found.port != 0
    except ValueError:
        return False
    if not plain_names or found.scheme not in {"https", base.scheme}:
        return False
    return bool(found.hostname) and found.hostname in {base.hostname, _HOOKS}
