"""What people get back at once: cards, forms, errors at the fields, and plain words when something went wrong."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.background import Background
from bot.metrics import Metrics
from bot.slack.ingress import Ingress
from bot.slack.listeners import Hello, Listeners
from bot.slack.translate import Arrival
from handlers.ui.events import Event, HomeOpened
from handlers.ui.responses import Ask, Failed, Mend, Response, Say, Silence
from tests.bot.slack.payloads import (
    NOW,
    SECRET,
    Door,
    Whispers,
    command,
    deliver,
    home_opened,
    outsider_press,
    outsider_submit,
    press,
    submit,
    unchanged,
)
from tests.bot.slack.samples import anybodys_words, breaches, every_kind, summons, view_breaches


class Opened:
    """Stands in for the opener: notes which form would open."""

    def __init__(self) -> None:
        self.forms: list[str] = []

    def open_soon(self, arrival: Any, form: Any, words: Any) -> None:
        self.forms.append(form.name)


class Redrawn:
    """Stands for what draws open forms anew."""

    def __init__(self) -> None:
        self.changes: list[Arrival] = []

    async def draw_anew(self, arrival: Arrival) -> None:
        self.changes.append(arrival)


class Bot:
    def __init__(self, answer: Any, patience: float = 2.0, hello: Hello = unchanged) -> None:
        self.door = Door(answer)
        self.opened = Opened()
        self.whispers = Whispers()
        self.metrics = Metrics()
        self.background = Background()
        opener: Any = self.opened
        self.redrawn = Redrawn()
        views: Any = self.redrawn
        listeners = Listeners(
            self.door,
            opener,
            views,
            self.whispers,
            anybodys_words,
            hello,
            self.background,
            self.metrics,
            patience=patience,
        )
        self.ingress = Ingress(listeners.dispatch, SECRET, now=lambda: NOW)

    async def gets(self, payload: Any) -> Any:
        status, answer = await deliver(self.ingress, payload)
        assert status == 200
        return answer


async def failing(incoming: Event) -> Response:
    raise RuntimeError("hemligt ord")


async def test_a_command_is_answered_to_the_one_who_typed_it() -> None:
    answer = await Bot(Say(summons())).gets(command("visa 7K3QD-M"))
    assert answer["response_type"] == "ephemeral"
    assert breaches(answer["blocks"], "message") == []
    assert answer["text"].startswith("Kallelse till SIP-möte")


async def test_a_command_that_asks_is_acknowledged_empty_and_the_form_opens_apart() -> None:
    bot = Bot(Ask(every_kind()))
    assert await bot.gets(command("kalla")) == ""
    assert bot.opened.forms == ["meeting.summon"]


async def test_a_press_is_acknowledged_empty_for_the_outbox_answers_it() -> None:
    bot = Bot(Say(summons()))
    assert await bot.gets(press()) == ""
    assert bot.whispers.heard == []


async def test_a_press_that_asks_opens_its_form() -> None:
    bot = Bot(Ask(every_kind()))
    assert await bot.gets(press("summons.name")) == ""
    assert bot.opened.forms == ["meeting.summon"]


async def test_a_submit_is_answered_in_its_own_window() -> None:
    answer = await Bot(Say(summons())).gets(submit())
    assert answer["response_action"] == "update"
    assert view_breaches(answer["view"]) == []
    assert answer["view"]["title"]["text"] == "Föreslå tid"
    assert "submit" not in answer["view"]


async def test_a_submit_that_leads_to_another_form_shows_it_in_the_same_window() -> None:
    bot = Bot(Ask(every_kind()))
    answer = await bot.gets(submit())
    assert answer["response_action"] == "update"
    assert answer["view"]["callback_id"] == "meeting.summon"
    assert bot.opened.forms == []


async def test_errors_stand_at_their_fields_and_unknown_ones_at_the_first() -> None:
    answer = await Bot(Mend({"start": "För tidigt", "gone": "Saknas", "date": "En lördag"})).gets(submit())
    assert answer == {
        "response_action": "errors",
        "errors": {"start": "För tidigt", "date": "Saknas En lördag"},
    }


async def test_errors_without_any_field_are_shown_as_a_card() -> None:
    answer = await Bot(Mend({"": "Ärendet är stängt"})).gets(submit(view={"blocks": [], "state": None}))
    assert answer["response_action"] == "update"
    assert "Ärendet är stängt" in str(answer["view"])


@pytest.mark.parametrize("payload", [command(), press(), submit(), home_opened()])
async def test_what_came_before_is_acknowledged_in_silence(payload: Any) -> None:
    assert await Bot(Silence()).gets(payload) == ""


async def test_opening_the_home_page_is_handed_on() -> None:
    bot = Bot(Silence())
    await bot.gets(home_opened())
    assert isinstance(bot.door.seen[0], HomeOpened)


@pytest.mark.parametrize("payload", [outsider_press(), outsider_submit(), outsider_submit(host=None)])
async def test_members_of_another_organisation_reach_the_door(payload: Any) -> None:
    """Slack Connect, in all three shapes: Bolt lets none of them fall."""
    bot = Bot(Silence())
    await bot.gets(payload)
    assert [seen.sender.identity for seen in bot.door.seen] == ["slack:T2EXT/U2EXT"]


async def test_a_command_that_breaks_is_answered_with_a_reference() -> None:
    answer = await Bot(Failed("A1B2C3")).gets(command())
    assert answer["text"].startswith("Något gick fel hos oss. Referens ")


async def test_a_submit_that_breaks_keeps_the_window_and_what_was_typed() -> None:
    answer = await Bot(Failed("A1B2C3")).gets(submit())
    assert answer["response_action"] == "errors"
    assert list(answer["errors"]) == ["date"]


async def test_a_press_that_breaks_is_told_in_private() -> None:
    bot = Bot(Failed("A1B2C3"))
    assert await bot.gets(press()) == ""
    await bot.background.finish(1)
    identity, reply_to, said = bot.whispers.heard[0]
    assert identity == "slack:T0HOST/U0ANNA"
    assert reply_to.endswith("#C0SOC")
    assert "Referens" in said


@pytest.mark.parametrize("payload", [command(), press(), submit()])
async def test_whoever_acted_is_told_once_with_the_reference_of_the_gateway(payload: Any) -> None:
    bot = Bot(Failed("A1B2C3"))
    answer = await bot.gets(payload)
    await bot.background.finish(1)
    told = [*([str(answer)] if answer else []), *(said for *_, said in bot.whispers.heard)]
    assert len(told) == 1
    assert "Något gick fel hos oss. Referens A1B2C3." in told[0]


async def test_what_fails_late_is_told_afterwards() -> None:
    async def late(incoming: Event) -> Response:
        await asyncio.sleep(0.1)
        return Failed("A1B2C3")

    bot = Bot(late, patience=0.02)
    await bot.gets(press())
    await bot.background.finish(1)
    assert [said for *_, said in bot.whispers.heard] == ["Något gick fel hos oss. Referens A1B2C3."]


async def test_a_home_event_that_breaks_is_not_acknowledged_so_that_slack_sends_it_again() -> None:
    status, _ = await deliver(Bot(failing).ingress, home_opened())
    assert status == 500


async def slow(incoming: Event) -> Response:
    await asyncio.sleep(0.1)
    return Say(summons())


async def test_an_answer_that_takes_too_long_comes_in_private_afterwards() -> None:
    bot = Bot(slow, patience=0.02)
    answer = await bot.gets(command("visa"))
    assert "lite längre tid" in answer["text"]
    await bot.background.finish(1)
    assert [said for *_, said in bot.whispers.heard] == [summons().summary]


async def test_the_wait_for_somebodys_language_is_taken_off_the_wait_for_the_answer() -> None:
    """Slack gives up after three seconds, whatever they went to."""

    async def slow_hello(found: Arrival) -> Arrival:
        await asyncio.sleep(0.15)
        return found

    bot = Bot(slow, patience=0.2, hello=slow_hello)
    answer = await bot.gets(command("visa"))
    assert "lite längre tid" in answer["text"]
    await bot.background.finish(1)
    assert [said for *_, said in bot.whispers.heard] == [summons().summary]


async def test_a_form_that_comes_too_late_is_asked_for_again() -> None:
    async def late(incoming: Event) -> Response:
        await asyncio.sleep(0.1)
        return Ask(every_kind())

    bot = Bot(late, patience=0.02)
    await bot.gets(press())
    await bot.background.finish(1)
    assert [said for *_, said in bot.whispers.heard] == ["Slack var för långsamt, försök igen."]
    assert bot.opened.forms == []


async def test_a_slow_press_has_its_answer_from_the_outbox_alone() -> None:
    bot = Bot(slow, patience=0.02)
    assert await bot.gets(press()) == ""
    await bot.background.finish(1)
    assert bot.whispers.heard == []


async def test_a_press_is_acknowledged_once_it_is_kept_and_not_before() -> None:
    """It is all that somebody who presses gets: one that came early was lost when the bot was killed."""
    kept = asyncio.Event()

    async def when_kept(incoming: Event) -> Response:
        await kept.wait()
        return Silence()

    bot = Bot(when_kept, patience=0.02)
    answering = asyncio.create_task(bot.gets(press()))
    await asyncio.sleep(0.1)
    assert not answering.done()
    kept.set()
    assert await answering == ""


async def test_what_comes_in_is_counted_and_timed() -> None:
    bot = Bot(Silence())
    await bot.gets(command())
    await bot.gets(press())
    text = bot.metrics.render().decode()
    assert 'sipbot_inbound_total{kind="command",platform="slack"} 1.0' in text
    assert 'sipbot_inbound_total{kind="press",platform="slack"} 1.0' in text
    assert 'sipbot_ack_seconds_count{platform="slack"} 2.0' in text


async def test_a_changed_answer_in_a_form_is_acknowledged_at_once_and_reaches_no_handler_that_writes() -> None:
    bot = Bot(Say(summons()))
    changed = submit()
    view = {**changed["view"], "blocks": [{"type": "input", "block_id": "decision"}]}
    action = {"type": "static_select", "action_id": "decision", "block_id": "decision", "action_ts": "1.5"}
    assert await bot.gets({**changed, "type": "block_actions", "view": view, "actions": [action]}) in (None, b"", "")
    await bot.background.finish(2.0)
    assert [type(arrival.incoming).__name__ for arrival in bot.redrawn.changes] == ["Change"]
    assert bot.door.seen == []
