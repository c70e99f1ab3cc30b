"""Letters to Slack: posted, updated, whispered, and what becomes of them when Slack or the line fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.transport import CannotLook, Halted
from bot.slack.private import may_be_used
from demo.slack.faults import Faults
from domain.calendar.invites import Invite
from handlers.ui.cards import Card, Section
from handlers.ui.outgoing import CalendarFile, Home, PlainMail, Show, Tell, Whisper
from storage.posts import Post
from tests.bot.slack.samples import summons
from tests.bot.slack.workspace import Workspace, workspace

SOC = "slack:channel:C0SOC"
ANNA = "slack:person:T0/U0ANNA"
SURFACE = "summons:SIP-7K3QD-M:1:soc"


def show(version: int = 1, text: str = "Ni är kallade", *, anew: bool = False) -> Show:
    card = replace(summons(), sections=(Section(text=text),))
    return Show(SURFACE, version, card, anew)


def tell(text: str = "Tiden är ändrad", beside: str = "") -> Tell:
    return Tell(Card("", text, (Section(text=text),)), beside)


def post_of(sent: Any, address: str = SOC) -> Post:
    assert isinstance(sent, Sent)
    receipt = sent.receipt
    return Post(SURFACE, address, receipt.place, receipt.message, 1, datetime.now(UTC))


def invite() -> Invite:
    start = datetime(2026, 12, 3, 12, tzinfo=UTC)
    return Invite("PUBLISH", "uid-1@example.se", 0, start, start, 60, "SIP-7K3QD-M", "sip@kalender.example.se")


def texts(here: Workspace, channel: str = "C0SOC") -> list[str]:
    return [held.text for held in here.slack.state.messages.in_channel(channel) if not held.deleted]


def ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


async def test_a_card_is_posted_and_then_changed_in_place() -> None:
    async with workspace() as here:
        first = await here.platform.transport.deliver(SOC, show(), "k1", None)
        again = await here.platform.transport.deliver(SOC, show(2, "Två har svarat"), "k2", post_of(first))
        assert isinstance(again, Sent)
        assert again == first
        held = here.slack.state.messages.in_channel("C0SOC")
        assert len(held) == 1
        assert "Två har svarat" in str(held[0].blocks)


async def test_the_key_is_in_the_metadata_and_cannot_be_read_there() -> None:
    async with workspace() as here:
        await here.platform.transport.deliver(SOC, show(), "nag:SIP-7K3QD-M:1", None)
        metadata = here.slack.state.messages.in_channel("C0SOC")[0].metadata
        assert metadata is not None
        assert metadata["event_type"] == "sipbot"
        assert "SIP" not in str(metadata["event_payload"])


async def test_a_nag_shown_anew_takes_the_old_post_away() -> None:
    async with workspace() as here:
        first = await here.platform.transport.deliver(SOC, show(), "k1", None)
        again = await here.platform.transport.deliver(SOC, show(2, anew=True), "k2", post_of(first))
        assert isinstance(again, Sent)
        assert again != first
        assert len(texts(here)) == 1


async def test_a_post_somebody_deleted_is_posted_again() -> None:
    async with workspace() as here:
        first = await here.platform.transport.deliver(SOC, show(), "k1", None)
        here.slack.state.messages.delete(here.slack.state.messages.in_channel("C0SOC")[0])
        again = await here.platform.transport.deliver(SOC, show(2), "k2", post_of(first))
        assert isinstance(again, Sent)
        assert len(texts(here)) == 1


async def test_a_surface_whose_address_changed_is_posted_there_and_taken_away_here() -> None:
    async with workspace() as here:
        first = await here.platform.transport.deliver(SOC, show(), "k1", None)
        await here.platform.transport.deliver("slack:channel:C0BUP", show(2), "k2", post_of(first))
        assert texts(here) == []
        assert len(texts(here, "C0BUP")) == 1


async def test_a_word_beside_a_surface_stands_in_its_thread() -> None:
    async with workspace() as here:
        first = await here.platform.transport.deliver(SOC, show(), "k1", None)
        await here.platform.transport.deliver(SOC, tell(beside=SURFACE), "k2", post_of(first))
        parent, answer = here.slack.state.messages.in_channel("C0SOC")
        assert answer.thread_ts == parent.ts


async def test_a_word_whose_thread_is_gone_stands_in_the_channel() -> None:
    async with workspace() as here:
        post = Post(SURFACE, SOC, "C0SOC", "1.000001", 1, datetime.now(UTC))
        assert isinstance(await here.platform.transport.deliver(SOC, tell(beside=SURFACE), "k", post), Sent)


async def test_a_direct_message_is_opened_once_and_remembered() -> None:
    async with workspace() as here:
        for n in range(3):
            assert isinstance(await here.platform.transport.deliver(ANNA, tell(f"{n}"), f"k{n}", None), Sent)
        assert len(here.calls("conversations.open")) == 1
        assert "slack:T0/U0ANNA" in here.remembered.known
        assert [held.text for held in here.slack.person("anna").direct_messages()] == ["0", "1", "2"]


async def test_a_remembered_channel_that_is_gone_is_opened_anew() -> None:
    async with workspace() as here:
        here.remembered.known["slack:T0/U0ANNA"] = "D0GONE"
        assert isinstance(await here.platform.transport.deliver(ANNA, tell(), "k", None), Sent)
        assert here.remembered.known["slack:T0/U0ANNA"] != "D0GONE"


async def test_the_home_page_is_published_to_one_person() -> None:
    async with workspace() as here:
        assert await here.platform.transport.deliver(ANNA, Home(summons()), "k", None) == Sent(Receipt())
        assert here.slack.person("anna").home is not None
        assert here.slack.person("julia").home is None


async def test_a_calendar_file_stands_in_the_thread() -> None:
    async with workspace() as here:
        first = await here.platform.transport.deliver(SOC, show(), "k1", None)
        file = CalendarFile(invite(), "SIP-7K3QD-M.ics", "Kalenderfil", SURFACE)
        sent = await here.platform.transport.deliver(SOC, file, "k2", post_of(first))
        assert isinstance(sent, Sent)
        parent, with_file = here.slack.state.messages.in_channel("C0SOC")
        assert with_file.thread_ts == parent.ts
        found = await here.platform.transport.find(SOC, file, "k2", ago(), post_of(first))
        assert found == Receipt("C0SOC", with_file.ts)


async def test_a_whisper_goes_to_one_person_by_the_response_url() -> None:
    async with workspace() as here:
        await here.platform.transport.deliver(SOC, show(), "k1", None)
        await here.slack.person("anna").press("summons.received")
        reply_to = here.door.seen[-1].reply_to  # type: ignore[union-attr]
        whisper = Whisper(reply_to, "slack:T0/U0ANNA", Card("", "Tack, noterat.", (Section(text="Tack"),)))
        assert await here.platform.transport.deliver("slack:reply:1", whisper, "k2", None) == Sent(Receipt())
        assert [held.text for held in here.slack.person("anna").only_visible_to_me()] == ["Tack, noterat."]
        assert here.slack.person("julia").only_visible_to_me() == []


@pytest.mark.parametrize("reply_to", ["#C0SOC", "http://127.0.0.1:9/actions/1#C0SOC", "https://evil.example/x#C0SOC"])
async def test_a_whisper_without_a_good_response_url_is_ephemeral_in_the_channel(reply_to: str) -> None:
    async with workspace() as here:
        if reply_to.startswith("http://127"):
            reply_to = f"{here.server.url}/none/such#C0SOC"  # Slack's own host, but the answer there is over
        whisper = Whisper(reply_to, "slack:T0/U0ANNA", Card("", "Tack", (Section(text="Tack"),)))
        assert await here.platform.transport.deliver("slack:reply:1", whisper, "k", None) == Sent(Receipt())
        assert len(here.calls("chat.postEphemeral")) == 1
        assert len(here.slack.person("anna").only_visible_to_me()) == 1


async def test_a_whisper_with_nowhere_to_go_is_a_direct_message() -> None:
    async with workspace() as here:
        whisper = Whisper("", ANNA, Card("", "Tack", (Section(text="Tack"),)))
        assert await here.platform.transport.deliver("slack:reply:1", whisper, "k", None) == Sent(Receipt())
        assert [held.text for held in here.slack.person("anna").direct_messages()] == ["Tack"]
        assert list(here.remembered.known) == ["slack:T0/U0ANNA"]


@pytest.mark.parametrize(
    "url, base, good",
    [
        ("https://hooks.slack.com/actions/T0/1/x", "https://slack.com/api/", True),
        ("https://slack.com/x", "https://slack.com/api/", True),
        ("http://hooks.slack.com/actions/T0/1/x", "https://slack.com/api/", False),
        ("https://hooks.slack.com.evil.example/x", "https://slack.com/api/", False),
        ("https://hooks.slack.com@evil.example/x", "https://slack.com/api/", False),
        ("https://u:p@hooks.slack.com/x", "https://slack.com/api/", False),
        ("http://127.0.0.1/internal-admin", "https://slack.com/api/", False),
        ("http://127.0.0.1:4000/x", "http://127.0.0.1:3999/api/", True),
        ("file:///etc/passwd", "https://slack.com/api/", False),
        ("https://[::1", "https://slack.com/api/", False),
        ("https://hooks.slack.com:x/", "https://slack.com/api/", False),
        ("", "https://slack.com/api/", False),
    ],
)
def test_a_response_url_leads_to_slack_or_is_not_used(url: str, base: str, *, good: bool) -> None:
    """Bolt itself posted to http://127.0.0.1/internal-admin when a signed payload said so."""
    assert may_be_used(url, base) is good


