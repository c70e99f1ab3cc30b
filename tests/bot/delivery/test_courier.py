"""The courier delivers in order, at the right pace, nothing twice and nothing lost, whatever fails on the way."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.outcome import Never, NotSent, Receipt, Sent, Unknown
from bot.delivery.transport import Halted
from domain.errors import Unavailable
from handlers.ui.outgoing import Elsewhere, Later
from storage.outbox.outbox import Letter, Rank
from tests.bot.post_office import START, PostOffice, TestCarrier, drop, post_office, show, tell


@pytest.fixture
def url(migrated_sqlite_url: str) -> str:
    return migrated_sqlite_url


async def after(office: PostOffice, courier: Any, seconds: float) -> int:
    """Let time pass and deliver what has become due."""
    office.clock.turn(seconds)
    return int(await courier.deliver_due())


async def test_a_letter_is_carried_once_and_its_receipt_is_told(migrated_url: str) -> None:
    async with post_office(migrated_url) as office:
        await office.put_keys("a")
        courier = office.courier()
        assert await courier.deliver_due() == 1
        assert await courier.deliver_due() == 0
        assert office.transport.keys == ["a"]
        assert office.letter_handlers.delivered_keys == [("a", "C0/1")]
        assert office.metric('sipbot_outbox_sent_total{platform="chat",what="word"} 1.0')


async def test_letters_to_one_address_go_in_order_and_addresses_side_by_side(url: str) -> None:
    async with post_office(url) as office:
        await office.put_keys("a1", "a2", "a3", address="chat:A")
        await office.put_keys("b1", "b2", address="chat:B")
        await office.courier().deliver_due()
        keys = office.transport.keys
        assert [key for key in keys if key[0] == "a"] == ["a1", "a2", "a3"]
        assert [key for key in keys if key[0] == "b"] == ["b1", "b2"]


async def test_no_more_letters_are_under_way_than_there_are_hands(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [lambda: asyncio.sleep(0.01, Sent(Receipt("C", "1"))) for _ in range(12)]
        for n in range(12):
            await office.put_keys(f"k{n}", address=f"chat:{n}")
        await office.courier(concurrency=3).deliver_due()
        assert office.transport.most_busy <= 3
        assert len(office.letter_handlers.delivered_keys) == 12


async def test_a_channel_is_given_its_pause_between_two_messages(url: str) -> None:
    """Slack takes about one message a second in one channel."""
    async with post_office(url) as office:
        office.transport.seconds = 1.0
        await office.put_keys("a", "b")
        courier = office.courier()
        assert await courier.deliver_due() == 1
        assert await after(office, courier, 0.9) == 0
        assert await after(office, courier, 0.2) == 1
        assert office.transport.keys == ["a", "b"]


async def test_answers_go_before_nags(url: str) -> None:
    async with post_office(url) as office:
        for n in range(20):
            await office.put(Letter(f"nag{n}", f"chat:{n}", "nag", rank=Rank.REMINDER))
        await office.put(Letter("answer", "chat:x", "word", rank=Rank.ANSWER))
        await office.put(Letter("recall", "chat:y", "recall", rank=Rank.URGENT))
        await office.courier(concurrency=1).deliver_due()
        assert office.transport.keys[:2] == ["recall", "answer"]


async def test_what_surely_did_not_arrive_is_tried_again_later_without_looking(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [NotSent("unreachable")]
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        assert await after(office, courier, 1.9) == 0
        assert await after(office, courier, 0.6) == 1
        assert office.transport.looked == []
        assert office.transport.keys == ["a"]
        assert office.metric('sipbot_outbox_again_total{platform="chat",why="unreachable"} 1.0')


async def test_a_pause_that_was_asked_for_holds_for_the_whole_channel(url: str) -> None:
    """429 with Retry-After: that channel rests, others do not."""
    async with post_office(url) as office:
        office.transport.outcomes = [NotSent("ratelimited", 30.0)]
        await office.put_keys("a", "b", address="chat:A")
        courier = office.courier(concurrency=1)
        await courier.deliver_due()
        await office.put_keys("c", address="chat:B")
        await courier.deliver_due()
        assert office.transport.keys == ["c"]
        assert await after(office, courier, 29) == 0
        await after(office, courier, 2)
        assert office.transport.keys == ["c", "a", "b"]


async def test_what_may_have_arrived_and_did_is_not_sent_twice(migrated_url: str) -> None:
    async with post_office(migrated_url) as office:
        transport = office.transport

        async def accepted_but_unheard() -> Unknown:
            await transport.arrive("chat:C0", tell("a"), "a")
            return Unknown("timeout")

        transport.outcomes = [accepted_but_unheard]
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        await after(office, courier, 60)
        assert transport.looked == ["a"]
        assert transport.keys == ["a"]
        assert office.letter_handlers.delivered_keys == [("a", "C0/1")]


async def test_what_may_have_arrived_and_did_not_is_sent_after_looking(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [Unknown("disconnected")]
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        assert await after(office, courier, 14) == 0  # the first request may still be under way
        await after(office, courier, 10)
        assert office.transport.looked == ["a"]
        assert office.transport.keys == ["a"]


async def test_while_nobody_can_look_nothing_is_sent(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [Unknown("disconnected")]
        office.transport.blind = True
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        await after(office, courier, 20)
        assert office.transport.keys == []
        office.transport.blind = False
        await after(office, courier, 40)
        assert office.transport.keys == ["a"]


@pytest.mark.parametrize("arrived", [True, False], ids=["sent", "unsent"])
async def test_a_courier_that_dies_in_the_middle_loses_and_doubles_nothing(migrated_url: str, *, arrived: bool) -> None:
    """Killed between sending and writing: the lease runs out, the next one looks first."""
    async with post_office(migrated_url) as office:
        transport, stuck = office.transport, asyncio.Event()

        async def dies() -> Any:
            if arrived:
                await transport.arrive("chat:C0", tell("a"), "a")
            stuck.set()
            await asyncio.sleep(60)

        transport.outcomes = [dies]
        await office.put_keys("a", "b")
        first = office.courier("one")
        running = asyncio.create_task(first.run())
        await stuck.wait()
        await first.stop(0)
        await running
        second = office.courier("two")
        assert await second.deliver_due() == 0
        await after(office, second, 119)
        assert transport.keys == (["a"] if arrived else [])
        await after(office, second, 2)
        assert transport.looked == ["a"]
        assert transport.keys == ["a", "b"]
        assert [key for key, _ in office.letter_handlers.delivered_keys] == ["a", "b"]


async def test_what_can_never_arrive_is_dead_and_told(migrated_url: str) -> None:
    async with post_office(migrated_url) as office:
        office.transport.outcomes = [Never("channel_not_found")]
        await office.put_keys("a", "b")
        await office.courier().deliver_due()
        assert office.letter_handlers.undeliverable_keys == [("a", "channel_not_found")]
        assert office.transport.keys == ["b"]
        assert office.metric("sipbot_outbox_dead_total 1.0")


async def test_after_a_day_a_letter_is_given_up(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [NotSent("unreachable") for _ in range(60)]
        await office.put_keys("a")
        courier = office.courier()
        while not office.letter_handlers.undeliverable_keys:
            await after(office, courier, 600)
        assert office.clock.now() - START >= timedelta(hours=24)
        assert office.clock.now() - START < timedelta(hours=26)


async def test_a_withdrawal_is_tried_every_minute(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [NotSent("unreachable") for _ in range(30)]
        await office.put(Letter("recall", "chat:C0", "recall", rank=Rank.URGENT))
        courier = office.courier()
        for _ in range(40):
            await after(office, courier, 60)
        assert office.transport.keys == ["recall"]


async def test_a_revoked_token_halts_its_platform_and_burns_no_attempts(migrated_url: str) -> None:
    async with post_office(migrated_url) as office:
        mail = TestCarrier("mail:")
        office.transport.outcomes = [Halted("token_revoked") for _ in range(3)]
        await office.put_keys("a", address="chat:A")
        await office.put_keys("m", address="mail:m@example.se")
        courier = office.courier(concurrency=1, transports=[office.transport, mail])
        await courier.deliver_due()
        await office.put_keys("b", address="chat:B")
        assert await courier.deliver_due() == 0
        assert mail.keys == ["m"]
        assert office.metric('sipbot_platform_halted{platform="chat"} 1.0')
        for _ in range(4):
            await after(office, courier, 301)
        assert sorted(office.transport.keys) == ["a", "b"]
        assert office.metric('sipbot_platform_halted{platform="chat"} 0.0')


async def test_what_is_no_longer_to_be_said_is_dropped_with_its_reason(url: str) -> None:
    async with post_office(url) as office:
        office.letter_handlers.composed["a"] = drop("withdrawn")
        await office.put_keys("a")
        await office.courier().deliver_due()
        assert office.transport.keys == []
        assert office.metric('sipbot_outbox_dropped_total{why="withdrawn"} 1.0')


async def test_a_private_answer_that_is_too_old_is_not_sent(url: str) -> None:
    async with post_office(url) as office:
        await office.put(Letter("a", "chat:C0", "word", expires_at=START + timedelta(minutes=30)))
        office.clock.turn(1801)
        await office.courier().deliver_due()
        assert office.transport.keys == []


async def test_an_address_nobody_serves_is_dead(url: str) -> None:
    async with post_office(url) as office:
        await office.put_keys("m", address="mail:m@example.se")
        await office.courier().deliver_due()
        assert office.letter_handlers.undeliverable_keys == [("m", "no_carrier")]


async def test_one_letter_that_cannot_be_composed_does_not_stop_the_others(url: str) -> None:
    async with post_office(url) as office:
        office.letter_handlers.composed["a"] = RuntimeError("no")
        await office.put_keys("a", address="chat:A")
        await office.put_keys("b", address="chat:B")
        courier = office.courier()
        await courier.deliver_due()
        assert office.transport.keys == ["b"]
        del office.letter_handlers.composed["a"]
        await after(office, courier, 3)
        assert office.transport.keys == ["b", "a"]


async def test_a_carrier_that_breaks_is_looked_after(url: str) -> None:
    async with post_office(url) as office:

        def breaks() -> Any:
            raise RuntimeError("no")

        office.transport.outcomes = [breaks]
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        await after(office, courier, 60)
        assert office.transport.looked == ["a"]
        assert office.transport.keys == ["a"]


async def test_a_surface_is_remembered_and_not_shown_older_or_unchanged(url: str) -> None:
    async with post_office(url) as office:
        shows = {"v1": show(1, "ett"), "v3": show(3, "tre"), "v2": show(2, "två"), "v4": show(4, "tre")}
        office.letter_handlers.composed.update(shows)
        await office.put_keys("v1", "v3", "v2", "v4")
        await office.courier().deliver_due()
        assert office.transport.texts == ["ett", "tre"]
        post = await office.read(lambda reader: reader.posts.get("board:SIP-7K3QD-M"))
        assert (post.version, post.place, post.message) == (4, "C0", "2")
        assert [key for key, _ in office.letter_handlers.delivered_keys] == ["v1", "v3", "v4"]
        assert office.metric('sipbot_outbox_dropped_total{why="already_shown"} 1.0')


async def test_a_nag_is_shown_anew_though_nothing_changed(url: str) -> None:
    async with post_office(url) as office:
        office.letter_handlers.composed.update({"n1": show(1, "svara"), "n2": show(1, "svara", anew=True)})
        await office.put_keys("n1", "n2")
        await office.courier().deliver_due()
        assert office.transport.texts == ["svara", "svara"]


async def test_a_database_that_stumbles_is_told_again(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.delivery.courier._SETTLE_AGAIN", (0.0, 0.0, 0.0))
    async with post_office(url) as office:
        office.letter_handlers.fails = 2
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        assert office.transport.keys == ["a"]
        assert [key for key, _ in office.letter_handlers.delivered_keys] == ["a"]


async def test_consequences_that_keep_breaking_do_not_make_it_sent_twice(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.delivery.courier._SETTLE_AGAIN", (0.0, 0.0, 0.0))
    async with post_office(url) as office:
        office.letter_handlers.fails = 99
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        await after(office, courier, 300)
        assert office.transport.keys == ["a"]
        counts = await office.read(lambda reader: reader.outbox.counts())
        assert (counts.waiting, counts.taken, counts.dead) == (0, 0, 0)


async def test_the_courier_outlives_a_database_that_is_away(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with post_office(url) as office:
        courier = office.courier(poll=0.01)
        real, away = office.database.write, threading.Event()
        away.set()

        def write(work: Any) -> Any:
            if away.is_set():
                failed: Future[Any] = Future()
                failed.set_exception(Unavailable("database.unavailable"))
                return failed
            return real(work)

        monkeypatch.setattr(office.database, "write", write)
        running = asyncio.create_task(courier.run())
        await asyncio.sleep(0.05)
        assert not running.done()
        away.clear()
        await office.put_keys("a")
        async with asyncio.timeout(2):
            while not office.letter_handlers.delivered_keys:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        await courier.stop()
        await running


async def test_a_nudge_from_any_thread_delivers_at_once(url: str) -> None:
    async with post_office(url) as office:
        courier = office.courier(poll=30.0)
        running = asyncio.create_task(courier.run())
        await asyncio.sleep(0.05)
        await office.put_keys("a", "b")
        threading.Thread(target=courier.nudge).start()
        async with asyncio.timeout(2):
            while len(office.letter_handlers.delivered_keys) < 2:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        await courier.stop()
        await running


async def test_without_a_nudge_it_looks_by_itself(url: str) -> None:
    async with post_office(url) as office:
        courier = office.courier(poll=0.02)
        running = asyncio.create_task(courier.run())
        await asyncio.sleep(0.05)
        await office.put_keys("a")
        async with asyncio.timeout(2):
            while not office.letter_handlers.delivered_keys:  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)
        await courier.stop()
        await running


async def test_stopping_lets_what_is_under_way_arrive(url: str) -> None:
    async with post_office(url) as office:
        begun = asyncio.Event()

        async def slowly() -> Sent:
            begun.set()
            await asyncio.sleep(0.05)
            return Sent(Receipt("C0", "1"))

        office.transport.outcomes = [slowly]
        await office.put_keys("a")
        courier = office.courier()
        running = asyncio.create_task(courier.run())
        await begun.wait()
        await courier.stop()
        await running
        assert office.letter_handlers.delivered_keys == [("a", "C0/1")]


async def test_two_couriers_share_the_work_and_nothing_goes_twice(migrated_url: str) -> None:
    async with post_office(migrated_url) as office:
        for n in range(40):
            await office.put_keys(f"k{n}", address=f"chat:{n % 10}")
        couriers = [office.courier(name) for name in ("one", "two")]
        while sum(await asyncio.gather(*(courier.deliver_due() for courier in couriers))):
            pass
        assert sorted(office.transport.keys) == sorted(f"k{n}" for n in range(40))


async def test_what_waits_and_what_is_dead_can_be_read_from_the_metrics(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [Never("is_archived")]
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        await office.put_keys("b")
        office.clock.turn(90)
        await courier.measure()
        assert office.metric("sipbot_outbox_waiting 1.0")
        assert office.metric("sipbot_outbox_oldest_seconds 90.0")
        assert office.metric("sipbot_outbox_dead_total 1.0")


# ---- a platform that is away as a whole ------------------------------------------------------------------------


async def test_while_a_platform_is_away_letters_wait_however_long(url: str) -> None:
    async with post_office(url) as office:
        office.transport.there = False
        office.transport.outcomes = [*[NotSent("unreachable")] * 40, *[Unknown("disconnected")] * 4]
        await office.put_keys("a", address="chat:A")
        courier = office.courier()
        for _ in range(40):
            await after(office, courier, 4 * 3600)
        assert office.metric('sipbot_platform_away{platform="chat"} 1.0')
        office.transport.outcomes.clear()
        await after(office, courier, 61)
        assert office.transport.keys == ["a"]
        assert office.letter_handlers.undeliverable_keys == []
        assert office.metric('sipbot_platform_away{platform="chat"} 0.0')


async def test_the_first_success_releases_all_letters(url: str) -> None:
    async with post_office(url) as office:
        office.transport.there = False
        office.transport.outcomes = [NotSent("unreachable") for _ in range(6)]
        courier = office.courier(concurrency=3)
        for n in range(6):
            await office.put_keys(f"k{n}", address=f"chat:{n}")
        await courier.deliver_due()
        assert office.transport.keys == []
        office.transport.outcomes.clear()
        await after(office, courier, 61)
        assert sorted(office.transport.keys) == [f"k{n}" for n in range(6)]


async def test_many_addresses_that_take_nothing_are_an_outage_though_the_platform_answers(url: str) -> None:
    """A mail server that greets and puts off every recipient is away as a whole."""
    async with post_office(url) as office:
        office.transport.outcomes = [NotSent("recipient 451 4.3.2") for _ in range(2000)]
        courier = office.courier()
        for n in range(4):
            await office.put_keys(f"k{n}", address=f"chat:{n}")
        for _ in range(60):
            await after(office, courier, 3600)
        assert office.letter_handlers.undeliverable_keys == []


async def test_one_letter_that_its_platform_cannot_take_is_told_though_nothing_else_goes_out(url: str) -> None:
    async with post_office(url) as office:
        office.transport.outcomes = [Unknown("http_500") for _ in range(100)]
        await office.put_keys("poison", address="chat:A")
        courier = office.courier()
        for _ in range(40):
            await after(office, courier, 3600)
        assert office.letter_handlers.undeliverable_keys == [("poison", "http_500")]


async def test_what_died_of_an_outage_and_shows_how_something_stands_is_revived(url: str) -> None:
    """Version 0.1 let letters die after a day; the board is composed anew, a word of that day is not said late."""
    async with post_office(url) as office:
        await office.put(Letter("board", "chat:A", "board"), Letter("word", "chat:B", "note"))
        await office.put(Letter("gone", "chat:D", "board"))
        died = {"board": "http_503", "word": "unreachable", "gone": "channel_not_found"}

        def kill(tx: Any) -> None:
            for claim in tx.outbox.claim(tx.now, 9, "one", timedelta(minutes=2)):
                tx.outbox.dead(claim, died[claim.letter.key])

        await asyncio.wrap_future(office.database.write(kill))
        await office.put_keys("first", address="chat:C")
        courier = office.courier()
        await courier.deliver_due()
        assert office.transport.keys == ["first", "board"]


async def test_what_is_to_be_said_later_waits_and_is_composed_anew(url: str) -> None:
    async with post_office(url) as office:
        office.letter_handlers.composed["a"] = Later(START + timedelta(hours=14), "hours")
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        assert await after(office, courier, 13 * 3600) == 0
        del office.letter_handlers.composed["a"]
        await after(office, courier, 3600)
        assert office.transport.keys == ["a"]
        assert office.transport.looked == []


# ---- leases that are renewed -----------------------------------------------------------------------------------

LEASE = timedelta(seconds=12)


async def test_a_letter_that_takes_long_stays_with_its_courier_as_long_as_that_lives(migrated_url: str) -> None:
    async with post_office(migrated_url) as office:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def slowly() -> Any:
            begun.set()
            await may_end.wait()
            return await office.transport.arrive("chat:C0", tell("a"), "a")

        office.transport.outcomes = [slowly]
        await office.put_keys("a")
        first = office.courier("one", lease=LEASE, beat=0.02)
        running = asyncio.create_task(first.run())
        await begun.wait()
        second = office.courier("two", lease=LEASE)
        for _ in range(4):
            office.clock.turn(10)
            await asyncio.sleep(0.3)
            assert await second.deliver_due() == 0
        may_end.set()
        await first.stop()
        await running
        assert office.transport.keys == ["a"]
        assert [key for key, _ in office.letter_handlers.delivered_keys] == ["a"]


@pytest.mark.parametrize("beat", [None, 60.0])
async def test_a_letter_under_way_is_not_taken_again_by_its_own_courier_when_time_leaps(
    migrated_url: str, beat: float | None
) -> None:
    """The clock is put forward, or the machine has slept: the lease seems to be over, and the letter is on its way."""
    async with post_office(migrated_url) as office:
        begun, may_end = asyncio.Event(), asyncio.Event()

        async def slowly() -> Any:
            begun.set()
            await may_end.wait()

        office.transport.outcomes = [slowly]
        await office.put_keys("a", "b")
        courier = office.courier(poll=0.02, beat=beat)
        running = asyncio.create_task(courier.run())
        await begun.wait()
        for _ in range(3):
            office.clock.turn(200)
            await asyncio.sleep(0.1)
        may_end.set()
        async with asyncio.timeout(5):
            while len(office.letter_handlers.delivered_keys) < 2:  # noqa: ASYNC110 - the courier has no bell
                await asyncio.sleep(0.02)
        await courier.stop()
        await running
        assert (office.transport.keys, office.transport.looked) == (["a", "b"], [])


async def test_the_letters_of_a_courier_that_was_killed_are_carried_by_another_within_fifteen_seconds(
    migrated_url: str,
) -> None:
    async with post_office(migrated_url) as office:
        begun = asyncio.Event()

        async def never() -> Any:
            await office.transport.arrive("chat:C0", tell("a"), "a")
            begun.set()
            await asyncio.Event().wait()

        office.transport.outcomes = [never]
        await office.put_keys("a", "b")
        # It renews nothing before it dies: what its thread still has in hand would be done after the clock moves.
        first = office.courier("one", lease=LEASE, beat=60.0)
        running = asyncio.create_task(first.run())
        await begun.wait()
        await first.stop(0)
        await running
        second = office.courier("two", lease=LEASE)
        await after(office, second, 13)
        assert office.transport.looked == ["a"]
        assert office.transport.keys == ["a", "b"]


async def test_what_cannot_be_renewed_is_let_go_before_another_may_have_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is out of reach of this process alone: another will take the letter when the lease is over."""
    async with post_office(url) as office:
        begun, cut_off = asyncio.Event(), asyncio.Event()

        async def hangs() -> Any:
            begun.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cut_off.set()
                raise

        office.transport.outcomes = [hangs]
        await office.put_keys("a")
        courier = office.courier("one", lease=timedelta(seconds=0.5), beat=0.05)
        running = asyncio.create_task(courier.run())
        await begun.wait()

        def fails(_work: Any) -> Any:
            failed: Future[Any] = Future()
            failed.set_exception(Unavailable("database.unavailable"))
            return failed

        with monkeypatch.context() as patch:
            patch.setattr(office.database, "write", fails)
            async with asyncio.timeout(5):
                await cut_off.wait()
        await courier.stop()
        await running


