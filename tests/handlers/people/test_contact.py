"""One answer to whom one turns to in a case, on cards and in mails (R26, R35, R40)."""

from __future__ import annotations

from tests.handlers.people.test_vacancy import moves
from tests.handlers.story import Story, parts_of, plain


async def test_r35_after_a_change_of_lead_card_and_mail_name_the_new_one(story: Story) -> None:
    """And the unit that has the lead now is asked no longer, though it was summoned before."""
    await story.active()
    await story.summons(story.julia, date="2027-02-10", agencies=["skola", "fk"], chair="julia")
    await story.fill(story.julia, "huvudansvarig", {"lead": "omar", "reason": "person_wish"}, {})
    contact = story.says("fact.contact")
    shown = plain(story.messages("fk")[-2].blocks)
    assert "Omar Testholm, Enhet C" in shown.partition(contact)[2].partition(story.says("fact.chair"))[0]
    (words,) = (text for kind, text in parts_of(story.mails_to("omar")[-1]) if kind == "text/plain")
    assert "Kontakt: Omar Testholm\r\n" in words
    own = plain(story.messages("skola")[-2].blocks)
    assert story.says("summons.status.own") in own
    board = plain(story.shown("omar", "case.step").blocks)
    assert f"Påhittskolan ({story.says('duty.own')}): {story.says('standing.own')}" in board


async def test_r40_while_nobody_at_the_unit_answers_the_contact_is_the_unit(story: Story) -> None:
    await story.summoned()
    await story.names(story.julia, "julia")
    await moves(story, "anna", "vc")
    contact = plain(story.shown("bup", "summons.name").blocks).partition(story.says("fact.contact"))[2]
    assert contact.lstrip(": *\n").startswith("Enhet A")
    board = plain(story.shown("maria", "case.step").blocks)
    assert story.says("fact.responsible") not in board
    await story.moves(story.karin)
    (words,) = (text for kind, text in parts_of(story.mails_to("julia")[-1]) if kind == "text/plain")
    assert "Kontakt: Enhet A\r\n" in words


async def test_r170_whose_receipts_the_board_shows_is_told_by_the_version(story: Story) -> None:
    """At the follow-up another plan is to be sent, and those of the one before stand there still."""
    await story.closing()
    assert story.says("board.plans", version=1) in plain(story.shown("julia", "case.step").blocks)
