"""`/sip statistik`: who sees which figures, and that the small ones stay back (R147, R207; law 4D)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from demo.world.figures import invented
from domain.figures.quarter import Quarter
from domain.figures.sums import Key, Sum
from handlers import notices
from handlers.letters.render import compose
from handlers.ui.outgoing import Drop, Elsewhere, Outgoing, Picture
from storage.transaction import Transaction
from tests.handlers import town
from tests.handlers.story import Story, elements, plain

QUARTER = Quarter(2026, 4)


def planted(**counts: int) -> dict[Key, Sum]:
    """Return needs noticed in the quarter before, by unit."""
    return {Key("2026-3", unit, "child", "noticed"): Sum(count) for unit, count in counts.items()}


def drawable(**units: tuple[int, int, int]) -> dict[Key, Sum]:
    """Return first meetings, how many of them were in time, and how many had a follow-up booked, by unit."""
    names = ("first_held", "first_in_time", "booked")
    sums = {
        Key("2026-3", unit, "child", name): Sum(count)
        for unit, counts in units.items()
        for name, count in zip(names, counts, strict=True)
    }
    return sums | {Key("2026-3", unit, "child", "planned"): Sum(counts[0]) for unit, counts in units.items()}


async def drawn(story: Story, who: str = "U0ANNA", quarter: str = "2026-3", unit: str = "soc") -> Outgoing | Elsewhere:
    """Return what goes out when somebody has asked for figures."""
    letter = notices.figures_picture(f"slack:T0/{who}", quarter, unit, story.clock.now())
    return await story.reading(lambda reader: compose(story.bot.services, reader, letter))


async def plant(story: Story, sums: dict[Key, Sum]) -> None:
    def grow(tx: Transaction) -> None:
        tx.figures.grow(sums, date(2026, 9, 30))

    await story.writing(grow)


def line(story: Story, label: str, value: str) -> str:
    return story.says("figures.line", label=story.says(label), value=value)


async def test_a_coordinator_sees_the_own_unit_and_all_together(story: Story) -> None:
    """R207: by default the newest quarter that is told; a press leads on to all units."""
    await plant(story, planted(soc=12, bup=6, skola=5))
    await story.command(story.anna, "statistik")
    shown = story.whispered(story.anna)
    assert line(story, "figure.noticed", "12") in shown
    assert story.says("statistics.all") in shown
    await story.command(story.anna, "statistik 2026-3 alla")
    assert line(story, "figure.noticed", "23") in story.whispered(story.anna)


async def test_fewer_than_five_are_not_told_and_another_unit_is_never_told(story: Story) -> None:
    """Law 4D."""
    await plant(story, planted(soc=3, bup=6, skola=9))
    await story.command(story.anna, "statistik")
    shown = story.whispered(story.anna)
    assert line(story, "figure.noticed", story.says("figures.hidden")) in shown
    assert line(story, "figure.noticed", "6") not in shown


async def test_what_somebody_acts_on_comes_first_and_the_rest_is_a_press_away(story: Story) -> None:
    """R147: on a telephone the card was four screens long, most of it evaluations; now these have a view of their own.

    Of all together the grounds of endings and the tracks stand there too (R207).
    """
    await plant(story, invented())
    first = story.says("figures.part.summons")
    for typed, button, also in (
        ("statistik", "statistics.more.unit", ()),
        ("statistik alla", "statistics.more.all", ("figures.part.end", "figures.track.child")),
    ):
        await story.command(story.anna, typed)
        shown = story.whispered(story.anna)
        assert first in shown
        assert story.says("evaluation.person.listened") not in shown
        await story.press(story.anna, story.says(button))
        more = story.whispered(story.anna)
        assert [key for key in ("figures.part.evaluation", *also) if story.says(key) not in more] == []
        assert story.says("evaluation.person.listened") in more
        assert first not in more
        await story.press(story.anna, story.says("statistics.back"))
        assert story.whispered(story.anna) == shown


async def test_who_manages_many_units_comes_to_each_of_them(story: Story) -> None:
    """Some as buttons; more of them in a list, so that no unit is out of reach and the message stays short."""

    def given_all(tx: Transaction) -> None:
        found = town.directory()
        agencies = {key: replace(agency, manager="slack:T0/U0BIRGIT") for key, agency in found.agencies.items()}
        tx.replace_directory(replace(found, agencies=agencies), "operator")

    await story.writing(given_all)
    await plant(story, planted(soc=12, bup=6, skola=9, fk=8))
    await story.command(story.birgit, "statistik")
    (menu,) = (e for e in elements(story.birgit.only_visible_to_me()[-1].blocks) if e["type"] == "static_select")
    assert len(menu["options"]) == len(town.directory().agencies)
    fk = next(o for o in menu["options"] if o["text"]["text"] == town.directory().agencies["fk"].name)
    await story.birgit.press("statistics.show", value=fk["value"])
    await story.settle()
    assert line(story, "figure.noticed", "8") in story.whispered(story.birgit)


async def test_of_what_there_was_nothing_to_count_in_nothing_is_said(story: Story) -> None:
    """A unit that was never summoned reads no lines about its answers, only that there were no summonses."""
    await plant(story, planted(soc=12, bup=6, skola=9))
    await story.command(story.anna, "statistik")
    shown = story.whispered(story.anna)
    assert line(story, "figure.summoned", "0") in shown
    assert story.says("figure.confirmed") not in shown
    assert story.says("figures.part.person") not in shown


async def test_half_a_percent_counts_as_a_whole_one(story: Story) -> None:
    """As whoever counts it over does: 10 of 16 are 62.5."""
    await plant(story, drawable(soc=(16, 10, 10), bup=(16, 10, 10)))
    await story.command(story.anna, "statistik")
    in_time = story.says("figures.share", count=10, of=16, percent=63)
    assert line(story, "figure.first_in_time", in_time) in story.whispered(story.anna)


async def test_a_manager_sees_the_unit_they_manage_and_others_see_nothing(story: Story) -> None:
    """Law 4D.9."""
    await plant(story, planted(bup=6))
    await story.command(story.birgit, "statistik")
    assert line(story, "figure.noticed", "6") in story.whispered(story.birgit)
    await story.command(story.sven, "statistik")
    assert story.says("statistics.not_allowed") in story.whispered(story.sven)


async def test_a_picture_says_what_the_answer_says_and_hides_what_it_hides(story: Story) -> None:
    """R207; law 4D: what is small is neither drawn nor told, and stands there as what is not told."""
    await plant(story, drawable(soc=(20, 15, 17), bup=(9, 9, 9)))
    await story.command(story.anna, "statistik")
    told, picture = story.whispered(story.anna), await drawn(story)
    assert isinstance(picture, Picture)
    assert picture.title in told
    assert [bar.line for bar in picture.bars if bar.line not in told] == []
    assert picture.alt == f"{picture.title}. " + " ".join(f"{bar.line}." for bar in picture.bars)
    found = {bar.label: bar for bar in picture.bars}
    in_time, booked = found[story.says("figure.first_in_time")], found[story.says("figure.booked")]
    assert (in_time.part, in_time.value) == (0.75, story.says("figures.share", count=15, of=20, percent=75))
    assert (booked.part, booked.value, booked.kept_back) == (None, story.says("figures.hidden"), True)


async def test_a_picture_with_nothing_told_in_it_is_not_sent(story: Story) -> None:
    await plant(story, planted(soc=12, bup=6))
    assert await drawn(story) == Drop("empty")


@pytest.mark.parametrize("who, unit", [("U0SVEN", "soc"), ("U0ANNA", "bup"), ("U0NOBODY", "")])
async def test_who_may_not_see_figures_when_the_picture_leaves_gets_none(story: Story, who: str, unit: str) -> None:
    """Law 4D.9: asked again at the moment of telling."""
    await plant(story, drawable(soc=(20, 15, 20), bup=(9, 9, 9)))
    assert await drawn(story, who, unit=unit) == Drop("left")


async def test_a_quarter_is_told_a_month_after_its_end_and_a_slip_is_explained(story: Story) -> None:
    """R207: whoever asks before that is told when, and shown the way to the newest that is told."""
    await plant(story, planted(soc=12, bup=6, skola=9))
    fourth = story.says("figures.quarter", number=4, year=2026)
    not_yet = story.says("statistics.not_yet", quarter=fourth, day="måndag 1 februari 2027")
    await story.command(story.anna, "statistik 2026-4")
    told = story.whispered(story.anna)
    assert not_yet in told
    assert failure(story) not in told
    await story.press(story.anna, "statistics.show")
    assert line(story, "figure.noticed", "12") in story.whispered(story.anna)
    await story.command(story.anna, "statistik i fjol")
    assert story.says("statistics.not_a_quarter", example="2026-3") in story.whispered(story.anna)


def failure(story: Story) -> str:
    """Return how an answer begins when something went wrong."""
    return story.says("error.title")


async def test_before_the_first_figures_it_is_said_when_they_come_and_nothing_has_failed(story: Story) -> None:
    """As in the first months, and on the day after an upgrade from a version that kept no figures."""
    await story.command(story.anna, "statistik")
    fourth = story.says("figures.quarter", number=4, year=2026)
    told = story.whispered(story.anna)
    assert story.says("statistics.none_yet", next=fourth, day="måndag 1 februari 2027") in told
    assert failure(story) not in told


async def test_a_quarter_in_which_nothing_was_counted_says_so_and_leads_to_the_newest(story: Story) -> None:
    """None is no number."""
    await plant(story, planted(soc=12, bup=6, skola=9))
    await story.command(story.anna, "statistik 2026-1")
    first, fourth = (story.says("figures.quarter", number=number, year=2026) for number in (1, 4))
    nothing = story.says("statistics.nothing", quarter=first, next=fourth, day="måndag 1 februari 2027")
    told = story.whispered(story.anna)
    assert nothing in told
    assert "Visa kvartal 3 2026" in told
    assert failure(story) not in told


async def test_what_a_case_adds_stays_when_it_is_erased(story: Story) -> None:
    """Decision 20."""
    await story.summoned()
    before = await story.reading(lambda reader: reader.figures.of(QUARTER))
    assert before[Key("2026-4", "soc", "child", "noticed")] == Sum(1)
    await story.writing(lambda tx: tx.shred(story.code))
    story.codes.clear()
    assert await story.reading(lambda reader: reader.figures.of(QUARTER)) == before


async def test_what_is_reported_when_its_quarter_has_settled_counts_nowhere_and_is_kept_on_the_case(
    story: Story,
) -> None:
    """R207: a meeting in December, told of in February; the figures read the same before and after."""
    await story.summoned()
    await story.until("2027-02-02 09:00")
    await story.command(story.anna, "statistik 2026-4")
    before = story.whispered(story.anna)
    outcome = await story.reports()
    assert not outcome.errors, outcome.errors
    assert story.says("statistics.settled", quarter="kvartal 4 2026") in story.answered
    assert story.says("step.evaluate.do") not in story.answered, "that was open for thirty days"
    await story.command(story.anna, "statistik 2026-4")
    assert story.whispered(story.anna) == before
    case = await story.case()
    assert case.last_held is not None
    sums = await story.reading(lambda reader: reader.figures.of(QUARTER))
    assert Key("2026-4", "soc", "child", "first_held") not in sums
    # The card of the meeting leads nowhere either.
    over = [m for m in story.messages("bup") if story.says("step.evaluate.do") in plain(m.blocks)]
    assert over == []
