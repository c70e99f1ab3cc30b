"""The reminders: each at its time, to the one who owns it now, with escalation to the manager (process 7D).

The numbers are those of Region Gotland's profile. The stories begin on Monday 23 November 2026; the need was noticed on
Friday the 20th, so that day 30 is Sunday 20 December.
"""

from __future__ import annotations

from domain.case import Case
from domain.directory import Directory
from handlers.screens.reminder_list import digest
from handlers.ui.outgoing import Show
from handlers.view import View
from storage.cases import CaseReading
from storage.transaction import Reader
from tests.handlers import town
from tests.handlers.story import Story, buttons, plain

MORNING = "08:00"


def mornings(days: str, where: str) -> list[tuple[str, str]]:
    """Return eight o'clock of some days, such as "2026-12-01 2026-12-03"."""
    return [(f"{day} {MORNING}", where) for day in days.split()]


async def test_t2_counts_down_the_thirty_days(story: Story) -> None:
    """R90: day 10 without consent, 15 without a summons, then 20, 25, 28; from day 31 weekly, and to the manager."""
    await story.opens()
    await story.until("2026-12-29 12:00")
    coordinator = mornings("2026-11-30 2026-12-04 2026-12-10 2026-12-15 2026-12-18 2026-12-21 2026-12-28", "anna")
    manager = mornings("2026-12-21", "maria")
    assert story.reminded("first_meeting") == sorted(coordinator + manager)


async def test_t2_asks_for_no_consent_that_is_there(story: Story) -> None:
    await story.opens()
    await story.records_consent()
    await story.until("2026-12-05 12:00")
    assert story.reminded("first_meeting") == mornings("2026-12-04", "anna")


async def test_t2_is_silent_once_the_meeting_is_called_in_time(story: Story) -> None:
    await story.summoned()
    await story.until("2026-12-07 12:00")
    assert story.reminded("first_meeting") == []


async def test_t2_keeps_the_day_that_the_person_wishes(story: Story) -> None:
    """R91."""
    await story.opens(meeting_by="2027-01-29")
    await story.records_consent()
    await story.until("2027-01-28 12:00")
    assert story.reminded("first_meeting") == mornings("2027-01-19 2027-01-22 2027-01-27", "anna")


async def test_t3_asks_the_unit_to_confirm_the_receipt(story: Story) -> None:
    """R125: 2 and 3 working days; on day 4 its mailbox; on day 6 its manager, and whoever summoned is told to phone."""
    await story.summoned(agencies=["bup"])
    await story.until("2026-12-01 12:00")
    unit = mornings("2026-11-25 2026-11-26", "bup")
    assert story.reminded("confirm_receipt") == [
        *unit,
        *mornings("2026-12-01", "anna"),
        *mornings("2026-12-01", "birgit"),
    ]
    (mail,) = story.mails("bup.brevlada@exempel.invalid")
    assert story.code in str(mail["Subject"])


async def test_t3_asks_an_invited_agency_in_its_channel_alone(story: Story) -> None:
    """R117: it owes no answer, so neither its mailbox nor a manager is troubled."""
    await story.summoned(agencies=["fk"])
    await story.until("2026-12-01 12:00")
    assert [where for _, where in story.reminded("confirm_receipt") if where != "anna"] == ["fk", "fk"]
    assert story.mails("fk.brevlada@exempel.invalid") == []


