"""The next step of a case and its last day, as boards and lists show it."""

from __future__ import annotations

import pytest

from domain.case import Case
from domain.next_step import Step, next_step
from domain.steps.answer_summons import wrong_unit
from tests.domain.makers import (
    JULIA,
    NOTHING_SETTLED,
    RULES,
    active_case,
    asked,
    called,
    closed,
    closing_case,
    confirmed,
    consented,
    day,
    declined,
    denied,
    forwarded,
    held_case,
    instant,
    named,
    not_held,
    opened,
    plan_sent,
    proposed,
    refused,
    stamp,
    summoned_case,
    withdrawn,
)

BEFORE = "2026-03-12 10:00"


def ready_case() -> Case:
    case = named(named(summoned_case(), "bup", "2026-03-10 09:00"), "skola", "2026-03-10 09:00")
    return declined(case, "fk", "2026-03-10 09:00")


@pytest.mark.parametrize(
    "case, now, step, by",
    [
        pytest.param(opened(), BEFORE, Step.CONSENT, "2026-04-01", id="R90: consent, with the thirty days in sight"),
        pytest.param(opened(wish="2026-05-15"), BEFORE, Step.CONSENT, "2026-05-15", id="R91: the person's own wish"),
        pytest.param(consented(opened()), BEFORE, Step.SUMMON, "2026-04-01", id="summon"),
        pytest.param(summoned_case(), BEFORE, Step.WAIT, "2026-03-26", id="the agencies answer"),
        pytest.param(ready_case(), BEFORE, Step.MEET, "2026-03-26", id="everybody has answered"),
        pytest.param(
            consented(summoned_case(), "2026-03-11 09:00", agencies=frozenset({"vc"})),
            BEFORE,
            Step.SUMMON,
            "2026-03-26",
            id="R62: all were recalled, so others are asked",
        ),
        pytest.param(
            forwarded(ready_case(), "bup", "vc", "2026-03-11 09:00", covered=False),
            BEFORE,
            Step.WAIT,
            "2026-03-26",
            id="R75: one waits for a wider consent",
        ),
        pytest.param(
            proposed(summoned_case(), "bup", "2026-03-11 09:00"),
            BEFORE,
            Step.PROPOSED,
            "2026-03-26",
            id="R119: another time is proposed, and whoever summoned answers",
        ),
        pytest.param(
            wrong_unit(asked(summoned_case(), "bup", BEFORE), stamp(JULIA, BEFORE)),
            BEFORE,
            Step.MISDIRECTED,
            "2026-03-26",
            id="R126: the wrong unit was asked",
        ),
        pytest.param(
            declined(summoned_case(), "bup", "2026-03-11 09:00"),
            BEFORE,
            Step.DECLINED,
            "2026-03-26",
            id="R114: an obliged agency has said no",
        ),
        pytest.param(
            declined(summoned_case(), "fk", "2026-03-11 09:00"),
            BEFORE,
            Step.WAIT,
            "2026-03-26",
            id="R117: an invited one may",
        ),
        pytest.param(
            declined(
                called(consented(opened(), valid_until=day("2026-03-11")), "2026-03-26 13:00", "2026-03-09 10:00"),
                "bup",
                "2026-03-11 09:00",
            ),
            BEFORE,
            Step.WAIT,
            "2026-03-26",
            id="R64: nobody is phoned once the consent has run out",
        ),
        pytest.param(ready_case(), "2026-03-26 13:30", Step.MEET, "2026-03-26", id="they are meeting"),
        pytest.param(summoned_case(), "2026-03-26 14:00", Step.REPORT, "2026-03-26", id="how did it go?"),
        pytest.param(not_held(summoned_case(), BEFORE), BEFORE, Step.SUMMON, "2026-04-01", id="called off, call anew"),
        pytest.param(held_case(), "2026-03-26 15:00", Step.PLAN, "2026-04-01", id="R161: the plan"),
        pytest.param(held_case(**NOTHING_SETTLED), "2026-03-26 15:00", Step.PLAN, "2026-04-01", id="the plan first"),
        pytest.param(
            plan_sent(held_case(**NOTHING_SETTLED), "2026-03-27 10:00"),
            "2026-03-27 10:00",
            Step.COMPLETE,
            None,
            id="R140, R142: what was left open",
        ),
        pytest.param(active_case(), "2026-03-27 10:00", Step.FOLLOW_UP, "2026-06-01", id="R142: the follow-up"),
        pytest.param(
            called(active_case(), "2026-06-03 13:00", "2026-05-11 10:00"),
            "2026-05-11 10:00",
            Step.WAIT,
            "2026-06-03",
            id="the follow-up is called",
        ),
        pytest.param(closing_case(), "2026-06-01 15:00", Step.CLOSE, None, id="R174: close"),
        pytest.param(closed(closing_case(), "2026-06-02 10:00"), BEFORE, Step.CONFIRM, None, id="R174: confirm"),
        pytest.param(withdrawn(summoned_case(), BEFORE), BEFORE, Step.CONFIRM, None, id="R77: told of the end"),
        pytest.param(withdrawn(consented(opened()), BEFORE), BEFORE, Step.NOTHING, None, id="nobody was to be told"),
        pytest.param(denied(), BEFORE, Step.NOTHING, None, id="denied"),
        pytest.param(refused(opened()), BEFORE, Step.NOTHING, None, id="refused"),
    ],
)
def test_what_comes_next_and_by_when(case: Case, now: str, step: Step, by: str | None) -> None:
    found = next_step(case, RULES, instant(now))
    assert (found.step, found.by) == (step, None if by is None else day(by))


def test_when_every_actor_has_confirmed_nothing_is_left() -> None:
    case = closed(closing_case(), "2026-06-02 10:00")
    for agency in ("bup", "skola", "fk", "soc"):
        case = confirmed(case, agency, "2026-06-02 11:00")
    assert next_step(case, RULES, instant("2026-06-03 10:00")).step is Step.NOTHING
