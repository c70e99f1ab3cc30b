"""Slack and the mail server on their bad days, in the middle of the main job: each trouble and what comes of it.

What is asked of it: nothing doubled, nothing lost, nobody waits for what is not theirs,
and what cannot arrive is told to a person.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.slack import transport
from demo.slack.faults import Fault
from domain.case import State
from storage.outbox.letter import KeptLetter
from tests.bot.mail.smtp_server import MailServer
from tests.handlers.letters.post_office import Mail
from tests.handlers.story import SUMMONS, buttons, calendar_value, parsed, plain
from tests.whole.lives import Life, living

ACK_MS = 250
# The most that the first answer to somebody new waits for their language beside that.
LANGUAGE_MS = 800

# What the courier calls. Forms have tests of their own: they cannot come later.
CARRIED = (
    "chat.postMessage",
    "chat.update",
    "chat.delete",
    "conversations.open",
    "conversations.history",
    "conversations.replies",
    "files.getUploadURLExternal",
    "files.upload",
    "files.completeUploadExternal",
    "response_url",
)


@pytest.fixture(autouse=True)
def _unhurried_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days pass in milliseconds here, so the workspace's pace by real time would only make the tests wait."""
    monkeypatch.setattr(transport, "_RATE", 1_000_000.0)


@pytest.fixture
async def life(tmp_path: Path, migrated_sqlite_url: str) -> AsyncIterator[Life]:
    async with living(tmp_path, migrated_sqlite_url) as lived:
        yield lived


def posts_to(life: Life, channel: str) -> list[datetime]:
    """Return when a message was posted, or meant to be, in a channel."""
    return calls_to(life, "chat.postMessage", channel)


def calls_to(life: Life, method: str, channel: str) -> list[datetime]:
    """Return when a method was called about a channel."""
    calls = [call for call in life.slack.calls if call.method == method]
    return [datetime.fromtimestamp(call.at, UTC) for call in calls if call.args.get("channel") == channel]


def standing(life: Life, where: str, action: str) -> int:
    """Count the messages with a button that stand in a place."""
    return sum(action in buttons(message.blocks) for message in life.messages(where))


async def unfinished(life: Life) -> list[KeptLetter]:
    """Return the case's letters that neither arrived nor were dropped."""
    return [letter for letter in await life.letters() if letter.state.value not in {"sent", "dropped"}]


def told_of_dead_letters(life: Life, where: str) -> list[str]:
    """Return the words about letters that did not arrive, in somebody's direct messages."""
    title = life.says("note.undeliverable.title", code=life.code)
    return [plain(message.blocks) for message in life.messages(where) if title in message.text]


# ---- Slack ---------------------------------------------------------------------------------------------------


async def the_main_job(life: Life) -> None:
    """From the first notice until the plan is sent, with a move and a night of reminders."""
    await life.opens()
    await life.calm()
    await life.records_consent()
    await life.summons()
    await life.calm()
    for person in (life.julia, life.omar):
        await life.press(person, "summons.received")
        await life.names(person, person.user.name)
    await life.press(life.leif, "summons.received")
    await life.until("2026-12-03 12:00")
    await life.calm()
    await life.moves()
    await life.until("2026-12-10 14:30")
    await life.calm()
    await life.reports()
    await life.calm()
    await life.sends_plan(sent_on="2026-12-10")
    await life.calm()


TROUBLES: dict[str, tuple[Fault, ...]] = {
    "nothing": (),
    "refused or dropped before any effect": (
        Fault("rate_limited", retry_after=3, times=None, fraction=0.15),
        Fault("server_error", times=None, fraction=0.15),
        Fault("drop_before", times=None, fraction=0.15),
    ),
    "done, but the answer is an error, lost or broken": (
        Fault("server_error", accepted=True, times=None, fraction=0.15),
        Fault("drop_after", times=None, fraction=0.15),
        Fault("malformed", times=None, fraction=0.15),
    ),
}


@pytest.mark.siege
@pytest.mark.slow
@pytest.mark.alone  # a crowded machine lets a line break at other moments than the ones that are counted
async def test_a_bad_line_doubles_and_loses_nothing(tmp_path: Path, empty_database: Path) -> None:
    """With two calls in five failing, everybody ends up with the same before them as on a good line."""
    pictures = {}
    for number, (name, faults) in enumerate(TROUBLES.items()):
        path = shutil.copy(empty_database, tmp_path / f"{number}.db")
        async with living(tmp_path, f"sqlite:///{path}") as life:
            for method in CARRIED:
                for fault in faults:
                    life.slack.faults.add(replace(fault, method=method))
            await the_main_job(life)
            assert (await life.case()).state is State.ACTIVE
            assert await life.metric("sipbot_outbox_dead_total") == 0
            assert not faults or sum(call.fault is not None for call in life.slack.calls) > 15
            pictures[name] = life.picture()
    calm = pictures.pop("nothing")
    assert sum(calm.values()) > 20
    for name, picture in pictures.items():
        assert picture - calm == {}, name
        assert calm - picture == {}, name


