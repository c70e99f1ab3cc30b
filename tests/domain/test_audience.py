"""Who is told of what, as one table of occasions and relations (R44, R62, R77, R123, R174; law 4D.3, law 4D.9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from domain.audience import HEAR, Occasion, Relation, audience, hears, newly_dropped, relation_of
from domain.case import Case
from domain.directory import Directory
from domain.responsibility import receiver_of
from tests.domain.makers import (
    ANNA,
    DIRECTORY,
    JULIA,
    active_case,
    called,
    closed,
    consented,
    declined,
    forwarded,
    held,
    held_case,
    moved_to,
    not_held,
    plan_sent,
    summoned_case,
    withdrawn,
    without,
)

LATER = "2026-03-10 09:00"
ALL_BUT_FK = frozenset({"bup", "skola", "vc"})


def follow_up() -> Case:
    """Return a case that soc opened and bup answers for: bup, skola and fk are asked to its follow-up."""
    return called(active_case(), "2026-06-01 13:00", "2026-05-11 10:00", "bup", "skola", "fk")


STANDS: dict[str, tuple[Callable[[], Case], str, Relation]] = {
    "the unit that answers for it": (summoned_case, "soc", Relation.RESPONSIBLE),
    "the unit that answers for it, summoned too": (follow_up, "bup", Relation.OBLIGED),
    "the unit that opened it and handed it over": (follow_up, "soc", Relation.OPENING),
    "summoned": (summoned_case, "bup", Relation.OBLIGED),
    "summoned, and says no": (lambda: declined(summoned_case(), "bup", LATER), "bup", Relation.OBLIGED),
    "invited": (summoned_case, "fk", Relation.INVITED),
    "invited, and says no": (lambda: declined(summoned_case(), "fk", LATER), "fk", Relation.DECLINED),
    "of an earlier meeting": (lambda: not_held(summoned_case(), LATER), "skola", Relation.EARLIER),
    "sent it on": (lambda: forwarded(summoned_case(), "bup", "vc", LATER), "bup", Relation.EARLIER),
    "no longer covered": (lambda: consented(summoned_case(), LATER, agencies=ALL_BUT_FK), "fk", Relation.DROPPED),
    "held back": (
        lambda: forwarded(summoned_case(), "bup", "vc", LATER, covered=False), "vc", Relation.STRANGER),
    "never asked": (summoned_case, "vc", Relation.STRANGER),
}  # fmt: skip


@pytest.mark.parametrize("make, agency, relation", STANDS.values(), ids=STANDS.keys())
def test_an_agency_stands_in_one_relation_to_a_case(make: Callable[[], Case], agency: str, relation: Relation) -> None:
    assert relation_of(make(), agency) is relation


R, OP, OB, INV, DEC, EAR, DRO, STR = Relation
TABLE: dict[Occasion, set[Relation]] = {
    Occasion.END: {OP, OB, INV, DEC, EAR, DRO},
    Occasion.WITHDRAWAL: {OP, OB, INV, DEC, EAR},
    Occasion.NARROWING: {OP, DRO},
    Occasion.PLAN_CHANGE: {R, OB, INV, DEC, EAR},
    Occasion.MOVE: {OB, INV},
    Occasion.NAMES: {OB, INV},
    Occasion.LEAD_CHANGE: {OP, OB, INV, DEC, EAR},
}


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("relation", Relation)
def test_who_hears_of_what(occasion: Occasion, relation: Relation) -> None:
    """R44, R62, R77, R123, R174."""
    assert (relation in HEAR[occasion]) is (relation in TABLE[occasion])


@pytest.mark.parametrize("occasion", Occasion)
def test_an_agency_that_was_never_told_hears_of_nothing(occasion: Occasion) -> None:
    case = forwarded(summoned_case(), "bup", "vc", LATER, covered=False)
    assert not hears(case, occasion, "vc")
    assert "vc" not in audience(case, occasion)


# ---- the end ------------------------------------------------------------------------------------------------


def test_r77_r174_the_unit_that_opened_the_case_hears_that_another_unit_has_ended_it() -> None:
    assert "soc" in audience(follow_up(), Occasion.END)
    after = withdrawn(follow_up(), "2026-05-12 10:00")
    assert after.closure is not None
    assert {notice.agency for notice in after.closure.notices} == {"soc", "bup", "skola", "fk"}
    done = closed(held(follow_up(), "2026-06-01 15:00", need_remains=False), "2026-06-01 16:00")
    assert done.closure is not None
    assert done.closure.notice_of("soc") is not None


def test_r77_that_the_consent_is_withdrawn_is_for_those_whom_it_covered() -> None:
    case = withdrawn(consented(summoned_case(), LATER, agencies=ALL_BUT_FK), "2026-03-11 10:00")
    assert set(audience(case, Occasion.END)) == {"bup", "skola", "fk"}
    assert set(audience(case, Occasion.WITHDRAWAL)) == {"bup", "skola"}


def test_r174_who_was_sent_the_plan_without_having_been_summoned_hears_of_the_end_too() -> None:
    case = plan_sent(held_case(), "2026-03-27 10:00", "person", "soc", "bup", "skola", "vc")
    assert "vc" in audience(case, Occasion.END)


# ---- the consent covers fewer -----------------------------------------------------------------------------


def test_r62_r77_an_agency_that_is_dropped_while_no_meeting_is_ahead_is_told() -> None:
    before = active_case()
    after = consented(before, "2026-04-01 10:00", agencies=frozenset({"bup", "fk"}))
    assert newly_dropped(before, after) == ("skola",)


def test_r62_an_agency_is_told_once_and_one_that_knows_of_nothing_is_not_told() -> None:
    before = consented(summoned_case(), LATER, agencies=frozenset({"bup", "skola", "vc"}))
    after = consented(before, "2026-03-11 10:00", agencies=frozenset({"bup", "skola"}))
    assert newly_dropped(before, after) == ()


# ---- today's directory ------------------------------------------------------------------------------------


def test_4d_9_the_one_who_is_responsible_is_told_while_they_work_there() -> None:
    assert receiver_of(held_case(), JULIA, DIRECTORY) == "slack:person:T0/U0JULIA"
    assert receiver_of(held_case(), ANNA, DIRECTORY) == "slack:person:T0/U0ANNA"


@pytest.mark.parametrize("directory", [without(JULIA), moved_to(JULIA, "skola")], ids=["left", "moved"])
def test_4d_9_r40_for_somebody_who_has_left_or_moved_the_units_manager_is_told(directory: Directory) -> None:
    assert receiver_of(held_case(), JULIA, directory) == "slack:person:T0/U0BIRGIT"
