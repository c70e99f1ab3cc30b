"""The board of a case, the lists and the home page: where a case stands, and one button to the next step."""

from __future__ import annotations

from dataclasses import replace

from demo.slack.state.records import Json, Message
from storage.transaction import Transaction
from tests.handlers import town
from tests.handlers.steps.test_marking import marks
from tests.handlers.story import Story, buttons, elements, plain


def board(story: Story, who: str) -> Message:
    """Return the message in somebody's direct messages that leads to all of the case: the board."""
    found = [m for m in story.messages(who) if "show" in steps(story, m)]
    assert len(found) == 1, [m.text for m in story.messages(who)]
    return found[0]


def steps(story: Story, message: Message) -> list[str]:
    """Return the steps that the buttons of a message lead to."""
    values = [e["value"] for e in elements(message.blocks) if e["action_id"].startswith("case.step")]
    return [str(story.bot.services.seal.open(value)["s"]) for value in values]


async def test_it_is_one_message_updated_in_place(story: Story) -> None:
    await story.summoned()
    first = board(story, "anna").ts
    await story.press(story.julia, "summons.received")
    await story.names(story.omar, "omar")
    assert board(story, "anna").ts == first


async def test_it_tells_each_agencys_state_and_who_comes(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.received")
    await story.names(story.omar, "omar")
    await story.press(story.leif, "summons.decline", {"reason": "time"})
    shown = plain(board(story, "anna").blocks)
    for told in ("Barn- och ungdomspsykiatrin", "Omar Testholm", story.says("decline_reason.time")):
        assert told in shown
    for standing in ("received", "named", "declined"):
        assert story.says(f"standing.{standing}") in shown


async def test_it_tells_the_next_deadline(story: Story) -> None:
    await story.opens()
    assert "18 december 2026" in plain(board(story, "anna").blocks)  # the last working day on or before day 30


async def test_it_tells_each_day_once_and_of_what(story: Story) -> None:
    """R90: when the meeting is, and by when it is to be held; a last day on a Sunday is planned for before it."""
    await story.opens()
    before = plain(board(story, "anna").blocks)
    assert story.says("fact.planned_for") in before
    await story.records_consent()
    await story.summons()
    assert plain(board(story, "anna").blocks).count("8 december 2026") == 1
    assert story.says("fact.planned_for") not in plain(board(story, "anna").blocks)


async def test_it_says_by_itself_that_a_day_has_passed(story: Story) -> None:
    await story.opens()
    await story.until("2026-12-20 23:00")
    passed = story.says("fact.passed", day="söndag 20 december 2026")
    assert passed not in plain(board(story, "anna").blocks)
    await story.until("2026-12-21 00:30")
    assert passed in plain(board(story, "anna").blocks)


async def test_it_says_so_too_in_the_night_in_which_a_meeting_can_be_evaluated_no_longer(story: Story) -> None:
    """R64, R147: two things may turn at one midnight, and the one that shows on the board is drawn."""
    await story.active()
    assert not (await story.records_consent(story.julia, valid_until="2027-01-07")).errors
    await story.until("2027-01-07 23:00")
    assert "gick ut" not in plain(board(story, "julia").blocks)
    await story.until("2027-01-08 00:30")
    assert "gick ut torsdag 7 januari 2027" in plain(board(story, "julia").blocks)


async def test_its_first_button_is_the_next_step(story: Story) -> None:
    await story.opens()
    assert steps(story, board(story, "anna"))[0] == "consent"
    await story.records_consent()
    assert steps(story, board(story, "anna"))[0] == "summon"
    await story.summons()
    await story.names(story.julia, "julia")
    await story.until("2026-12-08 16:01")
    assert steps(story, board(story, "anna"))[0] == "held"
    await story.reports(lead="anna")
    assert steps(story, board(story, "anna"))[0] == "plan"
    await story.sends_plan()
    assert steps(story, board(story, "anna"))[0] == "summon"


async def test_after_the_handover_the_new_one_has_it_and_the_old_one_is_told(story: Story) -> None:
    """R35."""
    await story.held()
    assert story.code in plain(board(story, "julia").blocks)
    handed = [m for m in story.messages("anna") if "Julia Påhittlind" in plain(m.blocks)]
    assert len(handed) == 1
    assert steps(story, handed[0]) == []


async def test_r194_the_board_says_who_sends_the_plan_where_that_is_another(story: Story) -> None:
    """Its first button registers the plan: the new lead must not believe that it is theirs to send."""
    await story.held()
    label = story.says("fact.plan_sender")
    assert f"{label}:" in plain(board(story, "julia").blocks)
    await story.sends_plan()
    assert f"{label}:" not in plain(board(story, "julia").blocks)


async def test_r194_who_handed_over_is_asked_for_the_plan_only_while_it_is_theirs_to_send(story: Story) -> None:
    await story.held()
    asked = story.says("board.handed.plan")
    assert [asked in plain(m.blocks) for m in story.messages("anna") if "ansvaret har gått" in plain(m.blocks)] == [
        True
    ]
    await story.sends_plan()
    assert not [m for m in story.messages("anna") if asked in plain(m.blocks)], "it is sent"
    await story.fill(story.julia, "huvudansvarig", {"lead": "omar", "reason": "other"}, {})
    assert not [m for name in ("anna", "julia") for m in story.messages(name) if asked in plain(m.blocks)]


async def test_r121_the_way_to_write_down_an_answer_stands_once_on_the_board(story: Story) -> None:
    await story.summoned()
    await marks(story, "protected")
    labels = [e["text"]["text"] for e in elements(board(story, "anna").blocks) if e["type"] == "button"]
    assert len(labels) == len(set(labels)), "FK has nobody who may be told, so the first step is to reach it"


async def test_a_consent_that_has_run_out_is_shown_with_the_way_to_renew_it(story: Story) -> None:
    await story.opens()
    await story.records_consent(valid_until="2026-11-30")
    await story.summons()
    await story.until("2026-12-01 09:00")
    shown = board(story, "anna")
    assert "consent" in steps(story, shown)
    assert story.says("consent.is_expired", day="måndag 30 november 2026") in plain(shown.blocks)


async def test_show_has_the_whole_case_for_those_who_steer_it(story: Story) -> None:
    await story.summoned()
    await story.press(story.julia, "summons.received")
    outcome = await story.command(story.karin, f"visa {story.code}")
    shown = plain(outcome.messages[-1].blocks)
    assert story.says("show.timeline") in shown
    assert "Julia Påhittlind" in shown


async def test_show_has_every_button_of_the_board_but_the_one_that_leads_to_itself(story: Story) -> None:
    await story.summoned()
    outcome = await story.command(story.anna, f"visa {story.code}")
    on_the_board = steps(story, board(story, "anna"))
    assert steps(story, outcome.messages[-1]) == [step for step in on_the_board if step != "show"]
    assert len(on_the_board) == len(set(on_the_board)) > 2


async def test_show_has_an_agencys_own_part_for_the_agency(story: Story) -> None:
    """Law 4C: each agency sees what was addressed to it, and nothing of what the others said."""
    await story.summoned()
    await story.press(story.leif, "summons.decline", {"reason": "no_staff"})
    outcome = await story.command(story.julia, f"visa {story.code}")
    shown = plain(outcome.messages[-1].blocks)
    assert "Sammanträdesrum 3" in shown
    assert "Försäkringskassan" not in shown
    assert story.says("decline_reason.no_staff") not in shown


async def test_looking_at_a_case_is_written_down(story: Story) -> None:
    """Law 4C: reads are lines of the journal too."""
    await story.summoned()
    await story.command(story.julia, f"visa {story.code}")
    (row,) = await story.journal("read.case")
    assert (row.entry.actor, row.entry.agency) == ("slack:T0/U0JULIA", "bup")


async def test_the_list_has_the_most_urgent_case_first(story: Story) -> None:
    late = await story.opens(noticed_on="2026-11-20")
    early = await story.opens(noticed_on="2026-11-02")
    outcome = await story.command(story.anna, "lista")
    shown = plain(outcome.messages[-1].blocks)
    assert shown.index(early) < shown.index(late)


async def test_the_home_page_has_own_cases_and_one_button_to_the_next_step(story: Story) -> None:
    code = await story.opens()
    await story.anna.open_home()
    await story.settle()
    home = story.anna.home
    assert home is not None
    assert code in plain(home.blocks)
    assert "case.new" in buttons(home.blocks)
    consent = next(e for e in elements(home.blocks) if e["action_id"].startswith("case.step"))
    await story.anna.press(consent["action_id"], source=home)
    assert (await story.form(story.anna)).callback_id == "consent.record"


async def test_an_agencys_home_page_has_the_cases_that_wait_for_its_answer(story: Story) -> None:
    code = await story.summoned()
    await story.sven.open_home()
    await story.settle()
    assert story.sven.home is not None
    assert code in plain(story.sven.home.blocks)
    await story.names(story.sven, "sven")
    await story.sven.open_home()
    await story.settle()
    assert code not in plain(story.sven.home.blocks)


async def test_an_agency_reads_in_its_lists_what_it_owes_and_not_where_the_case_stands(story: Story) -> None:
    """Law 4C, R62: what the coordinator has to do is not for it, and one that the consent left out hears no more."""
    code = await story.active(lead="anna")
    assert not (await story.fill(story.anna, "avvikelse", {"fault": "absence", "agency": "bup"}, {})).errors
    for word in ("lista", ""):
        await story.command(story.sven, word)
        shown = story.whispered(story.sven)
        assert story.says("list.owes_deviation", code=code) in shown
        assert story.says("state.active") not in shown
    await story.records_consent(agencies=["skola", "fk"])
    for person, word in ((story.sven, "lista"), (story.birgit, "lista"), (story.birgit, "avvikelse")):
        await story.command(person, word)
        assert code not in story.whispered(person)


async def test_lists_show_codes_alone(story: Story) -> None:
    """Law 4C: no compiled list of sensitive data."""
    await story.summoned()
    outcome = await story.command(story.anna, "lista")
    shown = plain(outcome.messages[-1].blocks)
    for word in ("Sammanträdesrum", "Barn- och ungdomspsykiatrin", story.says("topic.responsibility")):
        assert word not in shown


async def test_of_many_cases_the_rest_is_counted_and_can_be_chosen(story: Story) -> None:
    for _ in range(14):
        await story.opens()
    outcome = await story.command(story.anna, "lista")
    message = outcome.messages[-1]
    assert story.says("list.more", count=2) in plain(message.blocks)
    chooser = next(e for e in elements(message.blocks) if e["action_id"].startswith("case.pick"))
    assert len(chooser["options"]) == 2


async def test_of_many_cases_that_wait_for_an_agency_the_rest_is_counted_and_can_be_chosen(story: Story) -> None:
    """The list of reminders counts what it has no room for and leads here: here it must be."""
    for _ in range(14):
        await story.summoned(agencies=["skola"])
    for shown in (await listed(story), await home_of(story)):
        assert story.says("list.waiting_more", count=2) in plain(shown)
        chooser = next(e for e in elements(shown) if e["action_id"].startswith("case.pick"))
        assert len(chooser["options"]) == 2
        named = {code for code in story.codes if code in plain(shown)}
        assert named == set(story.codes)


async def listed(story: Story) -> list[Json]:
    return (await story.command(story.omar, "lista")).messages[-1].blocks


async def home_of(story: Story) -> list[Json]:
    await story.omar.open_home()
    await story.settle()
    assert story.omar.home is not None
    return story.omar.home.blocks


async def test_a_list_of_own_cases_and_of_what_the_agency_owes_has_room_for_both(story: Story) -> None:
    """A message holds fifty blocks: what the agency owes was cut from twelve own cases on."""
    for _ in range(14):
        await story.summoned(agencies=["bup"])
    for _ in range(14):
        await story.opens(story.julia, agencies=["skola"])
    shown = (await story.command(story.julia, "lista")).messages[-1].blocks
    words = plain(shown)
    assert story.says("slack.more", n=1).partition("1")[0] not in words
    assert {code for code in story.codes if code in words} == set(story.codes)


async def test_whose_turn_it_is_stands_in_board_and_list_while_somebody_waits_for_the_coordinator(story: Story) -> None:
    """R114, R119, R126: a proposal, a no of an obliged agency and a wrong unit are not waited for."""
    await story.summoned()
    for action, values, step in (
        ("summons.propose", {"date": "2026-12-09", "start": "10:00"}, "proposed"),
        ("summons.decline", {"reason": "time"}, "declined"),
        ("summons.forward", {"agency": "?"}, "misdirected"),
    ):
        await story.press(story.julia, action, values)
        asked = story.says(f"step.{step}")
        assert asked in plain(board(story, "anna").blocks)
        await story.command(story.anna, "lista")
        assert asked in story.whispered(story.anna)


async def test_every_day_in_a_list_says_of_what_it_is(story: Story) -> None:
    """A list of forty cases with one date each: the meeting, the plan, the follow-up, or the first meeting's last."""

    async def listed_line(who: str) -> str:
        await story.command(story.slack.people[who], "lista")
        return story.whispered(story.slack.people[who])

    await story.opens()
    assert story.says("list.by.first", day="sön 20 dec") in await listed_line("anna")
    await story.records_consent()
    await story.summons()
    assert story.says("list.by.meeting", day="tis 8 dec") in await listed_line("anna")
    await story.until("2026-12-08 15:00")
    await story.reports(lead="anna")
    assert story.says("list.by.plan", day="mån 14 dec") in await listed_line("anna")
    await story.sends_plan()
    assert story.says("list.by.follow_up", day="ons 10 feb") in await listed_line("anna")


async def test_a_managers_home_page_and_list_say_where_that_stands_which_they_are_to_know(story: Story) -> None:
    """They read "nobody waits for an answer" while six cases of units of theirs stood in their direct messages."""

    def manages_the_school_too(tx: Transaction) -> None:
        found = town.directory()
        school = replace(found.agencies["skola"], manager="slack:T0/U0BIRGIT")
        tx.replace_directory(replace(found, agencies={**found.agencies, "skola": school}), "operator")

    await story.writing(manages_the_school_too)
    await story.summoned(agencies=["skola"])
    await story.until("2026-12-01 12:00")
    known = story.says("list.managed", count=1)
    await story.birgit.open_home()
    await story.settle()
    assert story.birgit.home is not None
    assert known in plain(story.birgit.home.blocks)
    assert story.says("home.empty_agency") not in plain(story.birgit.home.blocks)
    await story.command(story.birgit, "lista")
    assert known in story.whispered(story.birgit)
    await story.command(story.sven, "lista")
    assert known not in story.whispered(story.sven)
