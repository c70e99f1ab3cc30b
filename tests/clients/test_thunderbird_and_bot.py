"""Thunderbird and the whole bot: what the bot mails is accepted by a button, and the board in chat turns.

Run by `make test-clients`. Pictures of every step lie in `.cache/clients` afterwards.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.slack import transport
from domain.summons import Standing
from storage.migrate import migrate
from tests.clients.test_thunderbird import ACCEPT, DECLINE, DELETE, PICTURES
from tests.clients.thunderbird import Thunderbird, ThunderbirdMissingError, programs
from tests.handlers.calendar.calendars import Calendars, answering
from tests.handlers.people import disclosure

pytestmark = [pytest.mark.clients, pytest.mark.slow]

JULIA = "Julia Påhittlind"


@pytest.fixture
async def calendars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Calendars]:
    """A story in which bup has named Julia, whose mails are read by Thunderbird."""
    monkeypatch.setattr(transport, "_RATE", 1_000_000.0)
    empty, folder = tmp_path / "empty.db", tmp_path / "story"
    folder.mkdir()
    migrate(f"sqlite:///{empty}")
    async with answering(folder, empty) as found:
        await found.story.summoned()
        await found.story.names(found.story.julia, "julia")
        yield found
        disclosure.check(found.story, [await found.story.case(code) for code in found.story.codes])


@pytest.fixture
def thunderbird(calendars: Calendars, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Thunderbird]:
    try:
        programs()
    except ThunderbirdMissingError as error:
        pytest.skip(str(error))
    address = "julia@exempel.invalid"
    with Thunderbird(tmp_path / "home", address=address, name=JULIA, smtp_port=calendars.port) as running:
        yield running
    kept = PICTURES / request.node.name
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(running.shots, kept)


class Gateway:
    """Julia at her desk: Thunderbird with her newest mail from the bot."""

    def __init__(self, calendars: Calendars, thunderbird: Thunderbird) -> None:
        self._calendars = calendars
        self._thunderbird = thunderbird
        self._shown = 0

    async def presses(self, button: int, *, confirmed: bool = False) -> None:
        """Open the newest mail, press a button, and wait until the bot has the answer.

        `confirmed`: Thunderbird asks first, since the meeting was deleted a moment ago.
        """
        await asyncio.to_thread(self._answer, button, confirmed)
        await self._calendars.story.settle()

    async def deletes(self) -> None:
        """Open the newest mail, a cancellation, and press Delete."""
        await asyncio.to_thread(self._delete)

    async def looks(self) -> None:
        """Open the newest mail and only look at it."""
        await asyncio.to_thread(self._open_and, lambda: None)

    @property
    def calendar(self) -> dict[str, str]:
        """UIDs in Thunderbird's calendar with their start in UTC."""
        return self._thunderbird.calendar()

    def _answer(self, button: int, confirmed: bool) -> None:  # noqa: FBT001 - handed on by `to_thread`
        before = self._answers()

        def press() -> None:
            self._thunderbird.press(button)
            if confirmed:
                self._thunderbird.confirm()
            self._thunderbird.wait_for(lambda: self._answers() > before, "the answer")

        self._open_and(press)

    def _delete(self) -> None:
        def press() -> None:
            self._thunderbird.press(DELETE)
            self._thunderbird.pause()

        self._open_and(press)

    def _open_and(self, act: object) -> None:
        assert callable(act)
        self._shown += 1
        mail = self._calendars.story.postbox.to("julia@exempel.invalid")[-1]
        try:
            self._thunderbird.show(mail.data, f"{self._shown}-shown")
            act()
        finally:
            self._thunderbird.look(f"{self._shown}-done")
            self._thunderbird.close()

    def _answers(self) -> float:
        return self._calendars.metric("sipbot_inbound", platform="mail")


@pytest.fixture
def gateway(calendars: Calendars, thunderbird: Thunderbird) -> Gateway:
    return Gateway(calendars, thunderbird)


async def standing(calendars: Calendars) -> Standing | None:
    meeting = (await calendars.story.case()).meeting
    return None if meeting is None else meeting.standing_of("bup")


async def test_a_yes_in_thunderbird_turns_the_board_and_so_does_one_to_the_new_time(
    calendars: Calendars, gateway: Gateway
) -> None:
    story = calendars.story
    uid = calendars.newest("julia").uid
    await gateway.presses(ACCEPT)
    assert f"{JULIA}: ja (kalender)" in calendars.board()
    assert gateway.calendar == {uid: "2026-12-08 12:00"}

    await story.moves()
    assert "ja (kalender)" not in calendars.board()
    assert await standing(calendars) is Standing.SENT
    await gateway.presses(ACCEPT)
    assert f"{JULIA}: ja (kalender)" in calendars.board()
    assert await standing(calendars) is Standing.NAMED
    assert gateway.calendar == {uid: "2026-12-10 08:30"}

    await story.moves(date=None, start=None, place="Sammanträdesrum 3.")
    await gateway.looks()
    assert f"{JULIA}: ja (kalender)" in calendars.board()

    await story.withdraws()
    await gateway.deletes()
    assert gateway.calendar == {}


async def test_who_is_taken_off_loses_the_meeting_and_who_is_named_again_gets_it_back(
    calendars: Calendars, gateway: Gateway
) -> None:
    story = calendars.story
    uid = calendars.newest("julia").uid
    await gateway.presses(ACCEPT)
    await story.names(story.julia, "sven")
    await gateway.deletes()
    assert gateway.calendar == {}

    await story.names(story.julia, "julia", "sven")
    await gateway.presses(ACCEPT, confirmed=True)
    assert gateway.calendar == {uid: "2026-12-08 12:00"}
    assert f"{JULIA}: ja (kalender)" in calendars.board()


async def test_a_no_in_thunderbird_leaves_the_agency_asked_and_naming_again_asks_anew(
    calendars: Calendars, gateway: Gateway
) -> None:
    story = calendars.story
    await gateway.presses(DECLINE)
    assert f"{JULIA}: nej (kalender)" in calendars.board()
    assert await standing(calendars) is Standing.RECEIVED
    assert len(calendars.told("note.calendar_all_declined")) == 1

    await story.names(story.julia, "julia")
    assert await standing(calendars) is Standing.NAMED
    await gateway.presses(ACCEPT)
    assert f"{JULIA}: ja (kalender)" in calendars.board()
