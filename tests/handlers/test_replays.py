"""A signed request that somebody has caught and sends again, as it was, while Slack's timestamp still lets it in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from bot.gateway import Gateway
from demo.slack.delivery.delivery import BotAnswer
from demo.slack.delivery.http_link import HttpLink
from domain.directory import Directory
from domain.errors import Unavailable
from handlers import dispatch
from handlers.directory_change import replace_directory
from handlers.ui.events import Event
from handlers.ui.responses import Response, Silence
from storage.transaction import Reader
from tests.handlers import town
from tests.handlers.story import OPENING, Story, telling

ANNA = town.BY_NAME["anna"].id
SVEN = town.BY_NAME["sven"].id
Failing: TypeAlias = Callable[[Story], AbstractContextManager[None]]
PUBLIC = "https://sip.exempel.invalid"


class Tap:
    """Stands where a request passes, keeps it with its signature, and can send the very same again."""

    def __init__(self, link: HttpLink) -> None:
        self._send = link.send_raw
        self._caught: list[tuple[bytes, dict[str, str]]] = []
        link.send_raw = self._pass  # type: ignore[method-assign]

    async def _pass(self, body: bytes, headers: dict[str, str]) -> BotAnswer:
        self._caught.append((body, headers))
        return await self._send(body, headers)

    async def again(self, number: int = -1) -> BotAnswer:
        answer = await self._send(*self._caught[number])
        assert answer.status == 200, answer
        return answer


def tapped(story: Story) -> Tap:
    """Listen from now on; a story that takes up a remembered moment has another way to the bot than before."""
    link = story.slack.dispatch.http
    assert link is not None
    return Tap(link)


@pytest.fixture
async def with_feeds(folder: Path, empty_database: Path) -> AsyncIterator[Story]:
    async with telling(folder, empty_database, sipbot_feed=True, sipbot_public_url=PUBLIC) as told:
        yield told


async def system_acts(story: Story) -> list[str]:
    """Return what stands in the system's own chain, in order."""
    rows = await story.reading(lambda reader: reader.journal.read(""))
    return [row.entry.action for row in rows]


async def everything(story: Story) -> Any:
    """Return what is kept of acts and of letters."""

    def kept(reader: Reader) -> Any:
        chains = ["", *story.codes]
        return [reader.journal.read(code) for code in chains], reader.outbox.counts()

    await story.settle()
    return await story.reading(kept)


def is_told_apart(story: Story, answer: BotAnswer) -> bool:
    """Say whether an answer holds the one sentence that every repeated command is answered with."""
    return story.says("command.again.text") in json.dumps(answer.json(), ensure_ascii=False)


async def imports(story: Story, directory: Directory) -> None:
    """Let this be the directory from now on."""
    await story.writing(lambda tx: replace_directory(story.bot.services, tx, directory, "operator"))


async def without_sven(story: Story) -> Directory:
    """Take Sven out of the directory, and return it as it was with him."""
    whole = await story.reading(lambda reader: reader.directory)
    await imports(story, Directory(whole.agencies, {who: staff for who, staff in whole.staff.items() if who != SVEN}))
    return whole


async def test_a_typed_absence_acts_once(story: Story) -> None:
    tap = tapped(story)
    await story.command(story.anna, "borta 2026-12-03")
    await story.command(story.anna, "tillbaka")
    before = await everything(story)
    assert is_told_apart(story, await tap.again(0))
    assert is_told_apart(story, await tap.again(1))
    assert await everything(story) == before
    assert (await system_acts(story))[-2:] == ["staff.away", "staff.back"]


async def test_a_typed_command_for_an_address_gives_no_other_one_to_whoever_repeats_it(with_feeds: Story) -> None:
    tap = tapped(with_feeds)
    await with_feeds.command(with_feeds.julia, "kalender")
    answer = await tap.again()
    assert b".ics" not in answer.body
    assert is_told_apart(with_feeds, answer)
    assert (await system_acts(with_feeds)).count("feed.given") == 1


@pytest.mark.parametrize("text", ["visa {}", "lista", "", "samtycke", "finnsinte", "visa SIP-00000-0"])
async def test_what_a_command_showed_is_not_shown_to_whoever_repeats_it(story: Story, text: str) -> None:
    await story.opens()
    tap = tapped(story)
    await story.command(story.anna, text.format(story.code))
    before = await everything(story)
    answer = await tap.again()
    assert story.code.encode() not in answer.body
    assert is_told_apart(story, answer)
    assert await everything(story) == before


async def test_a_form_is_asked_for_once(story: Story) -> None:
    await story.opens()
    tap = tapped(story)
    await story.ask(story.anna, f"samtycke {story.code}")
    before = await everything(story)
    assert is_told_apart(story, await tap.again())
    assert await everything(story) == before
    assert len([call for call in story.slack.calls if call.method == "views.open"]) == 2  # one opened the case


async def test_a_press_that_was_refused_does_not_count_later_when_it_would_be_right(story: Story) -> None:
    """Whoever pressed was told that nothing was done, and has gone on from there."""

    await story.summoned(agencies=["bup"])
    whole = await without_sven(story)
    tap = tapped(story)
    await story.press(story.sven, "summons.received")
    await imports(story, whole)
    before = await everything(story)
    await tap.again()
    assert await everything(story) == before
    assert await story.journal("summons.received") == []


