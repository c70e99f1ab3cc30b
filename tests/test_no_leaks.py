"""A whole run with planted words: none of them stands in a log, in the database's files, or in the metrics.

Numbers and addresses of people are refused wherever they are typed (law 4D.2); what may be typed is kept encrypted.
"""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bot.logs import set_up_logs
from bot.slack import transport
from tests.handlers.story import NAMED, OPENING, SUMMONS, Story, elements, merged, telling

# Nobody's: the date is that of the tax agency's own test numbers, the telephone number of a series kept for fiction.
REFUSED = ("19121212-1212", "121212-1212", "070-174 06 05", "hemlig.person@exempel.invalid", "Planterad Personsson")
# What may be typed, and is for the case alone.
KEPT = {
    "denial_reason": "Planterat skäl om enskild",
    "record_ref": "PLANTERAD-DNR-77",
    "place": "Planterade rummet 12",
    "link": "https://mote.exempel.invalid/planterad-lank",
    "follow_up_place": "Planterade uppföljningsrummet",
    "others": "Kim Planterask, Psykolog, kim@exempel.invalid",
}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged at DEBUG the way the program does; the logging of the tests is put back afterwards."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = list(root.handlers), root.level
    set_up_logs("DEBUG")
    for handler in root.handlers:
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
async def story(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
) -> AsyncIterator[Story]:
    monkeypatch.setattr(transport, "_RATE", 1_000_000.0)
    async with telling(tmp_path, empty_database) as told:
        yield told


async def refuse_everywhere(story: Story) -> None:
    """Type the planted words into every text field of the form on top, and leave it."""
    person = next(p for p in story.slack.people.values() if p.view is not None)
    view = person.view
    assert view is not None
    for field in [e["action_id"] for e in elements(view.blocks) if e["type"] in {"plain_text_input", "url_text_input"}]:
        for word in REFUSED[:4]:
            text = f"{REFUSED[-1]}, {word}" if field != "others" else f"{REFUSED[-1]} {word}, {word}, x@exempel.invalid"
            outcome = await person.submit({field: text}, view, checked=False)
            assert outcome.action == "errors", (field, word)
    await person.cancel()


async def the_main_job(story: Story) -> None:
    """Go through the whole job, with planted words in each form."""
    await story.ask(story.anna, "ny")
    await refuse_everywhere(story)
    await story.fill(story.anna, "ny", OPENING, {"decision": "deny", "denial_reason": KEPT["denial_reason"]}, "")
    await story.opens(record_ref=KEPT["record_ref"])
    await story.records_consent(extras=["exclusions"])
    await story.ask(story.anna, f"kalla {story.code}")
    await refuse_everywhere(story)
    await story.fill(story.anna, "kalla", SUMMONS, {"place": KEPT["place"]})
    await story.moves(date="2026-12-08", start="13:00", mode="digital", link=KEPT["link"])
    await story.julia.press("summons.name")
    await story.form(story.julia)
    await refuse_everywhere(story)
    await story.press(story.julia, "summons.name", merged(NAMED, {"attendees": ["julia"], "others": KEPT["others"]}))
    await story.command(story.anna, f"visa {REFUSED[0]}")
    await story.command(story.ove, f"ny {REFUSED[3]}")
    await story.until("2026-12-08 15:00")
    await story.ask(story.anna, f"hållet {story.code}")
    await refuse_everywhere(story)
    await story.reports(follow_up_place=KEPT["follow_up_place"])
    await story.sends_plan()
    await story.command(story.anna, f"visa {story.code}")


async def test_nothing_planted_is_found_again(story: Story, log: io.StringIO) -> None:
    story.slack.faults.server_error("chat.postMessage", times=3)
    story.slack.faults.malformed("chat.update", times=3)
    story.postbox.refuses.add("kim@exempel.invalid")
    await the_main_job(story)

    logged = log.getvalue()
    assert "refused" in logged
    files = {path.name: path.read_bytes() for path in story.folder.iterdir() if path.name.startswith("sipbot.db")}
    assert {"sipbot.db", "sipbot.db-wal"} <= set(files)
    metrics = TestClient(story.bot.web).get("/metrics").text
    assert "sipbot_outbox" in metrics

    for word in (*REFUSED, *KEPT.values(), "Kim Planterask"):
        assert word not in logged, word
        assert word not in metrics, word
        for name, content in files.items():
            assert word.encode() not in content, (word, name)


async def test_the_case_code_alone_is_in_the_clear(story: Story) -> None:
    """Law 4D: code, agencies, staff and times may be found by query; nothing else may."""
    await the_main_job(story)
    content = b"".join(path.read_bytes() for path in story.folder.iterdir() if path.name.startswith("sipbot.db"))
    assert story.code.encode() in content
    for category in ("guardian_1", "responsibility", "exclusions", "secure_mail\x00"):
        assert f'"{category}"'.encode() not in content, category
