"""The bot's Slack side against a whole workspace: people type, press and submit, over HTTP and over Socket Mode."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from demo.slack.faults import Fault
from handlers.ui.events import Change, Command, Event, HomeOpened, Press, Submit
from handlers.ui.responses import Ask, Mend, Response, Say, Silence
from tests.bot.slack.samples import every_kind, summons
from tests.bot.slack.test_transport import SOC, show
from tests.bot.slack.workspace import Workspace, workspace

BOTH_WAYS = pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket"])

GOOD = {
    "date": "2026-12-03",
    "start": "13:00",
    "minutes": "60",
    "place": "Rum 3",
    "agencies": ["soc", "bup"],
    "chair": "anna",
    "attendees": ["anna", "julia"],
}


async def ready(here: Workspace) -> None:
    """Wait until the bot can hear."""
    if here.platform.socket is not None:
        async with asyncio.timeout(5):
            while not await here.platform.socket.connected():  # noqa: ASYNC110 - the SDK tells nobody
                await asyncio.sleep(0.01)


async def opened(here: Workspace, name: str = "anna") -> Any:
    await here.slack.until(lambda: here.slack.person(name).view is not None)
    return here.slack.person(name).view


@BOTH_WAYS
async def test_a_command_is_answered_for_the_one_alone(*, socket_mode: bool) -> None:
    async with workspace(Say(summons()), socket_mode=socket_mode) as here:
        await ready(here)
        outcome = await here.slack.person("anna").type("/sip visa 7K3QD-M", "C0SOC")
        assert outcome.ok
        assert outcome.text == summons().summary
        assert isinstance(here.door.seen[0], Command)
        assert here.slack.person("julia").messages("C0SOC") == []


@BOTH_WAYS
async def test_a_form_opens_is_filled_in_and_answered_in_its_window(*, socket_mode: bool) -> None:
    async def answer(incoming: Event) -> Response:
        return Say(summons()) if isinstance(incoming, Submit) else Ask(every_kind())

    async with workspace(answer, socket_mode=socket_mode) as here:
        await ready(here)
        anna = here.slack.person("anna")
        assert (await anna.type("/sip kalla", "C0SOC")).ok
        await opened(here)
        outcome = await anna.submit(GOOD)
        assert outcome.ok
        assert outcome.action == "updated"
        assert outcome.view is not None
        assert outcome.view.callback_id == "sip.closed"
        submit = here.door.seen[-1]
        assert isinstance(submit, Submit)
        assert submit.token == "sealed"
        assert submit.values["chair"] == "slack:T0/U0ANNA"
        assert submit.values["attendees"] == ("slack:T0/U0ANNA", "slack:T0/U0JULIA")
        assert submit.values["agencies"] == ("soc", "bup")


@BOTH_WAYS
async def test_a_press_on_a_posted_card_opens_its_form(*, socket_mode: bool) -> None:
    async with workspace(Ask(every_kind()), socket_mode=socket_mode) as here:
        await ready(here)
        await here.platform.transport.deliver(SOC, show(), "k", None)
        assert (await here.slack.person("julia").press("summons.name")).ok
        view = await opened(here, "julia")
        assert view.callback_id == "meeting.summon"
        assert isinstance(here.door.seen[0], Press)


@BOTH_WAYS
async def test_opening_the_home_page_reaches_the_door(*, socket_mode: bool) -> None:
    async with workspace(Silence(), socket_mode=socket_mode) as here:
        await ready(here)
        assert (await here.slack.person("anna").open_home()).ok
        assert isinstance(here.door.seen[0], HomeOpened)


async def test_errors_stand_at_the_fields_and_the_window_stays() -> None:
    async def answer(incoming: Event) -> Response:
        return Mend({"start": "Före klockan åtta"}) if isinstance(incoming, Submit) else Ask(every_kind())

    async with workspace(answer) as here:
        await here.slack.person("anna").type("/sip kalla", "C0SOC")
        await opened(here)
        outcome = await here.slack.person("anna").submit(GOOD)
        assert outcome.errors == {"start": "Före klockan åtta"}
        assert here.slack.person("anna").view is not None


@pytest.mark.alone
async def test_a_form_does_not_delay_the_acknowledgement() -> None:
    async with workspace(Ask(every_kind())) as here:
        here.slack.faults.delay(0.5, "views.open")
        outcome = await here.slack.person("anna").type("/sip kalla", "C0SOC")
        assert outcome.ack_ms is not None
        assert outcome.ack_ms < 400
        await opened(here)


@pytest.mark.parametrize("trouble", ["slow", "refused", "down"])
async def test_when_a_form_does_not_open_the_person_is_told_alone(trouble: str) -> None:
    async with workspace(Ask(every_kind())) as here:
        if trouble == "slow":
            here.slack.faults.drop_before("views.open")
        elif trouble == "refused":
            here.slack.faults.server_error("views.open", status=500)
        else:
            here.slack.faults.rate_limited("views.open", times=2)
        await here.slack.person("anna").type("/sip kalla", "C0SOC")
        await here.slack.until(lambda: bool(here.slack.person("anna").only_visible_to_me()))
        said = here.slack.person("anna").only_visible_to_me()[-1].text
        assert said == "Slack var för långsamt, försök igen."
        assert b"sipbot_forms_unopened_total" in here.metrics.render()


async def test_a_trigger_that_is_over_is_said_plainly() -> None:
    now = [1_780_000_000.0]

    async def late(incoming: Event) -> Response:
        now[0] += 4
        return Ask(every_kind())

    async with workspace(late, clock=lambda: now[0]) as here:
        await here.slack.person("anna").type("/sip kalla", "C0SOC")
        await here.slack.until(lambda: bool(here.slack.person("anna").only_visible_to_me()))
        said = here.slack.person("anna").only_visible_to_me()[-1].text
        assert said == "Slack var för långsamt, försök igen."


async def test_the_same_press_twice_is_the_same_arrival() -> None:
    async with workspace() as here:
        await here.platform.transport.deliver(SOC, show(), "k", None)
        outcome = await here.slack.person("anna").press("summons.received")
        await here.slack.person("anna").retry(outcome)
        keys = [incoming.key for incoming in here.door.seen if not isinstance(incoming, Change)]
        assert len(keys) == 2
        assert keys[0] == keys[1]


async def test_a_stranger_in_a_shared_channel_answers_under_their_own_workspace() -> None:
    async with workspace(Ask(every_kind())) as here:
        await here.platform.transport.deliver("slack:channel:C0SHARED", show(), "k", None)
        assert (await here.slack.person("eva").press("summons.name")).ok
        await opened(here, "eva")
        here.door.answer = Say(summons())
        outcome = await here.slack.person("eva").submit(GOOD)
        assert outcome.ok
        assert {incoming.sender.identity for incoming in here.door.seen} == {"slack:T2/U2EVA"}


async def test_the_very_first_answer_is_in_the_persons_own_language() -> None:
    async with workspace(Say(summons())) as here:
        julia = here.slack.person("julia")
        await julia.type("/sip lista", "C0SOC")
        await julia.type("/sip lista", "C0SOC")
        assert [incoming.sender.locale for incoming in here.door.seen] == ["en-GB", "en-GB"]
        assert len(here.calls("users.info")) == 1


async def test_a_slow_slack_keeps_nobody_waiting_for_long() -> None:
    async with workspace(Say(summons())) as here:
        here.slack.faults.add(Fault("delay", "users.info", seconds=1.5))
        julia = here.slack.person("julia")
        started = asyncio.get_running_loop().time()
        await julia.type("/sip lista", "C0SOC")
        assert asyncio.get_running_loop().time() - started < 1.4
        assert [incoming.sender.locale for incoming in here.door.seen] == [""]


async def test_who_was_met_before_the_bot_was_restarted_does_not_wait() -> None:
    """The handlers find the language of last time."""
    async with workspace(Say(summons())) as here:
        here.remembered.languages["slack:T0/U0JULIA"] = "en-GB"
        here.slack.faults.add(Fault("delay", "users.info", seconds=0.7))
        await here.slack.person("julia").type("/sip lista", "C0SOC")
        assert [incoming.sender.locale for incoming in here.door.seen] == [""]


async def asked_for_languages(here: Workspace, times: int) -> None:
    await here.slack.until(lambda: len(here.calls("users.info")) == times)


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "malformed"])
async def test_a_language_that_could_not_be_asked_for_is_asked_for_again(kind: Any) -> None:
    async with workspace(Say(summons())) as here:
        here.slack.faults.add(Fault(kind, "users.info"))
        julia = here.slack.person("julia")
        for asked in (1, 2):
            await julia.type("/sip lista", "C0SOC")
            await asked_for_languages(here, asked)
            await asyncio.sleep(0.05)
        await julia.type("/sip lista", "C0SOC")
        assert [incoming.sender.locale for incoming in here.door.seen] == ["", "", "en-GB"]
        assert len(here.calls("users.info")) == 2


async def test_a_form_asked_for_inside_a_window_is_laid_on_top() -> None:
    """A closing view may carry buttons; Slack opens no second root view from there."""

    async def answer(incoming: Event) -> Response:
        return Say(summons()) if isinstance(incoming, Submit) else Ask(every_kind())

    async with workspace(answer) as here:
        anna = here.slack.person("anna")
        await anna.type("/sip kalla", "C0SOC")
        await opened(here)
        await anna.submit(GOOD)
        await anna.press("summons.name", source=anna.view)
        await here.slack.until(lambda: bool(here.calls("views.push")))
        assert here.calls("views.push")[0].ok


async def test_socket_mode_finds_slack_again_after_an_outage() -> None:
    async with workspace(Say(summons()), socket_mode=True) as here:
        await ready(here)
        assert here.platform.socket is not None
        await here.server.stop()
        await here.server.start()
        async with asyncio.timeout(20):
            while True:
                outcome = await here.slack.person("anna").type("/sip lista", "C0SOC")
                if outcome.ok:
                    break
                await asyncio.sleep(0.1)
