"""`sipbot export --pdf`: all that the JSON holds and nothing else, in words for the person it is about (GDPR 15)."""

from __future__ import annotations

import json
from typing import Any

from bot.admin.extract.taking import taken
from bot.admin.extract.words import paper_of
from storage.journal import READ
from templates import load
from tests.handlers.steps.extracts import left_out
from tests.handlers.story import Story

SWEDISH = load("sv")


async def held(story: Story) -> dict[str, Any]:
    """Return the extract of the story's case, as its JSON has it."""
    found = await story.writing(lambda tx: taken(tx, story.code))
    plain: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return plain


async def test_all_that_the_extract_holds_stands_on_the_paper(story: Story) -> None:
    await story.held()
    await story.command(story.anna, f"visa {story.code}")
    marks, missing = left_out(await held(story), SWEDISH)
    assert marks > 500
    assert missing == []


async def test_it_tells_in_words_who_did_what_when(story: Story) -> None:
    """What is kept as an id, a day or a sign reads as a name, a date and a word."""
    await story.held()
    await story.command(story.anna, f"visa {story.code}")
    paper = paper_of(await held(story), SWEDISH)
    journal, accesses, document = paper.parts[:3]
    opened = journal.entries[0].title
    assert opened.startswith("måndag 23 november 2026 kl. 09.00.")
    assert opened.endswith(f"{SWEDISH('journal.case.opened')} (Socialtjänsten). Anna Exempelberg")
    assert accesses.entries[-1].title.endswith(f"{SWEDISH('act.read.case')} (Socialtjänsten). Anna Exempelberg")
    lines = [line.text for entry in document.entries for line in entry.lines]
    assert "Samordningsansvarig: Anna Exempelberg" in lines
    assert "Behovet uppmärksammades: fredag 20 november 2026" in lines
    assert f"Ålder: {SWEDISH('age_band.child')}" in lines
    assert "Plats: Sammanträdesrum 3" in lines


async def test_that_it_was_taken_stands_in_the_journal_and_of_an_erased_case_that_is_what_is_left(story: Story) -> None:
    """Law 4C, law 4D.5."""
    await story.opens()
    await story.writing(lambda tx: tx.shred(story.code))
    code = story.codes.pop()
    await story.writing(lambda tx: taken(tx, code))
    found = json.loads(json.dumps(await story.writing(lambda tx: taken(tx, code)), default=str))
    assert found["journal"][-1]["action"] == "case.exported"
    journal, _, document = paper_of(found, SWEDISH).parts[:3]
    assert SWEDISH("act.case.erased") in "".join(entry.title for entry in journal.entries)
    assert (document.text, document.entries) == (SWEDISH("paper.nothing"), ())


async def test_every_way_of_looking_is_called_by_a_word(story: Story) -> None:
    await story.summoned()
    for typed in (f"visa {story.code}", "lista", f"registerutdrag {story.code}"):
        await story.command(story.anna, typed)
    await story.anna.open_home()
    titles = [entry.title for entry in paper_of(await held(story), SWEDISH).parts[1].entries]
    assert len(titles) >= 4
    assert [title for title in titles if READ in title] == []
