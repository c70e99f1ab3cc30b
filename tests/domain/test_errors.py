from __future__ import annotations

import pytest

from domain.errors import Invalid, NotAllowed, NotFound, SipError, Unavailable, WrongState


@pytest.mark.parametrize("kind", [NotAllowed, WrongState, NotFound, Invalid, Unavailable])
def test_every_error_carries_a_message_key_and_parameters(kind: type[SipError]) -> None:
    error = kind("case.unknown", {"code": "SIP-00000-0"})

    assert (error.key, dict(error.params)) == ("case.unknown", {"code": "SIP-00000-0"})
    assert isinstance(error, SipError)


def test_parameters_do_not_change_after_raising() -> None:
    params: dict[str, str | int] = {"count": 1}
    error = NotAllowed("case.not_yours", params)
    params["count"] = 2

    assert error.params["count"] == 1
    with pytest.raises(TypeError):
        error.params["count"] = 3  # type: ignore[index]


def test_an_invalid_value_names_its_field_when_there_is_one() -> None:
    assert Invalid("date.past", field="date").field == "date"
    assert Invalid("token.broken").field is None


def test_an_error_in_a_log_shows_its_key_and_parameters() -> None:
    assert repr(NotFound("case.unknown", {"line": 3})) == "NotFound('case.unknown', {'line': 3})"
    assert str(NotFound("case.unknown")) == "case.unknown"