@pytest.mark.parametrize(
    "fault, outcome",
    [
        (lambda faults: faults.rate_limited("chat.postMessage", retry_after=7), NotSent("ratelimited", 7.0)),
        (lambda faults: faults.server_error("chat.postMessage"), Unknown("http_503")),
        (lambda faults: faults.drop_before("chat.postMessage"), Unknown("disconnected")),
        (lambda faults: faults.drop_after("chat.postMessage"), Unknown("disconnected")),
        (lambda faults: faults.malformed("chat.postMessage"), Unknown("unreadable_answer")),
    ],
)
async def test_trouble_on_the_way_is_sorted_by_what_became_of_the_message(
    fault: Callable[[Faults], Any], outcome: Any
) -> None:
    """Reliability 3.1: surely not sent is tried again, what is unknown is looked for first."""
    async with workspace() as here:
        fault(here.slack.faults)
        found = await here.platform.transport.deliver(SOC, show(), "k", None)
        assert type(found) is type(outcome)
        if isinstance(found, NotSent):
            assert found == outcome
        assert len(here.calls("chat.postMessage")) == 1  # the SDK tries nothing again by itself


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with workspace() as here:
        await here.server.stop()
        assert await here.platform.transport.deliver(SOC, show(), "k", None) == NotSent("unreachable")
        await here.server.start()


