"""Inpatient care: told by whoever knows, decided on together, and the clocks of the law at discharge (R177-R180)."""

from __future__ import annotations

from typing import Any

from domain.matters.admission import Choice
from tests.handlers.story import Story, plain

ADMITTED: dict[str, Any] = {"admitted_on": "2026-12-14"}


async def admitted(story: Story, who: str = "anna", **changes: Any) -> None:
    await story.active(lead="anna")
    await story.until("2026-12-14 09:00")
    outcome = await story.fill(story.slack.people[who], "inskriven", ADMITTED, changes)
    assert not outcome.errors, outcome.errors


async def ready(story: Story, moment: str, **changes: Any) -> None:
    """The notice has come at this moment, and is told at once."""
    day, _, wall = moment.partition(" ")
    await story.until(moment)
    told = {"ready_on": day, "ready_at": wall, **changes}
    outcome = await story.fill(story.anna, "inskriven", ADMITTED, told)
    assert not outcome.errors, outcome.errors


async def test_staff_of_another_agency_tell_it_and_the_lead_hears(story: Story) -> None:
    """R177, R56: the permanent care contact turns to huvudansvarig."""
    await admitted(story, "julia", contact="julia")
    found = (await story.case()).admission
    assert found is not None
    assert (f"{found.admitted_on}", found.contact, found.contact_agency) == ("2026-12-14", "slack:T0/U0JULIA", "bup")
    assert any(story.says("note.admitted.title", code=story.code) in plain(m.blocks) for m in story.messages("anna"))


async def test_whether_the_plan_is_revised_or_kept_is_noted(story: Story) -> None:
    """R178, R179."""
    await admitted(story)
    await story.fill(story.anna, "inskriven", ADMITTED, {"choice": "keep"})
    found = (await story.case()).admission
    assert found is not None
    assert found.choice is Choice.KEEP
    assert found.chosen is not None


async def test_t15_counts_the_three_days_of_the_summons_from_the_notice(story: Story) -> None:
    """LOS 4 kap. 3 §; R180; D4: from Tuesday it is Friday."""
    await admitted(story)
    await ready(story, "2026-12-15 10:00")
    await story.until("2026-12-21 12:00")
    assert story.reminded("discharge") == [
        ("2026-12-15 10:00", "anna"),
        ("2026-12-16 08:00", "anna"),
        ("2026-12-18 09:00", "anna"),
        ("2026-12-18 14:00", "anna"),
    ]


async def test_t15_goes_to_the_permanent_care_contact_when_one_is_named(story: Story) -> None:
    """LOS 4 kap. 3 §."""
    await admitted(story, contact="julia")
    await ready(story, "2026-12-15 10:00", contact="julia")
    await story.until("2026-12-15 12:00")
    assert [where for _, where in story.reminded("discharge")] == ["julia"]


async def test_t15_ends_when_the_summons_is_sent(story: Story) -> None:
    await admitted(story)
    await ready(story, "2026-12-15 10:00")
    await story.until("2026-12-15 11:00")
    await story.summons(date="2026-12-22", agencies=["bup"])
    await story.until("2026-12-21 12:00")
    assert story.reminded("discharge") == [("2026-12-15 10:00", "anna")]


async def test_the_board_shows_both_clocks_of_the_law(story: Story) -> None:
    """R180; LOS 4 kap. 3 § and 5 kap. 4 §: before noon it is three days, after noon four."""
    await admitted(story)
    await ready(story, "2026-12-15 12:01")
    shown = "\n".join(plain(m.blocks) for m in story.messages("anna"))
    assert story.says("fact.los_payment") in shown
    assert "19 december 2026" in shown


async def test_in_open_compulsory_care_there_are_no_clocks(story: Story) -> None:
    """R180; LOS 4 kap. 1 § second paragraph: another law's plan stands in."""
    await admitted(story, compulsory="psychiatric")
    await ready(story, "2026-12-15 10:00", compulsory="psychiatric")
    await story.until("2026-12-21 12:00")
    assert story.reminded("discharge") == []
    assert any(story.says("compulsory.psychiatric.plan") in plain(m.blocks) for m in story.messages("anna"))


async def test_a_notice_has_its_day_and_its_time_and_lies_behind(story: Story) -> None:
    await admitted(story)
    view = await story.ask(story.anna, f"inskriven {story.code}")
    table: list[tuple[dict[str, Any], set[str]]] = [
        ({"ready_on": "2026-12-14"}, {"ready_at"}),
        ({"ready_on": "2026-12-20", "ready_at": "08:00"}, {"ready_at"}),
        ({"admitted_on": "2026-12-20"}, {"admitted_on"}),
        ({"leaves_on": "2026-12-01"}, {"leaves_on"}),
        ({"contact": "pia"}, {"contact"}),
    ]
    await story.refusals(story.anna, view, ADMITTED, table)


async def test_the_discharge_ends_it_and_another_stay_is_another(story: Story) -> None:
    await admitted(story)
    await story.fill(story.anna, "inskriven", ADMITTED, {"discharged": ["yes"]})
    assert (await story.case()).admission is None
    await story.until("2026-12-16 09:00")
    await story.fill(story.anna, "inskriven", ADMITTED, {"admitted_on": "2026-12-15"})
    assert len((await story.case()).admissions) == 2


async def test_without_a_consent_no_admission_is_noted(story: Story) -> None:
    await story.opens()
    await story.command(story.anna, f"inskriven {story.code}")
    assert story.says("admission.consent_first", code=story.code) in story.whispered(story.anna)


