"""Addresses that may stand in a header or an envelope. All are invented."""

from __future__ import annotations

from email.headerregistry import Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from domain.text.mail_address import MAX_LENGTH, normal_address


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("anna.berg@example.se", "anna.berg@example.se"),
        ("Anna.Berg@Example.SE", "Anna.Berg@example.se"),
        (" anna@example.se\t", "anna@example.se"),
        ("a+b_c-d'e@mail.example.co.uk", "a+b_c-d'e@mail.example.co.uk"),
        ("anna@åre.example", "anna@xn--re-xia.example"),
        ("anna@A\u030are.example", "anna@xn--re-xia.example"),
        ("anna@xn--re-xia.example", "anna@xn--re-xia.example"),
        (f"{'a' * 64}@example.se", f"{'a' * 64}@example.se"),
        ("anna@exam\u200bple.se", "anna@example.se"),
        ("1@2.se", "1@2.se"),
    ],
)
def test_an_address_is_kept_with_its_domain_in_ascii_and_lower_case(typed: str, kept: str) -> None:
    assert normal_address(typed) == kept
    assert normal_address(kept) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "@example.se",
        "anna@",
        "anna@localhost",
        "anna@@example.se",
        "anna@berg@example.se",
        "anna berg@example.se",
        ".anna@example.se",
        "anna.@example.se",
        "an..na@example.se",
        "anna@example..se",
        "anna@.example.se",
        "anna@example.se.",
        "anna@-example.se",
        "anna@example-.se",
        "anna@exa_mple.se",
        "anna@[192.0.2.1]",
        "anna@192.0.2.1",
        '"anna"@example.se',
        "Anna <anna@example.se>",
        "anna@example.se, berg@example.se",
        "anna@example.se\nBcc: all@example.se",
        "anna@example.se\r\n",
        "anna\x00@example.se",
        "åsa@example.se",
        f"{'a' * 65}@example.se",
        f"anna@{'a' * 64}.se",
        f"anna@{'å' * 64}.se",
        f"anna@{'a.' * 125}se",
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as caught:
        normal_address(typed)

    assert caught.value.key == "mail_address.invalid"
    assert not caught.value.params


@given(st.one_of(st.emails(), st.text(max_size=40), st.text(alphabet="a@.-å\n ,<>\"'", max_size=20)))
def test_what_is_kept_is_one_plain_address_that_the_standard_library_takes(typed: str) -> None:
    try:
        address = normal_address(typed)
    except Invalid:
        return

    assert address.isascii()
    assert address.isprintable()
    assert len(address) <= MAX_LENGTH
    assert Address(addr_spec=address).addr_spec == address
