"""What buttons and forms carry: their names are the contract's, and what stands in the chat already is still read."""

from __future__ import annotations

from typing import TypeVar

import pytest
from msgspec.structs import replace

from domain.errors import Invalid
from handlers.dispatch import PRESSES
from handlers.ui.actions import (
    ROOM_FOR_KEYS,
    Action,
    AnswerForm,
    CaseForm,
    CaseStep,
    ConsentForm,
    Fields,
    FiguresOf,
    FormToken,
    MoveForm,
    NewCase,
    OneEnding,
    OnePlan,
    OneReminder,
    OneSummons,
    PlanForm,
    ReportForm,
    SnoozeForm,
    SummonForm,
    Token,
    UnitForm,
)
from storage.encryption.cipher import Keyring, fresh_key
from storage.encryption.token_seal import TokenSeal

T = TypeVar("T", bound=Token)
CODE = "SIP-7K3QF-M"
SEAL = TokenSeal(Keyring([fresh_key()]))

# The fields as version 0.1 sealed them, and what they say.
OF_OLD: tuple[tuple[Fields, Token], ...] = (
    ({"s": "new"}, NewCase()),
    ({"c": CODE, "s": "show"}, CaseStep(CODE, "show")),
    ({"c": CODE, "s": "move", "d": "2026-12-11", "t": "10:00"}, CaseStep(CODE, "move", "2026-12-11", "10:00")),
    ({"c": CODE, "m": 2, "a": "bup"}, OneSummons(CODE, 2, "bup")),
    ({"c": CODE, "a": "bup"}, OneEnding(CODE, "bup")),
    ({"c": CODE, "v": 1, "a": "bup"}, OnePlan(CODE, 1, "bup")),
    ({"c": CODE, "k": "T4:1.1:bup:0:unit"}, OneReminder(CODE, "T4:1.1:bup:0:unit")),
    ({"q": "2026-4", "a": "soc"}, FiguresOf("2026-4", "soc")),
    ({"f": "case.open"}, FormToken("case.open")),
    ({"f": "case.close", "c": CODE}, CaseForm("case.close", CODE)),
    ({"f": "consent.record", "c": CODE, "n": 1}, ConsentForm("consent.record", CODE, 1)),
    ({"f": "meeting.summon", "c": CODE, "n": 1, "o": 0}, SummonForm("meeting.summon", CODE, 1, 0)),
    ({"f": "meeting.move", "c": CODE, "n": 1, "r": 2}, MoveForm("meeting.move", CODE, 1, 2)),
    (
        {"f": "meeting.move", "c": CODE, "n": 1, "r": 2, "d": "2026-12-11", "t": "10:00", "w": 1},
        MoveForm("meeting.move", CODE, 1, 2, "2026-12-11", "10:00", 1),
    ),
    ({"f": "consent.own", "c": CODE, "a": "bup"}, UnitForm("consent.own", CODE, "bup")),
    (
        {"f": "summons.name", "c": CODE, "m": 1, "a": "bup", "r": 3, "w": 2},
        AnswerForm("summons.name", CODE, meeting=1, agency="bup", revision=3, round=2),
    ),
    (
        {"f": "meeting.held", "c": CODE, "m": 1, "r": 2, "p": 1_700_000_000_000_000},
        ReportForm("meeting.held", CODE, meeting=1, round=2, told=1_700_000_000_000_000),
    ),
    ({"f": "plan.send", "c": CODE, "m": 1}, PlanForm("plan.send", CODE, 1)),
    ({"f": "nag.snooze", "c": CODE, "k": "T2:30"}, SnoozeForm("nag.snooze", CODE, "T2:30")),
)
KINDS = [f"{type(token).__name__} {number}" for number, (_, token) in enumerate(OF_OLD)]


def read_by(kind: type[T], text: str) -> T:
    return kind.read(SEAL.open(text))


@pytest.mark.parametrize("fields, token", OF_OLD, ids=KINDS)
def test_a_token_that_stands_in_the_chat_since_the_first_version_is_read(fields: Fields, token: Token) -> None:
    assert read_by(type(token), SEAL.seal(**fields)) == token


@pytest.mark.parametrize("token", [token for _, token in OF_OLD], ids=KINDS)
def test_a_token_comes_back_as_it_was_sealed(token: Token) -> None:
    assert read_by(type(token), token.seal(SEAL)) == token


@pytest.mark.parametrize("kind", [OneReminder, SnoozeForm])
def test_a_reminder_from_before_is_found_under_its_present_name(kind: type[OneReminder | SnoozeForm]) -> None:
    token = kind.read({"f": "nag.snooze", "c": CODE, "k": "T4:1.1:bup:0:unit"})
    assert token.keys == ("name_attendees:1.1:bup:0:unit",)


@pytest.mark.parametrize("token", [OneReminder(CODE, ""), SnoozeForm(Action.REMINDER_SNOOZE, CODE, "")])
def test_as_many_keys_as_are_told_to_find_room_in_a_token(token: OneReminder | SnoozeForm) -> None:
    full = replace(token, sealed_key="x" * ROOM_FOR_KEYS)
    assert read_by(type(token), full.seal(SEAL)) == full


@pytest.mark.parametrize(
    "kind, fields",
    [
        (CaseStep, {"c": CODE}),
        (OneSummons, {"c": CODE, "m": "1", "a": "bup"}),
        (OneSummons, {"c": CODE, "a": "bup"}),
        (OnePlan, {"c": CODE, "v": 1, "a": 7}),
        (FormToken, {"c": CODE}),
    ],
)
def test_the_token_of_another_kind_is_broken(kind: type[Token], fields: Fields) -> None:
    with pytest.raises(Invalid) as refused:
        kind.read(fields)
    assert refused.value.key == "token.broken"


def test_every_button_of_the_contract_has_its_handler() -> None:
    assert set(PRESSES) == set(Action) == {
        "case.new",
        "case.step",
        "case.pick",
        "case.history",
        "summons.received",
        "summons.name",
        "summons.propose",
        "summons.decline",
        "summons.forward",
        "summons.take_back",
        "summons.send_again",
        "proposal.keep",
        "plan.received",
        "closing.confirm",
        "nag.done",
        "nag.snooze",
        "nag.take",
        "promise.kept",
        "deviation.new",
        "deviation.answer",
        "measure.change",
        "meeting.tick",
        "statistics.show",
    }  # fmt: skip
