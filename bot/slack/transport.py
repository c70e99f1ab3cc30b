"""Carries letters to Slack: posts, updates, whispers, home pages, calendar files and pictures."""

from __future__ import annotations

import hashlib
import hmac
import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.rate_limit import Bucket
from bot.delivery.transport import CannotLook, Delivery
from bot.metrics import Metrics
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.block_kit.rules import check_message, check_view
from bot.slack.draw import Drawn, home, message
from bot.slack.names import METADATA_TYPE
from bot.slack.phrases import PhrasesFor
from bot.slack.pictures import show
from bot.slack.private import PrivateAnswers
from bot.slack.upload import upload
from bot.slack.workspace import lookup
from bot.slack.workspace.channels import ChannelGuard
from bot.slack.workspace.direct import DirectMessages, user_of
from domain.calendar.invites import Invite
from handlers.ui.cards import Card
from handlers.ui.outgoing import CalendarFile, Home, Outgoing, Picture, Show, TakeBack, Tell, Whisper
from storage.outbox.letter import Rank
from storage.posts import Post

_logger = logging.getLogger(__name__)

_CHANNEL = "slack:channel:"
_PERSON = "slack:person:"
#: Seconds between two messages in one channel (rate-limits: about one a second).
_PAUSE = 1.0
#: Messages a second into the whole workspace ("several hundred per minute"), and how many at once.
_RATE, _BURST = 5.0, 40

#: Seconds until a letter whose fate could not be found out is looked for again.
_LOOK_AGAIN = 30.0

# How the ids of files begin; those of messages are times.
_FILE = "F"
#: The old message cannot be changed any more: it was deleted, or the workspace forbids it.
_NOT_CHANGEABLE = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})
#: The thread is gone.
_NO_THREAD = frozenset({"cannot_reply_to_message", "message_not_found", "thread_not_found"})


