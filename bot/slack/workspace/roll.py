"""Who is gone from the workspace: accounts that were closed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.delivery.outcome import Never
from bot.slack.api import SlackApi, SlackFailed, answered
from bot.slack.workspace.direct import user_of

# Seconds between two questions: Slack takes about a hundred a minute, and people's answers come first.
_PACE = 1.0


async def gone(api: SlackApi, identities: Sequence[str], pace: float = _PACE) -> frozenset[str]:
    """Return those whose accounts Slack says were closed; when it cannot be asked any more, those found until then."""
    found = set()
    for identity in identities:
        try:
            answer = await answered(api.client.users_info(user=user_of(identity)))
        except SlackFailed as failed:
            if isinstance(failed.failure, Never):
                continue  # somebody whom this workspace does not know: that proves nothing
            break
        user = answer.get("user")
        if isinstance(user, dict) and user.get("deleted") is True:
            found.add(identity)
        await asyncio.sleep(pace)
    return frozenset(found)
