"""What `doctor` asks of Slack: is the token good, is every scope there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import templates
from bot.findings import Line, fail, ok
from bot.slack.api import SlackApi, SlackFailed, answered, sorted_error
from bot.slack.names import NAME, SCOPES
from bot.time_guard import TimeGuard, in_words


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`: whether it is well, and the message key and parameters of what is said."""

    well: bool
    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)


async def findings(bot_token: str, signing_secret: str, app_token: str, api_url: str) -> AsyncIterator[Line]:
    """Say in words how it stands with Slack, each fault with its mend."""
    if not bot_token:
        yield fail(NAME, "SLACK_BOT_TOKEN is missing: make the app of `sipbot manifest`; `sipbot init` takes its token")
        return
    if not app_token and not signing_secret:
        yield fail(NAME, "SLACK_SIGNING_SECRET is missing; or set SLACK_APP_TOKEN for Socket Mode")
    guard = TimeGuard.of_machine()
    api = SlackApi(bot_token, api_url, guard.dated)
    words = templates.load("en")
    try:
        for finding in await check(api, app_token):
            why = finding.parameters.get("why", "")
            if _is_of_the_line(why):
                yield fail(NAME, f"Slack cannot be reached ({why}); check SLACK_API_URL and the way out")
                continue
            text = words(finding.key, **finding.parameters)
            yield ok(NAME, text) if finding.well else fail(NAME, text)
        if guard.doubt:
            yield fail("clock", f"it is {in_words(guard.off)} Slack's; while it is, `sipbot serve` sends no reminders")
    finally:
        await api.close()


def _is_of_the_line(why: str) -> bool:
    """Say whether a refusal came of the way to Slack, and not from Slack."""
    return why in {"unreachable", "timeout", "disconnected", "unreadable_answer"} or why.startswith("http_5")


async def check(api: SlackApi, app_token: str = "") -> tuple[Finding, ...]:
    """Ask Slack who the bot is and what it may do."""
    try:
        response = await _auth_test(api)
    except SlackFailed as failed:
        return (Finding(False, "doctor.slack.refused", {"why": failed.failure.why}),)
    data, scopes = response
    found = [Finding(True, "doctor.slack.well", {"team": str(data.get("team", "")), "bot": str(data.get("user", ""))})]
    if scopes is not None:
        missing = sorted(set(SCOPES) - set(scopes))
        if missing:
            found.append(Finding(False, "doctor.slack.scopes_missing", {"scopes": ", ".join(missing)}))
    if app_token:
        found.append(await _socket(api, app_token))
    return tuple(found)


async def _auth_test(api: SlackApi) -> tuple[Mapping[str, object], Sequence[str] | None]:
    try:
        response = await api.client.auth_test()
    except Exception as error:  # noqa: BLE001 - sorted_error knows them all
        raise SlackFailed(sorted_error(error)) from None
    granted = response.headers.get("x-oauth-scopes") or response.headers.get("X-OAuth-Scopes")
    data = response.data if isinstance(response.data, dict) else {}
    return data, [scope.strip() for scope in granted.split(",")] if granted else None


async def _socket(api: SlackApi, app_token: str) -> Finding:
    try:
        await answered(api.client.apps_connections_open(app_token=app_token))
    except SlackFailed as failed:
        return Finding(False, "doctor.slack.socket_refused", {"why": failed.failure.why})
    return Finding(True, "doctor.slack.socket_well")