class SlackTransport:
    """The courier's way to Slack.

    `render` makes a calendar file's bytes. `key_secret` hides the letters' keys, for other apps can read
    metadata. `channels` looks at each channel before something is said there.
    """

    prefix = "slack:"

    def __init__(
        self,
        api: SlackApi,
        direct: DirectMessages,
        private: PrivateAnswers,
        phrases_for: PhrasesFor,
        render: Callable[[Invite], bytes],
        key_secret: bytes,
        metrics: Metrics,
        channels: ChannelGuard | None = None,
    ) -> None:
        self._api = api
        self._direct = direct
        self._private = private
        self._phrases_for = phrases_for
        self._render = render
        self._key_secret = key_secret
        self._metrics = metrics
        self._channels = channels
        self._bucket = Bucket(_RATE, _BURST)

    def pause(self, address: str) -> float:
        """A second between messages in one place; private answers and home pages wait for nothing."""
        return _PAUSE if address.startswith((_CHANNEL, _PERSON)) else 0.0

    async def room(self, rank: Rank) -> None:
        """Wait until the workspace as a whole can take one more."""
        await self._bucket.take(rank)

    async def alive(self) -> bool:
        """Ask Slack whether it is there."""
        return await self._api.alive()

    async def deliver(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        """Hand one letter to Slack; see `Transport.deliver`."""
        try:
            try:
                return await self._carry(address, composed, key, post)
            except SlackFailed as failed:
                if failed.code != "channel_not_found" or not address.startswith(_PERSON):
                    raise
                await self._direct.open(address)
                return await self._carry(address, composed, key, None)
        except SlackFailed as failed:
            if isinstance(failed.failure, NotSent) and failed.failure.why == "ratelimited":
                self._bucket.empty()
            return failed.failure

    async def find(
        self, address: str, composed: Outgoing, key: str, since: datetime, post: Post | None
    ) -> Receipt | None:
        """Look for a message that may have arrived; what is updated in place may simply be sent again.

        A surface that is found shows what was true at that attempt, so it is brought up to date.
        """
        try:
            return await self._found(address, composed, key, since, post)
        except SlackFailed as failed:
            match failed.failure:
                case Never():
                    return None  # sending it again will say the same, and be told
                case NotSent(why, retry_after):
                    raise CannotLook(why, retry_after or _LOOK_AGAIN) from None
                case other:
                    raise CannotLook(other.why, _LOOK_AGAIN) from None

    async def _found(
        self, address: str, composed: Outgoing, key: str, since: datetime, post: Post | None
    ) -> Receipt | None:
        match composed:
            case Show(anew=anew) if post is not None and post.address == address and not anew:
                return None
            case Show(card=card):
                channel = await self._channel(address)
                found = await lookup.by_key(self._api, channel, None, self._hidden(key), since)
                if found:
                    await self._require(address)
                    await self._change(card, key, channel, found)
                    if post is not None and post.message != found:
                        await self._take_away(post)
            case Tell() | Picture():
                channel = await self._channel(address)
                thread = _thread(post, channel)
                found = await lookup.by_key(self._api, channel, thread, self._hidden(key), since)
            case CalendarFile(filename=filename):
                channel = await self._channel(address)
                found = await lookup.by_file(self._api, channel, _thread(post, channel), filename, since)
            case _:
                return None
        return Receipt(channel, found) if found else None

    async def _carry(self, address: str, composed: Outgoing, key: str, post: Post | None) -> Delivery:
        # What others can read by now is all the more to be deleted.
        if not isinstance(composed, TakeBack):
            await self._require(address)
        match composed:
            case Show():
                return await self._show(address, composed, key, post)
            case Tell(card):
                channel = await self._channel(address)
                return await self._in_thread(channel, card, key, _thread(post, channel))
            case Whisper(reply_to, person, card):
                await self._private.whisper(person, reply_to, card, self._phrases_for(card.language))
                return Sent(Receipt())
            case Home(card):
                view = home(card, self._phrases_for(card.language))
                self._check(check_view(view))
                await answered(self._api.client.views_publish(user_id=user_of(address), view=view))
                return Sent(Receipt())
            case CalendarFile():
                return await self._file(address, composed, post)
            case Picture():
                return await self._picture(address, composed, key)
            case TakeBack():
                if post is not None:
                    await self._take_away(post)
                return Sent(Receipt())
            case _:
                return Never("not_for_chat")

    async def is_safe(self, address: str) -> bool:
        """Say whether something may be said at an address now; see `LooksAtRooms`."""
        try:
            await self._require(address)
        except SlackFailed:
            return False
        return True

    async def _require(self, address: str) -> None:
        """Return when something may be said at an address; raises SlackFailed."""
        if self._channels is not None and address.startswith(_CHANNEL):
            await self._channels.require(address.removeprefix(_CHANNEL))

    async def _show(self, address: str, show: Show, key: str, post: Post | None) -> Delivery:
        """Update the post in place; post anew where that is wanted or the old one cannot be changed."""
        if post is not None and post.address == address and not show.anew:
            try:
                return await self._update(show.card, key, post)
            except SlackFailed as failed:
                if failed.code not in _NOT_CHANGEABLE:
                    raise
                post = None
        channel = await self._channel(address)
        sent = await self._post(channel, self._drawn(show.card), key, None)
        if post is not None:
            try:
                await self._take_away(post)
            except SlackFailed as failed:
                # The new one stands. It is looked for, and then the old one is taken away once more.
                return Unknown(f"old_post_stays {failed.failure.why}")
        return sent

    async def _update(self, card: Card, key: str, post: Post) -> Delivery:
        await self._change(card, key, post.place, post.message)
        return Sent(Receipt(post.place, post.message))

    async def _change(self, card: Card, key: str, channel: str, ts: str) -> None:
        content = self._content(self._drawn(card), key)
        await answered(self._api.client.chat_update(channel=channel, ts=ts, **content))

    async def _in_thread(self, channel: str, card: Card, key: str, thread: str | None) -> Delivery:
        try:
            return await self._post(channel, self._drawn(card), key, thread)
        except SlackFailed as failed:
            if thread is None or failed.code not in _NO_THREAD:
                raise
            return await self._post(channel, self._drawn(card), key, None)

    async def _post(self, channel: str, drawn: Drawn, key: str, thread: str | None) -> Delivery:
        content = self._content(drawn, key)
        # Slack names errors about this argument but does not promise to drop doubles by it; it may help.
        mark = str(uuid.uuid5(uuid.NAMESPACE_OID, self._hidden(key)))
        call = self._api.client.chat_postMessage(
            channel=channel,
            thread_ts=thread,
            unfurl_links=False,
            unfurl_media=False,
            client_msg_id=mark,
            **content,
        )
        answer = await answered(call)
        return Sent(Receipt(str(answer.get("channel") or channel), str(answer.get("ts", ""))))

    async def _file(self, address: str, file: CalendarFile, post: Post | None) -> Delivery:
        channel = await self._channel(address)
        content = self._render(file.invite)
        file_id = await upload(self._api, content, file.filename, file.title, channel, _thread(post, channel))
        return Sent(Receipt(channel, file_id))

    async def _picture(self, address: str, picture: Picture, key: str) -> Delivery:
        channel = await self._channel(address)
        return await show(self._api, picture, lambda drawn: self._post(channel, drawn, key, None))

    async def _take_away(self, post: Post) -> None:
        """Delete the post that a new one replaces; one that may not be deleted is merely out of date.

        Raises SlackFailed when it may be possible later.
        """
        try:
            if post.message.startswith(_FILE):
                await answered(self._api.client.files_delete(file=post.message))
            else:
                await answered(self._api.client.chat_delete(channel=post.place, ts=post.message))
        except SlackFailed as failed:
            if not isinstance(failed.failure, Never):
                raise
            if failed.code not in {"message_not_found", "file_not_found"}:
                _logger.warning("a replaced message could not be deleted", extra={"why": failed.failure.why})

    async def _channel(self, address: str) -> str:
        if address.startswith(_CHANNEL):
            return address.removeprefix(_CHANNEL)
        if address.startswith(_PERSON):
            return await self._direct.channel(address)
        raise SlackFailed(Never("unknown_address"))

    def _drawn(self, card: Card) -> Drawn:
        return message(card, self._phrases_for(card.language))

    def _content(self, drawn: Drawn, key: str) -> dict[str, Any]:
        metadata = {"event_type": METADATA_TYPE, "event_payload": {"key": self._hidden(key)}}
        content = {"text": drawn.text, "blocks": drawn.blocks, "metadata": metadata}
        self._check(check_message(content))
        return content

    def _hidden(self, key: str) -> str:
        return hmac.new(self._key_secret, key.encode(), hashlib.sha256).hexdigest()[:32]

    def _check(self, violations: list[Any]) -> None:
        """Count what breaks Slack's rules; it is sent all the same, for Slack may allow more than we know."""
        for violation in violations:
            self._metrics.rule_broken(violation.code)
            _logger.error("a payload breaks a rule of Block Kit", extra={"rule": violation.code})


def _thread(post: Post | None, channel: str) -> str | None:
    """The message to answer in the thread of: only one that stands in the same channel."""
    return post.message if post is not None and post.place == channel else None
