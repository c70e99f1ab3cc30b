"""What `doctor` asks of Slack: is the token good, is every scope there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.slack.api import SlackApi, SlackFailed, answered, sorted_error
from bot.slack.names import SCOPES


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`: whether it is well, and the message key and parameters of what is said."""

    well: bool
    key: str
    parameters: Mapping[str, str] = field(default_factory=dict)


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
