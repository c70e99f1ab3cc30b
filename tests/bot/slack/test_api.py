"""The line to Slack and its end."""

from __future__ import annotations

import pytest

from bot.delivery.outcome import NotSent
from bot.slack.api import SlackApi, SlackFailed


async def test_who_calls_after_the_line_was_closed_hears_that_nothing_was_sent_and_opens_none() -> None:
    api = SlackApi("xoxb-invented", "http://127.0.0.1:9/api/")
    opened = api.session
    await api.close()
    assert opened.closed
    for call in (lambda: api.client, lambda: api.session):
        with pytest.raises(SlackFailed) as refused:
            call()
        assert refused.value.failure == NotSent("closed")
    with pytest.raises(SlackFailed) as unsent:
        await api.post("http://127.0.0.1:9/invented")
    assert unsent.value.failure == NotSent("closed")
    assert not await api.alive()