@pytest.mark.parametrize(
    "fault",
    [
        Fault("rate_limited", retry_after=5),
        Fault("server_error"),
        Fault("server_error", accepted=True),
        Fault("drop_before"),
        Fault("drop_after"),
        Fault("malformed"),
    ],
    ids=["429", "5xx", "5xx-after-effect", "dropped", "dropped-after-acceptance", "malformed"],
)
async def test_a_summons_whose_first_attempt_failed_stands_once_and_is_answered(fault: Fault, life: Life) -> None:
    await life.opens()
    await life.records_consent()
    life.slack.faults.add(replace(fault, method="chat.postMessage", channel="C0BUP"))
    await life.summons()
    await life.calm()
    assert standing(life, "bup", "summons.received") == 1
    await life.press(life.julia, "summons.received")
    await life.calm()
    assert standing(life, "bup", "summons.received") == 0
    assert standing(life, "bup", "summons.name") == 1


async def test_a_rate_limit_holds_up_its_own_channel_alone(life: Life) -> None:
    """429 with Retry-After: that channel rests as long as it was asked to, the others hear at once (3.3)."""
    await life.opens()
    await life.records_consent()
    life.slack.faults.add(Fault("rate_limited", "chat.postMessage", "C0BUP", retry_after=120))
    before = life.clock.now()
    await life.summons()
    await life.calm()
    first, second = posts_to(life, "C0BUP")
    assert timedelta(seconds=120) <= second - first < timedelta(seconds=150)
    for channel in ("C0SKOLA", "C0FK"):
        assert [at - before < timedelta(seconds=10) for at in posts_to(life, channel)] == [True]
    assert standing(life, "bup", "summons.received") == 1


async def test_what_arrived_unheard_is_brought_up_to_date_when_it_is_found(life: Life) -> None:
    """A summons arrives, the answer is lost, the meeting is moved: the one message shows the new time."""
    await life.opens()
    await life.records_consent()
    life.slack.faults.add(Fault("server_error", "chat.postMessage", "C0BUP", accepted=True))
    await life.ask(life.anna, f"kalla {life.code}")
    await life.anna.submit(SUMMONS)
    await life.anna.cancel()
    await life.bot.courier.deliver_due()
    assert standing(life, "bup", "summons.received") == 1
    await life.moves()
    await life.calm()
    shown = life.shown("bup", "summons.received")
    assert "torsdag 10 december 2026 kl. 09.30" in plain(shown.blocks)


@pytest.mark.alone
async def test_while_slack_is_slow_every_answer_is_quick_and_forms_open(life: Life) -> None:
    """Half a second a call: who acts waits for none, but once, for the language, when the bot has never met them."""
    await life.summoned()
    life.slack.faults.delay(0.5, times=None)
    acks, first = [], []
    outcome = await life.anna.type("/sip ny")
    acks.append(outcome.ack_ms)
    first.append((await life.julia.press("summons.received")).ack_ms)
    carrying = asyncio.ensure_future(life.bot.courier.deliver_due())
    acks.append((await life.julia.press("summons.name")).ack_ms)
    first.append((await life.omar.press("summons.received")).ack_ms)
    acks.append((await life.omar.type("/sip lista")).ack_ms)
    acks.append((await life.anna.type("/sip lista")).ack_ms)
    acks.append((await life.anna.open_home()).ack_ms)
    await life.slack.until(lambda: life.anna.view is not None and life.julia.view is not None)
    acks.append((await life.julia.submit({"attendees": ["julia"], "mandate": ["yes"]})).ack_ms)
    await carrying
    life.slack.faults.clear()
    assert all(ack is not None and ack < ACK_MS for ack in acks), acks
    assert all(ack is not None and ack < ACK_MS + LANGUAGE_MS for ack in first), first
    asked = [call.args["user"] for call in life.slack.calls if call.method == "users.info"]
    assert sorted(asked) == sorted(set(asked))


async def test_a_form_that_cannot_open_in_time_says_so(life: Life) -> None:
    await life.summoned()
    life.slack.faults.delay(2.8, "views.open")
    outcome = await life.julia.press("summons.name")
    assert outcome.ack_ms is not None
    assert outcome.ack_ms < ACK_MS
    await life.slack.until(lambda: bool(life.julia.only_visible_to_me()))
    assert life.says("slack.too_slow") in life.whispered(life.julia)
    assert life.julia.view is None
    await life.press(life.julia, "summons.name")
    assert (await life.form(life.julia)).callback_id == "summons.name"


