"""Gives a file to Slack with its three calls: getUploadURLExternal, POST, completeUploadExternal."""

from __future__ import annotations

from urllib.parse import urlsplit

from bot.delivery.outcome import Never, NotSent, Unknown
from bot.slack.api import Failure, SlackApi, SlackFailed, answered, status_failure

_SLACK = ".slack.com"


async def upload(api: SlackApi, content: bytes, filename: str, title: str, channel: str, thread: str | None) -> str:
    """Upload `content` and share it in `channel`; returns the file's id. Raises SlackFailed.

    Until the third call nobody sees anything, so what goes wrong before it was surely not sent.
    """
    client = api.client
    try:
        file_id = await _hand_over(api, content, filename)
    except SlackFailed as failed:
        raise SlackFailed(_unseen(failed.failure), failed.code) from None
    files: list[dict[str, str | None]] = [{"id": file_id, "title": title}]
    complete = client.files_completeUploadExternal(files=files, channel_id=channel, thread_ts=thread)
    await answered(complete)
    return file_id


async def keep(api: SlackApi, content: bytes, filename: str, title: str) -> str:
    """Upload `content` and show it to nobody yet; returns the file's id. Raises SlackFailed: surely nobody sees it."""
    try:
        file_id = await _hand_over(api, content, filename)
        await answered(api.client.files_completeUploadExternal(files=[{"id": file_id, "title": title}]))
    except SlackFailed as failed:
        raise SlackFailed(_unseen(failed.failure), failed.code) from None
    return file_id


async def _hand_over(api: SlackApi, content: bytes, filename: str) -> str:
    """Give the bytes to Slack; nobody sees them yet."""
    call = api.client.files_getUploadURLExternal(filename=filename, length=len(content))
    answer = await answered(call)
    url = str(answer.get("upload_url", ""))
    if not _leads_to_slack(url, api.base_url):
        raise SlackFailed(Never("foreign_upload_url"))
    failure = status_failure(await api.post(url, data=content))
    if failure is not None:
        raise SlackFailed(failure)
    return str(answer.get("file_id", ""))


def _unseen(failure: Failure) -> Failure:
    """Return what became of a call after which nobody sees anything, whatever it has done."""
    return NotSent(failure.why) if isinstance(failure, Unknown) else failure


def _leads_to_slack(url: str, base_url: str) -> bool:
    found, base = urlsplit(url), urlsplit(base_url)
    host = found.hostname or ""
    return found.scheme in {"https", base.scheme} and (host == base.hostname or host.endswith(_SLACK))
