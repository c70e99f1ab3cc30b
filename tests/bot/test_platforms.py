"""What each chat platform says it can do, and how an operator reads it."""

from __future__ import annotations

import pytest

from bot.platform import Capability, PlatformKind, abilities
from bot.platforms import PLATFORMS


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_what_a_platform_can_and_cannot_do_is_named_once_each(platform: PlatformKind) -> None:
    can = platform.capabilities
    words = abilities(can)
    assert all(words.count(str(one)) == 1 for one in Capability)
    assert ("Not:" in words) == (can != frozenset(Capability))


def test_without_forms_the_operator_is_told() -> None:
    said, _, lacking = abilities(frozenset({Capability.EDITS})).partition(". Not: ")
    assert said == Capability.EDITS
    assert Capability.FORMS in lacking.split("; ")