@pytest.mark.parametrize("how", ["503", "refuses connections"])
async def test_an_hour_without_slack_loses_nothing(how: str, life: Life) -> None:
    """People still act (what reaches the bot is answered); what the bot has to say arrives afterwards, once."""
    await life.summoned()
    await life.names(life.julia, "julia")
    if how == "503":
        life.slack.faults.outage()
    else:
        await life.server.stop()
    for person in (life.omar, life.leif):
        outcome = await person.press("summons.received")
        assert outcome.ok
        assert outcome.ack_ms is not None
        assert outcome.ack_ms < ACK_MS
    assert (await life.anna.type("/sip lista")).ok
    await life.until("2026-11-23 10:00")
    assert await life.metric("sipbot_outbox_oldest_seconds") >= 0
    if how == "503":
        life.slack.faults.clear()
    else:
        await life.server.start()
    await life.until("2026-11-23 12:00")
    case = await life.case()
    for agency in ("skola", "fk"):
        assert standing(life, agency, "summons.name") == 1
        summons = case.meetings[0].summons_of(agency)
        assert summons is not None
        assert summons.received is not None
    assert standing(life, "anna", "case.step") == 1
    assert await unfinished(life) == []
    assert await life.metric("sipbot_outbox_dead_total") == 0


GONE = {
    "archived": "is_archived",
    "deleted": "channel_not_found",
    "the bot was removed": "channel_not_found",
}


def take_away(life: Life, channel: str, how: str) -> None:
    held = life.slack.directory.channels[channel]
    match how:
        case "archived":
            life.slack.archive(channel)
        case "deleted":
            life.slack.remove_channel(channel)
        case _:
            held.members.remove("U0BOT")


@pytest.mark.parametrize("how", GONE)
async def test_a_channel_that_is_gone_is_told_to_the_coordinator(how: str, life: Life) -> None:
    """A dead letter: a direct message, the metric, a line of the journal; the other agencies are summoned.

    It is tried once. Slack says that it is gone when it is looked at, or, of an archived one, when something is said.
    """
    await life.opens()
    await life.records_consent()
    take_away(life, "C0BUP", how)
    await life.summons()
    await life.calm()
    (told,) = told_of_dead_letters(life, "anna")
    assert "Ring" in told
    assert "Barn- och ungdomspsykiatrin" in told
    assert await life.metric("sipbot_outbox_dead_total") == 1
    (line,) = await life.journal("letter.dead")
    assert (line.entry.agency, line.entry.details["why"]) == ("bup", GONE[how])
    assert len(calls_to(life, "conversations.info", "C0BUP")) == 1
    assert len(posts_to(life, "C0BUP")) == (how == "archived")
    for agency in ("skola", "fk"):
        assert standing(life, agency, "summons.received") == 1