@pytest.mark.parametrize(
    "address, why",
    [
        ("slack:channel:C0OUT", "not_in_channel"),
        ("slack:channel:C0NONE", "channel_not_found"),
        ("slack:person:T0/U0NOBODY", "user_not_found"),
        ("slack:elsewhere", "unknown_address"),
    ],
)
async def test_what_can_never_arrive_is_dead_at_once(address: str, why: str) -> None:
    async with workspace() as here:
        assert await here.platform.transport.deliver(address, show(), "k", None) == Never(why)


async def test_an_archived_channel_is_dead_at_once() -> None:
    async with workspace() as here:
        here.slack.archive("C0SOC")
        assert await here.platform.transport.deliver(SOC, show(), "k", None) == Never("is_archived")


async def test_a_revoked_token_halts_the_platform() -> None:
    async with workspace() as here:
        here.slack.revoke()
        assert await here.platform.transport.deliver(SOC, show(), "k", None) == Halted("token_revoked")


async def test_mail_is_not_for_chat() -> None:
    async with workspace() as here:
        assert await here.platform.transport.deliver(SOC, PlainMail("S", "T"), "k", None) == Never("not_for_chat")


async def test_a_message_that_arrived_after_all_is_found_by_its_key() -> None:
    async with workspace() as here:
        here.slack.faults.drop_after("chat.postMessage")
        assert isinstance(await here.platform.transport.deliver(SOC, show(), "k", None), Unknown)
        held = here.slack.state.messages.in_channel("C0SOC")[0]
        assert await here.platform.transport.find(SOC, show(), "k", ago(), None) == Receipt("C0SOC", held.ts)
        assert await here.platform.transport.find(SOC, show(), "another", ago(), None) is None


async def test_a_word_that_arrived_is_found_in_its_thread() -> None:
    async with workspace() as here:
        post = post_of(await here.platform.transport.deliver(SOC, show(), "k1", None))
        here.slack.faults.drop_after("chat.postMessage")
        await here.platform.transport.deliver(SOC, tell(beside=SURFACE), "k2", post)
        held = here.slack.state.messages.in_channel("C0SOC")[1]
        found = await here.platform.transport.find(SOC, tell(beside=SURFACE), "k2", ago(), post)
        assert found == Receipt("C0SOC", held.ts)


