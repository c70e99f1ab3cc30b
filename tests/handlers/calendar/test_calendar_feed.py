"""A person's own overview at a secret address: optional, theirs alone, times and codes alone (law 4D)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2 as httpx
import pytest

from bot.admin.doctor import examine
from bot.settings import Settings
from tests.bot.mail.samples import referees
from tests.handlers.people import disclosure
from tests.handlers.story import Story, plain, telling

PUBLIC = "https://sip.exempel.invalid"
CALLED_OFF = {"outcome": "not_held", "consent_confirmed": None, "attended": None, "lead": None, "follow_up_on": None}


@pytest.fixture
async def story(folder: Path, empty_database: Path) -> AsyncIterator[Story]:
    """A story in a region that has chosen to have overviews."""
    async with telling(folder, empty_database, sipbot_feed=True, sipbot_public_url=PUBLIC) as told:
        yield told
        disclosure.check(told, [await told.case(code) for code in told.codes])


async def answer(story: Story, who: str, text: str) -> str:
    """Return what somebody is told to a command."""
    outcome = await story.command(story.slack.people[who], text)
    return plain(outcome.messages[-1].blocks)


async def address_of(story: Story, who: str) -> str:
    """Let somebody ask for an address of their own, and return it."""
    found = re.search(rf"{PUBLIC}(/kalender/\S+\.ics)", await answer(story, who, "kalender"))
    assert found is not None
    return found[1]


async def get(story: Story, address: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=story.bot.web)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        return await client.get(address, headers=headers)


async def events(story: Story, address: str) -> list[dict[str, str]]:
    """Return the meetings that an address shows, each as its properties."""
    response = await get(story, address)
    assert response.status_code == 200
    assert referees(response.content) == []
    text = response.text.replace("\r\n ", "")
    found = []
    for event in text.split("BEGIN:VEVENT\r\n")[1:]:
        rows = event.partition("END:VEVENT")[0].splitlines()
        found.append({re.split("[:;]", row)[0]: row.rpartition(":")[2] for row in rows})
    return found


async def test_everybody_sees_their_own_meetings_with_code_and_time_and_nothing_else(story: Story) -> None:
    """Law 4D."""
    await story.summoned()
    await story.names(story.julia, "julia")
    (event,) = await events(story, await address_of(story, "julia"))
    assert set(event) == {"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "CLASS"}
    assert event["SUMMARY"] == f"SIP-möte {story.code}"
    assert (event["DTSTART"], event["DTEND"]) == ("20261208T130000", "20261208T140000")
    assert (event["STATUS"], event["CLASS"]) == ("CONFIRMED", "PRIVATE")
    assert len(await events(story, await address_of(story, "anna"))) == 1, "the coordinator has it too"
    assert await events(story, await address_of(story, "sven")) == [], "who is not named has not"


async def test_the_address_is_long_secret_and_told_to_its_owner_alone(story: Story) -> None:
    outcome = await story.command(story.julia, "kalender")
    (message,) = outcome.messages
    assert message.only_for == story.julia.user.id
    secret = re.search(r"/kalender/([a-z2-7]+)\.ics", plain(message.blocks))
    assert secret is not None
    assert len(secret[1]) == 52, "256 bits"
    for part in story.folder.glob("sipbot.db*"):
        assert secret[1].encode() not in part.read_bytes(), "only its hash is kept"


async def test_an_unknown_address_is_not_found(story: Story) -> None:
    address = await address_of(story, "julia")
    for wrong in (
        "/kalender/a.ics",
        address.replace(".ics", "a.ics"),
        "/kalender/.ics",
        "/kalender/" + "a" * 5000 + ".ics",
    ):
        response = await get(story, wrong)
        assert response.status_code == 404
        assert "BEGIN" not in response.text


async def test_a_new_address_ends_the_old_one_and_it_can_be_taken_back(story: Story) -> None:
    first, second = await address_of(story, "julia"), await address_of(story, "julia")
    assert (await get(story, first)).status_code == 404
    assert (await get(story, second)).status_code == 200
    assert story.says("feed.revoked.title") in await answer(story, "julia", "kalender av")
    assert (await get(story, second)).status_code == 404
    assert story.says("feed.none.title") in await answer(story, "julia", "calendar off")
    rows = await story.reading(lambda reader: reader.journal.read(""))
    actions = [row.entry.action for row in rows if row.entry.action.startswith("feed.")]
    assert actions == ["feed.given", "feed.given", "feed.revoked"]


async def test_a_word_that_means_nothing_gives_no_address(story: Story) -> None:
    assert "/kalender/" not in await answer(story, "julia", "kalender SIP-7K3QD-Y")


async def test_whoever_leaves_the_directory_reads_nothing_more(story: Story) -> None:
    """R40."""
    address = await address_of(story, "julia")

    def without_julia(tx) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        directory = tx.directory
        staff = {key: who for key, who in directory.staff.items() if key != "slack:T0/U0JULIA"}
        tx.replace_directory(type(directory)(directory.agencies, staff), "operator")

    await story.writing(without_julia)
    assert (await get(story, address)).status_code == 404


async def test_a_move_is_seen_at_the_next_look(story: Story) -> None:
    await story.summoned()
    address = await address_of(story, "anna")
    (before,) = await events(story, address)
    await story.until("2026-11-23 10:00")
    await story.moves()
    (after,) = await events(story, address)
    assert (before["DTSTART"], after["DTSTART"]) == ("20261208T130000", "20261210T093000")
    assert after["UID"] == before["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert after["DTSTAMP"] > before["DTSTAMP"]


async def test_a_meeting_called_off_stays_cancelled_for_a_while_and_then_goes(story: Story) -> None:
    """So that programs drop their copy of it."""
    await story.summoned()
    await story.names(story.julia, "julia")
    address = await address_of(story, "julia")
    await story.reports(**CALLED_OFF)
    (event,) = await events(story, address)
    assert event["STATUS"] == "CANCELLED"
    await story.days_pass_unseen("2026-12-22 12:00")
    assert len(await events(story, address)) == 1
    await story.days_pass_unseen("2026-12-23 12:00")
    assert await events(story, address) == []


async def test_who_is_taken_off_sees_the_meeting_cancelled(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    julia, sven = await address_of(story, "julia"), await address_of(story, "sven")
    await story.names(story.julia, "sven")
    assert [e["STATUS"] for e in await events(story, julia)] == ["CANCELLED"]
    assert [e["STATUS"] for e in await events(story, sven)] == ["CONFIRMED"]


async def test_r78_after_a_withdrawal_the_meeting_is_gone_at_the_next_look(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    addresses = [await address_of(story, who) for who in ("julia", "anna")]
    await story.withdraws()
    assert [await events(story, address) for address in addresses] == [[], []]


async def test_r62_outside_the_consent_an_agencys_people_see_nothing(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    address = await address_of(story, "julia")
    await story.records_consent(agencies=["skola", "fk"])
    assert await events(story, address) == []


async def test_r109_a_protected_case_stands_in_no_overview(story: Story) -> None:
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None)
    await story.names(story.julia, "julia")
    for who in ("julia", "anna"):
        assert await events(story, await address_of(story, who)) == []


async def test_what_is_over_for_a_month_is_shown_no_more(story: Story) -> None:
    await story.held()
    address = await address_of(story, "julia")
    assert len(await events(story, address)) == 1
    await story.days_pass_unseen("2027-01-07 15:00")
    assert await events(story, address) == []


async def test_what_has_not_changed_is_not_sent_again(story: Story) -> None:
    await story.summoned()
    address = await address_of(story, "anna")
    first = await get(story, address)
    etag = first.headers["ETag"]
    for known in (etag, f"W/{etag}", f'"x", {etag}'):
        again = await get(story, address, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    await story.moves()
    changed = await get(story, address, **{"If-None-Match": etag})
    assert (changed.status_code, changed.headers["ETag"] == etag) == (200, False)


async def test_nobody_keeps_lists_or_passes_on_what_was_fetched(story: Story) -> None:
    response = await get(story, await address_of(story, "anna"))
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_reading_changes_nothing_but_that_it_is_a_line_once_a_day(story: Story) -> None:
    """Link previews and scanners fetch addresses too."""
    await story.summoned()
    address = await address_of(story, "anna")
    before, case = await story.journal(), await story.case()
    for _ in range(2):
        await get(story, address)
    after = await story.journal()
    assert after[: len(before)] == before
    assert [row.entry.action for row in after[len(before) :]] == ["read.feed"]
    assert await story.case() == case


async def test_the_help_names_it_where_it_is_on(story: Story) -> None:
    assert story.says("help.calendar") in await answer(story, "julia", "")


async def test_where_it_is_off_nobody_gets_an_address_and_nothing_is_served(folder: Path, empty_database: Path) -> None:
    async with telling(folder, empty_database, sipbot_public_url=PUBLIC) as story:
        assert story.says("feed.off") in await answer(story, "julia", "kalender")
        assert story.says("help.calendar") not in await answer(story, "julia", "")
        assert (await get(story, f"/kalender/{'a' * 52}.ics")).status_code == 404


@pytest.mark.parametrize(
    "url, mark", [("", "FAIL"), ("http://sip.exempel.invalid", "FAIL"), ("https://sip.exempel.invalid", "ok")]
)
async def test_the_doctor_asks_for_a_safe_web_address(url: str, mark: str) -> None:
    found = await examine(Settings.model_construct(sipbot_feed=True, sipbot_public_url=url))
    (line,) = [str(line) for line in found if line.what == "calendars"]
    assert line.split()[0] == mark


async def test_without_a_web_address_of_the_bot_there_is_none_to_give(folder: Path, empty_database: Path) -> None:
    async with telling(folder, empty_database, sipbot_feed=True) as story:
        assert story.says("feed.no_address") in await answer(story, "julia", "kalender")