async def test_4d_9_a_letter_goes_to_where_it_belongs_when_it_leaves(migrated_url: str) -> None:
    """It was written to one address, and since then somebody else is to have it."""
    async with post_office(migrated_url) as office:
        office.letter_handlers.composed["a"] = Elsewhere("chat:C1", tell("a"))
        await office.put_keys("a")
        await office.courier().deliver_due()
        assert office.transport.arrived == [("chat:C1", "a:at:chat:C1")]
        assert office.transport.looked == []


async def test_a_letter_that_has_nowhere_to_go_any_more_is_dead_and_told(url: str) -> None:
    async with post_office(url) as office:
        office.letter_handlers.composed["a"] = Elsewhere("", tell("a"))
        await office.put_keys("a")
        await office.courier().deliver_due()
        assert office.transport.arrived == []
        assert office.letter_handlers.undeliverable_keys == [("a", "no_place")]


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_may_have_arrived_where_it_no_longer_belongs_is_looked_for_there(url: str, *, arrived: bool) -> None:
    """Found, it is kept as shown there, so that what comes to the new address takes its place."""
    async with post_office(url) as office:
        transport = office.transport

        async def unheard() -> Unknown:
            if arrived:
                await transport.arrive("chat:C0", show(1, "a"), "a")
            return Unknown("timeout")

        transport.outcomes = [unheard]
        office.letter_handlers.composed["a"] = show(1, "a")
        await office.put_keys("a")
        courier = office.courier()
        await courier.deliver_due()
        office.letter_handlers.composed["a"] = Elsewhere("chat:C1", show(1, "a"))
        office.letter_handlers.composed["a:at:chat:C1"] = show(1, "a")
        transport.blind = True
        await after(office, courier, 20)
        assert [address for address, _ in transport.arrived] == (["chat:C0"] if arrived else [])
        transport.blind = False
        await after(office, courier, 60)
        assert [address for address, _ in transport.arrived] == ["chat:C0", "chat:C1"][0 if arrived else 1 :]
        assert [key for key, _ in office.letter_handlers.delivered_keys] == ["a", "a:at:chat:C1"][0 if arrived else 1 :]


async def test_what_a_card_leaves_on_another_platform_is_deleted_there(url: str) -> None:
    """An agency has moved from one platform to another, which cannot change what stands on the first."""
    async with post_office(url) as office:
        office.letter_handlers.composed |= {"a": show(1, "ett"), "b": show(2, "två")}
        other = TestCarrier("room:")
        courier = office.courier(transports=[office.transport, other])
        await office.put(Letter("a", "chat:C0", "word", code="SIP-7K3QD-M"))
        await courier.deliver_due()
        await office.put(Letter("b", "room:R0", "word", code="SIP-7K3QD-M"))
        await courier.deliver_due()
        assert other.arrived == [("room:R0", "b")]
        left = "word:SIP-7K3QD-M:b"
        assert office.transport.arrived == [("chat:C0", "a"), ("chat:C0", f"message.take_back:{left}")]
        posts = await office.read(lambda reader: reader.posts.of_case("SIP-7K3QD-M"))
        assert {post.surface: post.address for post in posts} == {left: "chat:C0", "board:SIP-7K3QD-M": "room:R0"}
