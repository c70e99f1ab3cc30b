"""The picture of a case's course says what the domain says."""

from __future__ import annotations

import runpy

import pytest

from tests.conftest import ROOT

DRAWN = runpy.run_path(str(ROOT / "scripts" / "course"))["drawn"]


def test_the_picture_in_the_readme_is_what_the_domain_would_draw_today() -> None:
    kept = (ROOT / "docs" / "images" / "course.svg").read_text(encoding="utf-8")
    assert DRAWN("en") == kept, "run: scripts/course > docs/images/course.svg"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_stage_of_a_case_is_in_it(language: str) -> None:
    assert DRAWN(language).count('class="stage"') == 6
