"""Looks whether a message that may have been sent was: Slack itself drops no doubles."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any

from bot.delivery.outcome import NotSent, Unknown
from bot.delivery.transport import CannotLook
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.names import METADATA_TYPE
from bot.time_guard import TOLERANCE

_PAGE = 100
_PAGES = 5
#: Seconds that Slack's clock may be behind that of the process which tried: so far a clock is believed.
_SLACK_CLOCK = TOLERANCE.total_seconds()


async def by_key(api: SlackApi, channel: str, thread: str | None, key: str, since: datetime) -> str | None:
    """Return the `ts` of our message whose metadata carries `key`; None when it is not there."""
    async for found in _messages(api, channel, thread, since):
        metadata = found.get("metadata")
        if not isinstance(metadata, dict) or metadata.get("event_type") != METADATA_TYPE:
            continue
        payload = metadata.get("event_payload")
        if isinstance(payload, dict) and payload.get("key") == key:
            return str(found.get("ts", ""))
    return None


async def by_file(api: SlackApi, channel: str, thread: str | None, filename: str, since: datetime) -> str | None:
    """Return the `ts` of the message that shares a file of this name; None when it is not there."""
    async for found in _messages(api, channel, thread, since):
        files = found.get("files")
        names = [file.get("name") for file in files if isinstance(file, dict)] if isinstance(files, list) else []
        if filename in names:
            return str(found.get("ts", ""))
    return None


async def _messages(
    api: SlackApi, channel: str, thread: str | None, since: datetime
) -> AsyncIterator[Mapping[str, Any]]:
    """Yield what stands in the channel or thread since `since`.

    Raises CannotLook when Slack cannot be asked now. Where it may not be asked at all (the history scopes
    were not granted) nothing is found: then a rare double is the smaller harm.
    """
    oldest = f"{since.timestamp() - _SLACK_CLOCK:.6f}"
    cursor: str | None = None
    for _ in range(_PAGES):
        asked: dict[str, Any] = {"channel": channel, "oldest": oldest, "limit": _PAGE}
        asked |= {"cursor": cursor} if cursor else {}
        client = api.client
        call = (
            client.conversations_replies(ts=thread, include_all_metadata=True, **asked)
            if thread
            else client.conversations_history(include_all_metadata=True, **asked)
        )
        try:
            answer = await answered(call)
        except SlackFailed as failed:
            if isinstance(failed.failure, NotSent):
                raise CannotLook(failed.failure.why, failed.failure.retry_after or 30.0) from None
            if isinstance(failed.failure, Unknown):
                raise CannotLook(failed.failure.why) from None
            return
        messages = answer.get("messages")
        for found in messages if isinstance(messages, list) else ():
            if isinstance(found, dict):
                yield found
        metadata = answer.get("response_metadata")
        cursor = metadata.get("next_cursor") if isinstance(metadata, dict) else None
        if not cursor:
            return