async def test_reminders_into_a_channel_that_is_gone_are_told_to_the_coordinator(
    life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    await life.summoned()
    take_away(life, "C0BUP", "archived")
    await life.until("2026-11-26 12:00")
    await life.calm()
    assert any("Barn- och ungdomspsykiatrin" in told for told in told_of_dead_letters(life, "anna"))
    assert not [record for record in caplog.records if "could not be composed" in record.message]


async def test_a_coordinator_who_cannot_be_reached_in_chat_has_it_by_mail(life: Life) -> None:
    await life.opens()
    await life.calm()
    take_away(life, life.anna.channel().id, "archived")
    await life.records_consent()
    await life.calm()
    (mail,) = life.mails_to("anna")
    assert mail["Subject"] == life.says("note.undeliverable.title", code=life.code)
    assert await life.metric("sipbot_outbox_dead_total") == 1


async def test_a_revoked_token_stops_slack_alone_and_burns_no_attempts(life: Life) -> None:
    """The lane stops, mails go on; when the token is good again everything arrives, once."""
    await life.summoned()
    life.slack.revoke()
    before = len(life.slack.calls)
    await life.omar.press("summons.received")
    await life.julia.press("summons.received")
    await life.anna.type("/sip lista")
    await life.until("2026-11-23 12:00")
    waiting = await unfinished(life)
    assert waiting
    assert {letter.attempts for letter in waiting} == {0}
    assert await life.metric('sipbot_platform_halted{platform="slack"}') == 1
    assert len([call for call in life.slack.calls[before:] if call.method != "users.info"]) < 3 * 12 * 3
    assert await life.metric("sipbot_outbox_dead_total") == 0
    reinstate(life)
    await life.until("2026-11-23 12:10")
    assert standing(life, "bup", "summons.name") == standing(life, "skola", "summons.name") == 1
    assert await unfinished(life) == []
    assert await life.metric('sipbot_platform_halted{platform="slack"}') == 0


async def test_invites_are_mailed_while_slack_refuses_the_bot(life: Life) -> None:
    await life.summoned()
    await life.press(life.julia, "summons.name")
    await life.form(life.julia)
    life.slack.revoke()
    await life.submit(life.julia, {"attendees": ["julia"], "mandate": ["yes"]})
    assert life.methods_to("julia") == ["REQUEST 0"]


async def test_days_without_a_token_leave_a_letter_its_whole_patience(life: Life) -> None:
    """What waited for the token was not tried, so its first real failure is no reason to give it up."""
    await life.summoned()
    life.slack.revoke()
    await life.omar.press("summons.received")
    await life.until("2026-11-25 12:00")
    reinstate(life)
    life.slack.faults.server_error("chat.update", times=2)
    await life.until("2026-11-25 13:00")
    assert await life.metric("sipbot_outbox_dead_total") == 0
    assert standing(life, "skola", "summons.name") == 1


def reinstate(life: Life) -> None:
    for install in life.slack.directory.installations.values():
        install.revoked = False


# ---- mail ----------------------------------------------------------------------------------------------------


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server


@pytest.fixture
async def mailed(tmp_path: Path, migrated_sqlite_url: str, mail: MailServer) -> AsyncIterator[Life]:
    """A life whose mails go to a server with bad days, with a case to which the agencies are summoned.

    The coordinator, who leads the meeting, has an invite already, and no second one whatever comes.
    """
    async with living(tmp_path, migrated_sqlite_url, f"smtp://127.0.0.1:{mail.port}") as lived:
        await lived.summoned()
        yield lived
        assert recipients(mail).count("anna@exempel.invalid") == 1


def recipients(mail: MailServer) -> list[str]:
    """Return to whom mails were taken, oldest first."""
    return [post.recipient for post in mail.taken]


async def test_a_mail_server_that_is_down_gets_the_invite_when_it_is_back(mailed: Life, mail: MailServer) -> None:
    await mail.__aexit__()
    await mailed.names(mailed.julia, "julia")
    await mailed.until("2026-11-23 11:00")
    assert recipients(mail) == ["anna@exempel.invalid"]
    await mail.__aenter__()
    await mailed.calm()
    assert recipients(mail) == ["anna@exempel.invalid", "julia@exempel.invalid"]
    assert await mailed.metric("sipbot_outbox_dead_total") == 0


async def test_a_mail_that_is_deferred_is_taken_the_next_time(mailed: Life, mail: MailServer) -> None:
    mail.on_rcpt = "451 4.7.1 Greylisted"
    await mailed.names(mailed.julia, "julia")
    assert recipients(mail) == ["anna@exempel.invalid"]
    mail.on_rcpt = ""
    await mailed.calm()
    assert recipients(mail) == ["anna@exempel.invalid", "julia@exempel.invalid"]


async def test_a_refused_address_is_shown_on_the_board_and_told_to_the_coordinator(
    mailed: Life, mail: MailServer
) -> None:
    """550: the attendee is marked on the board, the coordinator has a direct message, and the invite is dead."""
    mail.on_rcpt = "550 5.1.1 No such user"
    await mailed.names(mailed.julia, "julia")
    await mailed.calm()
    board = plain(mailed.shown("anna", "case.step").blocks)
    assert mailed.says("attendee.undelivered", name="Julia Påhittlind") in board
    (told,) = told_of_dead_letters(mailed, "anna")
    assert mailed.says("letter.invite") in told
    assert await mailed.metric("sipbot_outbox_dead_total") == 1
    (line,) = await mailed.journal("letter.dead")
    assert line.entry.details["why"] == "recipient 550 5.1.1"


async def test_a_line_that_breaks_after_the_data_sends_the_same_mail_again(mailed: Life, mail: MailServer) -> None:
    """Nobody can say whether it was taken: the same Message-ID lets the other side show it once (3.1)."""
    mail.drop_after_data = True
    await mailed.press(mailed.julia, "summons.name")
    await mailed.form(mailed.julia)
    await mailed.julia.submit({"attendees": ["julia"], "mandate": ["yes"]})
    await mailed.bot.courier.deliver_due()
    assert recipients(mail) == ["anna@exempel.invalid", "julia@exempel.invalid"]
    mail.drop_after_data = False
    await mailed.calm()
    assert recipients(mail) == ["anna@exempel.invalid", "julia@exempel.invalid", "julia@exempel.invalid"]
    first, second = (parsed(Mail(post.recipient, post.data)) for post in mail.taken[1:])
    assert first["Message-ID"] == second["Message-ID"]
    for name in ("UID", "SEQUENCE", "ATTENDEE", "DTSTART"):
        assert calendar_value(first, name) == calendar_value(second, name)
