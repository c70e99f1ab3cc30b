"""`/sip registerutdrag` and `sipbot audit report`: what is kept, what was told to whom, who has looked (law 4D.8)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import update

from bot.admin.looks import looks
from domain.profile import LocalDocument
from handlers.screens.case_lists import help_card
from handlers.view import View
from storage.schema.tables import case_key
from storage.sql.statement import Statement
from storage.transaction import Reader
from tests.handlers.story import Story, plain


async def test_it_tells_what_was_disclosed_and_who_has_looked(story: Story) -> None:
    await story.summoned()
    await story.command(story.anna, f"visa {story.code}")
    outcome = await story.command(story.anna, f"registerutdrag {story.code}")
    said = plain(outcome.messages[-1].blocks)
    assert story.says("extract.title", code=story.code) in said
    assert "Anna Exempelberg" in said.partition(story.says("extract.looks"))[2]
    assert "Barn- och ungdomspsykiatrin" in said
    assert [row.entry.actor for row in await story.journal("read.extract")] == ["slack:T0/U0ANNA"]


async def test_it_is_for_those_who_answer_for_the_case(story: Story) -> None:
    await story.summoned()
    outcome = await story.command(story.julia, f"registerutdrag {story.code}")
    assert story.says("extract.title", code=story.code) not in plain(outcome.messages[-1].blocks)
    assert await story.journal("read.extract") == []


async def test_r208_a_case_keeps_the_manual_by_which_it_was_opened(story: Story) -> None:
    await story.opens()
    assert (await story.case()).manual == "SIP-manual 7.0, 2025-09-01"
    outcome = await story.command(story.anna, f"visa {story.code}")
    assert "SIP-manual 7.0, 2025-09-01" in plain(outcome.messages[-1].blocks)


async def test_the_operator_sees_every_look(story: Story) -> None:
    await story.summoned()
    await story.command(story.anna, f"visa {story.code}")
    for asked in (story.code, ""):
        lines = [line for line in looks(story.bot.settings, asked)[0] if "read.case" in line]
        assert [line.partition("UTC  ")[2] for line in lines] == [f"{story.code}  read.case  slack:T0/U0ANNA  soc"]


async def test_who_has_looked_is_told_of_a_case_that_cannot_be_read_and_of_all_others(story: Story) -> None:
    """The access log needs no key of a case, so nobody hides what they looked at by damaging one."""
    await story.summoned()
    await story.command(story.anna, f"visa {story.code}")
    damaged = story.code
    await story.opens()
    await story.command(story.anna, f"visa {story.code}")
    spoilt = Statement(update(case_key).values(wrapped=b"\x01").where(case_key.c.code == damaged))
    await story.writing(lambda tx: vars(tx)["_link"].run(spoilt))
    story.lapses_planted = True
    story.codes.remove(damaged)
    for asked in (damaged, ""):
        told = [line for line in looks(story.bot.settings, asked)[0] if "read.case" in line]
        assert {line.split()[3] for line in told} == ({damaged} if asked else {damaged, story.code})


async def test_r209_the_documents_of_the_region_stand_in_the_help(story: Story) -> None:
    services = story.bot.services
    profile = replace(
        services.rules.profile, documents=(LocalDocument("Riktlinje SIP", "https://exempel.invalid/riktlinje"),)
    )
    services = replace(services, rules=replace(services.rules, profile=profile))

    def compose(reader: Reader) -> str:
        view = View(services, services.words_for("sv"), reader.directory, reader.now)
        card = help_card(view, reader, reader.directory.staff["slack:T0/U0ANNA"])
        return "\n".join(line for section in card.sections for line in section.lines)

    assert "Riktlinje SIP: https://exempel.invalid/riktlinje" in await story.reading(compose)


async def test_a_cancellation_is_told_as_one_and_not_as_another_invite(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.press(story.julia, "summons.decline", {"reason": "time"})
    outcome = await story.command(story.anna, f"registerutdrag {story.code}")
    assert story.says("letter.invite.cancelled") in plain(outcome.messages[-1].blocks)
