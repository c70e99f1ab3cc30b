"""What a server's refusal or a broken line means for a letter."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from mautrix.errors import MatrixConnectionError, make_request_error

from bot.delivery.outcome import Never, NotSent, Unknown
from bot.delivery.transport import Delivery, Halted
from bot.matrix.platform import pause_after
from bot.matrix.server.failures import MatrixFailed
from bot.matrix.server.refusals import failed

CONNECTING: Any = None


def refused(status: int, code: str) -> Exception:
    return make_request_error(http_status=status, text="", errcode=code, message="")


def wrapped(cause: Exception) -> Exception:
    error = MatrixConnectionError("invented")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error,wait,expected",
    [
        (refused(429, "M_LIMIT_EXCEEDED"), 7.0, NotSent("ratelimited", 7.0)),
        (refused(429, "M_LIMIT_EXCEEDED"), None, NotSent("ratelimited", 5.0)),
        (refused(403, "M_FORBIDDEN"), None, NotSent("forbidden", 900.0)),
        (refused(401, "M_UNKNOWN_TOKEN"), None, Halted("invalid_token")),
        (refused(413, "M_TOO_LARGE"), None, Never("m_too_large")),
        (refused(404, "M_NOT_FOUND"), None, Never("m_not_found")),
        (refused(502, ""), None, Unknown("http_502")),
        (wrapped(aiohttp.ServerDisconnectedError()), None, Unknown("line_broke")),
        (wrapped(aiohttp.ClientConnectorError(CONNECTING, OSError(111, "refused"))), None, NotSent("unreachable")),
        (TimeoutError(), None, Unknown("line_broke")),
    ],
)
def test_each_failure_is_sorted(error: Exception, wait: float | None, expected: Delivery) -> None:
    assert failed(error, wait).failure == expected


def test_a_fault_of_ours_is_not_taken_for_the_servers() -> None:
    with pytest.raises(ZeroDivisionError):
        failed(ZeroDivisionError(), None)


@pytest.mark.parametrize(
    "error", [failed(wrapped(aiohttp.ClientConnectorError(CONNECTING, OSError())), None), failed(TimeoutError(), None)]
)
def test_a_server_that_was_away_is_asked_again_soon(error: MatrixFailed) -> None:
    """Answers wait there: a minute more would be a minute in which nobody is answered."""
    assert pause_after(error) <= 5.0


@pytest.mark.parametrize("error", [failed(refused(401, "M_UNKNOWN_TOKEN"), None), ValueError()])
def test_what_only_people_can_mend_is_not_asked_again_and_again(error: Exception) -> None:
    assert pause_after(error) >= 30.0
