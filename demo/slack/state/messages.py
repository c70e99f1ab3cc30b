"""The messages of all conversations: posted, changed, deleted, and read again in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.slack.block_kit.rules import elements_of
from demo.slack.state.identifiers import Identifiers
from demo.slack.state.records import Clock, Json, Message
from demo.slack.state.stream import EventStream


class Messages:
    """Every message by channel; a `ts` is unique in its channel and never runs backwards."""

    def __init__(self, clock: Clock, ids: Identifiers, stream: EventStream) -> None:
        self._clock = clock
        self._ids = ids
        self._stream = stream
        self._held: dict[str, dict[str, Message]] = {}
        self._replies: dict[tuple[str, str], list[Message]] = {}
        self._last: dict[str, int] = {}

    def post(self, channel: str, **fields: Any) -> Message:
        """Add a message to a channel and return it."""
        fields["blocks"] = named_blocks(fields.get("blocks") or [], self._ids)
        message = Message(channel=channel, ts=self.next_ts(channel), **fields)
        self._held.setdefault(channel, {})[message.ts] = message
        if message.thread_ts and message.only_for is None:
            self._replies.setdefault((channel, message.thread_ts), []).append(message)
        self._stream.publish("message_posted", message=message)
        return message

    def change(self, message: Message, **fields: Any) -> None:
        """Change a message in place and mark it as edited."""
        if "blocks" in fields:
            fields["blocks"] = named_blocks(fields["blocks"], self._ids)
        for name, value in fields.items():
            setattr(message, name, value)
        message.edited_ts = self._stamp()
        self._stream.publish("message_updated", message=message)

    def delete(self, message: Message) -> None:
        """Take a message away; nobody sees it any more."""
        message.deleted = True
        self._stream.publish("message_deleted", message=message)

    def put_back(self, message: Message) -> None:
        """Put a message where it stood in another run; the messages of a channel come in their order."""
        self._held.setdefault(message.channel, {})[message.ts] = message
        self._last[message.channel] = int(message.ts.replace(".", ""))

    def find(self, channel: str, ts: str) -> Message | None:
        """Return the message of this `ts`, ephemeral ones too, unless it was deleted."""
        message = self._held.get(channel, {}).get(ts)
        return None if message is None or message.deleted else message

    def in_channel(self, channel: str) -> list[Message]:
        """Return what stands in a channel, oldest first, ephemeral messages included."""
        return [message for message in self._held.get(channel, {}).values() if not message.deleted]

    def replies(self, channel: str, ts: str) -> list[Message]:
        """Return the answers in a thread by its first message's `ts`, oldest first, without that message."""
        return [message for message in self._replies.get((channel, ts), []) if not message.deleted]

    def everywhere(self) -> Iterator[Message]:
        """Yield what stands in all channels, each channel's oldest first."""
        for channel in list(self._held):
            yield from self.in_channel(channel)

    def next_ts(self, channel: str) -> str:
        """Return a `ts` later than every other of the channel, even when the clock was put back."""
        now = max(int(self._clock() * 1_000_000), self._last.get(channel, 0) + 1)
        self._last[channel] = now
        return as_ts(now)

    def _stamp(self) -> str:
        return as_ts(int(self._clock() * 1_000_000))


def as_ts(microseconds: int) -> str:
    """Return a time in microseconds as Slack writes it: seconds, a point, six digits."""
    return f"{microseconds // 1_000_000}.{microseconds % 1_000_000:06d}"


def named_blocks(blocks: list[Json], ids: Identifiers) -> list[Json]:
    """Return a copy of the blocks in which what lacks an id has been given one, as Slack does it."""
    named: list[Json] = copied(blocks)
    for block in named:
        block.setdefault("block_id", ids.token(5))
        for _, element in elements_of(block):
            if element.get("type") not in ("image", "plain_text", "mrkdwn", *_RICH) and isinstance(element, dict):
                element.setdefault("action_id", ids.token(5))
    return named


def copied(part: Any) -> Any:
    """Return a copy of JSON that shares nothing with it: what `copy.deepcopy` does, for what JSON can hold alone."""
    if isinstance(part, dict):
        return {name: copied(value) for name, value in part.items()}
    if isinstance(part, list):
        return [copied(item) for item in part]
    return part


_RICH = ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted", "card")
