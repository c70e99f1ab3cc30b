"""Nothing is said in a channel that others than the agency's own people can read; who answers for the case is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.delivery.mended_rooms import MendedRooms
from bot.matrix.server import guard
from bot.slack.kind import Slack
from bot.slack.names import SCOPES
from bot.slack.workspace import channels
from bot.slack.workspace.channels import Unsafe
from demo.slack.faults import Fault
from domain.summons import Standing
from handlers.letters.outcomes import UNSAFE
from storage.outbox.letter import LetterState
from tests.handlers.steps.test_marking import marks
from tests.handlers.story import SUMMONS, Story, buttons, plain


def public(story: Story) -> None:
    channel = story.slack.directory.channels["C0BUP"]
    story.slack.directory.channels["C0BUP"] = replace(channel, kind="public")


def shared(story: Story) -> None:
    channel = story.slack.directory.channels["C0BUP"]
    story.slack.directory.channels["C0BUP"] = replace(channel, shared_with=frozenset({"open_points"}))


def with_somebody_elses_staff(story: Story) -> None:
    story.slack.directory.channels["C0BUP"].members.append("U0OMAR")


def with_somebody_unknown(story: Story) -> None:
    story.slack.directory.channels["C0BUP"].members.append("U0OVE")


OPEN: dict[str, tuple[Callable[[Story], None], Unsafe]] = {
    "public": (public, Unsafe.PUBLIC),
    "shared": (shared, Unsafe.SHARED),
    "another agency's staff in it": (with_somebody_elses_staff, Unsafe.STRANGERS),
    "somebody unknown in it": (with_somebody_unknown, Unsafe.STRANGERS),
}


@pytest.mark.parametrize("how", OPEN)
async def test_4d_nothing_is_said_where_others_can_read_and_the_coordinator_is_told(story: Story, how: str) -> None:
    opened, why = OPEN[how]
    opened(story)
    await story.summoned()
    assert story.messages("bup") == []
    assert len(story.messages("skola")) == 1
    (letter,) = [kept for kept in await story.letters("summons") if kept.state is LetterState.DEAD]
    assert letter.why == why
    title = story.says("note.unsafe_room.title", code=story.code, agency="Barn- och ungdomspsykiatrin", target="")
    assert [title in plain(m.blocks) for m in story.messages("anna")].count(True) == 1


async def test_4d_it_is_told_once_a_case_however_much_was_to_be_said(story: Story) -> None:
    public(story)
    await story.summoned()
    await story.moves()
    await story.until("2026-12-01 12:00")
    title = story.says("note.unsafe_room.title", code=story.code, agency="Barn- och ungdomspsykiatrin", target="")
    assert [title in plain(m.blocks) for m in story.messages("anna")].count(True) == 1


async def test_4d_once_the_channel_is_mended_the_next_word_is_said_there(story: Story) -> None:
    with_somebody_unknown(story)
    await story.summoned()
    story.slack.directory.channels["C0BUP"].members.remove("U0OVE")
    await story.moves()
    assert ["summons.received" in buttons(m.blocks) for m in story.messages("bup")].count(True) == 1


async def test_4d_once_the_channel_is_mended_what_was_kept_back_goes_out_by_itself(story: Story) -> None:
    """The summons alone: the coordinator need not send it again, and nothing is sent while others can read."""
    with_somebody_unknown(story)
    await story.summoned()
    mended = MendedRooms(story.bot.database, [chat.transport for chat in story.bot.platforms], story.bot.courier.nudge)
    assert await mended.run() == 0
    story.slack.directory.channels["C0BUP"].members.remove("U0OVE")
    assert await mended.run() == 1
    await story.settle()
    assert ["summons.received" in buttons(m.blocks) for m in story.messages("bup")] == [True]
    meeting = (await story.case()).meetings[-1]
    summons = meeting.summons_of("bup")
    assert summons is not None
    assert summons.standing(meeting.round) is Standing.SENT
    assert await mended.run() == 0


@pytest.fixture
def unbelieving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each channel looked at anew for each word."""
    monkeypatch.setattr(channels, "_BELIEVED", 0.0)


@pytest.mark.usefixtures("unbelieving")
async def test_4d_what_stands_where_others_can_read_by_now_can_still_be_taken_back(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.moves()
    assert len([m for m in story.messages("bup") if story.code in plain(m.blocks)]) > 1
    public(story)
    await marks(story, "protected")
    assert [m for m in story.messages("bup") if story.code in plain(m.blocks)] == []


@pytest.mark.usefixtures("unbelieving")
async def test_4d_a_word_that_is_found_where_others_can_read_by_now_is_not_brought_up_to_date(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    story.slack.faults.add(Fault("server_error", "chat.postMessage", "C0BUP", accepted=True))
    await story.ask(story.anna, f"kalla {story.code}")
    await story.anna.submit(SUMMONS)
    await story.bot.courier.deliver_due()
    (standing,) = story.messages("bup")
    public(story)
    await story.moves()
    await story.until("2026-11-23 12:00")
    assert story.messages("bup") == [standing]
    changed = [call for call in story.slack.calls if call.method == "chat.update" and call.args["channel"] == "C0BUP"]
    assert changed == []


async def test_without_the_scopes_that_this_takes_nothing_is_sent_and_nothing_is_lost(story: Story) -> None:
    installation = next(iter(story.slack.directory.installations.values()))
    held = frozenset(SCOPES) - {"groups:read"}
    installation.scopes = held
    await story.summoned()
    assert story.messages("bup") == []
    assert [kept.state for kept in await story.letters("summons")] == [LetterState.WAITING] * 3
    installation.scopes = frozenset(SCOPES)
    await story.until("2026-11-23 11:00")
    assert [len(story.messages(place)) for place in ("bup", "skola", "fk")] == [1, 1, 1]


async def test_doctor_names_the_agency_and_the_mend(story: Story) -> None:
    public(story)
    lines = [line async for line in Slack().checks(story.bot.settings)]
    (told,) = [line for line in lines if line.failed]
    assert "bup: its channel is public" in told.words


def test_every_reason_is_one_that_handlers_know() -> None:
    assert {why.value for why in (*Unsafe, *guard.Unsafe)} == UNSAFE
