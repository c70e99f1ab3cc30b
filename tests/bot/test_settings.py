"""Settings that promise something are kept to, or refused at the start in a sentence."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from bot.platforms import worded
from bot.settings import Settings
from domain.address import lies_within


@pytest.mark.parametrize("slack", ["", "xoxb-example"])
def test_words_about_the_person_are_not_let_into_a_chat_of_somebody_else(slack: str) -> None:
    """Law 4D.2: only a chat server of one's own may hold text."""
    with pytest.raises(ValidationError, match="with Slack it is codes"):
        Settings(sipbot_chat_policy="text", slack_bot_token=SecretStr(slack))


def test_words_may_stand_on_a_matrix_server_of_ones_own_and_never_on_slack() -> None:
    """Law 4D: an encrypted room keeps them from the server itself."""
    ours = Settings(
        sipbot_chat_policy="text", matrix_homeserver="https://m.example.se", matrix_user="@sip:m.example.se"
    )
    assert worded(ours)({"matrix:@a:m.example.se"})
    assert not worded(ours)({"slack:T0/U0ANNA"})
    assert not worded(Settings())({"matrix:@a:m.example.se"})


def test_words_may_stand_before_people_of_another_server_only_when_the_operator_trusts_it() -> None:
    """Law 4D: whoever runs it could read along as one of them; one such reader is enough."""
    ours = Settings(
        sipbot_chat_policy="text",
        matrix_homeserver="https://m.example.se",
        matrix_user="@sip:m.example.se",
        matrix_trusted_servers=("region.example.se",),
    )
    assert worded(ours)({"matrix:@a:m.example.se", "matrix:@b:region.example.se"})
    assert not worded(ours)({"matrix:@a:m.example.se", "matrix:@b:region.example.se:8448"})
    assert not worded(ours)({"matrix:@a:m.example.se", "matrix:@b:example.se"})


def test_codes_are_the_policy() -> None:
    assert Settings(sipbot_chat_policy="codes").sipbot_chat_policy == "codes"


@pytest.mark.parametrize(
    "given, address, may",
    [
        ("", "kim@anywhere.invalid", True),
        ("exempel.se", "kim@exempel.se", True),
        ("@Exempel.SE, region.se", "Kim@VC.Region.se", True),
        ("exempel.se", "kim@exempel.se.invalid", False),
        ("exempel.se", "kim@annatexempel.se", False),
        ("exempel.se", "kim", False),
    ],
)
def test_mail_domains_are_a_list_and_hold_what_is_below_them(given: str, address: str, *, may: bool) -> None:
    found = Settings(sipbot_mail_domains=given).sipbot_mail_domains
    assert (not found or lies_within(address, found)) is may


def test_a_mail_domain_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Write domains with commas"):
        Settings(sipbot_mail_domains="exempel.se;region.se")


@pytest.mark.parametrize(
    "wrong",
    [
        {"matrix_homeserver": "nonsense"},
        {"matrix_homeserver": "matrix.example.se"},
        {"matrix_homeserver": "https://user:password@matrix.example.se"},
        {"matrix_user": "sip"},
        {"matrix_user": "@sip"},
        {"matrix_user": "sip@example.se"},
    ],
)
def test_a_matrix_server_or_account_that_can_be_none_is_refused_at_the_start(wrong: dict[str, str]) -> None:
    """With it the program could not be ended any more."""
    with pytest.raises(ValidationError, match="for example"):
        Settings.model_validate(wrong)


def test_an_account_may_have_a_port_and_a_server_a_path() -> None:
    found = Settings(matrix_homeserver="http://127.0.0.1:8008/base", matrix_user="@sip:localhost:8448")
    assert found.matrix_user == "@sip:localhost:8448"
