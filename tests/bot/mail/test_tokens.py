"""Token addresses: built, and read back from whatever mail systems make of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.addresses import TokenAddress, answer_address, bounce_address, new_token, parse_address
from tests.bot.mail.samples import DOMAIN, TOKEN


def test_a_token_has_128_random_bits_in_letters_that_survive_mail_systems() -> None:
    tokens = {new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(len(token) == 26 and set(token) <= set("abcdefghijklmnopqrstuvwxyz234567") for token in tokens)


@pytest.mark.parametrize("written", [str, str.upper, str.title, "<{}>".format, " {} ".format], ids=range(5))
def test_addresses_are_read_back_as_mail_systems_write_them(written: Callable[[str], str]) -> None:
    assert parse_address(written(answer_address(TOKEN, DOMAIN)), DOMAIN) == TokenAddress("answer", TOKEN)
    assert parse_address(written(bounce_address(TOKEN, DOMAIN)), DOMAIN) == TokenAddress("bounce", TOKEN)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "@",
        f"sip@{DOMAIN}",
        f"svar.@{DOMAIN}",
        f"svar.{TOKEN[:-1]}@{DOMAIN}",
        f"svar.{TOKEN}x@{DOMAIN}",
        f"svar+{TOKEN}@{DOMAIN}",
        f"annat.{TOKEN}@{DOMAIN}",
        f"svar.{TOKEN}@example.se",
        f"svar.{TOKEN}@evil.{DOMAIN}",
        f"svar.{TOKEN}@{DOMAIN}.evil.example",
        f"svar.{TOKEN[:-1]}1@{DOMAIN}",
        f"x@y svar.{TOKEN}@{DOMAIN}",
    ],
)
def test_all_other_addresses_are_not_ours(address: str) -> None:
    assert parse_address(address, DOMAIN) is None


@given(st.text())
def test_no_text_upsets_the_reader(address: str) -> None:
    parse_address(address, DOMAIN)


def test_only_tokens_go_into_addresses() -> None:
    with pytest.raises(ValueError, match="token"):
        answer_address("x@y", DOMAIN)


def test_a_token_is_not_shown_in_logs() -> None:
    assert TOKEN not in repr(TokenAddress("answer", TOKEN))
