"""How far a consent reaches: functions, who is covered, less than before, each agency's own (R58, R62, R69, R124)."""

from __future__ import annotations

from domain.consent import Function, Giver
from tests.handlers.story import Story, plain


async def test_r62_the_consent_names_functions_and_the_agencies_read_them(story: Story) -> None:
    await story.opens()
    await story.records_consent(functions=["counsellor", "teacher"])
    await story.summons()
    consent = (await story.case()).consent
    assert consent is not None
    assert consent.functions == {Function.COUNSELLOR, Function.TEACHER}
    card = plain(story.messages("skola")[0].blocks)
    assert story.says("function.counsellor") in card
    await story.records_consent(functions=["counsellor", "teacher"], agencies=["bup", "skola"])
    assert (await story.case()).consent.functions == {Function.COUNSELLOR, Function.TEACHER}  # type: ignore[union-attr]


async def test_r86_r124_who_is_covered_is_named_to_those_whom_it_covers(story: Story) -> None:
    await story.summoned()
    card = plain(story.messages("skola")[0].blocks)
    assert "Enhet B, Påhittskolan och Enhet E" in card, "the others by their alias (law 4D.3)"


async def test_a_protected_case_names_nobody_whom_the_consent_covers(story: Story) -> None:
    await story.opens(flags=["protected"])
    await story.records_consent()
    await story.summons(place=None)
    assert "Enhet B" not in plain(story.messages("omar")[-1].blocks)


async def test_r69_the_only_guardian_consents_as_what_they_are(story: Story) -> None:
    await story.opens()
    outcome = await story.records_consent(given_by=["sole_guardian"])
    assert not outcome.errors
    assert (await story.case()).consent.given_by == {Giver.SOLE_GUARDIAN}  # type: ignore[union-attr]
    await story.opens(age_band="adult")
    view = await story.ask(story.anna, f"samtycke {story.code}")
    assert "sole_guardian" not in str(view.blocks)
    assert "attorney" in str(view.blocks)


async def test_r44_those_who_stay_covered_hear_that_the_consent_reaches_less_far(story: Story) -> None:
    await story.active()
    await story.records_consent(story.julia, topics=["responsibility"])
    for place in ("bup", "skola", "fk"):
        said = plain(story.messages(place)[-1].blocks)
        assert story.says("scope.title", code=story.code) in said, place
        assert story.says("topic.responsibility").casefold() in said.casefold()
    before = len(story.messages("skola"))
    await story.records_consent(story.julia, topics=["responsibility", "school"])
    assert len(story.messages("skola")) == before, "more than before is no news to stop for"


async def test_an_agency_that_is_dropped_hears_only_that(story: Story) -> None:
    await story.active()
    await story.records_consent(story.julia, agencies=["bup", "skola"], topics=["responsibility"])
    said = "\n".join(plain(message.blocks) for message in story.messages("fk"))
    assert story.says("narrowed.title", code=story.code) in said
    assert story.says("scope.title", code=story.code) not in said


async def test_law_4c_each_agency_notes_its_own_consent_to_what_it_discloses(story: Story) -> None:
    await story.summoned()
    assert story.says("summons.own_consent") not in plain(story.messages("bup")[0].blocks), "nothing to disclose yet"
    await story.names(story.julia, "sven")
    assert story.says("summons.own_consent") in plain(story.messages("bup")[0].blocks)
    own = {"given": ["yes"], "form": "oral", "valid_until": "2027-03-01"}
    assert not (await story.press(story.sven, story.says("own_consent.do"), own)).errors
    assert story.says("summons.own_consent") not in plain(story.messages("bup")[0].blocks)
    case = await story.case()
    assert [(each.agency, each.recorded_by) for each in case.own_consents] == [("bup", "slack:T0/U0SVEN")]
    assert story.says("fact.own_consents") in "\n".join(plain(m.blocks) for m in story.messages("anna"))
    assert "Barn- och ungdomspsykiatrin" not in plain(story.messages("skola")[0].blocks)
    outcome = await story.fill(story.sven, "samtycke", own, {"valid_until": "2026-11-01"})
    assert set(outcome.errors) == {"valid_until"}


async def test_an_agency_outside_the_consent_notes_nothing(story: Story) -> None:
    await story.summoned(agencies=["bup"])
    await story.command(story.omar, f"samtycke {story.code}")
    assert story.omar.view is None


async def test_r62_a_summons_whose_meeting_has_begun_is_taken_back_like_any_other(story: Story) -> None:
    """Its card was drawn anew when the meeting began, and what is said of it next still goes out."""
    await story.summoned()
    await story.until("2026-12-08 15:00")
    await story.records_consent(agencies=["skola"])
    card = plain(story.messages("bup")[0].blocks)
    assert "Sammanträdesrum 3" not in card
    assert story.says("summons.over.recalled.title", code=story.code) in card


async def test_r75_an_agency_that_is_covered_again_is_told_so_and_summoned_where_it_looks(story: Story) -> None:
    """It was told to exchange nothing. A word beside it tells of what stands in place of its old summons (R121)."""
    await story.summoned()
    await story.names(story.omar, "omar")
    await story.records_consent(agencies=["bup", "fk"])
    await story.records_consent()
    told = plain(story.messages("skola")[-1].blocks)
    assert story.says("scope.again.title", code=story.code) in told
    assert story.says("consent.recalled", names="Påhittskolan") in story.answered
    await story.ask(story.anna, f"kalla {story.code}")
    await story.submit(story.anna, {"agencies": ["skola"]})
    assert story.says("summons.notice.again.title", code=story.code) in plain(story.messages("skola")[-1].blocks)
    await story.names(story.omar, "omar")
    assert story.methods_to("omar") == ["REQUEST 0", "CANCEL 1", "REQUEST 2"]


async def test_r195_one_that_was_recalled_and_is_covered_again_can_have_been_there(story: Story) -> None:
    await story.summoned()
    await story.records_consent(agencies=["bup", "fk"])
    await story.records_consent()
    await story.until("2026-12-08 15:00")
    outcome = await story.reports(attended=["soc", "skola"])
    assert not outcome.errors


async def test_r62_one_that_was_always_covered_is_not_told_that_it_is_again(story: Story) -> None:
    await story.active()
    await story.records_consent(story.julia, agencies=["bup", "skola"])
    await story.records_consent(story.julia)
    again = story.says("scope.again.title", code=story.code)
    assert [place for place in ("bup", "skola", "fk") if again in plain(story.messages(place)[-1].blocks)] == ["fk"]