async def test_t3_ends_with_the_receipt(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-11-25 09:00")
    await story.press(story.julia, "nag.done")
    await story.until("2026-12-01 07:00")
    assert story.reminded("confirm_receipt") == mornings("2026-11-25", "bup")
    assert story.mails("bup.brevlada@exempel.invalid") == []


async def test_r125_r128_from_the_meetings_beginning_nobody_is_asked_to_answer(story: Story) -> None:
    """It can no longer be answered: the card says so, and what was asked is gone from the lists."""
    await story.summoned(agencies=["bup", "skola"])
    await story.names(story.omar, "omar")
    await story.until("2026-12-08 12:55")
    assert "nag.done" in buttons(story.shown("bup", "nag.done").blocks)
    asked = [story.says(key) for key in ("summons.status.sent", "summons.over.held.text")]
    card = story.shown("bup", "summons.received")
    assert [words in plain(card.blocks) for words in asked] == [True, False]
    await story.until("2026-12-08 13:05")
    (card,) = (m for m in story.messages("bup") if m.ts == card.ts)
    assert [words in plain(card.blocks) for words in asked] == [False, True]
    assert buttons(card.blocks) == []
    assert [m for place in ("bup", "anna") for m in story.messages(place) if "nag.done" in buttons(m.blocks)] == []
    assert all(words not in plain(m.blocks) for m in story.messages("skola") for words in asked)


async def test_t4_asks_the_unit_who_comes(story: Story) -> None:
    """R128: 5, 3 and 2 working days before the meeting; at last the manager."""
    await story.summoned(agencies=["bup"])
    await story.press(story.julia, "summons.received")
    await story.until("2026-12-08 12:00")
    unit = mornings("2026-12-01 2026-12-03 2026-12-04", "bup")
    assert story.reminded("name_attendees") == sorted([*unit, *mornings("2026-12-04", "birgit")])


async def test_t4_goes_to_a_manager_who_is_not_among_the_staff(story: Story) -> None:
    await story.summoned(agencies=["vc"])
    await story.press(story.pia, "summons.received")
    await story.until("2026-12-04 12:00")
    assert (f"2026-12-04 {MORNING}", "vera") in story.reminded("name_attendees")


async def test_t4_ends_with_the_names(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.names(story.julia, "julia")
    await story.until("2026-12-08 12:00")
    assert story.reminded("name_attendees") == []


async def test_t4_counts_for_the_new_time_when_the_meeting_is_moved(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.names(story.julia, "julia")
    await story.until("2026-12-07 12:00")
    await story.moves(date="2026-12-18")
    await story.press(story.julia, "summons.received")
    await story.until("2026-12-18 08:30")
    assert [r for r in story.reminded("name_attendees") if r[1] == "bup"] == mornings(
        "2026-12-11 2026-12-15 2026-12-16", "bup"
    )


async def test_t6_tells_everybody_named_of_tomorrow(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia", "sven")
    await story.until("2026-12-08 12:00")
    assert story.reminded("day_before") == [("2026-12-07 08:00", "julia"), ("2026-12-07 08:00", "sven")]


async def test_t6_of_a_monday_meeting_comes_on_friday(story: Story) -> None:
    await story.summoned(date="2026-12-14")
    await story.names(story.julia, "julia")
    await story.until("2026-12-14 12:00")
    assert story.reminded("day_before") == [("2026-12-11 08:00", "julia")]


async def test_t7_asks_the_chair_whether_it_was_held(story: Story) -> None:
    """The same day at four, the next morning, then the manager."""
    await story.summoned()
    await story.names(story.julia, "julia")
    await story.until("2026-12-10 12:00")
    assert story.reminded("report_meeting") == [
        ("2026-12-08 16:00", "anna"),
        ("2026-12-09 08:00", "anna"),
        ("2026-12-10 08:00", "maria"),
    ]


async def test_t8_counts_the_four_working_days_of_the_plan(story: Story) -> None:
    """R161, R34: day 0 is the meeting; working days 2 and 3, the last day twice, then every day, to the manager too."""
    await story.held()
    await story.until("2026-12-16 12:00")
    sender = [
        ("2026-12-10 08:00", "anna"),
        ("2026-12-11 08:00", "anna"),
        ("2026-12-14 08:00", "anna"),
        ("2026-12-14 15:00", "anna"),
        ("2026-12-15 08:00", "anna"),
        ("2026-12-16 08:00", "anna"),
    ]
    assert story.reminded("send_plan") == sorted([*sender, ("2026-12-15 08:00", "maria")])


async def test_t8_goes_to_the_lead_after_a_follow_up(story: Story) -> None:
    """R194."""
    await story.active()
    await story.until("2027-01-26 09:00")
    await story.summons(story.julia, date="2027-02-10", agencies=["bup"], chair="julia")
    await story.names(story.julia, "julia")
    await story.until("2027-02-10 15:00")
    await story.reports(story.julia, lead=None, follow_up_on="2027-05-12", attended=["bup"])
    await story.until("2027-02-12 12:00")
    assert story.reminded("send_plan") == [("2027-02-12 08:00", "julia")]


async def test_t9_asks_daily_for_what_the_meeting_left_open(story: Story) -> None:
    """R140, R142, R31: with the manager after three working days."""
    await story.held(lead=None, no_lead="not_present", follow_up_on=None, no_follow_up="calendars")
    await story.sends_plan(recipients=["person", "soc", "bup"])
    await story.until("2026-12-11 12:00")
    coordinator = mornings("2026-12-09 2026-12-10 2026-12-11", "anna")
    assert story.reminded("open_points") == [*coordinator, *mornings("2026-12-11", "maria")]
    await story.reports()
    await story.until("2026-12-18 12:00")
    assert len(story.reminded("open_points")) == 4


async def test_t10_leads_up_to_the_follow_up(story: Story) -> None:
    """R74, R142, R166-R168, R173: prepare, talk and check the consent, summon and again; passed, the manager."""
    await story.active()
    await story.until("2027-02-17 12:00")
    ahead = "2027-01-11 2027-01-21 2027-01-26 2027-02-02 2027-02-09"
    lead = mornings(f"{ahead} 2027-02-11", "julia")
    assert story.reminded("follow_up") == [*lead, *mornings("2027-02-17", "birgit")]


async def test_t11_tells_of_a_consent_that_runs_out(story: Story) -> None:
    """R64, R72: 30, 14 and 3 days before, and the working morning after its last day."""
    await story.opens(meeting_by="2027-06-01")
    await story.records_consent(valid_until="2026-12-31")
    await story.until("2027-01-05 12:00")
    assert story.reminded("consent_expiry") == mornings("2026-12-01 2026-12-17 2026-12-28 2027-01-04", "anna")


async def test_t11_counts_from_the_renewed_consent(story: Story) -> None:
    await story.opens(meeting_by="2027-06-01")
    await story.records_consent(valid_until="2026-12-31")
    await story.until("2026-12-02 12:00")
    await story.records_consent(valid_until="2027-05-31")
    await story.until("2027-01-05 12:00")
    assert story.reminded("consent_expiry") == mornings("2026-12-01", "anna")


async def test_t16_asks_for_the_confirmation_of_the_end(story: Story) -> None:
    """R174: 3 and 6 working days, the unit and the one who closed."""
    await story.closing()
    await story.closes()
    await story.press(story.sven, "closing.confirm")
    await story.press(story.leif, "closing.confirm")
    await story.press(story.karin, "closing.confirm")
    await story.until("2027-02-20 12:00")
    days = "2027-02-15 2027-02-18"
    assert story.reminded("confirm_ending") == sorted(mornings(days, "skola") + mornings(days, "julia"))


async def test_t16_is_answered_by_the_reminders_own_button(story: Story) -> None:
    await story.closing()
    await story.closes()
    await story.until("2027-02-15 12:00")
    await story.press(story.sven, "nag.done", source=story.shown("bup", "nag.done"))
    case = await story.case()
    assert case.closure is not None
    notice = case.closure.notice_of("bup")
    assert notice is not None
    assert notice.confirmed is not None
    assert notice.confirmed.by == "slack:T0/U0SVEN"


async def test_reminders_follow_the_responsibility(story: Story) -> None:
    """To the one who owns it now: after the hand-over that is the lead."""
    await story.active()
    await story.until("2027-01-12 12:00")
    assert {where for _, where in story.reminded("follow_up")} == {"julia"}


async def test_who_has_left_is_stood_in_for_by_the_units_manager(story: Story) -> None:
    """R40."""
    await story.opens()
    known = town.directory()
    left = {id_: person for id_, person in known.staff.items() if id_ != "slack:T0/U0ANNA"}
    await story.writing(lambda tx: tx.replace_directory(Directory(known.agencies, left), "operator"))
    await story.until("2026-12-01 12:00")
    assert story.reminded("first_meeting") == mornings("2026-11-30", "maria")


class CountedCases:
    """The cases of a database, with a note of which were read."""

    def __init__(self, cases: CaseReading) -> None:
        self.read: list[str] = []
        self._cases = cases

    def find(self, code: str) -> Case | None:
        self.read.append(code)
        return self._cases.find(code)


async def test_a_list_reads_each_case_once_however_many_reminders_it_has(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.until("2026-12-04 12:00")

    def compose(reader: Reader) -> tuple[int, list[str]]:
        services, counted = story.bot.services, CountedCases(reader.cases)
        reader.cases = counted  # type: ignore[assignment]
        address = reader.directory.address_of_agency("bup")
        view = View(services, services.words_for("sv"), reader.directory, reader.now)
        shown = digest(view, reader, address, manager=False, anew=False)
        assert isinstance(shown, Show)
        return len(reader.reminders.open_for(address)), counted.read

    reminders, read = await story.reading(compose)
    assert reminders > 1
    assert read == [story.code]


async def test_r89_r191_a_summons_at_short_notice_is_followed_up_in_hours(story: Story) -> None:
    """A meeting tomorrow: the days of the usual ladder would come after it."""
    await story.opens(flags=["acute"])
    await story.records_consent()
    await story.summons(date="2026-11-24", start="15:00")
    await story.until("2026-11-24 14:00")
    reminded = story.reminded("confirm_receipt")
    assert ("2026-11-23 11:00", "bup") in reminded
    assert ("2026-11-23 13:00", "anna") in reminded


async def test_r89_r191_an_acute_meeting_before_work_begins_again_is_followed_up_by_the_clock(story: Story) -> None:
    """Called on Friday evening for Saturday: counted in working hours, the reminders came on Monday."""
    await story.until("2026-11-27 19:00")
    await story.opens(noticed_on="2026-11-27", flags=["acute"])
    await story.records_consent()
    await story.summons(date="2026-11-28", start="10:00")
    await story.until("2026-11-28 09:00")
    reminded = story.reminded("confirm_receipt")
    assert ("2026-11-27 21:00", "bup") in reminded
    assert ("2026-11-27 23:00", "anna") in reminded


async def test_5b_6_where_there_are_working_hours_before_an_acute_meeting_these_count(story: Story) -> None:
    await story.until("2026-11-23 19:00")
    await story.opens(flags=["acute"])
    await story.records_consent()
    await story.summons(date="2026-11-24", start="15:00")
    await story.until("2026-11-24 14:00")
    assert min(story.reminded("confirm_receipt"))[0] == "2026-11-24 08:00"
