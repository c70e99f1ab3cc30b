"""The address of a mail server may hold a password: what is wrong in it is told without a piece of it."""

from __future__ import annotations

import pytest

from bot.mail.mailbox import Mailbox
from bot.mail.sender import SmtpPlace

HOST = "mail.exempel.invalid"


@pytest.mark.parametrize("read, scheme", [(SmtpPlace.from_url, "smtp"), (Mailbox.from_url, "imaps")])
@pytest.mark.parametrize(
    "rest", [f"u:hem#ligt@{HOST}", f"u:hem/ligt@{HOST}", f"u@{HOST}:hemligt", f"u:hemligt@{HOST}:99999", "u:hem[ligt@x"]
)
def test_a_password_that_looks_like_a_port_is_not_repeated_and_its_mend_is_named(
    read: type, scheme: str, rest: str
) -> None:
    with pytest.raises(ValueError, match="%23") as told:
        read(f"{scheme}://{rest}")
    assert "lig" not in str(told.value)
    assert "hem" not in str(told.value)