async def test_an_event_and_a_form_that_was_sent_count_once(story: Story) -> None:
    tap = tapped(story)
    await story.opens()  # its last request is the form, sent
    before = await everything(story)
    await tap.again()
    assert await everything(story) == before
    await story.anna.open_home()
    await story.settle()
    before = await everything(story)
    await tap.again()
    assert await everything(story) == before


async def test_a_form_that_was_mended_does_not_count_as_it_was_when_that_would_be_right(story: Story) -> None:
    """Whoever sent it was told what was wrong, may have let it be, and has not asked for what it says since."""
    directory = await story.reading(lambda reader: reader.directory)
    tap = tapped(story)
    await story.ask(story.anna, "borta")
    absence = {"until": "2026-12-03", "who": "karin"}
    refused = await story.submit(story.anna, absence, stay=True)
    assert set(refused.errors) == {"who"}  # Anna is not the manager of Karin's unit
    agencies = {**directory.agencies, "soc": replace(directory.agencies["soc"], manager=ANNA)}
    await imports(story, replace(directory, agencies=agencies))
    before = await everything(story)
    for _ in range(2):
        answer = await tap.again()
        assert answer.json() == {"response_action": "errors", "errors": {"until": story.says("form.again")}}
    assert await everything(story) == before

    taken = await story.submit(story.anna, absence)
    assert not taken.errors, "whoever has the form before them sends it in anew, with the same answers"
    assert (await system_acts(story))[-1] == "staff.away"


async def test_a_form_that_was_refused_as_a_whole_does_not_count_when_it_would_be_right(story: Story) -> None:
    await story.ask(story.sven, "borta")
    whole = await without_sven(story)
    tap = tapped(story)
    await story.submit(story.sven, {"until": "2026-12-03"})
    await imports(story, whole)
    before = await everything(story)
    await tap.again()
    assert await everything(story) == before
    assert "staff.away" not in await system_acts(story)


async def test_what_was_wrong_in_a_form_is_not_shown_to_whoever_repeats_it(story: Story) -> None:
    tap = tapped(story)
    view = await story.ask(story.anna, "ny")
    refused = await story.submit(story.anna, {**OPENING, "noticed_on": "2027-01-01"}, view=view, checked=False)
    assert refused.errors
    shown = (await tap.again()).json()
    assert shown is not None
    assert list(shown["errors"].values()) == [story.says("form.again")]


# ---- what failed ---------------------------------------------------------------------------------------------------


@contextmanager
def away(story: Story) -> Iterator[None]:
    """Let the database take nothing."""

    def refuse(_work: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(Unavailable("database.unavailable"))
        return future

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(story.bot.database), "write", lambda _database, work: refuse(work))
        yield


@contextmanager
def unforeseen(_story: Story) -> Iterator[None]:
    """Let whatever arrives meet an error of the program."""

    def fall(*_: Any) -> Any:
        raise RuntimeError("unforeseen")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatch, "handle", fall)
        yield


FAILING = pytest.mark.parametrize("failing", [away, unforeseen])


@FAILING
async def test_a_press_that_failed_does_not_count_when_it_is_sent_again_later(story: Story, failing: Failing) -> None:
    """Whoever pressed was told that it failed, and may have decided otherwise since."""
    await story.summoned(agencies=["bup"])
    tap = tapped(story)
    with failing(story):
        await story.sven.press("summons.received")
    before = await everything(story)
    await tap.again()
    assert await everything(story) == before
    await story.press(story.sven, "summons.received")
    assert len(await story.journal("summons.received")) == 1, "a second press of the same button is another request"


@FAILING
async def test_a_form_that_failed_is_its_senders_alone_to_send_anew(story: Story, failing: Failing) -> None:
    tap = tapped(story)
    await story.ask(story.anna, "borta")
    with failing(story):
        failed = await story.anna.submit({"until": "2026-12-03"})
    assert failed.errors
    before = await everything(story)
    answer = await tap.again()
    assert answer.json() == {"response_action": "errors", "errors": {"until": story.says("form.again")}}
    assert await everything(story) == before
    assert not (await story.submit(story.anna, {"until": "2026-12-03"})).errors
    assert (await system_acts(story))[-1] == "staff.away"


@FAILING
async def test_a_command_that_failed_does_not_count_when_it_is_sent_again(story: Story, failing: Failing) -> None:
    tap = tapped(story)
    with failing(story):
        await story.anna.type("/sip borta 2026-12-03")
    before = await everything(story)
    assert is_told_apart(story, await tap.again())
    assert await everything(story) == before
    await story.command(story.anna, "borta 2026-12-03")
    assert (await system_acts(story))[-1] == "staff.away"


@FAILING
async def test_what_failed_here_does_not_count_at_another_replica_either(story: Story, failing: Failing) -> None:
    await story.summoned(agencies=["bup"])
    arrived: list[Event] = []
    with pytest.MonkeyPatch.context() as patch, failing(story):
        patch.setattr(Gateway, "__call__", noting(Gateway.__call__, arrived))
        await story.sven.press("summons.received")
    await story.bot.gateway.stop(5)
    before = await everything(story)
    another = Gateway(story.bot.database, story.bot.services, lambda: None)
    assert await another(arrived[0]) == Silence()
    assert await everything(story) == before


def noting(answer: Callable[[Gateway, Event], Awaitable[Response]], arrived: list[Event]) -> Any:
    """Return the same with a note of what arrives."""

    async def noted(gateway: Gateway, incoming: Event) -> Response:
        arrived.append(incoming)
        return await answer(gateway, incoming)

    return noted
