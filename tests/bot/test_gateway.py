"""The gateway: whatever fails behind it becomes one apology with one reference, and that reference is in the log."""

from __future__ import annotations

import logging
from concurrent.futures import Future
from typing import Any

import pytest

from bot.gateway import LIFETIME, MOST, Gateway, OwedNotes
from domain.errors import NotAllowed, Unavailable
from handlers.ui.events import Change, Command, Event, HomeOpened, Press, Sender, Submit
from handlers.ui.responses import Failed, Silence

ANNA = Sender("chat:T0/U0ANNA")
ACTS: list[Event] = [
    Command(ANNA, "k", "visa"),
    Press(ANNA, "k", "plan.received", ""),
    Submit(ANNA, "k", "case.open", "", {}),
]


class BadDatabase:
    """Fails each transaction as it is told, in order."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked = 0

    def write(self, work: Any) -> Future[Any]:
        done: Future[Any] = Future()
        self.asked += 1
        done.set_exception(self.errors.pop(0) if self.errors else Unavailable("database.unavailable"))
        return done


def gateway(*errors: Exception) -> Gateway:
    database: Any = BadDatabase(*errors)
    services: Any = None
    return Gateway(database, services, lambda: None)


def references(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {record.__dict__["reference"] for record in caplog.records if "reference" in record.__dict__}


@pytest.mark.parametrize("act", ACTS, ids=lambda act: type(act).__name__)
@pytest.mark.parametrize(
    "errors",
    [
        (RuntimeError("hemligt ord"),),
        (Unavailable("database.unavailable"), Unavailable("database.unavailable")),
        (NotAllowed("right.unknown_person"), RuntimeError("hemligt ord")),
    ],
    ids=["something unexpected", "the database is away", "the refusal cannot be told"],
)
async def test_a_failure_has_one_reference_and_what_happened_stands_beside_it_in_the_log(
    act: Event, errors: tuple[Exception, ...], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        response = await gateway(*errors)(act)
    assert isinstance(response, Failed)
    assert references(caplog) == {response.reference}
    assert any("error" in record.__dict__ for record in caplog.records)
    assert all("hemligt" not in str(record.__dict__) for record in caplog.records)


async def test_a_home_page_that_fails_is_handed_back_so_that_the_platform_tells_of_it_again() -> None:
    database: Any = BadDatabase(RuntimeError("hemligt ord"))
    found = Gateway(database, None, lambda: None)  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        await found(HomeOpened(ANNA, "k"))
    await found.stop()
    assert database.asked == 1, "it is not noted as seen: what is told again must count"


async def test_two_failures_have_two_references() -> None:
    found = gateway(RuntimeError("a"), RuntimeError("b"))
    first, second = await found(ACTS[0]), await found(ACTS[0])
    assert isinstance(first, Failed)
    assert isinstance(second, Failed)
    assert first.reference != second.reference


@pytest.mark.parametrize("failure", [NotAllowed("right.unknown_person"), RuntimeError("hemligt ord")])
async def test_a_form_in_progress_is_read_and_never_written_and_stays_as_it_is_when_that_fails(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    class OnlyRead(BadDatabase):
        read = BadDatabase.write
        write = None  # type: ignore[assignment]

    database: Any = OnlyRead(failure)
    services: Any = None
    woken: list[None] = []
    answer = await Gateway(database, services, lambda: woken.append(None))(Change(ANNA, "case.open", "token", {}))
    assert answer == Silence()
    assert woken == []
    assert "hemligt ord" not in caplog.text


# ---- what is owed to the inbox -------------------------------------------------------------------------------------


async def test_what_failed_is_known_until_its_signature_has_run_out_and_no_more_is_kept_than_can_be() -> None:
    now = [0.0]
    database: Any = BadDatabase()
    owed = OwedNotes(database, lambda: now[0])
    owed.add("")
    assert database.asked == 0
    for number in range(MOST + 5):
        owed.add(f"press:{number}")
    assert ("press:4" in owed, "press:5" in owed, "" in owed) == (False, True, False)
    now[0] = LIFETIME + 1
    assert "press:5" not in owed
    await owed.stop(0)