async def test_a_nag_that_arrived_anew_still_takes_the_old_one_away() -> None:
    async with workspace() as here:
        post = post_of(await here.platform.transport.deliver(SOC, show(), "k1", None))
        here.slack.faults.drop_after("chat.postMessage")
        await here.platform.transport.deliver(SOC, show(2, anew=True), "k2", post)
        assert len(texts(here)) == 2
        assert await here.platform.transport.find(SOC, show(2, anew=True), "k2", ago(), post) is not None
        assert len(texts(here)) == 1


async def test_what_is_found_is_brought_up_to_date() -> None:
    """The case went on between the attempts: what stands there must not be taken for the newest."""
    async with workspace() as here:
        here.slack.faults.drop_after("chat.postMessage")
        await here.platform.transport.deliver(SOC, show(), "k", None)
        held = here.slack.state.messages.in_channel("C0SOC")[0]
        found = await here.platform.transport.find(SOC, show(2, "Tiden är ändrad"), "k", ago(), None)
        assert found == Receipt("C0SOC", held.ts)
        assert "Tiden är ändrad" in str(held.blocks)


async def test_an_old_post_that_could_not_be_taken_away_is_taken_away_later() -> None:
    async with workspace() as here:
        post = post_of(await here.platform.transport.deliver(SOC, show(), "k1", None))
        here.slack.faults.server_error("chat.delete")
        sent = await here.platform.transport.deliver(SOC, show(2, anew=True), "k2", post)
        assert isinstance(sent, Unknown)
        here.slack.faults.server_error("chat.delete")
        with pytest.raises(CannotLook):
            await here.platform.transport.find(SOC, show(2, anew=True), "k2", ago(), post)
        assert len(texts(here)) == 2
        assert await here.platform.transport.find(SOC, show(2, anew=True), "k2", ago(), post) is not None
        assert len(texts(here)) == 1


async def test_where_a_person_cannot_be_reached_just_now_it_is_looked_for_later() -> None:
    async with workspace() as here:
        here.slack.faults.server_error("conversations.open", times=2)
        assert isinstance(await here.platform.transport.deliver(ANNA, tell(), "k", None), Unknown)
        with pytest.raises(CannotLook):
            await here.platform.transport.find(ANNA, tell(), "k", ago(), None)
        assert await here.platform.transport.find(ANNA, tell(), "k", ago(), None) is None


async def test_what_is_changed_in_place_needs_no_looking_for() -> None:
    async with workspace() as here:
        post = post_of(await here.platform.transport.deliver(SOC, show(), "k1", None))
        assert await here.platform.transport.find(SOC, show(2), "k2", ago(), post) is None
        assert here.calls("conversations.history") == []


async def test_when_slack_cannot_be_asked_it_is_asked_later() -> None:
    async with workspace() as here:
        here.slack.faults.rate_limited("conversations.history", retry_after=9)
        with pytest.raises(CannotLook) as told:
            await here.platform.transport.find(SOC, show(), "k", ago(), None)
        assert told.value.retry_after == 9


async def test_private_answers_and_home_pages_wait_for_no_pause() -> None:
    async with workspace() as here:
        transport = here.platform.transport
        assert [transport.pause(address) for address in (SOC, ANNA, "slack:reply:1")] == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.upload"])
async def test_a_file_nobody_has_seen_yet_is_simply_sent_again(method: str) -> None:
    async with workspace() as here:
        here.slack.faults.drop_after(method)
        file = CalendarFile(invite(), "SIP-7K3QD-M.ics", "Kalenderfil", "")
        assert isinstance(await here.platform.transport.deliver(SOC, file, "k", None), NotSent)
        assert texts(here) == []


async def test_a_file_that_may_have_been_shared_is_looked_for() -> None:
    async with workspace() as here:
        here.slack.faults.drop_after("files.completeUploadExternal")
        file = CalendarFile(invite(), "SIP-7K3QD-M.ics", "Kalenderfil", "")
        assert isinstance(await here.platform.transport.deliver(SOC, file, "k", None), Unknown)
        assert await here.platform.transport.find(SOC, file, "k", ago(), None) is not None
        other = replace(file, filename="SIP-other.ics")
        assert await here.platform.transport.find(SOC, other, "k", ago(), None) is None


async def test_without_leave_to_look_a_rare_double_is_the_smaller_harm() -> None:
    async with workspace() as here:
        for install in here.slack.directory.installations.values():
            install.scopes = frozenset({"chat:write"})
        assert await here.platform.transport.find(SOC, show(), "k", ago(), None) is None
