"""What has happened in a case stays to be read: how it began, what was last, and all of it page by page."""

from __future__ import annotations

from demo.slack.state.records import Message
from handlers.save import Entry, write_entry
from handlers.screens.timeline import NEWEST, PAGE
from handlers.ui.actions import Action
from storage.transaction import Transaction
from tests.handlers.story import Story, buttons, plain

EARLIER, LATER = "Tidigare", "Senare"


async def much_happens(story: Story, lines: int) -> None:
    """Write as many lines about different attendees into the journal."""
    case = await story.case(story.code)

    def write(tx: Transaction) -> None:
        for number in range(lines):
            details = {"attendee": f"invented-{number}"}
            write_entry(tx, case, Entry("calendar.accepted", "calendar", "bup", details), case.state)

    await story.writing(write)


async def shown(story: Story) -> Message:
    return (await story.command(story.anna, f"visa {story.code}")).messages[-1]


async def test_a_short_history_stands_whole_on_the_case(story: Story) -> None:
    await story.summoned()
    message = await shown(story)
    assert story.says("journal.case.opened") in plain(message.blocks)
    assert Action.CASE_HISTORY not in buttons(message.blocks)


async def test_of_a_long_history_the_beginning_and_the_newest_stand_there_and_the_rest_is_counted(story: Story) -> None:
    await story.summoned()
    before = len(await lines_of(story))
    await much_happens(story, 40)
    said = plain((await shown(story)).blocks)
    assert story.says("journal.case.opened") in said
    assert story.says("show.between", count=before + 40 - 1 - NEWEST) in said


async def test_reminders_say_what_of_and_on_the_case_those_in_a_row_are_one_line(story: Story) -> None:
    """Five lines of “a reminder was sent”, of what to nobody knew, pushed what people did out of sight."""
    await story.summoned()
    await story.until("2026-12-04 12:00")
    said = plain((await shown(story)).blocks)
    assert story.says("journal.summons.sent") in said
    assert story.says("journal.reminder.sent") not in said
    first, _, last = story.says("show.reminders", count=0, first="ons 25 nov", last="fre 4 dec").partition("0")
    (line,) = (line for line in said.splitlines() if last in line)
    assert line.startswith(first)
    assert int(line.removeprefix(first).removesuffix(last)) > 2


async def test_page_by_page_each_reminder_stands_with_what_it_was_of(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-04 12:00")
    await much_happens(story, PAGE)
    named = f"{story.says('journal.reminder.sent')}: {story.says('reminder.confirm_receipt.name')}"
    assert [line for line in await lines_of(story) if named in line]


async def test_a_reminder_to_come_says_about_whom_it_is_before_to_whom_it_goes(story: Story) -> None:
    """“confirm the plan, to Julia (the school)” read as if Julia worked there."""
    await story.held()
    await story.sends_plan()
    said = plain((await story.command(story.julia, f"visa {story.code}")).messages[-1].blocks)
    about = f"{story.says('reminder.confirm_plan.name')} (Barn- och ungdomspsykiatrin)"
    assert f"{about}, till {story.says('to.unit')}" in said


async def test_all_of_it_is_a_press_away_and_no_line_is_lost_between_the_pages(story: Story) -> None:
    await story.summoned()
    await much_happens(story, 2 * PAGE)
    message = await shown(story)
    page = await turned(story, Action.CASE_HISTORY, message)
    found = [page]
    while EARLIER in plain(page.blocks):
        page = await turned(story, EARLIER, page)
        found.insert(0, page)
    assert [len(rows(one)) for one in found][:-1] == [PAGE] * (len(found) - 1)
    assert sum(len(rows(one)) for one in found) == len(await lines_of(story))
    assert story.says("journal.case.opened") in plain(found[0].blocks)
    assert LATER in plain(found[0].blocks)
    assert LATER not in plain(found[-1].blocks)


async def test_each_look_at_it_is_a_line_of_the_journal(story: Story) -> None:
    """law 4C."""
    await story.summoned()
    await much_happens(story, PAGE)
    message = await shown(story)
    before = len(await story.journal("read.case"))
    await story.anna.press(Action.CASE_HISTORY, source=message)
    assert len(await story.journal("read.case")) == before + 1


async def test_who_no_longer_acts_for_the_case_gets_no_page_of_it(story: Story) -> None:
    """R40: an old button is refused by who may act now."""
    await story.summoned()
    await much_happens(story, PAGE)
    message = await shown(story)
    await story.until("2026-12-08 15:00")
    await story.reports()
    before = len(await story.journal("read.case"))
    answer = await turned(story, Action.CASE_HISTORY, message)
    assert story.says("journal.case.opened") not in plain(answer.blocks)
    assert len(await story.journal("read.case")) == before


async def turned(story: Story, button: str, message: Message) -> Message:
    """Press a button below a page and return what then stands before the coordinator, and before nobody else."""
    await story.anna.press(button, source=message)
    await story.settle()
    mine = [m for m in story.slack.state.messages.everywhere() if m.only_for == story.anna.user.id]
    return max(mine, key=lambda m: m.ts)


async def lines_of(story: Story) -> list[str]:
    """Return the lines of the whole history, as the pages hold them."""
    message = await shown(story)
    if Action.CASE_HISTORY not in buttons(message.blocks):
        return rows(message)
    page = await turned(story, Action.CASE_HISTORY, message)
    found = rows(page)
    while EARLIER in plain(page.blocks):
        page = await turned(story, EARLIER, page)
        found = rows(page) + found
    return found


def rows(message: Message) -> list[str]:
    """Return the lines of a message's last list."""
    lists = [element for block in message.blocks for element in block.get("elements", []) if "list" in element["type"]]
    return [str(item) for item in lists[-1]["elements"]]