async def test_4c_what_is_known_of_a_stay_is_health_data_that_no_other_agency_reads(story: Story) -> None:
    """The form is as empty to the school as if nothing were known, and what it adds changes nothing of the rest."""
    await admitted(story, "julia", contact="julia", compulsory="psychiatric", leaves_on="2026-12-20")
    view = await story.ask(story.omar, f"inskriven {story.code}")
    assert not any(word in str(view.blocks) for word in ("U0JULIA", "initial_option", "2026-12-20"))
    assert {"choice", "ready_on", "discharged"}.isdisjoint({block["block_id"] for block in view.blocks})
    outcome = await story.submit(story.omar, {"admitted_on": "2026-12-10", "leaves_on": "2026-12-21"})
    assert not outcome.errors
    assert story.says("fact.compulsory") not in story.answered
    found = (await story.case()).admission
    assert found is not None
    told = (f"{found.admitted_on}", found.contact, found.compulsory, f"{found.leaves_on}")
    assert told == ("2026-12-14", "slack:T0/U0JULIA", "psychiatric", "2026-12-21")
    view = await story.ask(story.sven, f"inskriven {story.code}")
    assert "initial_option" in str(view.blocks), "her own unit has told it"


async def test_the_lead_hears_from_others_that_the_person_has_gone_home(story: Story) -> None:
    """R177, R179: a booked meeting and the plan are theirs to look over."""
    await admitted(story, "julia", contact="julia")
    await story.fill(story.julia, "inskriven", ADMITTED, {"discharged": ["yes"]})
    assert story.says("note.discharged.title", code=story.code) in plain(story.messages("anna")[-1].blocks)


async def test_the_day_to_summon_by_stands_there_only_until_it_is_done(story: Story) -> None:
    await admitted(story)
    await ready(story, "2026-12-15 10:00")
    assert story.says("fact.los_summons") in plain(story.shown("anna", "case.step").blocks)
    await story.summons(date="2026-12-22", agencies=["bup"])
    board = plain(story.shown("anna", "case.step").blocks)
    assert story.says("fact.los_summons") not in board
    assert story.says("fact.los_payment") in board


# ---- a course: in hospital again, when the case of before has been closed -------------------------------------------


async def test_in_hospital_again_after_the_case_was_closed(story: Story) -> None:
    """R177, R180: the closed case takes nothing more and leads to a new one, which has clocks of its own."""
    await story.closing()
    await story.closes()
    before = story.code
    await story.until("2027-03-01 09:00")
    await story.command(story.anna, f"inskriven {before}")
    assert story.says("admission.closed", code=before) in story.whispered(story.anna)

    code = await story.opens(agencies=["bup"], noticed_on="2027-03-01")
    await story.command(story.anna, f"inskriven {code}")
    assert story.says("admission.consent_first", code=code) in story.whispered(story.anna)

    await story.records_consent(agencies=["bup"], valid_until="2027-08-01")
    outcome = await story.fill(story.anna, "inskriven", {"admitted_on": "2027-02-27"}, {})
    assert not outcome.errors, outcome.errors
    told = {"admitted_on": "2027-02-27", "ready_on": "2027-03-01", "ready_at": "08:30"}
    outcome = await story.fill(story.anna, "inskriven", told, {})
    assert not outcome.errors, outcome.errors
    await story.until("2027-03-02 12:00")
    assert story.reminded("discharge") != []
    assert (await story.case(before)).admissions == (), "nothing was written on the closed one"


async def test_a_second_stay_in_one_case_has_clocks_of_its_own(story: Story) -> None:
    """LOS 4 kap. 3 §: the first stay's summons and notice are of that stay alone."""
    await admitted(story)
    await ready(story, "2026-12-15 10:00")
    await story.summons(date="2026-12-22", agencies=["bup"])
    await ready(story, "2026-12-15 11:00", ready_on="2026-12-15", ready_at="10:00", discharged=["yes"])
    await story.until("2026-12-22 16:00")
    await story.reports(attended=["bup"], lead="anna", follow_up_on="2027-03-10")
    await story.sends_plan()
    first = story.reminded("discharge")
    await story.until("2027-01-11 09:00")
    view = await story.ask(story.anna, f"inskriven {story.code}")
    assert "ready_on" not in {block["block_id"] for block in view.blocks}, "it begins as a stay that nobody knows of"
    await story.anna.cancel()
    await story.fill(story.anna, "inskriven", {"admitted_on": "2027-01-11"}, {})
    again = {"admitted_on": "2027-01-11", "ready_on": "2027-01-11", "ready_at": "09:00"}
    await story.fill(story.anna, "inskriven", again, {})
    await story.until("2027-01-14 15:00")
    assert story.reminded("discharge")[len(first) :] != []
    found = (await story.case()).admissions
    assert [one.is_open for one in found] == [False, True]


async def test_a_stay_told_of_again_while_it_was_not_over_begins_after_it(story: Story) -> None:
    """Somebody ticked that the person had gone home; the same stay told once more stood there twice."""
    await admitted(story)
    await ready(story, "2026-12-15 10:00", discharged=["yes"])
    outcome = await story.fill(story.anna, "inskriven", {"admitted_on": "2026-12-14"}, {})
    assert outcome.errors == {"admitted_on": story.says("admission.known")}


async def test_the_board_of_a_closed_case_counts_no_days_to_a_discharge(story: Story) -> None:
    await admitted(story)
    await ready(story, "2026-12-15 12:01")
    await story.withdraws()
    assert story.says("fact.los_payment") not in plain([m.blocks for m in story.messages("anna")][-1])
    boards = [plain(m.blocks) for m in story.messages("anna") if story.says("state.closed") in plain(m.blocks)]
    assert boards
    assert not [one for one in boards if story.says("fact.los_summons") in one]
