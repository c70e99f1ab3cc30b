"""Addresses: one value for every platform, and the text in which it is kept."""

from __future__ import annotations

import pytest

from domain.address import Address, Kind, mailbox

KEPT = {
    "slack:channel:C0SOC": Address("slack", Kind.CHANNEL, "C0SOC"),
    "slack:person:T0/U0ANNA": Address("slack", Kind.PERSON, "T0/U0ANNA"),
    "slack:reply:1700000000.1:x": Address("slack", Kind.REPLY, "1700000000.1:x"),
    "matrix:room:!x:example.se": Address("matrix", Kind.ROOM, "!x:example.se"),
    "matrix:person:@anna:example.se": Address("matrix", Kind.PERSON, "@anna:example.se"),
    "mail:anna@example.se": mailbox("anna@example.se"),
}


@pytest.mark.parametrize("text", KEPT)
def test_an_address_is_read_as_it_was_kept(text: str) -> None:
    assert Address.parse(text) == KEPT[text]
    assert str(KEPT[text]) == text


@pytest.mark.parametrize("text", ["", "slack", "slack:", ":channel:C0SOC", "slack:channel:"])
def test_what_leads_nowhere_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="platform:kind:target"):
        Address.parse(text)


@pytest.mark.parametrize("identity", ["slack:T0/U0ANNA", "matrix:@anna:example.se"])
def test_an_identity_leads_to_the_person_and_back(identity: str) -> None:
    assert Address.of_person(identity).identity == identity


def test_what_is_not_one_persons_own_place_has_no_identity() -> None:
    assert Address.parse("slack:channel:C0SOC").identity == ""
    assert mailbox("anna@example.se").identity == ""
