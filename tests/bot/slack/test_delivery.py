"""The courier and Slack together: with connections that break after the message was taken, each arrives once."""

from __future__ import annotations

from collections import Counter

import pytest

from demo.slack.faults import Fault
from storage.outbox.letter import Letter, Rank
from tests.bot.post_office import PostOffice, post_office, tell
from tests.bot.slack.workspace import Workspace, workspace

LETTERS = 24
CHANNELS = ("C0SOC", "C0BUP", "C0SHARED")


async def deliver_all(office: PostOffice, here: Workspace) -> None:
    """Run the clock on until nothing waits; what Slack says of its limits is obeyed by the clock too."""
    courier = office.courier(transports=[here.platform.transport])
    for _ in range(400):
        await courier.deliver_due()
        counts = await office.read(lambda reader: reader.outbox.counts())
        if not counts.waiting:
            return
        office.clock.turn(1.05)
    raise AssertionError("letters are left over")


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "malformed", "server_error", "rate_limited"])
async def test_a_fifth_of_the_calls_failing_doubles_and_loses_nothing(migrated_sqlite_url: str, kind: str) -> None:
    """Slack's own client, with its retries, doubled 33 of 200 here."""
    async with (
        post_office(migrated_sqlite_url) as office,
        workspace(clock=lambda: office.clock.now().timestamp()) as here,
    ):
        fault = Fault(kind, "chat.postMessage", times=None, fraction=0.2, retry_after=2)  # type: ignore[arg-type]
        here.slack.faults.add(fault)
        letters = [
            Letter(f"k{n}", f"slack:channel:{CHANNELS[n % 3]}", "word", rank=Rank(n % 4)) for n in range(LETTERS)
        ]
        office.letter_handlers.composed.update({letter.key: tell(letter.key) for letter in letters})
        await office.put(*letters)
        await deliver_all(office, here)
        posted = Counter(held.text for channel in CHANNELS for held in here.slack.state.messages.in_channel(channel))
        assert posted == Counter(letter.key for letter in letters)


async def test_a_channel_is_never_spoken_to_faster_than_slack_allows(migrated_sqlite_url: str) -> None:
    async with (
        post_office(migrated_sqlite_url) as office,
        workspace(clock=lambda: office.clock.now().timestamp()) as here,
    ):
        await office.put_keys(*(f"k{n}" for n in range(12)), address="slack:channel:C0SOC")
        await deliver_all(office, here)
        assert [call.status for call in here.calls("chat.postMessage")] == [200] * 12
        assert [held.text for held in here.slack.state.messages.in_channel("C0SOC")] == [f"k{n}" for n in range(12)]


async def test_a_revoked_token_holds_the_letters_until_it_is_good_again(migrated_sqlite_url: str) -> None:
    async with (
        post_office(migrated_sqlite_url) as office,
        workspace(clock=lambda: office.clock.now().timestamp()) as here,
    ):
        here.slack.revoke()
        await office.put_keys("a", address="slack:channel:C0SOC")
        courier = office.courier(transports=[here.platform.transport])
        await courier.deliver_due()
        office.clock.turn(60)
        assert await courier.deliver_due() == 0
        for install in here.slack.directory.installations.values():
            install.revoked = False
        office.clock.turn(241)
        await courier.deliver_due()
        assert [held.text for held in here.slack.state.messages.in_channel("C0SOC")] == ["a"]
