"""Tokens on buttons and forms: opaque, short, and worth nothing when anybody else has made them."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Invalid
from storage.encryption.cipher import Keyring, fresh_key
from storage.encryption.token_seal import LONGEST, TokenSeal
from tests.storage.specimens import CODE

SEAL = TokenSeal(Keyring([fresh_key()]))


def test_a_token_gives_back_its_fields() -> None:
    token = SEAL.seal(case=CODE, agency="bup", round=2)
    assert SEAL.open(token) == {"case": CODE, "agency": "bup", "round": 2}


def test_a_token_shows_nothing_and_fits_where_platforms_keep_it() -> None:
    token = SEAL.seal(case=CODE, agency="bup", round=2, revision=7, meeting=1)
    assert CODE not in token
    assert set(token) <= set(string.ascii_letters + string.digits + "-_")
    assert len(token) < LONGEST


def test_a_token_that_would_be_too_long_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="characters"):
        SEAL.seal(text="x" * LONGEST)


@given(st.text(max_size=120))
def test_anything_else_is_told_as_a_broken_token(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        SEAL.open(text)
    assert refused.value.key == "token.broken"


def test_a_changed_token_and_another_bots_token_are_broken() -> None:
    token = SEAL.seal(case=CODE)
    foreign = TokenSeal(Keyring([fresh_key()])).seal(case=CODE)
    swapped = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for wrong in (foreign, swapped, token + "A", token[:-1]):
        with pytest.raises(Invalid):
            SEAL.open(wrong)


def test_something_sealed_for_another_place_is_no_token() -> None:
    keyring = Keyring([fresh_key()])
    sealed = base64.urlsafe_b64encode(keyring.seal(b"\x80", "outbox|key")).decode()
    with pytest.raises(Invalid):
        TokenSeal(keyring).open(sealed)
